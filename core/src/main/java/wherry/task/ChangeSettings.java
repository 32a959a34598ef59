package wherry.task;

import java.util.EnumSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import wherry.connector.Target.ControlTable;

/**
 * The task settings that the processing of changes acts on, read from the canonical document.
 *
 * @param batch BatchApplyEnabled: windows are closed by the batch settings, not by transactions
 * @param batchSecondsMin BatchApplyTimeoutMin
 * @param batchSecondsMax BatchApplyTimeoutMax
 * @param batchBytesMax BatchApplyMemoryLimit
 * @param batchChangesMax BatchSplitSize; 0 for no limit
 * @param transactionChangesMin MinTransactionSize
 * @param commitTimeoutSeconds CommitTimeout
 * @param statementCacheSize StatementCacheSize
 * @param bufferBytes StreamBufferCount × StreamBufferSizeInMB: what waits between capture and apply
 * @param dropTables HandleSourceTableDropped
 * @param truncateTables HandleSourceTableTruncated
 * @param alterTables HandleSourceTableAltered
 * @param failOnTruncate ApplyErrorFailOnTruncationDdl
 * @param ignoreConflictsAfterLoad FullLoadIgnoreConflicts
 * @param stopBeforeCached StopTaskCachedChangesNotApplied
 * @param stopAfterCached StopTaskCachedChangesApplied
 * @param controlTables the optional control tables that are wanted
 * @param historyMinutes HistoryTimeslotInMinutes
 * @param errors what happens to a change that the target does not take
 */
public record ChangeSettings(
    boolean batch,
    int batchSecondsMin,
    int batchSecondsMax,
    long batchBytesMax,
    int batchChangesMax,
    int transactionChangesMin,
    int commitTimeoutSeconds,
    int statementCacheSize,
    long bufferBytes,
    boolean dropTables,
    boolean truncateTables,
    boolean alterTables,
    boolean failOnTruncate,
    boolean ignoreConflictsAfterLoad,
    boolean stopBeforeCached,
    boolean stopAfterCached,
    Set<ControlTable> controlTables,
    int historyMinutes,
    ApplyErrors errors) {

  /** What happens to a change that conflicts with the row on the target, or with its absence. */
  public enum ApplyPolicy {
    IGNORE_RECORD,
    LOG_ERROR,
    SUSPEND_TABLE,
    STOP_TASK,
    /** The row that is there is replaced. */
    INSERT_RECORD,
    /** The row that is missing is inserted as it is now. */
    UPDATE_RECORD
  }

  /**
   * @param escalation when the count is reached
   * @param escalationCount changes of a table that were not applied; 0 for never
   */
  public record ApplyErrors(
      ApplyPolicy delete,
      ApplyPolicy insert,
      ApplyPolicy update,
      ApplyPolicy escalation,
      int escalationCount) {}

  static ChangeSettings of(ObjectNode document) {
    JsonNode tuning = document.path("ChangeProcessingTuning");
    JsonNode ddl = document.path("ChangeProcessingDdlHandlingPolicy");
    JsonNode load = document.path("FullLoadSettings");
    JsonNode buffer = document.path("StreamBufferSettings");
    JsonNode control = document.path("ControlTablesSettings");
    JsonNode errors = document.path("ErrorBehavior");
    Set<ControlTable> tables = EnumSet.noneOf(ControlTable.class);
    if (control.path("StatusTableEnabled").asBoolean(false)) {
      tables.add(ControlTable.STATUS);
    }
    if (control.path("SuspendedTablesTableEnabled").asBoolean(false)) {
      tables.add(ControlTable.SUSPENDED_TABLES);
    }
    if (control.path("HistoryTableEnabled").asBoolean(false)) {
      tables.add(ControlTable.HISTORY);
    }
    return new ChangeSettings(
        document.path("TargetMetadata").path("BatchApplyEnabled").asBoolean(),
        tuning.path("BatchApplyTimeoutMin").asInt(),
        tuning.path("BatchApplyTimeoutMax").asInt(),
        tuning.path("BatchApplyMemoryLimit").asLong() << 20,
        tuning.path("BatchSplitSize").asInt(),
        tuning.path("MinTransactionSize").asInt(),
        tuning.path("CommitTimeout").asInt(),
        tuning.path("StatementCacheSize").asInt(),
        buffer.path("StreamBufferCount").asLong() * buffer.path("StreamBufferSizeInMB").asLong()
            << 20,
        ddl.path("HandleSourceTableDropped").asBoolean(),
        ddl.path("HandleSourceTableTruncated").asBoolean(),
        ddl.path("HandleSourceTableAltered").asBoolean(),
        errors.path("ApplyErrorFailOnTruncationDdl").asBoolean(),
        errors.path("FullLoadIgnoreConflicts").asBoolean(),
        load.path("StopTaskCachedChangesNotApplied").asBoolean(),
        load.path("StopTaskCachedChangesApplied").asBoolean(),
        tables,
        control.path("HistoryTimeslotInMinutes").asInt(5),
        new ApplyErrors(
            policy(errors, "ApplyErrorDeletePolicy"),
            policy(errors, "ApplyErrorInsertPolicy"),
            policy(errors, "ApplyErrorUpdatePolicy"),
            policy(errors, "ApplyErrorEscalationPolicy"),
            errors.path("ApplyErrorEscalationCount").asInt()));
  }

  private static ApplyPolicy policy(JsonNode errors, String name) {
    return ApplyPolicy.valueOf(errors.path(name).asString());
  }
}
