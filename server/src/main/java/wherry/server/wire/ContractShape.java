package wherry.server.wire;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** A shape of the service's contract; members and items name other shapes. */
sealed interface ContractShape {

  /** Its values must not be repeated in messages. */
  boolean sensitive();

  record Structure(Set<String> required, Map<String, String> members) implements ContractShape {
    @Override
    public boolean sensitive() {
      return false;
    }
  }

  /** A list; {@code itemName} is the element around each item in XML. */
  record Items(String item, String itemName, int minimumLength, boolean sensitive)
      implements ContractShape {}

  /** Text; {@code allowed} is empty where every value is. */
  record Text(Set<String> allowed, int maximumLength, boolean sensitive) implements ContractShape {}

  record Scalar(Kind kind) implements ContractShape {
    @Override
    public boolean sensitive() {
      return false;
    }
  }

  enum Kind {
    BOOLEAN,
    INTEGER,
    LONG,
    DOUBLE,
    TIMESTAMP,
    BLOB
  }

  static ContractShape parse(JsonNode json) {
    boolean sensitive = json.path("sensitive").asBoolean(false);
    String type = json.path("type").asString();
    return switch (type) {
      case "structure" ->
          new Structure(Set.copyOf(strings(json.path("required"))), members(json.path("members")));
      case "list" ->
          new Items(
              json.path("member").path("shape").asString(),
              json.path("member").path("locationName").asString("member"),
              json.path("min").asInt(0),
              sensitive);
      case "string" ->
          new Text(
              new LinkedHashSet<>(strings(json.path("enum"))),
              json.path("max").asInt(Integer.MAX_VALUE),
              sensitive);
      case "boolean", "integer", "long", "double", "timestamp", "blob" ->
          new Scalar(Kind.valueOf(type.toUpperCase(Locale.ROOT)));
      default ->
          throw new IllegalStateException("The contract has a shape of unknown type " + type);
    };
  }

  private static Map<String, String> members(JsonNode json) {
    Map<String, String> members = new LinkedHashMap<>();
    json.forEachEntry((name, target) ->
        members.put(name, target.isObject() ? target.path("shape").asString() : target.asString()));
    return members;
  }

  private static List<String> strings(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }
}
