package wherry.server.run;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import wherry.connector.ObjectSelection;
import wherry.expression.sqlite.SqliteEvaluator;
import wherry.mapping.MappingException;
import wherry.mapping.TableMapping;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * The SelectionRules of a data migration: selection rules of a table mapping, without filters, and
 * {@code "grants": false} where the rights of other users are not to be carried.
 */
public final class SelectionRules {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String EVERYTHING =
      """
      {"rules":[{"rule-type":"selection","rule-id":"1","rule-name":"all","rule-action":"include",
        "object-locator":{"schema-name":"%","table-name":"%"}}]}\
      """;

  private final ObjectNode document;
  private final TableMapping mapping;

  private SelectionRules(ObjectNode document) {
    this.document = document;
    this.mapping = TableMapping.parse(document.toString(), new SqliteEvaluator());
  }

  /**
   * @param json empty for every table
   * @throws IllegalArgumentException naming every rule that cannot be used, and why
   */
  public static SelectionRules parse(String json) {
    JsonNode given;
    try {
      given = JSON.readTree(json.isBlank() ? EVERYTHING : json);
    } catch (JacksonException e) {
      // The message would quote the rules, which are kept as secrets are.
      throw new IllegalArgumentException("SelectionRules are no JSON.", e);
    }
    if (!(given instanceof ObjectNode document)) {
      throw new IllegalArgumentException("SelectionRules must be a JSON object with rules.");
    }
    List<String> problems = new ArrayList<>();
    for (JsonNode rule : document.path("rules")) {
      String id = rule.path("rule-id").asString("");
      if (!rule.path("rule-type").asString("").equals("selection")) {
        problems.add("rule " + id + " is no selection rule; data migrations have no others.");
      }
      if (!rule.path("filters").isEmpty()) {
        problems.add("rule " + id + " has filters; a data migration moves whole tables.");
      }
    }
    if (!document.path("grants").isMissingNode() && !document.path("grants").isBoolean()) {
      problems.add("grants must be true or false.");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("Invalid SelectionRules: " + String.join(" ", problems));
    }
    try {
      return new SelectionRules(document);
    } catch (MappingException e) {
      throw new IllegalArgumentException("Invalid SelectionRules. " + e.getMessage(), e);
    }
  }

  boolean grants() {
    return document.path("grants").asBoolean(true);
  }

  /** The tables as the rules name them. */
  TableMapping mapping() {
    return mapping;
  }

  /**
   * The same, without some tables and columns.
   *
   * @param columns by table
   */
  TableMapping without(Collection<TableId> tables, Map<TableId, Set<String>> columns) {
    ObjectNode copy = document.deepCopy();
    ArrayNode rules = copy.withArray("rules");
    long id = 0;
    for (JsonNode rule : rules) {
      id = Math.max(id, rule.path("rule-id").asLong(0));
    }
    for (TableId table : tables) {
      rule(rules, ++id, "selection", table).put("rule-action", "exclude");
    }
    for (Map.Entry<TableId, Set<String>> table : columns.entrySet()) {
      for (String column : table.getValue()) {
        ObjectNode rule = rule(rules, ++id, "transformation", table.getKey());
        rule.put("rule-target", "column").put("rule-action", "remove-column");
        rule.withObjectProperty("object-locator").put("column-name", literal(column));
      }
    }
    return TableMapping.parse(copy.toString(), new SqliteEvaluator());
  }

  private static ObjectNode rule(ArrayNode rules, long id, String type, TableId table) {
    ObjectNode rule = rules.addObject();
    rule.put("rule-type", type).put("rule-id", id).put("rule-name", "left-" + id);
    rule.putObject("object-locator")
        .put("schema-name", literal(table.schema()))
        .put("table-name", literal(table.name()));
    return rule;
  }

  /** A wildcard in brackets is the character itself. */
  private static String literal(String name) {
    return name.replaceAll("[%_\\[]", "[$0]");
  }

  /**
   * @param ignoreCase whether names that differ in case only are the same on the source
   */
  ObjectSelection objects(boolean ignoreCase) {
    return new ObjectSelection() {
      @Override
      public boolean takesSchema(String name) {
        return mapping.selectsSchema(name, ignoreCase);
      }

      @Override
      public boolean takesTable(TableId table) {
        return mapping.selects(table, TableSchema.Kind.TABLE, ignoreCase);
      }
    };
  }
}
