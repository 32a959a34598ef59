package wherry.mapping;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import wherry.mapping.TransformationRule.Action;
import wherry.mapping.TransformationRule.Level;
import wherry.mapping.TransformationRule.Locator;
import wherry.schema.DataType;

/**
 * Reads a table-mapping document; every mistake of every rule is reported together, in AWS DMS's
 * words.
 */
final class MappingParser {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final NamePattern ANY = NamePattern.of("%");
  private static final Set<String> LATER_ACTIONS =
      Set.of(
          "define-primary-key",
          "include-column",
          "add-column",
          "change-data-type",
          "add-before-image-columns",
          "data-masking-digits-mask",
          "data-masking-digits-randomize",
          "data-masking-hash-mask");
  private static final Set<String> LATER_TYPES =
      Set.of("table-settings", "object-mapping", "post-processing", "validation");

  private final List<String> problems = new ArrayList<>();
  private final Map<Long, Integer> placeOfId = new HashMap<>();
  private final List<SelectionRule> selections = new ArrayList<>();
  private final List<TransformationRule> transformations = new ArrayList<>();

  static TableMapping parse(String document) {
    JsonNode root;
    try {
      root = JSON.readTree(document);
    } catch (JacksonException e) {
      throw new MappingException(
          "Invalid Table Mappings document. Invalid json " + e.getOriginalMessage() + place(e));
    }
    if (!root.isObject() || !root.path("rules").isArray()) {
      throw new MappingException(
          "Invalid Table Mappings document. A JSON object with an array \"rules\" is expected"
              + (root.has("TableMappings")
                  ? "; the format {\"TableMappings\":[…]} of before 2017 is not supported."
                  : "."));
    }
    return new MappingParser().rules(root.path("rules"));
  }

  private static String place(JacksonException e) {
    return e.getLocation() == null
        ? ""
        : " (line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr()
            + ")";
  }

  private TableMapping rules(JsonNode rules) {
    int place = 0;
    for (JsonNode rule : rules) {
      place++;
      rule(rule, place);
    }
    if (problems.isEmpty() && selections.isEmpty()) {
      problems.add("At least one selection rule is required.");
    }
    if (!problems.isEmpty()) {
      throw new MappingException("Error in mapping rules. " + String.join(" ", problems));
    }
    return new TableMapping(selections, transformations);
  }

  private void rule(JsonNode rule, int place) {
    if (!rule.isObject()) {
      problems.add("Rule number " + place + " is not a JSON object.");
      return;
    }
    long id = ruleId(rule, place);
    if (id < 0) {
      return;
    }
    int before = problems.size();
    String type = text(rule, "rule-type");
    switch (type) {
      case "selection" -> selection(id, rule, before);
      case "transformation" -> transformation(id, rule, before);
      case "" -> refuse(id, "rule-type cannot be null");
      default -> {
        if (LATER_TYPES.contains(type)) {
          refuse(
              id,
              "rule-type "
                  + type
                  + " is not supported by this version of Wherry; remove the rule to go on without it");
        } else {
          refuse(
              id, "rule-type \"" + type + "\" is unknown; selection or transformation is expected");
        }
      }
    }
  }

  private long ruleId(JsonNode rule, int place) {
    String text = text(rule, "rule-id");
    try {
      long id = Long.parseLong(text.trim());
      Integer earlier = placeOfId.putIfAbsent(id, place);
      if (earlier != null) {
        refuse(
            id,
            "rule-id is used by rule number "
                + earlier
                + " and rule number "
                + place
                + "; it must be unique");
      }
      if (id >= 0) {
        return id;
      }
    } catch (NumberFormatException e) {
      // Told below, as a negative number is.
    }
    problems.add(
        "Rule number "
            + place
            + " failed validation. rule-id must be a number from 0, not \""
            + text
            + "\".");
    return -1;
  }

  private void selection(long id, JsonNode rule, int before) {
    SelectionRule.@Nullable Action action =
        switch (text(rule, "rule-action")) {
          case "include" -> SelectionRule.Action.INCLUDE;
          case "exclude" -> SelectionRule.Action.EXCLUDE;
          case "explicit" -> SelectionRule.Action.EXPLICIT;
          default -> null;
        };
    if (action == null) {
      refuse(
          id,
          "rule-action must be include, exclude or explicit, not \""
              + text(rule, "rule-action")
              + "\"");
    }
    JsonNode locator = locator(id, rule);
    boolean exact = action == SelectionRule.Action.EXPLICIT;
    NamePattern schema = required(id, locator, "schema-name", exact);
    NamePattern table = required(id, locator, "table-name", exact);
    SelectionRule.TableType tableType = tableType(id, locator);
    int order = loadOrder(id, rule);
    JsonNode filters = rule.path("filters");
    if (!filters.isMissingNode()
        && !filters.isNull()
        && !(filters.isArray() && filters.isEmpty())) {
      refuse(
          id,
          "filters are not supported by this version of Wherry; without them the rule would load more rows than it says");
    }
    if (problems.size() == before && action != null) {
      selections.add(new SelectionRule(id, action, schema, table, tableType, order));
    }
  }

  private SelectionRule.TableType tableType(long id, JsonNode locator) {
    return switch (text(locator, "table-type")) {
      case "", "table" -> SelectionRule.TableType.TABLE;
      case "view" -> SelectionRule.TableType.VIEW;
      case "all" -> SelectionRule.TableType.ALL;
      default -> {
        refuse(
            id,
            "table-type must be table, view or all, not \"" + text(locator, "table-type") + "\"");
        yield SelectionRule.TableType.TABLE;
      }
    };
  }

  private int loadOrder(long id, JsonNode rule) {
    String text = text(rule, "load-order");
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
    refuse(id, "load-order must be a number from 1 to 2147483647, not \"" + text + "\"");
    return 0;
  }

  private void transformation(long id, JsonNode rule, int before) {
    JsonNode locator = locator(id, rule);
    String target = text(rule, "rule-target");
    String actionName = text(rule, "rule-action");
    if (LATER_ACTIONS.contains(actionName)) {
      refuse(
          id,
          "rule-action "
              + actionName
              + " is not supported by this version of Wherry; remove the rule to go on without it");
      return;
    }
    if (!text(rule, "expression").isEmpty()) {
      refuse(
          id, "expression is not supported by this version of Wherry; give the new name as value");
    }
    Optional<Level> level = level(id, target);
    Optional<Action> action = action(id, rule, actionName, target);
    NamePattern schema = required(id, locator, "schema-name", false);
    NamePattern table =
        level.filter(l -> l != Level.SCHEMA).isPresent()
            ? required(id, locator, "table-name", false)
            : ANY;
    NamePattern column =
        level.filter(l -> l == Level.COLUMN).isPresent()
            ? required(id, locator, "column-name", false)
            : ANY;
    Optional<DataType> dataType = dataType(id, locator);
    if (problems.size() == before && level.isPresent() && action.isPresent()) {
      transformations.add(
          new TransformationRule(
              id, level.get(), new Locator(schema, table, column, dataType), action.get()));
    }
  }

  private Optional<Level> level(long id, String target) {
    return switch (target) {
      case "schema" -> Optional.of(Level.SCHEMA);
      case "table" -> Optional.of(Level.TABLE);
      case "column" -> Optional.of(Level.COLUMN);
      case "table-tablespace", "index-tablespace" -> {
        refuse(id, "rule-target " + target + " applies to Oracle targets only");
        yield Optional.empty();
      }
      default -> {
        refuse(id, "rule-target must be schema, table or column, not \"" + target + "\"");
        yield Optional.empty();
      }
    };
  }

  private Optional<Action> action(long id, JsonNode rule, String action, String target) {
    return switch (action) {
      case "rename" -> value(id, rule, action, "value").map(TransformationRule.Rename::new);
      case "convert-uppercase" -> Optional.of(new TransformationRule.UpperCase());
      case "convert-lowercase" -> Optional.of(new TransformationRule.LowerCase());
      case "add-prefix" -> value(id, rule, action, "value").map(TransformationRule.AddPrefix::new);
      case "add-suffix" -> value(id, rule, action, "value").map(TransformationRule.AddSuffix::new);
      case "remove-prefix" ->
          value(id, rule, action, "value")
              .map(old -> new TransformationRule.ReplacePrefix(old, ""));
      case "remove-suffix" ->
          value(id, rule, action, "value")
              .map(old -> new TransformationRule.ReplaceSuffix(old, ""));
      case "replace-prefix" -> {
        Optional<String> value = value(id, rule, action, "value");
        yield value(id, rule, action, "old-value")
            .flatMap(old -> value.map(v -> new TransformationRule.ReplacePrefix(old, v)));
      }
      case "replace-suffix" -> {
        Optional<String> value = value(id, rule, action, "value");
        yield value(id, rule, action, "old-value")
            .flatMap(old -> value.map(v -> new TransformationRule.ReplaceSuffix(old, v)));
      }
      case "remove-column" -> {
        if (!target.equals("column")) {
          refuse(id, "rule-action remove-column needs rule-target column, not \"" + target + "\"");
        }
        yield Optional.of(new TransformationRule.RemoveColumn());
      }
      default -> {
        refuse(id, "rule-action \"" + action + "\" is unknown");
        yield Optional.empty();
      }
    };
  }

  private Optional<String> value(long id, JsonNode rule, String action, String key) {
    String value = text(rule, key);
    if (value.isEmpty()) {
      refuse(id, key + " is required by rule-action " + action);
      return Optional.empty();
    }
    return Optional.of(value);
  }

  private Optional<DataType> dataType(long id, JsonNode locator) {
    String name = text(locator, "data-type");
    if (name.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(DataType.valueOf(name.toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException e) {
      refuse(id, "data-type \"" + name + "\" is not an AWS DMS data type");
      return Optional.empty();
    }
  }

  private JsonNode locator(long id, JsonNode rule) {
    JsonNode locator = rule.path("object-locator");
    if (!locator.isObject()) {
      refuse(id, "object locator cannot be null");
    }
    return locator;
  }

  private NamePattern required(long id, JsonNode locator, String key, boolean exact) {
    String name = text(locator, key);
    if (name.isEmpty() && locator.isObject()) {
      refuse(id, key + " of the object locator cannot be null");
    }
    return exact ? NamePattern.exactly(name) : NamePattern.of(name);
  }

  /**
   * A key's text; numbers as their text; null and absent as empty, because console exports are full
   * of nulls.
   */
  private static String text(JsonNode node, String key) {
    JsonNode value = node.path(key);
    return value.isValueNode() && !value.isNull() ? value.asString() : "";
  }

  private void refuse(long id, String reason) {
    problems.add("Rule with ruleId = " + id + " failed validation. " + reason + ".");
  }
}
