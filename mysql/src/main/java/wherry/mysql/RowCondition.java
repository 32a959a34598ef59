package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import wherry.row.RowBatch;
import wherry.schema.Column;
import wherry.schema.Meaning;
import wherry.schema.TableSchema;

/**
 * Writes conditions that hold for exactly the rows with given values. The server's own idea of
 * equality is wider: a collation may take case, accents and trailing blanks for nothing, and a
 * number given as text is compared as a double.
 */
final class RowCondition {
  /** Text that may be part of an index; longer text is compared by its bytes only. */
  private static final int INDEXED_CHARACTERS_MAX = 768;

  private static final Pattern DIGITS = Pattern.compile("[-+]?[0-9.]+");

  private enum Comparison {
    NUMBER,
    FLOATING_POINT,
    /** By the collation, so that an index helps, and by the bytes. */
    INDEXED_TEXT,
    TEXT,
    JSON,
    /** The server's equality of the type is exact, and a quoted literal is one of the type. */
    LITERAL
  }

  private final RowEncoder encoder;
  private final String[] names;
  private final Comparison[] comparisons;

  RowCondition(TableSchema target, RowEncoder encoder) {
    this.encoder = encoder;
    int width = target.columns().size();
    this.names = new String[width];
    this.comparisons = new Comparison[width];
    for (int i = 0; i < width; i++) {
      names[i] = MySqlNames.quoted(target.columns().get(i).name());
      comparisons[i] = comparison(target.columns().get(i));
    }
  }

  private static Comparison comparison(Column column) {
    if (nativeName(column).startsWith("bit(") || column.meaning() == Meaning.TIME_SPAN) {
      return Comparison.LITERAL;
    }
    return switch (column.type()) {
      case INT1, INT2, INT4, INT8, UINT1, UINT2, UINT4, UINT8, NUMERIC -> Comparison.NUMBER;
      case REAL4, REAL8 -> Comparison.FLOATING_POINT;
      case STRING, WSTRING, CLOB, NCLOB -> {
        if (nativeName(column).equals("json")) {
          yield Comparison.JSON;
        }
        if (!isCharacters(column)) {
          yield Comparison.LITERAL;
        }
        boolean indexed = column.length() > 0 && column.length() <= INDEXED_CHARACTERS_MAX;
        yield indexed ? Comparison.INDEXED_TEXT : Comparison.TEXT;
      }
      case BOOLEAN, DATE, TIME, DATETIME, BYTES, BLOB -> Comparison.LITERAL;
    };
  }

  /**
   * Adds the condition that a column has the value of a cell.
   *
   * @return whether a row can have it at all; a value that the column cannot hold would be bent
   *     until it compares
   */
  boolean add(RowBatch batch, int row, int column, Bytes out) {
    String name = names[column];
    if (batch.isNull(row, column)) {
      add(name + " IS NULL", out);
      return true;
    }
    if (encoder.check(batch, row, column) != null) {
      return false;
    }
    switch (comparisons[column]) {
      case NUMBER -> add(name + "=" + number(encoder.text(batch, row, column)), out);
      case FLOATING_POINT -> {
        String cell = encoder.text(batch, row, column);
        boolean single = nativeName(encoder.column(column)).startsWith("float");
        double value = single ? Float.parseFloat(cell) : Double.parseDouble(cell);
        // An exponent makes it a double; without one it would be a decimal.
        String text = Double.toString(value);
        add(name + "=" + (text.contains("E") ? text : text + "E0"), out);
      }
      case INDEXED_TEXT -> {
        add(name + "=", out);
        encoder.addValue(batch, row, column, out);
        add(" AND ", out);
        addBytes(batch, row, column, out);
      }
      case TEXT -> addBytes(batch, row, column, out);
      case JSON -> {
        add(name + "=CAST(", out);
        encoder.addValue(batch, row, column, out);
        add(" AS JSON)", out);
      }
      case LITERAL -> {
        add(name + "=", out);
        encoder.addValue(batch, row, column, out);
      }
    }
    return true;
  }

  private void addBytes(RowBatch batch, int row, int column, Bytes out) {
    add("CAST(CONVERT(" + names[column] + " USING utf8mb4) AS BINARY)=CAST(", out);
    encoder.addValue(batch, row, column, out);
    add(" AS BINARY)", out);
  }

  /** Digits as they are; a type that the rule let pass unseen is quoted rather than trusted. */
  private static String number(String text) {
    return DIGITS.matcher(text).matches() ? text : MySqlNames.literal(text);
  }

  /** The condition that a column of one table has the value of a column of the same type. */
  static String join(Column column, String left, String right) {
    String equal = left + "=" + right;
    return isCharacters(column)
        ? equal + " AND CAST(" + left + " AS BINARY)=CAST(" + right + " AS BINARY)"
        : equal;
  }

  /** Whether values are compared by a collation. */
  private static boolean isCharacters(Column column) {
    return nativeName(column).contains(" character set ");
  }

  private static String nativeName(Column column) {
    return column.nativeType().name().toLowerCase(Locale.ROOT);
  }

  private static void add(String text, Bytes out) {
    out.add(text.getBytes(StandardCharsets.UTF_8));
  }
}
