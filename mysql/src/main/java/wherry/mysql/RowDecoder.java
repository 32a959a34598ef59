package wherry.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.mysql.TableMap.LoggedColumn;
import wherry.row.RowBatchBuilder;
import wherry.schema.Column;
import wherry.schema.TableSchema;

/**
 * Decodes the row images of one table, as one TABLE_MAP describes them ("Rows_event"). Safe for all
 * threads.
 */
final class RowDecoder {
  private static final int PARTIAL_JSON = 1;
  private static final int PIECE_LENGTH_BYTES = 4;

  /** In place of bits of pieces: the image has none. */
  private static final int WHOLE = -1;

  private final TableSchema schema;
  private final LoggedCell[] cells;

  private RowDecoder(TableSchema schema, LoggedCell[] cells) {
    this.schema = schema;
    this.cells = cells;
  }

  /** Or why the rows cannot be understood. */
  record Found(@Nullable RowDecoder decoder, String reason) {}

  /**
   * The decoder for rows that the log describes with {@code map} and the catalogue with {@code
   * schema}.
   */
  static Found of(TableMap map, TableSchema schema, LoggedCells types) {
    List<Column> columns = schema.columns();
    if (map.columns().size() != columns.size()) {
      return new Found(
          null,
          "the log's rows have " + map.columns().size() + " columns, the table " + columns.size());
    }
    List<LoggedCell> cells = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      LoggedColumn logged = map.columns().get(i);
      Column column = columns.get(i);
      boolean named = logged.name().isEmpty() || logged.name().equalsIgnoreCase(column.name());
      Optional<LoggedCell> cell = named ? types.of(logged, column) : Optional.empty();
      if (cell.isEmpty()) {
        return new Found(
            null,
            "column "
                + (i + 1)
                + " is "
                + (logged.name().isEmpty() ? "" : logged.name() + " ")
                + "of the log's type "
                + logged.type()
                + "/"
                + logged.meta()
                + ", in the table it is "
                + column.name()
                + " "
                + column.nativeType().name());
      }
      cells.add(cell.get());
    }
    return new Found(new RowDecoder(schema, cells.toArray(new LoggedCell[0])), "");
  }

  TableSchema schema() {
    return schema;
  }

  int columns() {
    return cells.length;
  }

  /**
   * As {@link #decode}, of the second image in a PARTIAL_UPDATE_ROWS event ("Rows_event" in MySQL's
   * sources). Before it stand options, and with the first of them a bit for each JSON column of the
   * table: then the log has only what was changed in the document, which is nothing in one that was
   * not changed.
   *
   * @return where the row ends; negative when it has a piece of a document
   */
  int decodePartial(byte[] bytes, int at, int end, int present, RowBatchBuilder rows) {
    ByteCursor in = new ByteCursor(bytes, at, end);
    if ((in.length() & PARTIAL_JSON) == 0) {
      return decode(bytes, in.at(), present, false, rows);
    }
    int documents = 0;
    for (LoggedCell cell : cells) {
      documents += cell instanceof LoggedJson ? 1 : 0;
    }
    int partial = in.at();
    return decode(bytes, partial + (documents + 7) / 8, present, false, partial, rows);
  }

  /** The columns that an image lacks. */
  List<Integer> missing(byte[] bytes, int present) {
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < cells.length; i++) {
      if ((bytes[present + (i >> 3)] >> (i & 7) & 1) == 0) {
        missing.add(i);
      }
    }
    return missing;
  }

  /**
   * Adds a row.
   *
   * @param at where the row's bits begin that say which of its columns are NULL
   * @param present where the bits begin that say which columns the image holds
   * @param inserted whether a column that the image lacks is NULL, and not unchanged
   * @return where the row ends
   */
  int decode(byte[] bytes, int at, int present, boolean inserted, RowBatchBuilder rows) {
    return decode(bytes, at, present, inserted, WHOLE, rows);
  }

  /**
   * @param partial where the bits begin that say which documents are pieces
   */
  private int decode(
      byte[] bytes, int at, int present, boolean inserted, int partial, RowBatchBuilder rows) {
    boolean whole = true;
    int document = 0;
    int count = cells.length;
    int held = 0;
    for (int i = 0; i < count; i++) {
      held += bytes[present + (i >> 3)] >> (i & 7) & 1;
    }
    int next = at + (held + 7 >> 3);
    int ordinal = 0;
    for (int i = 0; i < count; i++) {
      LoggedCell cell = cells[i];
      boolean piece =
          partial != WHOLE && cell instanceof LoggedJson && isSet(bytes, partial, document++);
      if ((bytes[present + (i >> 3)] >> (i & 7) & 1) == 0) {
        if (inserted) {
          rows.addNull();
        } else {
          rows.addAbsent();
        }
        continue;
      }
      if ((bytes[at + (ordinal >> 3)] >> (ordinal & 7) & 1) != 0) {
        rows.addNull();
      } else if (piece) {
        int length = (int) LittleEndian.unsigned(bytes, next, PIECE_LENGTH_BYTES);
        whole &= length == 0;
        rows.addAbsent();
        next += PIECE_LENGTH_BYTES + length;
      } else {
        int length = cell.length(bytes, next);
        cell.decode(bytes, next, length, rows);
        next += length;
      }
      ordinal++;
    }
    rows.endRow();
    return whole ? next : -1;
  }

  private static boolean isSet(byte[] bytes, int bits, int index) {
    return (bytes[bits + (index >> 3)] >> (index & 7) & 1) != 0;
  }
}
