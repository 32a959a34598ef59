package wherry.postgresql;

import java.math.BigDecimal;
import java.util.List;
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
          PostgresNames.quote(isNull.column().name())
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
    String name = PostgresNames.quote(column.name());
    String operator = " " + compare.operator().sql() + " ";
    return switch (compare.literal()) {
      case Literal.Number number -> number(column, name) + operator + number(number.value());
      case Literal.Real real ->
          (column.type() == DataType.REAL4 ? name + "::float8" : name)
              + operator
              + PostgresNames.literal(Double.toString(real.value()))
              + "::float8";
      case Literal.Truth truth -> name + operator + truth.value();
      case Literal.Text text -> text(column, name, compare.operator(), text.value());
      case Literal.Moment moment -> name + operator + moment(column, moment);
      case Literal.TimeOfDay time ->
          (column.nativeType().name().endsWith("with time zone")
                  ? "(" + name + " AT TIME ZONE 'UTC')::time"
                  : name)
              + operator
              + "TIME "
              + PostgresNames.literal(time.value());
    };
  }

  private static String number(Column column, String name) {
    if (column.meaning() == Meaning.MONEY) {
      return name + "::numeric";
    }
    return column.type() == DataType.UINT4 ? name + "::bigint" : name; // oid
  }

  /** In brackets, as a sign would stick to the operator. */
  private static String number(BigDecimal value) {
    return "(" + value.toPlainString() + ")";
  }

  /**
   * Of deterministic collations only equal bytes are equal, so the column's own equality can use
   * its index; the comparison by bytes decides.
   */
  private static String text(
      Column column, String name, FilterCondition.Operator operator, String value) {
    String literal = PostgresNames.literal(value);
    if (column.meaning() == Meaning.UUID) {
      return name + " " + operator.sql() + " " + literal + "::uuid";
    }
    String exact = name + "::text COLLATE \"C\" " + operator.sql() + " " + literal;
    String type = column.nativeType().name();
    boolean indexable =
        operator == FilterCondition.Operator.EQUAL
            && (type.equals("text") || type.startsWith("character"));
    return indexable ? "(" + name + " = " + literal + " AND " + exact + ")" : exact;
  }

  private static String moment(Column column, Literal.Moment moment) {
    if (column.meaning() == Meaning.INSTANT) {
      return "TIMESTAMPTZ " + PostgresNames.literal(moment.date() + " " + time(moment) + "+00");
    }
    return column.type() == DataType.DATE && moment.time().isEmpty()
        ? "DATE " + PostgresNames.literal(moment.date())
        : "TIMESTAMP " + PostgresNames.literal(moment.date() + " " + time(moment));
  }

  private static String time(Literal.Moment moment) {
    return moment.time().isEmpty() ? "00:00:00" : moment.time();
  }
}
