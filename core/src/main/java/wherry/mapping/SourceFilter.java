package wherry.mapping;

import java.util.ArrayList;
import java.util.List;
import wherry.filter.FilterCondition;
import wherry.filter.FilterCondition.Operator;
import wherry.filter.Literal;
import wherry.schema.Column;

/**
 * A filter of a selection rule: conditions on one column ("Using source filters", AWS DMS guide).
 */
record SourceFilter(String column, List<Condition> conditions) {
  SourceFilter {
    conditions = List.copyOf(conditions);
  }

  /** What a condition asks for, with the operands that it takes. */
  sealed interface Condition {
    /** {@code lte}, {@code ste}, {@code gte}, {@code eq}, {@code noteq}. */
    record Compared(Operator operator, String value) implements Condition {}

    /** {@code between} and {@code notbetween}, both ends included in the range. */
    record Range(boolean inside, String start, String end) implements Condition {}

    /** {@code null} and {@code notnull}. */
    record Null(boolean wanted) implements Condition {}

    /** Negative conditions narrow what the others select; they are not alternatives to them. */
    default boolean isNegative() {
      return switch (this) {
        case Compared compared -> compared.operator() == Operator.NOT_EQUAL;
        case Range range -> !range.inside();
        case Null isNull -> !isNull.wanted();
      };
    }
  }

  /**
   * {@code (positive₁ OR positive₂ OR null) AND negative₁ AND negative₂}: what the guide says of
   * NULLs in each mix of conditions follows from it.
   *
   * @throws Literal.NotComparable when a value is none of the column's type
   */
  FilterCondition of(Column to) throws Literal.NotComparable {
    List<FilterCondition> positive = new ArrayList<>();
    List<FilterCondition> all = new ArrayList<>();
    for (Condition condition : conditions) {
      (condition.isNegative() ? all : positive).add(of(condition, to));
    }
    if (!positive.isEmpty()) {
      all.addFirst(positive.size() == 1 ? positive.getFirst() : new FilterCondition.Any(positive));
    }
    return all.size() == 1 ? all.getFirst() : new FilterCondition.All(all);
  }

  private static FilterCondition of(Condition condition, Column to) throws Literal.NotComparable {
    return switch (condition) {
      case Condition.Null isNull -> new FilterCondition.IsNull(to, isNull.wanted());
      case Condition.Compared compared ->
          new FilterCondition.Compare(to, compared.operator(), Literal.of(to, compared.value()));
      case Condition.Range range -> {
        Literal start = Literal.of(to, range.start());
        Literal end = Literal.of(to, range.end());
        yield range.inside()
            ? new FilterCondition.All(
                List.of(
                    new FilterCondition.Compare(to, Operator.GREATER_OR_EQUAL, start),
                    new FilterCondition.Compare(to, Operator.LESS_OR_EQUAL, end)))
            : new FilterCondition.Any(
                List.of(
                    new FilterCondition.Compare(to, Operator.LESS, start),
                    new FilterCondition.Compare(to, Operator.GREATER, end)));
      }
    };
  }
}
