package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import wherry.filter.FilterCondition;
import wherry.filter.Literal;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;

/**
 * A filter as a predicate, with the answers of {@link wherry.filter.RowFilter}; a range as one that
 * follows the source's own order.
 */
final class FilterSql {
  private FilterSql() {}

  /** What decides of two texts which is the greater one. */
  private enum TextOrder {
    CODE_POINTS,
    COLLATION
  }

  /** The rows of a segment that pass the filter; empty when these are all rows. */
  static String and(String predicate, FilterCondition filter) {
    if (filter.isEveryRow()) {
      return predicate;
    }
    return predicate.isEmpty() ? of(filter) : "(" + predicate + ") AND " + of(filter);
  }

  static String of(FilterCondition condition) {
    return of(condition, TextOrder.CODE_POINTS);
  }

  /** Texts by the collations of their columns, so that an index can serve a range. */
  static String byCollation(FilterCondition condition) {
    return of(condition, TextOrder.COLLATION);
  }

  private static String of(FilterCondition condition, TextOrder order) {
    return switch (condition) {
      case FilterCondition.All all -> joined(all.conditions(), " AND ", "TRUE", order);
      case FilterCondition.Any any -> joined(any.conditions(), " OR ", "FALSE", order);
      case FilterCondition.IsNull isNull ->
          MySqlNames.quoted(isNull.column().name())
              + (isNull.wanted() ? " IS NULL" : " IS NOT NULL");
      case FilterCondition.Compare compare -> compared(compare, order);
    };
  }

  private static String joined(
      List<FilterCondition> conditions, String by, String ofNone, TextOrder order) {
    return conditions.isEmpty()
        ? ofNone
        : conditions.stream()
            .map(condition -> of(condition, order))
            .collect(Collectors.joining(by, "(", ")"));
  }

  private static String compared(FilterCondition.Compare compare, TextOrder order) {
    Column column = compare.column();
    String name = MySqlNames.quoted(column.name());
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
          order == TextOrder.COLLATION
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
