package wherry.task;

import java.util.concurrent.atomic.AtomicLong;
import wherry.connector.RejectedRow;
import wherry.connector.RejectionPolicy;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.task.TaskSettings.RecordPolicy;

/**
 * Decides over the rejected rows of one table ("Error handling task settings", AWS DMS guide):
 * DataErrorPolicy or DataTruncationErrorPolicy, then, when their common count is reached,
 * DataErrorEscalationPolicy. Safe for all threads.
 */
final class DataErrors implements RejectionPolicy {
  /** Rows told one by one in the task log; the exceptions table has them all. */
  private static final int LOGGED_ROWS_MAX = 100;

  private final TableId source;
  private final TaskSettings.ErrorBehavior errors;
  private final TaskListener listener;
  private final AtomicLong count = new AtomicLong();

  DataErrors(TableId source, TaskSettings.ErrorBehavior errors, TaskListener listener) {
    this.source = source;
    this.errors = errors;
    this.listener = listener;
  }

  /**
   * A load begins, or goes on after that many rejected rows: those of segments that were rolled
   * back no longer count.
   */
  void startFrom(long rejectedRows) {
    count.set(rejectedRows);
  }

  @Override
  public Decision rejected(RejectedRow row) {
    long soFar = count.incrementAndGet();
    RecordPolicy policy =
        switch (row.kind()) {
          case DATA -> errors.data();
          case TRUNCATION -> errors.truncation();
        };
    if (policy != RecordPolicy.IGNORE_RECORD) {
      log(row, soFar);
    }
    Decision decision = decide(policy, row, policyName(row));
    if (errors.escalationCount() > 0 && soFar >= errors.escalationCount()) {
      return decide(
          errors.escalation(),
          row,
          "DataErrorEscalationPolicy after " + soFar + " rejected records");
    }
    return decision;
  }

  private Decision decide(RecordPolicy policy, RejectedRow row, String because) {
    return switch (policy) {
      case IGNORE_RECORD -> Decision.IGNORE;
      case LOG_ERROR -> Decision.KEEP;
      case SUSPEND_TABLE ->
          throw new DmsException(
              ErrorCode.TABLE_SUSPENDED,
              source,
              told(row) + " " + because + " is SUSPEND_TABLE.",
              null);
      case STOP_TASK ->
          throw new DmsException(
              ErrorCode.TASK_STOPPED_BY_POLICY,
              source,
              told(row) + " " + because + " is STOP_TASK.",
              null);
    };
  }

  private static String policyName(RejectedRow row) {
    return row.kind() == RejectedRow.Kind.TRUNCATION
        ? "DataTruncationErrorPolicy"
        : "DataErrorPolicy";
  }

  private void log(RejectedRow row, long soFar) {
    if (soFar <= LOGGED_ROWS_MAX) {
      listener.log(TaskListener.Component.TARGET_LOAD, TaskListener.Severity.ERROR, told(row));
    } else if (soFar == LOGGED_ROWS_MAX + 1) {
      listener.log(
          TaskListener.Component.TARGET_LOAD,
          TaskListener.Severity.WARNING,
          "Table "
              + source
              + ": further rejected rows are not logged one by one; awsdms_full_load_exceptions on the target has all of them");
    }
  }

  private String told(RejectedRow row) {
    return "Table "
        + source
        + ": row "
        + row.key()
        + " is rejected"
        + (row.column().isEmpty() ? "" : ", column " + row.column())
        + ": "
        + row.reason();
  }
}
