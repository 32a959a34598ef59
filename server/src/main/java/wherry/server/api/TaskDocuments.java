package wherry.server.api;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import wherry.expression.sqlite.SqliteEvaluator;
import wherry.mapping.MappingException;
import wherry.mapping.TableMapping;
import wherry.server.wire.Fault;
import wherry.task.MigrationType;
import wherry.task.SettingsDocument;
import wherry.task.SettingsException;

/**
 * The two JSON documents of a task, checked and merged.
 *
 * @param document the canonical settings
 * @param given what users have said so far, without defaults
 */
record TaskDocuments(ObjectNode document, ObjectNode given) {

  /**
   * @throws Fault InvalidParameterValueException with every rule that is wrong
   */
  static void checkMappings(@Nullable String json) {
    try {
      TableMapping.parse(json == null ? "" : json, new SqliteEvaluator());
    } catch (MappingException e) {
      throw Fault.invalidParameterValue(String.valueOf(e.getMessage()));
    }
  }

  static TaskDocuments created(@Nullable String settings) {
    TaskDocuments none =
        new TaskDocuments(SettingsDocument.defaults(), SettingsDocument.parse("{}"));
    return settings == null || settings.isBlank() ? none : none.merged(settings);
  }

  /**
   * @throws Fault InvalidParameterValueException with every setting that is wrong
   */
  TaskDocuments merged(String settings) {
    try {
      ObjectNode more = SettingsDocument.parse(settings);
      refuseLogNames(more);
      ObjectNode all = given.deepCopy();
      deepMerge(all, more);
      all.path("Logging").asObjectOpt().ifPresent(logging -> logging.remove("DeleteTaskLogs"));
      return new TaskDocuments(SettingsDocument.merge(document, more), all);
    } catch (SettingsException e) {
      throw Fault.invalidParameterValue(String.valueOf(e.getMessage()));
    }
  }

  /**
   * The settings, if they fit a type.
   *
   * @throws Fault InvalidParameterValueException naming every setting that does not
   */
  TaskDocuments checkedFor(MigrationType type) {
    List<String> problems = new ArrayList<>();
    if (type.capturesChanges()
        && document
            .path("LoopbackPreventionSettings")
            .path("EnableLoopbackPrevention")
            .asBoolean(false)) {
      problems.add(
          "LoopbackPreventionSettings.EnableLoopbackPrevention is not available in this version of"
              + " Wherry, and without it two tasks in opposite directions would send each change"
              + " around for ever.");
    }
    if (document.path("ValidationSettings").path("ValidationOnly").asBoolean(false)) {
      problems.add(
          type == MigrationType.FULL_LOAD_AND_CDC
              ? "ValidationSettings.ValidationOnly goes with the types full-load and cdc only."
              : "ValidationSettings.ValidationOnly is not available in this version of Wherry, which"
                  + " would move rows where only a comparison is wanted.");
    }
    if (!problems.isEmpty()) {
      throw Fault.invalidParameterValue("Invalid task settings. " + String.join(" ", problems));
    }
    return this;
  }

  /** Whether a Modify asks for the task's logs to be deleted; a command, not a setting. */
  static boolean asksToDeleteLogs(String settings) {
    try {
      return SettingsDocument.parse(settings)
          .path("Logging")
          .path("DeleteTaskLogs")
          .asBoolean(false);
    } catch (SettingsException e) {
      throw Fault.invalidParameterValue(String.valueOf(e.getMessage()));
    }
  }

  /**
   * The names of a log are ours to give; a document that was read from us may come back with them.
   */
  private void refuseLogNames(ObjectNode more) {
    for (String name : new String[] {"CloudWatchLogGroup", "CloudWatchLogStream"}) {
      JsonNode value = more.path("Logging").path(name);
      boolean ours = value.equals(document.path("Logging").path(name));
      if (value.isString() && !value.asString().isEmpty() && !ours) {
        throw Fault.invalidParameterValue(
            "Task Settings CloudWatchLogGroup or CloudWatchLogStream cannot be set on create.");
      }
    }
  }

  /** With EnableLogging the log has names, without it has none. */
  TaskDocuments withLogNames(String instanceIdentifier, String taskResourceId) {
    ObjectNode named = document.deepCopy();
    ObjectNode logging = (ObjectNode) named.path("Logging");
    if (logging.path("EnableLogging").asBoolean(false)) {
      logging.put("CloudWatchLogGroup", "dms-tasks-" + instanceIdentifier);
      logging.put("CloudWatchLogStream", "dms-task-" + taskResourceId);
    } else {
      logging.putNull("CloudWatchLogGroup");
      logging.putNull("CloudWatchLogStream");
    }
    return new TaskDocuments(named, given);
  }

  /** Whether these differ from others in nothing but the severities of log components. */
  boolean differsOnlyInSeverities(TaskDocuments other) {
    return withoutComponents(document).equals(withoutComponents(other.document));
  }

  Map<String, String> severities() {
    Map<String, String> severities = new HashMap<>();
    for (JsonNode component : document.path("Logging").path("LogComponents")) {
      severities.put(component.path("Id").asString(), component.path("Severity").asString());
    }
    return severities;
  }

  private static ObjectNode withoutComponents(ObjectNode document) {
    ObjectNode copy = document.deepCopy();
    copy.path("Logging").asObjectOpt().ifPresent(logging -> logging.remove("LogComponents"));
    return copy;
  }

  private static void deepMerge(ObjectNode into, ObjectNode more) {
    for (Map.Entry<String, JsonNode> entry : more.properties()) {
      Optional<ObjectNode> group = into.path(entry.getKey()).asObjectOpt();
      if (group.isPresent() && entry.getValue() instanceof ObjectNode given) {
        deepMerge(group.get(), given);
      } else {
        into.set(entry.getKey(), entry.getValue().deepCopy());
      }
    }
  }
}
