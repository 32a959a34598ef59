package wherry.expression;

import java.nio.charset.StandardCharsets;
import wherry.row.RowBatch;
import wherry.schema.Column;

/**
 * A cell as the value that SQLite is given: numbers as numbers where they fit, everything else as
 * its canonical text, binary as a blob.
 */
public final class CellValues {
  private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

  private CellValues() {}

  /** PostgreSQL's boolean is text to AWS DMS, MySQL's bit(1) a number. */
  static boolean isBooleanWord(Column column) {
    return column.nativeType().name().equals("boolean");
  }

  public static void read(RowBatch rows, int row, int index, SqlValue into) {
    if (rows.isNull(row, index)) {
      into.setNull();
      return;
    }
    Column column = rows.schema().columns().get(index);
    byte[] slab = rows.slab();
    int start = rows.start(row, index);
    int end = rows.end(row, index);
    switch (column.type()) {
      case BOOLEAN -> {
        boolean value = slab[start] == 't';
        if (isBooleanWord(column)) {
          byte[] word = value ? TRUE : FALSE;
          into.setText(word, 0, word.length);
        } else {
          into.set(value);
        }
      }
      case INT1, INT2, INT4, INT8, UINT1, UINT2, UINT4, UINT8 -> integer(slab, start, end, into);
      case NUMERIC -> decimal(slab, start, end, into);
      case REAL4, REAL8 -> real(slab, start, end, into);
      case DATE, TIME, DATETIME, STRING, WSTRING, CLOB, NCLOB -> into.setText(slab, start, end);
      case BYTES, BLOB -> into.setBlob(slab, start, end);
    }
  }

  /** An INTEGER, or TEXT where it is no long. */
  private static void integer(byte[] slab, int start, int end, SqlValue into) {
    boolean negative = slab[start] == '-';
    long value = 0;
    for (int at = negative || slab[start] == '+' ? start + 1 : start; at < end; at++) {
      int digit = slab[at] - '0';
      if (value < (Long.MIN_VALUE + digit) / 10) {
        into.setText(slab, start, end);
        return;
      }
      value = value * 10 - digit; // Negative, as there is one more of them.
    }
    if (!negative && value == Long.MIN_VALUE) {
      into.setText(slab, start, end);
    } else {
      into.set(negative ? value : -value);
    }
  }

  private static void decimal(byte[] slab, int start, int end, SqlValue into) {
    int digits = 0;
    boolean point = false;
    for (int at = start; at < end; at++) {
      byte b = slab[at];
      if (b == '.') {
        point = true;
      } else if (b >= '0' && b <= '9') {
        digits += digits == 0 && b == '0' ? 0 : 1;
      } else if (b != '-' && b != '+') { // NaN, Infinity
        into.setText(slab, start, end);
        return;
      }
    }
    if (!point) {
      integer(slab, start, end, into);
    } else if (digits <= StorageClasses.DOUBLE_DIGITS) {
      real(slab, start, end, into);
    } else {
      into.setText(slab, start, end);
    }
  }

  private static void real(byte[] slab, int start, int end, SqlValue into) {
    double value =
        Double.parseDouble(new String(slab, start, end - start, StandardCharsets.ISO_8859_1));
    if (Double.isNaN(value)) {
      into.setText(slab, start, end);
    } else {
      into.set(value);
    }
  }
}
