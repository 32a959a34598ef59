package wherry.filter;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import wherry.schema.Column;

/**
 * A condition on the cells of a row. A connector renders it as a predicate of its SQL, {@link
 * RowFilter} decides it on cells; both must give the same answer. A comparison with NULL does not
 * hold, and as there is no negation, two truth values are enough.
 */
public sealed interface FilterCondition {
  /** Every row. */
  FilterCondition EVERY_ROW = new All(List.of());

  /** All of them hold; holds when there are none. */
  record All(List<FilterCondition> conditions) implements FilterCondition {
    public All {
      conditions = List.copyOf(conditions);
    }
  }

  /** Any of them holds; does not hold when there are none. */
  record Any(List<FilterCondition> conditions) implements FilterCondition {
    public Any {
      conditions = List.copyOf(conditions);
    }
  }

  /**
   * The cell compares so with the literal. Texts compare by the code points of their characters,
   * whatever the column's collation, except that blanks at the end do not count in a column of
   * fixed width; NaN is above all numbers; dates and times by what they mean, INSTANTs in UTC.
   */
  record Compare(Column column, Operator operator, Literal literal) implements FilterCondition {}

  /** The cell is NULL, or is not. */
  record IsNull(Column column, boolean wanted) implements FilterCondition {}

  enum Operator {
    EQUAL("="),
    NOT_EQUAL("<>"),
    LESS("<"),
    LESS_OR_EQUAL("<="),
    GREATER(">"),
    GREATER_OR_EQUAL(">=");

    private final String sql;

    Operator(String sql) {
      this.sql = sql;
    }

    /** As SQL writes it. */
    public String sql() {
      return sql;
    }

    boolean holds(int order) {
      return switch (this) {
        case EQUAL -> order == 0;
        case NOT_EQUAL -> order != 0;
        case LESS -> order < 0;
        case LESS_OR_EQUAL -> order <= 0;
        case GREATER -> order > 0;
        case GREATER_OR_EQUAL -> order >= 0;
      };
    }
  }

  /** The names of the columns that it depends on. */
  default Set<String> columns() {
    return switch (this) {
      case All all ->
          all.conditions().stream().flatMap(c -> c.columns().stream()).collect(Collectors.toSet());
      case Any any ->
          any.conditions().stream().flatMap(c -> c.columns().stream()).collect(Collectors.toSet());
      case Compare compare -> Set.of(compare.column().name());
      case IsNull isNull -> Set.of(isNull.column().name());
    };
  }

  default boolean isEveryRow() {
    return equals(EVERY_ROW);
  }
}
