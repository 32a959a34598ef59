package wherry.connector;

import java.util.List;
import java.util.function.BiPredicate;
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
   * Opens one consistent view of all tables, whose place in the log is known.
   *
   * @param readers how many segments may be read at the same time, at least 1
   */
  Snapshot snapshot(List<TableSchema> tables, int readers);
}
