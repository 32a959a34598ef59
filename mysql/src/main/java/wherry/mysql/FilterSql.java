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

/** A filter as a predicate, with the answers of {@link wherry.filter.RowFilter}. */
final class FilterSql {
  private FilterSql() {}

  /** The rows of a segment that pass the filter; empty when these are all rows. */
  static String and(String predicate, FilterCondition filter) {
    if (filter.isEveryRow()) {
      return predicate;
    }
    return predicate.isEmpty() ? of(filter) : "(" + predicate + ") AND " + of(filter);
  }

  static String of(FilterCondition condition) {
    return switch (condition) {
      case FilterCondition.All all -> joined(all.conditions(), " AND ", "TRUE");
      case FilterCondition.Any any -> joined(any.conditions(), " OR ", "FALSE");
      case FilterCondition.IsNull isNull ->
          MySqlNames.quoted(isNull.column().name())
              + (isNull.wanted() ? " IS NULL" : " IS NOT NULL");
      case FilterCondition.Compare compare -> compared(compare);
    };
  }

  private static String joined(List<FilterCondition> conditions, String by, String ofNone) {
    return conditions.isEmpty()
        ? ofNone
        : conditions.stream().map(FilterSql::of).collect(Collectors.joining(by, "(", ")"));
  }

  private static String compared(FilterCondition.Compare compare) {
    Column column = compare.column();
    String name = MySqlNames.quoted(column.name());
    String operator = " " + compare.operator().sql() + " ";
    return switch (compare.literal()) {
      case Literal.Number number ->
          (column.meaning() == Meaning.YEAR ? name + "+0" : name)
              + operator
              + number.value().toPlainString();
      // Times 1e0 a float is the double that it is exactly.
      case Literal.Real real ->
          (column.type() == DataType.REAL4 ? name + "*1e0" : name) + operator + real(real.value());
      case Literal.Truth truth -> name + "+0" + operator + (truth.value() ? 1 : 0);
      case Literal.Text text -> text(column, name, compare.operator(), text.value());
      case Literal.Moment moment -> name + operator + moment(column, moment);
      case Literal.TimeOfDay time -> name + operator + "TIME'" + time.value() + "'";
    };
  }

  /** With an exponent it is a double, else it would be a decimal. */
  private static String real(double value) {
    String text = Double.toString(value);
    return text.contains("E") ? text : text + "E0";
  }

  /**
   * Bytes of utf8mb4 decide, for every collation here finds some different texts equal. The
   * column's own equality, which finds at least as much, can use its index.
   */
  private static String text(
      Column column, String name, FilterCondition.Operator operator, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    String exact =
        "CAST(CONVERT("
            + name
            + " USING utf8mb4) AS BINARY) "
            + operator.sql()
            + " x'"
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
