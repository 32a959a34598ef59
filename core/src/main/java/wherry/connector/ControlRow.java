package wherry.connector;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import wherry.schema.TableId;

/**
 * A row of a control table ("Control table task settings", AWS DMS guide); the writer adds
 * TASK_NAME.
 */
public sealed interface ControlRow {
  /**
   * A row of awsdms_apply_exceptions.
   *
   * @param table on the target
   */
  record ApplyException(TableId table, Instant time, String statement, String error)
      implements ControlRow {}

  /** The one row of the task in awsdms_status; replaces the one before. */
  record Status(
      String serverName,
      String taskStatus,
      Instant time,
      long pendingChanges,
      long diskSwapMegabytes,
      long memoryMegabytes,
      String sourceCurrentPosition,
      @Nullable Instant sourceCurrentTime,
      String sourceTailPosition,
      @Nullable Instant sourceTailTime,
      @Nullable Instant sourceTimeApplied)
      implements ControlRow {}

  /** A row of awsdms_suspended_tables; replaces the table's one before. */
  record Suspended(String serverName, TableId table, String reason, Instant time)
      implements ControlRow {}

  /** The table is no longer suspended. */
  record Healed(String serverName, TableId table) implements ControlRow {}

  /** A row of awsdms_history; replaces the one of the same slot and kind. */
  record Timeslot(
      String serverName,
      String kind,
      Instant slotEnd,
      int minutes,
      @Nullable Long latencySeconds,
      long records,
      long megabytes)
      implements ControlRow {}
}
