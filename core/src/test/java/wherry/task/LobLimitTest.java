package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.table;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.TableSchema;
import wherry.testing.Seed;

class LobLimitTest {
  private static final TableSchema TABLE =
      table("app.t", "id:INT8", "text:NCLOB", "bytes:BLOB", "name:WSTRING");

  @ParameterizedTest(name = "{0} becomes {1}")
  @CsvSource({
    "abcd, abcd",
    "abcde, abcd",
    "abcé, abc",
    "abé, abé",
    "ab€, ab",
    "a€, a€",
    "x😀, x",
    "😀, 😀",
    "ééé, éé",
    "'', ''"
  })
  void text_is_cut_to_four_bytes_between_characters(String text, String expected) {
    LobLimit limit = new LobLimit(TABLE, 4);

    RowBatch cut = limit.apply(row("1", text, "", ""));

    assertThat(cut.text(0, 1)).isEqualTo(expected);
    assertThat(limit.cuts()[1]).isEqualTo(text.equals(expected) ? 0 : 1);
  }

  @Test
  void bytes_are_cut_at_the_limit_and_other_columns_never() {
    LobLimit limit = new LobLimit(TABLE, 4);

    RowBatch cut = limit.apply(row("1234567", null, "é€é", "a long name"));

    assertThat(cut.end(0, 2) - cut.start(0, 2)).isEqualTo(4);
    assertThat(cut.text(0, 0)).isEqualTo("1234567");
    assertThat(cut.isNull(0, 1)).isTrue();
    assertThat(cut.text(0, 3)).isEqualTo("a long name");
    assertThat(limit.cuts()).containsExactly(0, 0, 1, 0);
  }

  @Test
  void a_batch_in_which_nothing_is_too_long_is_handed_on_as_it_is() {
    RowBatch batch = row("1", "abcd", "abcd", "a long name");

    assertThat(new LobLimit(TABLE, 4).apply(batch)).isSameAs(batch);
  }

  @Test
  void any_cut_text_is_a_valid_prefix_as_long_as_it_can_be() {
    Random random = Seed.random("any_cut_text_is_a_valid_prefix_as_long_as_it_can_be");
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int c = random.nextInt(12); c > 0; c--) {
        text.append(new String[] {"a", "é", "€", "😀"}[random.nextInt(4)]);
      }
      int bytesMax = 1 + random.nextInt(20);

      String cut =
          String.valueOf(
              new LobLimit(TABLE, bytesMax).apply(row("1", text.toString(), "", "")).text(0, 1));

      assertThat(text.toString()).as("cut to %d", bytesMax).startsWith(cut);
      assertThat(bytes(cut)).isLessThanOrEqualTo(bytesMax);
      if (cut.length() < text.length()) {
        int next = text.codePointAt(cut.length());
        assertThat(bytes(cut + Character.toString(next)))
            .as("one more character of <%s>", text)
            .isGreaterThan(bytesMax);
      }
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static RowBatch row(String... cells) {
    RowBatchBuilder builder = new RowBatchBuilder(TABLE);
    for (String cell : cells) {
      builder.add(cell);
    }
    builder.endRow();
    return builder.build();
  }
}
