package wherry.postgresql;

import java.math.BigDecimal;
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
    return PostgresNames.quote(column.name());
  }

  @Override
  public String compared(FilterCondition.Compare compare) {
    Column column = compare.column();
    String name = name(column);
    String operator = " " + compare.operator().sql() + " ";
    return switch (compare.literal()) {
      case Literal.Number number -> number(column, name) + operator + literal(column, number);
      case Literal.Real real ->
          (column.type() == DataType.REAL4 ? name + "::float8" : name)
              + operator
              + literal(column, real);
      case Literal.Truth truth -> name + operator + literal(column, truth);
      case Literal.Text text ->
          this == BY_COLLATION
              ? name + operator + literal(column, text)
              : text(column, name, compare.operator(), text.value());
      case Literal.Moment moment -> name + operator + literal(column, moment);
      case Literal.TimeOfDay time ->
          (column.nativeType().name().endsWith("with time zone")
                  ? "(" + name + " AT TIME ZONE 'UTC')::time"
                  : name)
              + operator
              + literal(column, time);
    };
  }

  /** The literal as a value of the column. */
  static String literal(Column column, Literal literal) {
    return switch (literal) {
      case Literal.Number number -> number(number.value());
      case Literal.Real real -> PostgresNames.literal(Double.toString(real.value())) + "::float8";
      case Literal.Truth truth -> Boolean.toString(truth.value());
      case Literal.Text text ->
          PostgresNames.literal(text.value()) + (column.meaning() == Meaning.UUID ? "::uuid" : "");
      case Literal.Moment moment -> moment(column, moment);
      case Literal.TimeOfDay time -> "TIME " + PostgresNames.literal(time.value());
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
    String literal = literal(column, new Literal.Text(value));
    if (column.meaning() == Meaning.UUID) {
      return name + " " + operator.sql() + " " + literal;
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
