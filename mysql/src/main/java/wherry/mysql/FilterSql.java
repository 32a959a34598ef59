package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import wherry.filter.FilterCondition;
import wherry.filter.FilterPredicate;
import wherry.filter.Literal;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;

/**
 * A filter as a predicate, with the answers of {@link wherry.filter.RowFilter}; a range as one that
 * follows the source's own order.
 */
enum FilterSql implements FilterPredicate {
  BY_CODE_POINTS,
  /** Texts by the collations of their columns, so that an index can serve a range. */
  BY_COLLATION;

  @Override
  public String name(Column column) {
    return MySqlNames.quoted(column.name());
  }

  @Override
  public String compared(FilterCondition.Compare compare) {
    Column column = compare.column();
    String name = name(column);
    String operator = " " + compare.operator().sql() + " ";
    return switch (compare.literal()) {
      case Literal.Number number ->
          (column.meaning() == Meaning.YEAR ? name + "+0" : name)
              + operator
              + literal(column, number);
      // Times 1e0 a float is the double that it is exactly.
      case Literal.Real real ->
          (column.type() == DataType.REAL4 ? name + "*1e0" : name)
              + operator
              + literal(column, real);
      case Literal.Truth truth -> name + "+0" + operator + literal(column, truth);
      case Literal.Text text ->
          this == BY_COLLATION
              ? name + operator + literal(column, text)
              : text(column, name, compare.operator(), text.value());
      case Literal.Moment moment -> name + operator + literal(column, moment);
      case Literal.TimeOfDay time -> name + operator + literal(column, time);
    };
  }

  /** The literal as a value of the column. */
  static String literal(Column column, Literal literal) {
    return switch (literal) {
      case Literal.Number number -> number.value().toPlainString();
      case Literal.Real real -> real(real.value());
      case Literal.Truth truth -> truth.value() ? "1" : "0";
      case Literal.Text text -> MySqlNames.literal(text.value());
      case Literal.Moment moment -> moment(column, moment);
      case Literal.TimeOfDay time -> "TIME'" + time.value() + "'";
    };
  }

  /** With an exponent it is a double, else it would be a decimal. */
  private static String real(double value) {
    String text = Double.toString(value);
    return text.contains("E") ? text : text + "E0";
  }

  /**
   * Bytes of utf8mb4 decide, for every collation here finds some different texts equal. The
   * column's own equality, which finds at least as much, can use its index. Without {@code _binary}
   * the optimiser of MySQL 8.0 takes {@code a = x'6162' AND a <= x'61'} for true where the first
   * part is.
   */
  private static String text(
      Column column, String name, FilterCondition.Operator operator, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    String exact =
        "CAST(CONVERT("
            + name
            + " USING utf8mb4) AS BINARY) "
            + operator.sql()
            + " _binary x'"
            + HexFormat.of().formatHex(bytes)
            + "'";
    String type = column.nativeType().name().toLowerCase(Locale.ROOT);
    boolean indexable =
        operator == FilterCondition.Operator.EQUAL
            && type.contains(" character set ")
            && column.meaning() != Meaning.SET
            && bytes.length == value.length();
    return indexable
        ? "(" + name + " = " + MySqlNames.literal(value) + " AND " + exact + ")"
        : exact;
  }

  private static String moment(Column column, Literal.Moment moment) {
    return column.type() == DataType.DATE && moment.time().isEmpty()
        ? "DATE'" + moment.date() + "'"
        : "TIMESTAMP'"
            + moment.date()
            + " "
            + (moment.time().isEmpty() ? "00:00:00" : moment.time())
            + "'";
  }
}
