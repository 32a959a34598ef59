package wherry.plan;

import java.util.Optional;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/**
 * Something that whoever starts the task should know.
 *
 * @param table of the source; empty when it concerns the whole task
 * @param column on the target; empty when it concerns more than one
 * @param rows of the sample that it concerns; 0 when it is not about rows
 * @param message what, why, and the statement or rule that mends it
 */
public record Finding(
    Effect effect,
    Subject subject,
    Optional<TableId> table,
    String column,
    long rows,
    String message) {
  /** What comes of it when the task is started as it is. */
  public enum Effect {
    /** The task, or the table, fails. */
    FAILS,
    /** Rows or parts of values do not arrive. */
    LOSES,
    /** Nothing is lost, but it may not be what was meant. */
    NOTE
  }

  /** What it is about. */
  public enum Subject {
    SOURCE,
    TARGET,
    SELECTION,
    MAPPING,
    TARGET_TABLE,
    CHANGE_CAPTURE,
    ROWS
  }

  /**
   * What would have ended a run, or one of its tables. A right that is not of one table is missing
   * for all of them, and is told once.
   */
  public static Finding failure(Subject subject, Optional<TableId> table, DmsException failure) {
    boolean ofAll = failure.code() == ErrorCode.PRIVILEGE_MISSING && failure.table().isEmpty();
    return new Finding(
        Effect.FAILS,
        subject,
        ofAll ? Optional.empty() : table.or(failure::table),
        "",
        0,
        String.valueOf(failure.getMessage()));
  }

  public static Finding note(Subject subject, Optional<TableId> table, String message) {
    return new Finding(Effect.NOTE, subject, table, "", 0, message);
  }
}
