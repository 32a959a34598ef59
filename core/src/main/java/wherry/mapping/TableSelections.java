package wherry.mapping;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.filter.FilterCondition;
import wherry.filter.Literal;
import wherry.schema.Column;
import wherry.schema.TableSchema;

/** What the selection rules that take one table say of its load: its order and its filter. */
final class TableSelections {
  private final List<SelectionRule> rules;
  private final TableSchema table;
  private final boolean columnsIgnoreCase;

  TableSelections(List<SelectionRule> selections, TableSchema table, TableMapping.NameCase names) {
    this.rules =
        selections.stream()
            .filter(rule ->
                rule.action() != SelectionRule.Action.EXCLUDE
                    && rule.matches(table.id(), table.kind(), names.tablesIgnoreCase()))
            .toList();
    this.table = table;
    this.columnsIgnoreCase = names.columnsIgnoreCase();
  }

  /** Of the most specific rule; ties take the highest. */
  int loadOrder() {
    return rules.stream()
        .max(
            Comparator.comparingInt(SelectionRule::specificity)
                .thenComparingInt(SelectionRule::loadOrder))
        .map(SelectionRule::loadOrder)
        .orElse(0);
  }

  /**
   * Of the most specific rules. Several equally specific ones are alternatives, so that one without
   * filters takes every row.
   */
  FilterCondition filter(Misfits misfits) {
    List<SelectionRule> deciding = deciding();
    if (deciding.isEmpty() || deciding.stream().anyMatch(rule -> rule.filters().isEmpty())) {
      return FilterCondition.EVERY_ROW;
    }
    List<FilterCondition> alternatives =
        deciding.stream().map(rule -> filter(rule, misfits)).toList();
    return alternatives.size() == 1
        ? alternatives.getFirst()
        : new FilterCondition.Any(alternatives);
  }

  /** The ids of the rules that {@link #filter} is of. */
  List<Long> ruleIds() {
    return deciding().stream().map(SelectionRule::id).toList();
  }

  private List<SelectionRule> deciding() {
    int specificity = rules.stream().mapToInt(SelectionRule::specificity).max().orElse(0);
    return rules.stream().filter(rule -> rule.specificity() == specificity).toList();
  }

  private FilterCondition filter(SelectionRule rule, Misfits misfits) {
    List<FilterCondition> all = new ArrayList<>();
    for (SourceFilter filter : rule.filters()) {
      misfits.attempt(() -> condition(rule, filter)).ifPresent(all::add);
    }
    return new FilterCondition.All(all);
  }

  private FilterCondition condition(SelectionRule rule, SourceFilter filter) {
    Column column = column(rule, filter.column());
    try {
      return filter.of(column);
    } catch (Literal.NotComparable e) {
      throw invalid(
          rule,
          "column "
              + column.name()
              + " of table "
              + table.id()
              + " is of type "
              + column.nativeType().name()
              + ", and the filter's value cannot be compared with it: "
              + e.getMessage()
              + ".");
    }
  }

  private Column column(SelectionRule rule, String name) {
    Optional<Column> found =
        table.columns().stream()
            .filter(column -> RowNames.same(column.name(), name, columnsIgnoreCase))
            .findFirst();
    return found.orElseThrow(() ->
        invalid(
            rule,
            "table "
                + table.id()
                + " has no column "
                + name
                + " to be filtered by. Narrow the rule to tables that have it."));
  }

  private DmsException invalid(SelectionRule rule, String message) {
    return new DmsException(
        ErrorCode.SETTING_INVALID, table.id(), "Rule " + rule.id() + ": " + message, null);
  }
}
