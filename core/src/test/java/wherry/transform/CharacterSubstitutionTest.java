package wherry.transform;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.TableSchema;
import wherry.schema.TestTables;

class CharacterSubstitutionTest {
  private static final TableSchema TABLE =
      TestTables.table("app.t", "id:INT4", "name:WSTRING", "big:NCLOB");

  private static RowBatch row(String name) {
    RowBatchBuilder rows = new RowBatchBuilder(TABLE);
    rows.add("7");
    rows.add(name);
    rows.add(name);
    rows.endRow();
    return rows.build();
  }

  @Test
  void characters_are_replaced_or_removed_in_short_text_only() {
    CharacterSubstitution substitution =
        new CharacterSubstitution(
            Map.of((int) 'ä', (int) 'a', 0x1F600, (int) ':', (int) '-', 0), Optional.empty(), 0);

    RowBatch result = substitution.apply(row("ä-😀b"));

    assertThat(result.text(0, 1)).isEqualTo("a:b");
    assertThat(result.text(0, 2)).isEqualTo("ä-😀b");
  }

  @Test
  void what_a_character_set_lacks_is_replaced_after_the_single_characters() {
    CharacterSubstitution latin =
        new CharacterSubstitution(
            Map.of((int) '日', (int) 'n'), Optional.of(StandardCharsets.ISO_8859_1), '?');

    assertThat(latin.apply(row("é日本😀")).text(0, 1)).isEqualTo("én??");
  }

  @Test
  void without_settings_the_batch_itself_comes_back() {
    RowBatch rows = row("x");

    assertThat(CharacterSubstitution.NONE.apply(rows)).isSameAs(rows);
    assertThat(CharacterSubstitution.NONE.concerns(TABLE)).isFalse();
  }
}
