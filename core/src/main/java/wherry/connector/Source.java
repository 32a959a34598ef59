package wherry.connector;

import java.util.List;
import java.util.function.BiPredicate;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** A database to read from. */
public interface Source extends Database {
  /**
   * Whether table names compare without regard to case (MySQL's lower_case_table_names 1 and 2).
   */
  boolean ignoresCaseOfNames();

  /** Whether column names compare without regard to case (MySQL, always). */
  default boolean ignoresCaseOfColumns() {
    return false;
  }

  /**
   * The selected tables and views with their columns, keys and indexes, sorted by name. System
   * objects are never offered.
   */
  List<TableSchema> tables(BiPredicate<TableId, TableSchema.Kind> selected);

  /**
   * Those that are left out of {@link #tables} because they have no columns, so that there is
   * nothing to move.
   */
  default List<TableId> tablesWithoutColumns(BiPredicate<TableId, TableSchema.Kind> selected) {
    return List.of();
  }

  /**
   * Opens one consistent view of all tables, whose place in the log is known.
   *
   * @param readers how many segments may be read at the same time, at least 1
   */
  Snapshot snapshot(List<TableSchema> tables, int readers);

  /**
   * The source's change log for a task.
   *
   * @param taskName resource id of the task's ARN; names what the task owns in the source
   */
  default ChangeLog changeLog(String taskName) {
    throw new DmsException(
        ErrorCode.SETTING_INVALID,
        "This source has no change log that can be read; choose the migration type full-load.");
  }
}
