package wherry.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import wherry.filter.FilterCondition.Operator;
import wherry.mapping.SourceFilter.Condition;

/** Reads a selection rule and its filters. */
final class SelectionParser {
  private final RuleReader rule;

  SelectionParser(RuleReader rule) {
    this.rule = rule;
  }

  /** Empty when something is wrong, which the reader has noted. */
  Optional<SelectionRule> parse() {
    SelectionRule.@Nullable Action action =
        switch (rule.text("rule-action")) {
          case "include" -> SelectionRule.Action.INCLUDE;
          case "exclude" -> SelectionRule.Action.EXCLUDE;
          case "explicit" -> SelectionRule.Action.EXPLICIT;
          default -> null;
        };
    if (action == null) {
      rule.refuse(
          "rule-action must be include, exclude or explicit, not \""
              + rule.text("rule-action")
              + "\"");
    }
    JsonNode locator = rule.locator();
    boolean exact = action == SelectionRule.Action.EXPLICIT;
    NamePattern schema = rule.name(locator, "schema-name", exact);
    NamePattern table = rule.name(locator, "table-name", exact);
    SelectionRule.TableType tableType = tableType(locator);
    int order = loadOrder();
    List<SourceFilter> filters = filters();
    if (!filters.isEmpty() && action != null && action != SelectionRule.Action.INCLUDE) {
      rule.refuse("filters can only be used with rule-action include");
    }
    return rule.isGood() && action != null
        ? Optional.of(
            new SelectionRule(rule.id(), action, schema, table, tableType, order, filters))
        : Optional.empty();
  }

  private SelectionRule.TableType tableType(JsonNode locator) {
    String type = RuleReader.text(locator, "table-type");
    return switch (type) {
      case "", "table" -> SelectionRule.TableType.TABLE;
      case "view" -> SelectionRule.TableType.VIEW;
      case "all" -> SelectionRule.TableType.ALL;
      default -> {
        rule.refuse("table-type must be table, view or all, not \"" + type + "\"");
        yield SelectionRule.TableType.TABLE;
      }
    };
  }

  private int loadOrder() {
    String text = rule.text("load-order");
    if (text.isEmpty()) {
      return 0;
    }
    try {
      int order = Integer.parseInt(text.trim());
      if (order >= 1) {
        return order;
      }
    } catch (NumberFormatException e) {
      // Reported below, as any other value outside the range.
    }
    rule.refuse("load-order must be a number from 1 to 2147483647, not \"" + text + "\"");
    return 0;
  }

  private List<SourceFilter> filters() {
    List<SourceFilter> filters = new ArrayList<>();
    for (JsonNode filter : rule.array(rule.node(), "filters")) {
      String column = RuleReader.text(filter, "column-name");
      String type = RuleReader.text(filter, "filter-type");
      if (!type.equals("source")) {
        rule.refuse("filter-type must be source, not \"" + type + "\"");
      }
      if (column.isEmpty()) {
        rule.refuse("column-name of the filter cannot be null");
      }
      List<Condition> conditions = new ArrayList<>();
      List<JsonNode> written = rule.array(filter, "filter-conditions");
      written.forEach(condition -> condition(condition).ifPresent(conditions::add));
      if (written.isEmpty()) {
        rule.refuse("the filter on column " + column + " has no filter-conditions");
      }
      filters.add(new SourceFilter(column, conditions));
    }
    return filters;
  }

  private Optional<Condition> condition(JsonNode condition) {
    String operator = RuleReader.text(condition, "filter-operator");
    return switch (operator) {
      case "lte", "ste" -> compared(condition, operator, Operator.LESS_OR_EQUAL);
      case "gte" -> compared(condition, operator, Operator.GREATER_OR_EQUAL);
      case "eq" -> compared(condition, operator, Operator.EQUAL);
      case "noteq" -> compared(condition, operator, Operator.NOT_EQUAL);
      case "between", "notbetween" ->
          operand(condition, operator, "start-value")
              .flatMap(start ->
                  operand(condition, operator, "end-value")
                      .map(end -> new Condition.Range(operator.equals("between"), start, end)));
      case "null" -> Optional.of(new Condition.Null(true));
      case "notnull" -> Optional.of(new Condition.Null(false));
      default -> {
        rule.refuse(
            "filter-operator must be lte, gte, eq, noteq, between, notbetween, null or notnull, not \""
                + operator
                + "\"");
        yield Optional.empty();
      }
    };
  }

  private Optional<Condition> compared(JsonNode condition, String name, Operator operator) {
    return operand(condition, name, "value").map(value -> new Condition.Compared(operator, value));
  }

  /** An empty text is a value, too. */
  private Optional<String> operand(JsonNode condition, String operator, String key) {
    JsonNode value = condition.path(key);
    if (!value.isValueNode() || value.isNull()) {
      rule.refuse(key + " is required by filter-operator " + operator);
      return Optional.empty();
    }
    return Optional.of(value.asString());
  }
}
