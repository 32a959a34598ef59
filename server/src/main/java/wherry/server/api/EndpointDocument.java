package wherry.server.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import software.amazon.awssdk.services.databasemigration.model.Endpoint;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import wherry.connector.EndpointSetting;
import wherry.server.run.ExtraAttributes;
import wherry.server.run.SettingValue;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;

/**
 * An endpoint's settings, each in one place. The API shows them in up to three: top-level fields,
 * the engine's structure and the extra connection attributes. Kept are the connection fields at the
 * top, the structure's other members as they were given, and the attributes' text as it was given;
 * {@link #shape} shows the union at all places. What structure and attributes both name is made to
 * agree: the structure wins within one request, and a later request over an earlier one.
 *
 * @param json wire JSON without secrets
 * @param secrets by name; never shown
 */
record EndpointDocument(ObjectNode json, Map<String, String> secrets) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String ATTRIBUTES = "ExtraConnectionAttributes";
  private static final String PASSWORD = "Password";

  /** Members that are at the top and in the structure. */
  private static final List<String> CONNECTION =
      List.of("Username", "ServerName", "Port", "DatabaseName");

  /** Members of requests that are no settings. */
  private static final Set<String> APART =
      Set.of(
          "Tags", "ResourceIdentifier", "ExactSettings", "EndpointArn", "EndpointType", PASSWORD);

  EndpointDocument {
    Map<String, String> anyCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    anyCase.putAll(secrets);
    secrets = anyCase;
  }

  static EndpointDocument empty() {
    return new EndpointDocument(JsonNodeFactory.instance.objectNode(), Map.of());
  }

  static EndpointDocument stored(String wireJson, Map<String, String> secrets) {
    return new EndpointDocument((ObjectNode) JSON.readTree(wireJson), secrets);
  }

  String engine() {
    return json.path("EngineName").asString("");
  }

  private String structure() {
    return EngineCatalog.structure(engine());
  }

  /**
   * With what a request gives; an empty text takes a setting away, an absent member leaves it.
   *
   * @param request CreateEndpoint's or ModifyEndpoint's
   * @param exact whether the request's structure replaces the stored one instead of merging with it
   * @param declared the connector's settings
   * @throws Fault InvalidParameterValueException, naming every setting that is wrong;
   *     InvalidParameterCombinationException for another engine's structure
   */
  EndpointDocument with(ObjectNode request, boolean exact, List<EndpointSetting> declared) {
    EndpointDocument after = new EndpointDocument(json.deepCopy(), secrets);
    after.takeFields(request);
    ObjectNode given = after.givenStructure(request);
    if (exact && request.has(after.structure())) {
      after.json.remove(after.structure());
    }
    after.takeStructure(given);
    after.takeSecretAttributes(declared);
    after.reconcile(request, given);
    after.validate(declared);
    return after;
  }

  private void takeFields(ObjectNode request) {
    String before = structure();
    request.forEachEntry((name, value) -> {
      if (!value.isObject() && !APART.contains(name)) {
        put(json, name, value);
      }
    });
    if (request.has("EndpointType")) {
      json.put("EndpointType", request.path("EndpointType").asString("").toUpperCase(Locale.ROOT));
    }
    if (!before.equals(structure())) {
      json.remove(before);
    }
    takePassword(request);
  }

  private void takePassword(ObjectNode from) {
    if (from.has(PASSWORD)) {
      String password = from.path(PASSWORD).asString("");
      if (password.isEmpty()) {
        secrets.remove(PASSWORD);
      } else {
        secrets.put(PASSWORD, password);
      }
    }
  }

  private static void put(ObjectNode object, String name, JsonNode value) {
    if (value.isString() && value.asString().isEmpty()) {
      object.remove(name);
    } else {
      object.set(name, value);
    }
  }

  private ObjectNode givenStructure(ObjectNode request) {
    request.forEachEntry((name, value) -> {
      if (value.isObject() && !name.equals(structure())) {
        throw Fault.invalidParameterCombination(
            name
                + " cannot be used with engine "
                + engine()
                + ", whose settings are in "
                + structure()
                + ".");
      }
    });
    return request.get(structure()) instanceof ObjectNode given
        ? given
        : JsonNodeFactory.instance.objectNode();
  }

  private void takeStructure(ObjectNode given) {
    ObjectNode kept = json.withObjectProperty(structure());
    given.forEachEntry((name, value) -> {
      if (CONNECTION.contains(name)) {
        put(json, name, value);
      } else if (!name.equals(PASSWORD)) {
        put(kept, name, value);
      }
    });
    takePassword(given);
    if (kept.isEmpty()) {
      json.remove(structure());
    }
  }

  private ExtraAttributes attributes() {
    return new ExtraAttributes(json.path(ATTRIBUTES).asString(""));
  }

  private void keep(ExtraAttributes attributes) {
    put(json, ATTRIBUTES, JsonNodeFactory.instance.stringNode(attributes.text()));
  }

  private void takeSecretAttributes(List<EndpointSetting> declared) {
    attributes().attributes().stream()
        .filter(attribute -> isSecret(declared, attribute.name()))
        .forEach(attribute -> secrets.put(attribute.name(), attribute.value()));
    keep(attributes().without(name -> isSecret(declared, name)));
  }

  private static boolean isSecret(List<EndpointSetting> declared, String name) {
    return name.toLowerCase(Locale.ROOT).endsWith("password")
        || SettingValue.declared(declared, name).map(EndpointSetting::sensitive).orElse(false);
  }

  /** Makes the attributes and the other places agree. */
  private void reconcile(ObjectNode request, ObjectNode given) {
    boolean attributesAreNew = request.has(ATTRIBUTES);
    if (attributesAreNew) {
      for (ExtraAttributes.Attribute attribute : attributes().attributes()) {
        if (named(given, attribute.name()).isEmpty()
            && named(request, attribute.name()).isEmpty()) {
          overrideBy(attribute);
        }
      }
    }
    keep(attributes().with(this::asElsewhere));
  }

  /** An attribute that is newer than what the structure or the top says. */
  private void overrideBy(ExtraAttributes.Attribute attribute) {
    if (json.get(structure()) instanceof ObjectNode kept) {
      named(kept, attribute.name()).forEach(kept::remove);
      if (kept.isEmpty()) {
        json.remove(structure());
      }
    }
    CONNECTION.stream()
        .filter(attribute.name()::equalsIgnoreCase)
        .forEach(name -> put(json, name, connectionField(name, attribute.value())));
  }

  private static JsonNode connectionField(String name, String value) {
    return name.equals("Port") && value.matches("\\d{1,5}")
        ? JsonNodeFactory.instance.numberNode(Integer.parseInt(value))
        : JsonNodeFactory.instance.stringNode(value);
  }

  private ExtraAttributes.Attribute asElsewhere(ExtraAttributes.Attribute attribute) {
    JsonNode kept = json.path(structure());
    for (String name : named(kept, attribute.name())) {
      return agreed(attribute, kept.path(name));
    }
    for (String name : CONNECTION) {
      if (name.equalsIgnoreCase(attribute.name()) && json.has(name)) {
        return agreed(attribute, json.path(name));
      }
    }
    return attribute;
  }

  private static ExtraAttributes.Attribute agreed(
      ExtraAttributes.Attribute attribute, JsonNode value) {
    return value.asString().equalsIgnoreCase(attribute.value())
        ? attribute
        : new ExtraAttributes.Attribute(attribute.name(), value.asString());
  }

  /** The object's member of this name, compared without case; at most one. */
  private static Set<String> named(JsonNode object, String name) {
    Set<String> found = new TreeSet<>();
    object.forEachEntry((member, value) -> {
      if (member.equalsIgnoreCase(name)) {
        found.add(member);
      }
    });
    return found;
  }

  private void validate(List<EndpointSetting> declared) {
    List<String> wrong = new ArrayList<>();
    if (json.path(structure()).has("SecretsManagerSecretId")) {
      wrong.add(
          "SecretsManagerSecretId: there is no Secrets Manager here, give Username and Password instead");
    }
    Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    attributes().attributes().forEach(attribute -> values.put(attribute.name(), attribute.value()));
    json.path(structure()).forEachEntry((name, value) -> values.put(name, value.asString()));
    CONNECTION.stream()
        .filter(json::has)
        .forEach(name -> values.put(name, json.path(name).asString()));
    values.forEach((name, value) ->
        SettingValue.declared(declared, name)
            .ifPresent(setting -> {
              try {
                SettingValue.canonical(setting, value);
              } catch (IllegalArgumentException e) {
                wrong.add(String.valueOf(e.getMessage()));
              }
            }));
    if (!wrong.isEmpty()) {
      throw Fault.invalidParameterValue(
          "The endpoint settings are not valid: " + String.join("; ", wrong) + ".");
    }
  }

  /** The endpoint as the API shows it, every setting at all its places. */
  Endpoint shape(List<EndpointSetting> declared) {
    ObjectNode shown = json.deepCopy();
    ObjectNode structure = shown.withObjectProperty(structure());
    for (ExtraAttributes.Attribute attribute : attributes().attributes()) {
      SettingValue.declared(declared, attribute.name())
          .filter(setting -> !structure.has(setting.name()))
          .ifPresent(setting ->
              structure.set(setting.name(), SettingValue.canonical(setting, attribute.value())));
    }
    CONNECTION.stream().filter(json::has).forEach(name -> structure.set(name, json.path(name)));
    if (structure.isEmpty()) {
      shown.remove(structure());
    }
    return Shapes.fromJson(shown, Endpoint.class);
  }

  /** Without values: some are secrets. */
  @Override
  public String toString() {
    return "EndpointDocument[" + engine() + "]";
  }
}
