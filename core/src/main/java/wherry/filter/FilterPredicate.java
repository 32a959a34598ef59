package wherry.filter;

import java.util.List;
import java.util.stream.Collectors;
import wherry.schema.Column;

/**
 * A condition as a predicate of a query. Engines name and compare columns each in their own way;
 * how conditions are joined is the same for all.
 */
public interface FilterPredicate {
  /** The column as a query names it. */
  String name(Column column);

  /** The comparison, with the answer of {@link RowFilter}. */
  String compared(FilterCondition.Compare compare);

  default String of(FilterCondition condition) {
    return switch (condition) {
      case FilterCondition.All all -> joined(all.conditions(), " AND ", "TRUE");
      case FilterCondition.Any any -> joined(any.conditions(), " OR ", "FALSE");
      case FilterCondition.IsNull isNull ->
          name(isNull.column()) + (isNull.wanted() ? " IS NULL" : " IS NOT NULL");
      case FilterCondition.Compare compare -> compared(compare);
    };
  }

  private String joined(List<FilterCondition> conditions, String by, String ofNone) {
    return conditions.isEmpty()
        ? ofNone
        : conditions.stream().map(this::of).collect(Collectors.joining(by, "(", ")"));
  }

  /**
   * Both hold.
   *
   * @param predicate empty when it always does
   * @return empty when both always do
   */
  default String and(String predicate, FilterCondition filter) {
    if (filter.isEveryRow()) {
      return predicate;
    }
    return predicate.isEmpty() ? of(filter) : "(" + predicate + ") AND " + of(filter);
  }
}
