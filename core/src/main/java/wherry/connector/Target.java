package wherry.connector;

import java.util.List;
import java.util.Set;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
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
   * What {@link #prepare} with the same arguments and {@link #createKey} would run, changing
   * nothing.
   *
   * @throws wherry.error.DmsException as {@link #prepare} would
   */
  default Preparation preparation(TableSchema wanted, PrepareMode mode, boolean deferKey) {
    throw new UnsupportedOperationException("This target tells no plans");
  }

  /**
   * @param statements that prepare the table, in order
   * @param afterLoad that create its key when it was deferred
   * @param types of the wanted columns on the target, in its own words
   */
  record Preparation(List<String> statements, List<String> afterLoad, List<String> types) {
    public Preparation {
      statements = List.copyOf(statements);
      afterLoad = List.copyOf(afterLoad);
      types = List.copyOf(types);
    }
  }

  /**
   * What {@link #createIndexes} would run, once {@link #prepare} has left the table with its key,
   * changing nothing.
   *
   * @throws wherry.error.DmsException as {@link #prepare} would
   */
  default IndexPreparation indexPreparation(TableSchema wanted, PrepareMode mode) {
    throw new UnsupportedOperationException("This target tells no plans");
  }

  /**
   * @param statements one for each index
   * @param notes one sentence for each index that has no equal here
   */
  record IndexPreparation(List<String> statements, List<String> notes) {
    public IndexPreparation {
      statements = List.copyOf(statements);
      notes = List.copyOf(notes);
    }
  }

  /**
   * Starts a load that nobody ever sees: into a temporary table like the one that {@link #prepare}
   * would leave, so that it is known which rows the target takes. It cannot be committed; closing
   * it leaves nothing.
   *
   * @param wanted as for {@link #prepare}
   * @param rows the columns that rows come with, as cells
   * @param rejections is asked for each row that is refused, and keeps none
   * @throws wherry.error.DmsException COMMAND_REFUSED when a load would be possible, but the user
   *     may not make the table that is needed to rehearse it
   */
  default RowWriter rehearse(
      TableSchema wanted, PrepareMode mode, TableSchema rows, RejectionPolicy rejections) {
    throw new UnsupportedOperationException("This target rehearses no loads");
  }

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
   * Ends what {@link #prepare}, {@link #createKey}, {@link #createIndexes} and the ledger wait for
   * at this moment: their calls fail as on a broken connection. From any thread.
   */
  default void abandonDefinitions() {}

  /** Whether an index must not have a name that something else in its schema has. */
  default boolean indexesAreNamedBySchema() {
    return false;
  }

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
   * Opens the session in which a task's changes are applied, and creates the control tables that it
   * needs.
   */
  default ChangeWriter changes(ChangeRequest request) {
    throw new DmsException(
        ErrorCode.SETTING_INVALID,
        "This target takes no changes; choose the migration type full-load.");
  }

  /**
   * What {@link #changes} would run to create its control tables, changing nothing.
   *
   * @throws DmsException as {@link #changes} would
   */
  default List<String> changesPreparation(ChangeRequest request) {
    throw new UnsupportedOperationException("This target tells no plans");
  }

  /**
   * @param taskName resource id of the task's ARN
   * @param controlSchema where control tables are; empty for the engine's default
   * @param statementCacheSize prepared statements kept, 0 to 200 (StatementCacheSize)
   * @param controlTables which of the optional control tables are wanted
   */
  record ChangeRequest(
      String taskName,
      String controlSchema,
      int statementCacheSize,
      Set<ControlTable> controlTables) {
    public ChangeRequest {
      controlTables = Set.copyOf(controlTables);
    }
  }

  /** Control tables that a task has only when its settings say so. */
  enum ControlTable {
    STATUS,
    SUSPENDED_TABLES,
    HISTORY
  }

  /**
   * @param taskName resource id of the task's ARN
   * @param controlSchema where ledger and exceptions are; empty for the engine's default
   * @param source the columns that rows come with
   * @param target as {@link #prepare} returned it, column by column
   * @param format of the rows
   * @param rejections decides over refused rows
   */
  record LoadRequest(
      String taskName,
      String controlSchema,
      TableSchema source,
      TableSchema target,
      RowFormat format,
      RejectionPolicy rejections) {}

  /**
   * Setting of an endpoint whose foreign keys are those of the source, and are to change rows of
   * other tables where the source's did so without a word in its log. Not for endpoints of users.
   */
  String FOREIGN_KEYS_ACT = "ForeignKeysAct";

  /** Control tables that must never be selected as user tables. */
  Set<String> CONTROL_TABLES =
      Set.of(
          "awsdms_load_ledger",
          "awsdms_full_load_exceptions",
          "awsdms_apply_exceptions",
          "awsdms_txn_state",
          "awsdms_status",
          "awsdms_suspended_tables",
          "awsdms_history");
}
