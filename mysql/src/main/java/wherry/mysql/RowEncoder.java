package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import wherry.row.RowBatch;
import wherry.schema.Column;
import wherry.schema.Meaning;
import wherry.schema.TableSchema;

/**
 * Checks rows of one table and writes them for LOAD DATA or INSERT.
 *
 * <p>LOAD DATA reads the stream as {@code CHARACTER SET binary}, so that no byte is interpreted:
 * columns in utf8mb4 take UTF-8 as it is, and columns that would misread it (another character set,
 * json, uuid, bit) get it through a variable and an expression.
 */
final class RowEncoder {
  private static final byte[] NULL_FIELD = {'\\', 'N'};
  private static final byte[] NULL_LITERAL = "NULL".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  /** How a column takes its cell. */
  private enum Form {
    TEXT,
    BINARY,
    BITS,
    /** LOAD DATA has to be told that the bytes are UTF-8. */
    TOLD_UTF8
  }

  private final TableSchema target;
  private final int[] places;
  private final CellRule[] rules;
  private final Form[] forms;
  private final boolean[] takesNull;
  private final boolean[] indexZero;

  /** For rows whose cells are the table's columns, one by one. */
  RowEncoder(List<Column> source, TableSchema target) {
    this(source, IntStream.range(0, target.columns().size()).toArray(), target);
  }

  /**
   * For a table that takes some of the rows' cells.
   *
   * @param places for each of the table's columns, where its cell is in a row
   */
  RowEncoder(List<Column> source, int[] places, TableSchema target) {
    this.target = target;
    this.places = places;
    int width = target.columns().size();
    this.rules = new CellRule[width];
    this.forms = new Form[width];
    this.takesNull = new boolean[width];
    this.indexZero = new boolean[width];
    for (int i = 0; i < width; i++) {
      Column column = target.columns().get(i);
      Column from = source.get(places[i]);
      rules[i] = CellRules.of(from, column);
      forms[i] = form(column);
      takesNull[i] = column.nullable();
      indexZero[i] = CellRules.mayBeIndexZero(from, column);
    }
  }

  private static Form form(Column column) {
    String type = column.nativeType().name().toLowerCase(Locale.ROOT);
    if (type.startsWith("bit(")) {
      return Form.BITS;
    }
    if (column.type().isBinary()) {
      return Form.BINARY;
    }
    boolean utf8 = type.contains("character set utf8");
    boolean needsCharset = column.type().isText() && !utf8 && column.meaning() != Meaning.TIME_SPAN;
    return needsCharset ? Form.TOLD_UTF8 : Form.TEXT;
  }

  /**
   * What the target cannot hold of a row.
   *
   * @param column its index
   */
  record Finding(int column, Refusal refusal) {}

  /** The first finding of a row; null when it may go. */
  @Nullable Finding check(RowBatch batch, int row) {
    for (int column = 0; column < rules.length; column++) {
      Refusal refusal = check(batch, row, column);
      if (refusal != null) {
        return new Finding(column, refusal);
      }
    }
    return null;
  }

  /** What the target cannot hold of one of its columns' cells; null when it may go. */
  @Nullable Refusal check(RowBatch batch, int row, int column) {
    int place = places[column];
    if (batch.isNull(row, place)) {
      return takesNull[column]
          ? null
          : Refusal.data("the value is NULL, and the column takes none");
    }
    return rules[column].check(batch.slab(), batch.start(row, place), batch.end(row, place));
  }

  /**
   * How many cells of a row are the index 0 of an ENUM, which the server stores with a warning
   * each.
   */
  int indexZeroCells(RowBatch batch, int row) {
    int count = 0;
    for (int column = 0; column < indexZero.length; column++) {
      count += isIndexZero(batch, row, column) ? 1 : 0;
    }
    return count;
  }

  /** Whether the cell of one of the table's columns is such a one. */
  boolean isIndexZero(RowBatch batch, int row, int column) {
    int place = places[column];
    return indexZero[column]
        && batch.start(row, place) == batch.end(row, place)
        && !batch.isNull(row, place);
  }

  /** Whether the column of this name may hold such cells. */
  boolean mayBeIndexZero(String name) {
    for (int column = 0; column < indexZero.length; column++) {
      if (indexZero[column] && target.columns().get(column).name().equalsIgnoreCase(name)) {
        return true;
      }
    }
    return false;
  }

  /** The statement that reads what {@link #addFields} has written. */
  String loadStatement() {
    StringBuilder columns = new StringBuilder();
    StringBuilder expressions = new StringBuilder();
    for (int i = 0; i < forms.length; i++) {
      String name = MySqlNames.quoted(target.columns().get(i).name());
      String variable = "@c" + i;
      columns.append(i == 0 ? "" : ",");
      String expression =
          switch (forms[i]) {
            case TEXT, BINARY -> "";
            case BITS -> "CAST(CONV(" + variable + ",2,10) AS UNSIGNED)";
            case TOLD_UTF8 -> "CONVERT(" + variable + " USING utf8mb4)";
          };
      columns.append(expression.isEmpty() ? name : variable);
      if (!expression.isEmpty()) {
        expressions
            .append(expressions.length() == 0 ? " SET " : ", ")
            .append(name)
            .append('=')
            .append(expression);
      }
    }
    return "LOAD DATA LOCAL INFILE 'wherry' INTO TABLE "
        + MySqlNames.quoted(target.id())
        + " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ("
        + columns
        + ")"
        + expressions;
  }

  /** Adds a row as a line of fields. */
  void addFields(RowBatch batch, int row, Bytes out) {
    byte[] slab = batch.slab();
    for (int column = 0; column < rules.length; column++) {
      if (column > 0) {
        out.add('\t');
      }
      int place = places[column];
      if (batch.isNull(row, place)) {
        out.add(NULL_FIELD);
        continue;
      }
      int start = batch.start(row, place);
      int end = batch.end(row, place);
      byte[] other = rules[column].respelled(slab, start, end);
      if (other == null) {
        addEscaped(slab, start, end, out);
      } else {
        addEscaped(other, 0, other.length, out);
      }
    }
    out.add('\n');
  }

  /** Copies whole stretches between the few bytes that need a backslash. */
  private static void addEscaped(byte[] bytes, int start, int end, Bytes out) {
    int from = start;
    for (int i = start; i < end; i++) {
      byte b = bytes[i];
      if (b > '\n' && b != '\\') {
        continue;
      }
      int escaped =
          switch (b) {
            case 0 -> '0';
            case '\t' -> 't';
            case '\n' -> 'n';
            case '\\' -> '\\';
            default -> 0;
          };
      if (escaped != 0) {
        out.add(bytes, from, i);
        out.add('\\');
        out.add(escaped);
        from = i + 1;
      }
    }
    out.add(bytes, from, end);
  }

  /** {@code INSERT INTO t (...) VALUES }, to be followed by tuples. */
  byte[] insertHead() {
    List<String> names =
        target.columns().stream().map(column -> MySqlNames.quoted(column.name())).toList();
    String head =
        "INSERT INTO "
            + MySqlNames.quoted(target.id())
            + " ("
            + String.join(",", names)
            + ") VALUES ";
    return head.getBytes(StandardCharsets.UTF_8);
  }

  /** Adds a row as {@code (…)}. */
  void addTuple(RowBatch batch, int row, Bytes out) {
    out.add('(');
    for (int column = 0; column < rules.length; column++) {
      if (column > 0) {
        out.add(',');
      }
      addValue(batch, row, column, out);
    }
    out.add(')');
  }

  /** Adds the cell of one of the table's columns as a literal. */
  void addValue(RowBatch batch, int row, int column, Bytes out) {
    int place = places[column];
    if (batch.isNull(row, place)) {
      out.add(NULL_LITERAL);
      return;
    }
    byte[] slab = batch.slab();
    int start = batch.start(row, place);
    int end = batch.end(row, place);
    byte[] other = rules[column].respelled(slab, start, end);
    if (other == null) {
      addLiteral(forms[column], slab, start, end, out);
    } else {
      addLiteral(forms[column], other, 0, other.length, out);
    }
  }

  /** One of the table's columns. */
  Column column(int column) {
    return target.columns().get(column);
  }

  /** The cell, which is not NULL, as text that the target takes. */
  String text(RowBatch batch, int row, int column) {
    int place = places[column];
    byte[] slab = batch.slab();
    int start = batch.start(row, place);
    int end = batch.end(row, place);
    byte[] other = rules[column].respelled(slab, start, end);
    return other == null
        ? CellRules.text(slab, start, end)
        : CellRules.text(other, 0, other.length);
  }

  private static void addLiteral(Form form, byte[] bytes, int start, int end, Bytes out) {
    switch (form) {
      case BINARY -> {
        out.add('x');
        out.add('\'');
        for (int i = start; i < end; i++) {
          out.add(HEX[(bytes[i] >> 4) & 15]);
          out.add(HEX[bytes[i] & 15]);
        }
      }
      case BITS -> {
        out.add('b');
        out.add('\'');
        out.add(bytes, start, end);
      }
      case TEXT, TOLD_UTF8 -> {
        out.add('\'');
        for (int i = start; i < end; i++) {
          byte b = bytes[i];
          if (b == '\'' || b == '\\') {
            out.add('\\');
          }
          out.add(b);
        }
      }
    }
    out.add('\'');
  }
}
