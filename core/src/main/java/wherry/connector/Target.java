package wherry.connector;

import java.util.List;
import java.util.Set;
import wherry.row.RowFormat;
import wherry.schema.TableSchema;

/** A database to write to. */
public interface Target extends Database {
  /** Whether table names that differ only in case are the same table here. */
  boolean ignoresCaseOfNames();

  /**
   * Prepares a table, its schema or database too.
   *
   * @param wanted target names, source column types; its key is created unless {@code deferKey}
   * @return the table as it now stands: the wanted columns in the wanted order, with the types that
   *     the target gives them, whether created now or found
   * @throws wherry.error.DmsException TARGET_TABLE_FAILED
   */
  TableSchema prepare(TableSchema wanted, PrepareMode mode, boolean deferKey);

  /**
   * Reads how a prepared table stands, changing nothing; for resuming. As {@link #prepare} with
   * DO_NOTHING, but never creates.
   */
  TableSchema describe(TableSchema wanted);

  /**
   * Whether building a key at the end is cheaper here than keeping it up to date during a load. A
   * table that the load itself creates then gets its key at the end, whatever the settings say:
   * nobody can have used it before.
   */
  default boolean buildsKeysFasterAfterLoad() {
    return false;
  }

  /**
   * Creates the key that {@link #prepare} has deferred, if the table has none; says nothing when it
   * is there.
   */
  void createKey(TableSchema wanted);

  /**
   * Creates the secondary indexes that are missing.
   *
   * @return one sentence for each index that could not be created, and for each that has no equal
   *     here
   */
  List<String> createIndexes(TableSchema wanted);

  /**
   * The formats that the table takes from a source table, best first, {@link RowFormat#CELLS} last.
   */
  List<RowFormat> formats(TableSchema source, TableSchema target);

  /** Starts the load of a segment in a transaction of its own. */
  RowWriter load(LoadRequest request);

  /**
   * The ledger of a task.
   *
   * @param taskName resource id of the task's ARN
   * @param controlSchema from ControlTablesSettings; empty for the engine's default
   */
  LoadLedger ledger(String taskName, String controlSchema);

  /**
   * @param taskName resource id of the task's ARN
   * @param controlSchema where ledger and exceptions are; empty for the engine's default
   * @param source the columns that rows come with
   * @param target as {@link #prepare} returned it, column by column
   * @param format of the rows
   * @param rejections decides over refused rows
   * @param withoutKeyYet whether the key is still to be created
   */
  record LoadRequest(
      String taskName,
      String controlSchema,
      TableSchema source,
      TableSchema target,
      RowFormat format,
      RejectionPolicy rejections,
      boolean withoutKeyYet) {}

  /** Control tables that must never be selected as user tables. */
  Set<String> CONTROL_TABLES =
      Set.of(
          "awsdms_load_ledger",
          "awsdms_full_load_exceptions",
          "awsdms_apply_exceptions",
          "awsdms_txn_state",
          "awsdms_status");
}
