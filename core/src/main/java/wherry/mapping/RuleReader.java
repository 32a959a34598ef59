package wherry.mapping;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import wherry.schema.DataType;

/**
 * Reads the keys of one rule and notes what is wrong with them, so that all mistakes of a document
 * are told at once.
 */
final class RuleReader {
  /** The id of a rule that has none that can be used. */
  static final long WITHOUT_ID = -1;

  private static final int STRING_LENGTH = 255;
  private static final int NUMERIC_PRECISION = 38;
  private static final int NUMERIC_SCALE = 10;
  private static final int FRACTION_DIGITS = 6;
  private static final int FRACTION_DIGITS_MAX = 9;

  /** Of rules of all types; the console adds the last one. */
  private static final Set<String> KEYS =
      Set.of(
          "rule-type",
          "rule-id",
          "rule-name",
          "rule-action",
          "rule-target",
          "object-locator",
          "load-order",
          "filters",
          "value",
          "old-value",
          "expression",
          "data-type",
          "primary-key-def",
          "before-image-def",
          "parallel-load",
          "lob-settings",
          "source-function",
          "target-function",
          "isAutoSegmentationChecked");

  private final long id;
  private final int place;
  private final JsonNode rule;
  private final List<String> problems;
  private final int problemsBefore;

  /**
   * @param place in the document, from 1
   */
  RuleReader(long id, int place, JsonNode rule, List<String> problems) {
    this.id = id;
    this.place = place;
    this.rule = rule;
    this.problems = problems;
    this.problemsBefore = problems.size();
  }

  long id() {
    return id;
  }

  JsonNode node() {
    return rule;
  }

  /** Keys that no rule has, as a misspelled one; AWS DMS leaves them out without a word. */
  List<String> unknownKeys() {
    return rule.propertyNames().stream()
        .filter(key -> !KEYS.contains(key) && rule.hasNonNull(key))
        .toList();
  }

  /** Whether nothing was wrong so far. */
  boolean isGood() {
    return problems.size() == problemsBefore;
  }

  void refuse(String reason) {
    String rule = id == WITHOUT_ID ? "Rule number " + place : "Rule with ruleId = " + id;
    problems.add(rule + " failed validation. " + reason + ".");
  }

  /**
   * A key's text; numbers as their text; null and absent as empty, because console exports are full
   * of nulls.
   */
  static String text(JsonNode node, String key) {
    JsonNode value = node.path(key);
    return value.isValueNode() && !value.isNull() ? value.asString() : "";
  }

  String text(String key) {
    return text(rule, key);
  }

  /** A value that the action cannot do without. */
  Optional<String> value(String key, String action) {
    String value = text(key);
    if (value.isEmpty()) {
      refuse(key + " is required by rule-action " + action);
      return Optional.empty();
    }
    return Optional.of(value);
  }

  /** The elements of an array, none where it is absent. */
  List<JsonNode> array(JsonNode node, String key) {
    JsonNode array = node.path(key);
    if (!array.isArray() && !array.isMissingNode() && !array.isNull()) {
      refuse(key + " must be an array");
    }
    return array.isArray() ? array.values().stream().toList() : List.of();
  }

  JsonNode locator() {
    JsonNode locator = rule.path("object-locator");
    if (!locator.isObject()) {
      refuse("object locator cannot be null");
    }
    return locator;
  }

  NamePattern name(JsonNode locator, String key, boolean exact) {
    String name = text(locator, key);
    if (name.isEmpty() && locator.isObject()) {
      refuse(key + " of the object locator cannot be null");
    }
    return exact ? NamePattern.exactly(name) : NamePattern.of(name);
  }

  Optional<DataType> dataType(JsonNode node, String key) {
    String name = text(node, key);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(DataType.valueOf(name.toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException e) {
      if (Set.of("set", "list", "map", "tuple").contains(name.toLowerCase(Locale.ROOT))) {
        refuse("data-type \"" + name + "\" exists for document targets only");
      } else {
        refuse(
            "data-type \""
                + name
                + "\" is not an AWS DMS data type, which are "
                + DataType.names());
      }
      return Optional.empty();
    }
  }

  /** {@code "data-type": {"type": …, "precision": …, "scale": …, "length": …}}. */
  Optional<TypeDefinition> typeDefinition(String action) {
    JsonNode node = rule.path("data-type");
    if (!node.isObject() || text(node, "type").isEmpty()) {
      refuse("data-type with a type is required by rule-action " + action);
      return Optional.empty();
    }
    return dataType(node, "type")
        .map(type ->
            switch (type) {
              case STRING, WSTRING ->
                  new TypeDefinition(type, size(node, "length", 1, STRING_LENGTH), 0, 0);
              case BYTES -> new TypeDefinition(type, size(node, "length", 1, 0), 0, 0);
              case NUMERIC -> numeric(node);
              case TIME, DATETIME -> new TypeDefinition(type, 0, 0, fraction(node));
              case BOOLEAN,
                  INT1,
                  INT2,
                  INT4,
                  INT8,
                  UINT1,
                  UINT2,
                  UINT4,
                  UINT8,
                  REAL4,
                  REAL8,
                  DATE,
                  BLOB,
                  CLOB,
                  NCLOB ->
                  new TypeDefinition(type, 0, 0, 0);
            });
  }

  private TypeDefinition numeric(JsonNode node) {
    int precision = size(node, "precision", 1, NUMERIC_PRECISION);
    int scale = size(node, "scale", 0, Math.min(NUMERIC_SCALE, precision));
    if (scale > precision) {
      refuse("scale " + scale + " of the data-type is above its precision " + precision);
    }
    return new TypeDefinition(DataType.NUMERIC, 0, precision, scale);
  }

  /** The guide writes the digits of a datetime's second as precision. */
  private int fraction(JsonNode node) {
    String key = text(node, "scale").isEmpty() ? "precision" : "scale";
    int digits = size(node, key, 0, FRACTION_DIGITS);
    if (digits > FRACTION_DIGITS_MAX) {
      refuse(key + " of the data-type must be a number from 0 to 9, not \"" + digits + "\"");
    }
    return digits;
  }

  private int size(JsonNode node, String key, int least, int otherwise) {
    String text = text(node, key);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int size = Integer.parseInt(text.trim());
      if (size >= least) {
        return size;
      }
    } catch (NumberFormatException e) {
      // Told below, as a number that is too small is.
    }
    refuse(key + " of the data-type must be a number from " + least + ", not \"" + text + "\"");
    return otherwise;
  }
}
