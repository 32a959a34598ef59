package wherry.task;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import wherry.connector.PrepareMode;
import wherry.mapping.MappedTable;
import wherry.mapping.TableSettings;
import wherry.transform.CharacterSubstitution;

/**
 * The task settings that a full load acts on, read from the canonical document of {@link
 * SettingsDocument}.
 *
 * @param targetSchema schema of all tables on the target; empty for the source's
 * @param supportLobs whether LOB columns are moved at all
 * @param lobBytesMax where LOBs are cut; only present when the user has said so with a LobMaxSize
 *     above 0
 * @param characters CharacterSetSettings
 * @param prepareMode what happens to target tables before the load
 * @param keyAfterLoad CreatePkAfterFullLoad
 * @param indexesAfterLoad our opt-in: secondary indexes after each table's load
 * @param subTasksMax segments that load at the same time, 1 to 49
 * @param commitRate rows at most that go to the target together, 1 to 50,000
 * @param controlSchema where control tables are; empty for the engine's default
 * @param failOnNoTables whether a selection that matches nothing fails the task
 * @param errors the error policies
 * @param changes what the processing of changes acts on
 * @param logging whether a task log is kept
 * @param severities per component, as LOGGER_SEVERITY_…
 */
public record TaskSettings(
    String targetSchema,
    boolean supportLobs,
    OptionalInt lobBytesMax,
    CharacterSubstitution characters,
    PrepareMode prepareMode,
    boolean keyAfterLoad,
    boolean indexesAfterLoad,
    int subTasksMax,
    int commitRate,
    String controlSchema,
    boolean failOnNoTables,
    ErrorBehavior errors,
    ChangeSettings changes,
    boolean logging,
    Map<String, String> severities) {

  /** Where LOBs of the table are cut: its lob-settings come before the task's. */
  OptionalInt lobBytesMax(MappedTable table) {
    return table.settings().lobs().map(TableSettings.Lobs::bytesMax).orElse(lobBytesMax);
  }

  /** What happens to a record that the target cannot hold. */
  public enum RecordPolicy {
    IGNORE_RECORD,
    LOG_ERROR,
    SUSPEND_TABLE,
    STOP_TASK
  }

  /**
   * @param data for records with bad data
   * @param truncation for records with values too long
   * @param escalation when the count is reached: SUSPEND_TABLE or STOP_TASK
   * @param escalationCount rejected records of a table; 0 for never
   * @param tableStopsTask whether a failed table stops the task
   * @param tableEscalationCount failed tables that stop the task; 0 for never
   * @param recoverableCount attempts after environment errors; -1 for the built-in schedule, 0 for
   *     none
   * @param recoverableIntervalSeconds before the first of them
   * @param recoverableThrottling whether the interval doubles each time
   * @param recoverableIntervalMaxSeconds how far it doubles
   * @param stopAtIntervalMax whether the attempt after the longest interval is the last
   */
  public record ErrorBehavior(
      RecordPolicy data,
      RecordPolicy truncation,
      RecordPolicy escalation,
      int escalationCount,
      boolean tableStopsTask,
      int tableEscalationCount,
      int recoverableCount,
      int recoverableIntervalSeconds,
      boolean recoverableThrottling,
      int recoverableIntervalMaxSeconds,
      boolean stopAtIntervalMax) {

    static ErrorBehavior of(JsonNode group) {
      return new ErrorBehavior(
          RecordPolicy.valueOf(group.path("DataErrorPolicy").asString()),
          RecordPolicy.valueOf(group.path("DataTruncationErrorPolicy").asString()),
          RecordPolicy.valueOf(group.path("DataErrorEscalationPolicy").asString()),
          group.path("DataErrorEscalationCount").asInt(),
          group.path("TableErrorPolicy").asString().equals("STOP_TASK"),
          group.path("TableErrorEscalationCount").asInt(),
          group.path("RecoverableErrorCount").asInt(),
          group.path("RecoverableErrorInterval").asInt(),
          group.path("RecoverableErrorThrottling").asBoolean(),
          group.path("RecoverableErrorThrottlingMax").asInt(),
          group.path("RecoverableErrorStopRetryAfterThrottlingMax").asBoolean());
    }
  }

  /**
   * @param document canonical
   * @param given what users have given so far, all of it merged: LOBs are only cut where LobMaxSize
   *     is among it
   */
  public static TaskSettings of(ObjectNode document, ObjectNode given) {
    JsonNode target = document.path("TargetMetadata");
    JsonNode load = document.path("FullLoadSettings");
    JsonNode logging = document.path("Logging");
    int lobKilobytesMax = target.path("LobMaxSize").asInt();
    boolean cut =
        target.path("LimitedSizeLobMode").asBoolean()
            && given.path("TargetMetadata").hasNonNull("LobMaxSize")
            && lobKilobytesMax > 0;
    Map<String, String> severities = new HashMap<>();
    for (JsonNode component : logging.path("LogComponents")) {
      severities.put(component.path("Id").asString(), component.path("Severity").asString());
    }
    return new TaskSettings(
        target.path("TargetSchema").asString(),
        target.path("SupportLobs").asBoolean(),
        cut ? OptionalInt.of(lobKilobytesMax * 1024) : OptionalInt.empty(),
        CharacterSettings.of(document.path("CharacterSetSettings")),
        PrepareMode.valueOf(load.path("TargetTablePrepMode").asString()),
        load.path("CreatePkAfterFullLoad").asBoolean(),
        document
            .path(SettingsDocument.OWN_GROUP)
            .path("CreateIndexesAfterFullLoad")
            .asBoolean(false),
        load.path("MaxFullLoadSubTasks").asInt(),
        load.path("CommitRate").asInt(),
        document.path("ControlTablesSettings").path("ControlSchema").asString(),
        document.path("ErrorBehavior").path("FailOnNoTablesCaptured").asBoolean(),
        ErrorBehavior.of(document.path("ErrorBehavior")),
        ChangeSettings.of(document),
        logging.path("EnableLogging").asBoolean(),
        Map.copyOf(severities));
  }

  /**
   * Settings of the document that ask for something that this version does not do yet, each named
   * with what that means.
   */
  public static List<String> withoutEffect(ObjectNode document, MigrationType type) {
    List<String> names = new ArrayList<>();
    if (document.path("ValidationSettings").path("EnableValidation").asBoolean(false)) {
      names.add(
          "ValidationSettings.EnableValidation: rows are counted, not compared; ValidationState stays Not enabled");
    }
    if (!type.capturesChanges()) {
      for (String flag :
          List.of("StatusTableEnabled", "SuspendedTablesTableEnabled", "HistoryTableEnabled")) {
        if (document.path("ControlTablesSettings").path(flag).asBoolean(false)) {
          names.add(
              "ControlTablesSettings." + flag + ": the table is not written by a full load alone");
        }
      }
    }
    if (document.path("BeforeImageSettings").path("EnableBeforeImage").asBoolean(false)) {
      names.add(
          "BeforeImageSettings.EnableBeforeImage: it shapes messages of Kafka and Kinesis; a table gets before images by a"
              + " transformation rule with rule-action add-before-image-columns");
    }
    if (document.path("TTSettings").path("EnableTT").asBoolean(false)) {
      names.add("TTSettings.EnableTT: no time-travel log is written");
    }
    return names;
  }
}
