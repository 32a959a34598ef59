package wherry.transform;

import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.TableSchema;

/**
 * Replaces characters of STRING and WSTRING cells, before any rule ("Character substitution task
 * settings", AWS DMS guide). Immutable.
 *
 * @param replacements by code point; 0 removes the character
 * @param supported the character set outside of which characters are replaced
 * @param instead what replaces these; 0 removes them
 */
public record CharacterSubstitution(
    Map<Integer, Integer> replacements, Optional<Charset> supported, int instead) {
  public static final CharacterSubstitution NONE =
      new CharacterSubstitution(Map.of(), Optional.empty(), 0);

  public CharacterSubstitution {
    replacements = Map.copyOf(replacements);
  }

  /** Whether a cell of the table can change. */
  public boolean concerns(TableSchema table) {
    return !equals(NONE) && table.columns().stream().anyMatch(CharacterSubstitution::concerns);
  }

  private static boolean concerns(Column column) {
    return column.type() == DataType.STRING || column.type() == DataType.WSTRING;
  }

  /** The same rows with other characters; the very batch where nothing is to be replaced. */
  public RowBatch apply(RowBatch rows) {
    if (!concerns(rows.schema())) {
      return rows;
    }
    List<Column> columns = rows.schema().columns();
    Optional<CharsetEncoder> encoder = supported.map(Charset::newEncoder);
    RowBatchBuilder result = new RowBatchBuilder(rows.schema());
    for (int row = 0; row < rows.count(); row++) {
      for (int column = 0; column < columns.size(); column++) {
        if (concerns(columns.get(column)) && !rows.isNull(row, column)) {
          result.add(replaced(rows, row, column, encoder));
        } else {
          result.copy(rows, row, column);
        }
      }
      result.endRow();
    }
    return result.build();
  }

  private byte[] replaced(RowBatch rows, int row, int column, Optional<CharsetEncoder> encoder) {
    int start = rows.start(row, column);
    String text =
        new String(rows.slab(), start, rows.end(row, column) - start, StandardCharsets.UTF_8);
    StringBuilder result = new StringBuilder(text.length());
    text.codePoints()
        .forEach(character -> {
          int replaced = replacements.getOrDefault(character, character);
          if (replaced != 0 && encoder.isPresent()) {
            replaced = encoder.get().canEncode(Character.toString(replaced)) ? replaced : instead;
          }
          if (replaced != 0) {
            result.appendCodePoint(replaced);
          }
        });
    return result.toString().getBytes(StandardCharsets.UTF_8);
  }
}
