package wherry.task;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import wherry.error.DmsException;

/**
 * The task settings as JSON ("Specifying task settings for AWS DMS tasks"): whatever the user gives
 * is merged, key by key, over what is there, and the full document comes back in one fixed order,
 * so that a second identical Modify changes nothing. Unknown keys are dropped, as AWS does. Every
 * setting of wrong type, value or range is reported at once.
 */
public final class SettingsDocument {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final ObjectNode DEFAULTS = readDefaults();

  /** Our own settings; the group is returned only to who has given it. */
  static final String OWN_GROUP = "WherrySettings";

  private static final ObjectNode OWN_DEFAULTS =
      JSON.createObjectNode().put("CreateIndexesAfterFullLoad", false);

  private static final Map<String, Set<String>> CHOICES =
      Map.ofEntries(
          Map.entry(
              "TargetTablePrepMode",
              Set.of("DO_NOTHING", "DROP_AND_CREATE", "TRUNCATE_BEFORE_LOAD")),
          Map.entry("DataErrorPolicy", recordPolicies()),
          Map.entry("DataTruncationErrorPolicy", recordPolicies()),
          Map.entry("DataErrorEscalationPolicy", Set.of("SUSPEND_TABLE", "STOP_TASK")),
          Map.entry("EventErrorPolicy", Set.of("IGNORE", "STOP_TASK")),
          Map.entry("TableErrorPolicy", Set.of("SUSPEND_TABLE", "STOP_TASK")),
          Map.entry("TableErrorEscalationPolicy", Set.of("STOP_TASK")),
          Map.entry("ApplyErrorDeletePolicy", recordPolicies()),
          Map.entry("ApplyErrorInsertPolicy", with(recordPolicies(), "INSERT_RECORD")),
          Map.entry("ApplyErrorUpdatePolicy", with(recordPolicies(), "UPDATE_RECORD")),
          Map.entry(
              "ApplyErrorEscalationPolicy", Set.of("LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK")),
          Map.entry("DataMaskingErrorPolicy", recordPolicies()),
          Map.entry("ValidationMode", Set.of("ROW_LEVEL", "GROUP_LEVEL")),
          Map.entry(
              "Severity",
              Set.of(
                  "LOGGER_SEVERITY_ERROR",
                  "LOGGER_SEVERITY_WARNING",
                  "LOGGER_SEVERITY_INFO",
                  "LOGGER_SEVERITY_DEFAULT",
                  "LOGGER_SEVERITY_DEBUG",
                  "LOGGER_SEVERITY_DETAILED_DEBUG")));

  /** Inclusive bounds; a number that is not named here may be anything from 0. */
  private record Range(long min, long max) {}

  private static final Range ANY_COUNT = new Range(0, Integer.MAX_VALUE);
  private static final Map<String, Range> RANGES =
      Map.ofEntries(
          Map.entry("MaxFullLoadSubTasks", new Range(1, 49)),
          Map.entry("CommitRate", new Range(1, 50_000)),
          Map.entry("LobMaxSize", new Range(0, 102_400)),
          Map.entry("InlineLobMaxSize", new Range(0, 102_400)),
          Map.entry("LoadMaxFileSize", new Range(0, 100_000)),
          Map.entry("ParallelLoadThreads", new Range(0, 200)),
          Map.entry("ParallelLoadBufferSize", new Range(0, 1000)),
          Map.entry("ParallelLoadQueuesPerThread", new Range(0, 512)),
          Map.entry("ParallelApplyThreads", new Range(0, 32)),
          Map.entry("ParallelApplyBufferSize", new Range(0, 1000)),
          Map.entry("ParallelApplyQueuesPerThread", new Range(0, 512)),
          Map.entry("CtrlStreamBufferSizeInMB", new Range(1, 8)),
          Map.entry("StatementCacheSize", new Range(0, 200)),
          Map.entry("RecoverableErrorCount", new Range(-1, Integer.MAX_VALUE)),
          Map.entry("RecoveryTimeout", new Range(-1, Integer.MAX_VALUE)),
          Map.entry("HistoryTimeslotInMinutes", new Range(1, 24 * 60)),
          Map.entry("historyTimeslotInMinutes", new Range(1, 24 * 60)));

  /** No more digits than a long has. */
  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,18}");

  private static final Pattern COMPONENT_ID = Pattern.compile("[A-Z][A-Z_]{0,63}");

  private final List<String> problems = new ArrayList<>();

  private SettingsDocument() {}

  /** The full document of a task whose user has said nothing. */
  public static ObjectNode defaults() {
    return DEFAULTS.deepCopy();
  }

  /**
   * Reads a document that a user has given.
   *
   * @throws SettingsException when it is no JSON object
   */
  public static ObjectNode parse(String json) {
    try {
      if (JSON.readTree(json) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new SettingsException(
          "Invalid task settings document. Invalid json " + e.getOriginalMessage());
    }
    throw new SettingsException("Invalid task settings document. A JSON object is expected.");
  }

  /**
   * Merges what a user gives over what is there.
   *
   * @return the full document in canonical order
   * @throws SettingsException naming every setting that is wrong
   */
  public static ObjectNode merge(ObjectNode current, ObjectNode given) {
    SettingsDocument document = new SettingsDocument();
    ObjectNode merged = document.mergeGroup("", DEFAULTS, current, given);
    document.mergeOwn(merged, current.path(OWN_GROUP), given.path(OWN_GROUP));
    document.checkTogether(merged, given);
    if (!document.problems.isEmpty()) {
      throw new SettingsException("Invalid task settings. " + String.join(" ", document.problems));
    }
    return merged;
  }

  private ObjectNode mergeGroup(
      String path, ObjectNode defaults, JsonNode current, JsonNode given) {
    ObjectNode merged = JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> entry : defaults.properties()) {
      String key = entry.getKey();
      String place = path.isEmpty() ? key : path + "." + key;
      JsonNode before = current.has(key) ? current.get(key) : entry.getValue();
      merged.set(
          key,
          given.has(key)
              ? value(place, key, entry.getValue(), before, given.get(key))
              : before.deepCopy());
    }
    return merged;
  }

  private JsonNode value(
      String place, String key, JsonNode standard, JsonNode before, JsonNode given) {
    if (standard instanceof ObjectNode group) {
      if (given.isNull()) {
        return before.deepCopy();
      }
      if (!given.isObject()) {
        return wrong(place, "a JSON object", given, before);
      }
      return mergeGroup(place, group, before, given);
    }
    if (standard instanceof ArrayNode) {
      return given instanceof ArrayNode list
          ? logComponents(place, (ArrayNode) before, list)
          : wrong(place, "an array", given, before);
    }
    if (standard.isNull()) {
      return optional(place, key, before, given);
    }
    if (given.isNull()) {
      return before.deepCopy();
    }
    if (standard.isBoolean()) {
      return flag(place, before, given);
    }
    if (standard.isNumber()) {
      return number(place, key, before, given);
    }
    return word(place, key, before, given);
  }

  /** What is null until a user gives it: taken as it is, where it has the right shape. */
  private JsonNode optional(String place, String key, JsonNode before, JsonNode given) {
    if (given.isNull() || key.equals("PostProcessingRules")) {
      return given.deepCopy();
    }
    if (key.startsWith("CloudWatch")) {
      return given.isString() ? given : wrong(place, "a string", given, before);
    }
    return given.isObject() ? given.deepCopy() : wrong(place, "a JSON object", given, before);
  }

  private JsonNode flag(String place, JsonNode before, JsonNode given) {
    if (given.isBoolean()) {
      return given;
    }
    return switch (given.asString("")) {
      case "true" -> JSON.getNodeFactory().booleanNode(true);
      case "false" -> JSON.getNodeFactory().booleanNode(false);
      default -> wrong(place, "true or false", given, before);
    };
  }

  private JsonNode number(String place, String key, JsonNode before, JsonNode given) {
    Range range = Objects.requireNonNullElse(RANGES.get(key), ANY_COUNT);
    String digits =
        given.isIntegralNumber()
            ? given.toString()
            : given.isString() ? given.asString().trim() : "";
    if (WHOLE_NUMBER.matcher(digits).matches()) {
      long number = Long.parseLong(digits);
      if (number >= range.min() && number <= range.max()) {
        return JSON.getNodeFactory().numberNode((int) number);
      }
    }
    return wrong(place, "a whole number from " + range.min() + " to " + range.max(), given, before);
  }

  private JsonNode word(String place, String key, JsonNode before, JsonNode given) {
    if (!given.isString()) {
      return wrong(place, "a string", given, before);
    }
    Set<String> choices = CHOICES.get(key);
    if (choices != null && !choices.contains(given.asString())) {
      return wrong(place, "one of " + choices.stream().sorted().toList(), given, before);
    }
    return given;
  }

  /** A partial list changes the severities of the components that it names, by Id. */
  private JsonNode logComponents(String place, ArrayNode before, ArrayNode given) {
    ArrayNode merged = before.deepCopy();
    for (JsonNode component : given) {
      String id = component.path("Id").asString("");
      if (!COMPONENT_ID.matcher(id).matches()) {
        wrong(place, "a list of objects, each with an Id such as TARGET_LOAD", component, before);
        continue;
      }
      if (!component.has("Severity")) {
        problems.add(place + "." + id + " needs a Severity.");
        continue;
      }
      ObjectNode kept = component(merged, id);
      kept.set(
          "Severity",
          word(
              place + "." + id + ".Severity",
              "Severity",
              kept.path("Severity"),
              component.path("Severity")));
    }
    return merged;
  }

  private static ObjectNode component(ArrayNode components, String id) {
    for (JsonNode existing : components) {
      if (existing.path("Id").asString("").equals(id)) {
        return (ObjectNode) existing;
      }
    }
    return components.addObject().put("Severity", "LOGGER_SEVERITY_DEFAULT").put("Id", id);
  }

  private void mergeOwn(ObjectNode merged, JsonNode current, JsonNode given) {
    JsonNode before = current.isObject() ? current : OWN_DEFAULTS;
    if (given.isMissingNode() || given.isNull()) {
      if (current.isObject()) {
        merged.set(OWN_GROUP, current.deepCopy());
      }
      return;
    }
    merged.set(OWN_GROUP, value(OWN_GROUP, OWN_GROUP, OWN_DEFAULTS, before, given));
    for (String key :
        given.propertyNames()) { // Unlike AWS's, nobody but us knows these: an unknown one is a
      // typing mistake.
      if (!OWN_DEFAULTS.has(key)) {
        problems.add(
            OWN_GROUP
                + "."
                + key
                + " is unknown; it has "
                + List.copyOf(OWN_DEFAULTS.propertyNames())
                + ".");
      }
    }
  }

  private void checkTogether(ObjectNode merged, ObjectNode given) {
    checkCharacters(merged.path("CharacterSetSettings"));
    checkLobModes((ObjectNode) merged.path("TargetMetadata"), given.path("TargetMetadata"));
    if (merged.path("LoopbackPreventionSettings").path("EnableLoopbackPrevention").asBoolean(false)
        && merged.path("TargetMetadata").path("BatchApplyEnabled").asBoolean(false)) {
      problems.add(
          "LoopbackPreventionSettings: EnableLoopbackPrevention needs TargetMetadata.BatchApplyEnabled to be false.");
    }
    JsonNode logging = merged.path("Logging");
    if (logging.path("EnableLogContext").asBoolean(false)
        && !logging.path("EnableLogging").asBoolean(false)) {
      problems.add("Logging: EnableLogContext needs EnableLogging to be true.");
    }
    ObjectNode control = (ObjectNode) merged.path("ControlTablesSettings");
    String twin =
        given.path("ControlTablesSettings").hasNonNull("historyTimeslotInMinutes")
            ? "historyTimeslotInMinutes"
            : "HistoryTimeslotInMinutes";
    JsonNode minutes = control.path(twin);
    control.set("historyTimeslotInMinutes", minutes);
    control.set("HistoryTimeslotInMinutes", minutes);
    checkValidationOnly(merged, given);
  }

  private void checkCharacters(JsonNode group) {
    try {
      CharacterSettings.of(group);
    } catch (DmsException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
  }

  /** Who asks for one mode leaves the other; who asks for both is told. */
  private void checkLobModes(ObjectNode merged, JsonNode given) {
    if (!merged.path("FullLobMode").asBoolean(false)
        || !merged.path("LimitedSizeLobMode").asBoolean(false)) {
      return;
    }
    if (given.hasNonNull("LimitedSizeLobMode")) {
      problems.add(
          "TargetMetadata: FullLobMode and LimitedSizeLobMode exclude each other; set one of them to false.");
    } else {
      merged.put("LimitedSizeLobMode", false);
    }
  }

  private void checkValidationOnly(ObjectNode merged, ObjectNode given) {
    JsonNode validation = merged.path("ValidationSettings");
    if (!validation.path("ValidationOnly").asBoolean(false)) {
      return;
    }
    if (!validation.path("EnableValidation").asBoolean(false)) {
      problems.add("ValidationSettings: ValidationOnly needs EnableValidation to be true.");
    }
    ObjectNode load = (ObjectNode) merged.path("FullLoadSettings");
    if (!given.path("FullLoadSettings").hasNonNull("TargetTablePrepMode")) {
      load.put("TargetTablePrepMode", "DO_NOTHING");
    } else if (!load.path("TargetTablePrepMode").asString("").equals("DO_NOTHING")) {
      problems.add(
          "FullLoadSettings.TargetTablePrepMode must be DO_NOTHING when ValidationOnly is true.");
    }
  }

  private JsonNode wrong(String place, String expected, JsonNode given, JsonNode before) {
    String shown = given.toString();
    problems.add(
        place
            + " must be "
            + expected
            + ", not "
            + (shown.length() > 80 ? shown.substring(0, 80) + "…" : shown)
            + ".");
    return before.deepCopy();
  }

  private static Set<String> recordPolicies() {
    return Set.of("IGNORE_RECORD", "LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK");
  }

  private static Set<String> with(Set<String> policies, String more) {
    Set<String> all = new java.util.HashSet<>(policies);
    all.add(more);
    return Set.copyOf(all);
  }

  private static ObjectNode readDefaults() {
    try (InputStream resource =
        SettingsDocument.class.getResourceAsStream("task-settings-defaults.json")) {
      return (ObjectNode)
          JSON.readTree(
              Objects.requireNonNull(resource, "task-settings-defaults.json").readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
