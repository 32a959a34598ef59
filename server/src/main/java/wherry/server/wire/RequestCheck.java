package wherry.server.wire;

import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One request's walk through the contract's shapes. A wrong JSON type ends it at once
 * (SerializationException, as AWS's decoder comes before its validator); broken constraints are
 * gathered and reported together.
 */
final class RequestCheck {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** AWS takes these in any spelling and returns what was given; Terraform compares it. */
  private static final Set<String> KEPT_AS_GIVEN =
      Set.of("CompressionTypeValue", "EncryptionModeValue", "DatePartitionDelimiterValue");

  private static final int TOP_LEVEL = 1;

  private final Map<String, ContractShape> shapes;
  private final List<String> violations = new ArrayList<>();

  RequestCheck(Map<String, ContractShape> shapes) {
    this.shapes = shapes;
  }

  ObjectNode check(String shape, ObjectNode request) {
    JsonNode checked = value(shape, request, "", 0);
    if (!violations.isEmpty()) {
      int count = violations.size();
      throw Fault.validation(
          count
              + " validation error"
              + (count == 1 ? "" : "s")
              + " detected: "
              + String.join("; ", violations));
    }
    return (ObjectNode) checked;
  }

  private JsonNode value(String shapeName, JsonNode value, String path, int depth) {
    ContractShape shape = shapes.get(shapeName);
    if (shape == null) {
      throw new IllegalStateException(
          "The contract names a shape that it does not define: " + shapeName);
    }
    return switch (shape) {
      case ContractShape.Structure structure -> structure(structure, value, path, depth);
      case ContractShape.Items items -> items(items, value, path, depth);
      case ContractShape.Text text -> text(shapeName, text, value, path, depth);
      case ContractShape.Scalar scalar -> scalar(scalar.kind(), value, path);
    };
  }

  private JsonNode structure(
      ContractShape.Structure structure, JsonNode value, String path, int depth) {
    if (!value.isObject()) {
      throw wrongType(value, "a structure", path);
    }
    ObjectNode checked = NODES.objectNode();
    structure
        .members()
        .forEach((name, shape) -> {
          JsonNode member = value.get(name);
          String memberPath = path.isEmpty() ? lowerFirst(name) : path + "." + lowerFirst(name);
          if (member != null && !member.isNull()) {
            checked.set(name, value(shape, member, memberPath, depth + 1));
          } else if (structure.required().contains(name)) {
            violations.add(
                "Value null at '"
                    + memberPath
                    + "' failed to satisfy constraint: Member must not be null");
          }
        });
    return checked;
  }

  private JsonNode items(ContractShape.Items items, JsonNode value, String path, int depth) {
    if (!value.isArray()) {
      throw wrongType(value, "a list", path);
    }
    ArrayNode checked = NODES.arrayNode(value.size());
    int position = 0;
    for (JsonNode item : value) {
      position++;
      String itemPath = path + "." + position + ".member";
      if (item.isNull()) {
        violations.add(
            "Value null at '"
                + itemPath
                + "' failed to satisfy constraint: Member must not be null");
      } else {
        checked.add(value(items.item(), item, itemPath, depth));
      }
    }
    if (value.size() < items.minimumLength()) {
      broken(
          value,
          items,
          path,
          "Member must have length greater than or equal to " + items.minimumLength());
    }
    return checked;
  }

  private JsonNode text(
      String shapeName, ContractShape.Text text, JsonNode value, String path, int depth) {
    if (!value.isString()) {
      throw wrongType(value, "a String", path);
    }
    String given = value.stringValue();
    if (given.length() > text.maximumLength()) {
      broken(
          value,
          text,
          path,
          "Member must have length less than or equal to " + text.maximumLength());
    }
    if (text.allowed().isEmpty() || text.allowed().contains(given)) {
      return value;
    }
    Optional<String> meant =
        depth > TOP_LEVEL ? otherSpelling(text.allowed(), given) : Optional.empty();
    if (meant.isEmpty()) {
      broken(
          value,
          text,
          path,
          "Member must satisfy enum value set: [" + String.join(", ", text.allowed()) + "]");
      return value;
    }
    return KEPT_AS_GIVEN.contains(shapeName) ? value : NODES.stringNode(meant.get());
  }

  /** AWS matches enums of nested settings without regard to case, and {@code _} is {@code -}. */
  private static Optional<String> otherSpelling(Set<String> allowed, String given) {
    String key = enumKey(given);
    return allowed.stream().filter(value -> enumKey(value).equals(key)).findFirst();
  }

  private static String enumKey(String value) {
    return value.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static JsonNode scalar(ContractShape.Kind kind, JsonNode value, String path) {
    boolean fits =
        switch (kind) {
          case BOOLEAN -> value.isBoolean();
          case INTEGER -> value.isIntegralNumber() && value.canConvertToInt();
          case LONG -> value.isIntegralNumber() && value.canConvertToLong();
          case DOUBLE -> value.isNumber() && Double.isFinite(value.decimalValue().doubleValue());
          case TIMESTAMP -> (value.isNumber() || value.isString()) && isTimestamp(value);
          case BLOB -> value.isString() && isBase64(value.stringValue());
        };
    if (!fits) {
      throw wrongType(value, name(kind), path);
    }
    return value;
  }

  private static String name(ContractShape.Kind kind) {
    return switch (kind) {
      case BOOLEAN -> "a Boolean";
      case INTEGER -> "an Integer";
      case LONG -> "a Long";
      case DOUBLE -> "a Double";
      case TIMESTAMP -> "a Timestamp (epoch seconds or ISO 8601)";
      case BLOB -> "a Blob (base64)";
    };
  }

  private static boolean isTimestamp(JsonNode value) {
    try {
      Timestamps.parse(value);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static boolean isBase64(String text) {
    try {
      Base64.getDecoder().decode(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Fault wrongType(JsonNode value, String expected, String path) {
    String found =
        switch (value.getNodeType()) {
          case STRING -> "STRING_VALUE";
          case NUMBER -> value.isIntegralNumber() ? "NUMBER_VALUE" : "DECIMAL_VALUE";
          case BOOLEAN -> value.booleanValue() ? "TRUE_VALUE" : "FALSE_VALUE";
          case ARRAY -> "START_ARRAY";
          case OBJECT, POJO -> "START_OBJECT";
          case NULL, MISSING -> "NULL_VALUE";
          case BINARY -> "BINARY_VALUE";
        };
    return Fault.serialization(
        found + " can not be converted to " + expected + " at '" + path + "'");
  }

  private void broken(JsonNode value, ContractShape shape, String path, String constraint) {
    String shown = shape.sensitive() ? "" : " '" + Printable.shortened(plain(value)) + "'";
    violations.add(
        "Value" + shown + " at '" + path + "' failed to satisfy constraint: " + constraint);
  }

  private static String plain(JsonNode value) {
    return value.isString() ? value.stringValue() : value.toString();
  }

  private static String lowerFirst(String name) {
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }
}
