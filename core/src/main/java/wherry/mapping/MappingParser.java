package wherry.mapping;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import wherry.expression.ExpressionEvaluator;

/**
 * Reads a table-mapping document; every mistake of every rule is reported together, in AWS DMS's
 * words.
 */
final class MappingParser {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** "The maximum size of a table-mapping document is 2 MB of JSON" (AWS DMS guide). */
  private static final int CHARACTERS_MAX = 2 << 20;

  private final ExpressionEvaluator evaluator;
  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final Map<Long, Integer> placeOfId = new HashMap<>();
  private final List<SelectionRule> selections = new ArrayList<>();
  private final List<TransformationRule> transformations = new ArrayList<>();
  private final List<TableSettingsRule> tableSettings = new ArrayList<>();

  private MappingParser(ExpressionEvaluator evaluator) {
    this.evaluator = evaluator;
  }

  static TableMapping parse(String document, ExpressionEvaluator evaluator) {
    if (document.length() > CHARACTERS_MAX) {
      throw new MappingException(
          "Invalid Table Mappings document. It has "
              + document.length()
              + " characters; at most "
              + CHARACTERS_MAX
              + " are accepted. Replace rules for single tables by patterns.");
    }
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
    return new MappingParser(evaluator).rules(root.path("rules"));
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
      throw new MappingException("Error in mapping rules.", problems);
    }
    return new TableMapping(selections, transformations, tableSettings, warnings, evaluator);
  }

  private void rule(JsonNode node, int place) {
    if (!node.isObject()) {
      problems.add("Rule number " + place + " is not a JSON object.");
      return;
    }
    RuleReader rule = new RuleReader(ruleId(node, place), place, node, problems);
    long id = rule.id();
    for (String key : rule.unknownKeys()) {
      warnings.add("Rule " + id + ": key " + key + " is unknown and has no effect");
    }
    String type = rule.text("rule-type");
    switch (type) {
      case "selection" -> {
        new SelectionParser(rule).parse().ifPresent(selections::add);
        warnOfLiteralPercent(rule);
      }
      case "transformation" -> transformation(rule);
      case "table-settings" ->
          new TableSettingsParser(rule, warnings).parse().ifPresent(tableSettings::add);
      case "validation" ->
          warnings.add("Rule " + id + " has no effect: rows are counted, not validated");
      case "object-mapping" ->
          rule.refuse(
              "rule-type object-mapping shapes messages and documents for Kafka, Kinesis and DynamoDB"
                  + " targets, and the target here has tables; remove the rule");
      case "post-processing" ->
          rule.refuse(
              "rule-type post-processing puts tags on objects of Amazon S3 targets, and the target here"
                  + " has tables; remove the rule");
      case "" -> rule.refuse("rule-type cannot be null");
      default ->
          rule.refuse(
              "rule-type \""
                  + type
                  + "\" is unknown; selection, transformation or table-settings is expected");
    }
  }

  private void warnOfLiteralPercent(RuleReader rule) {
    JsonNode locator = rule.node().path("object-locator");
    String names = RuleReader.text(locator, "schema-name") + RuleReader.text(locator, "table-name");
    if (rule.text("rule-action").equals("explicit") && names.contains("%")) {
      warnings.add(
          "Rule "
              + rule.id()
              + ": rule-action explicit takes % as part of the name; include takes it as a wildcard");
    }
  }

  private void transformation(RuleReader rule) {
    TransformationParser parser = new TransformationParser(rule, evaluator);
    if (parser.isOfTablespace()) {
      warnings.add(
          "Rule "
              + rule.id()
              + " has no effect: "
              + rule.text("rule-target")
              + " applies to Oracle targets only");
    } else {
      parser.parse().ifPresent(transformations::add);
      if (rule.text("value").contains("${")) {
        warnings.add(
            "Rule "
                + rule.id()
                + ": ${…} in its value is no placeholder and stands there as it is; a name can be"
                + " computed by a rename with an expression");
      }
    }
  }

  /** {@link RuleReader#WITHOUT_ID} when it cannot be used, which is noted. */
  private long ruleId(JsonNode rule, int place) {
    String text = RuleReader.text(rule, "rule-id");
    try {
      long id = Long.parseLong(text.trim());
      Integer earlier = placeOfId.putIfAbsent(id, place);
      if (earlier != null) {
        new RuleReader(id, place, rule, problems)
            .refuse(
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
    return RuleReader.WITHOUT_ID;
  }
}
