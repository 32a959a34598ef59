package wherry.task;

import wherry.change.RowChange.Operation;
import wherry.connector.ChangeRefused;
import wherry.connector.RejectedRow;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.task.ChangeSettings.ApplyErrors;
import wherry.task.ChangeSettings.ApplyPolicy;

/**
 * Decides what becomes of a change of one table that the target does not take ("Error handling task
 * settings", AWS DMS guide): an insert whose key is there, an update or delete whose row is not, a
 * row that the target cannot hold. Owned by the thread that applies.
 */
final class ConflictPolicy {
  /** What becomes of the change. */
  enum Decision {
    /** It is counted and left out. */
    IGNORE,
    /** It is kept in awsdms_apply_exceptions, counted and left out. */
    KEEP,
    /** Whatever has its key is deleted, and its row inserted. */
    REPLACE
  }

  private final TableId table;
  private final ApplyErrors apply;
  private final TaskSettings.ErrorBehavior data;
  private long conflicts;

  ConflictPolicy(TableId table, ApplyErrors apply, TaskSettings.ErrorBehavior data) {
    this.table = table;
    this.apply = apply;
    this.data = data;
  }

  /** Whether a missing row needs no mention, so that nobody has to find out which it was. */
  boolean ignoresMissing(Operation operation) {
    return apply.escalationCount() == 0
        && switch (operation) {
          case INSERT -> false;
          case UPDATE -> apply.update() == ApplyPolicy.IGNORE_RECORD;
          case DELETE -> apply.delete() == ApplyPolicy.IGNORE_RECORD;
        };
  }

  /**
   * The row of an update or delete is not there.
   *
   * @param told what happened, in one sentence
   * @throws DmsException when the table or the task ends here
   */
  Decision missing(Operation operation, String told) {
    return switch (operation) {
      case UPDATE -> decide(apply.update(), "ApplyErrorUpdatePolicy", told);
      case DELETE -> decide(apply.delete(), "ApplyErrorDeletePolicy", told);
      case INSERT -> throw new IllegalArgumentException("An insert needs no row");
    };
  }

  /**
   * The target refuses the change.
   *
   * @throws DmsException when the table or the task ends here
   */
  Decision refused(Operation operation, ChangeRefused.Kind kind, String told) {
    if (kind == ChangeRefused.Kind.TRUNCATION) {
      return decide(of(data.truncation()), "DataTruncationErrorPolicy", told);
    }
    return switch (operation) {
      case INSERT -> {
        Decision decision = decide(apply.insert(), "ApplyErrorInsertPolicy", told);
        yield decision == Decision.REPLACE && kind != ChangeRefused.Kind.DUPLICATE_KEY
            ? Decision.KEEP // Another row in its place would be refused just as well.
            : decision;
      }
      case UPDATE -> {
        Decision decision = decide(apply.update(), "ApplyErrorUpdatePolicy", told);
        yield decision == Decision.REPLACE ? Decision.KEEP : decision;
      }
      case DELETE -> decide(apply.delete(), "ApplyErrorDeletePolicy", told);
    };
  }

  /**
   * The rules cannot transform the row.
   *
   * @throws DmsException when the table or the task ends here
   */
  Decision rejected(RejectedRow.Kind kind, String told) {
    return switch (kind) {
      case DATA -> decide(of(data.data()), "DataErrorPolicy", told);
      case TRUNCATION -> decide(of(data.truncation()), "DataTruncationErrorPolicy", told);
    };
  }

  private static ApplyPolicy of(TaskSettings.RecordPolicy policy) {
    return ApplyPolicy.valueOf(policy.name());
  }

  private Decision decide(ApplyPolicy policy, String name, String told) {
    Decision decision = act(policy, name, told);
    if (decision != Decision.REPLACE) {
      conflicts++;
      if (apply.escalationCount() > 0 && conflicts >= apply.escalationCount()) {
        return act(
            apply.escalation(), "ApplyErrorEscalationPolicy after " + conflicts + " errors", told);
      }
    }
    return decision;
  }

  private Decision act(ApplyPolicy policy, String name, String told) {
    return switch (policy) {
      case IGNORE_RECORD -> Decision.IGNORE;
      case LOG_ERROR -> Decision.KEEP;
      case INSERT_RECORD, UPDATE_RECORD -> Decision.REPLACE;
      case SUSPEND_TABLE ->
          throw new DmsException(
              ErrorCode.TABLE_SUSPENDED,
              table,
              told + " " + name + " is SUSPEND_TABLE. Reload the table to go on with it.",
              null);
      case STOP_TASK ->
          throw new DmsException(
              ErrorCode.TASK_STOPPED_BY_POLICY, table, told + " " + name + " is STOP_TASK.", null);
    };
  }
}
