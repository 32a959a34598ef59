package wherry.connector;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import wherry.change.ChangeEvent;
import wherry.change.Checkpoint;
import wherry.change.NetChanges;
import wherry.change.RowChange;
import wherry.change.SchemaChange.ColumnChange;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Applies a task's changes in one session of the target. What was applied since the last {@link
 * #commit} is one transaction and becomes durable with the checkpoint, or not at all. Foreign keys
 * and triggers of the target do not act on it where the engine lets us switch them off.
 *
 * <p>Owned by one thread. Closing rolls back.
 *
 * <p>Every call may throw {@link wherry.error.DmsException}: CONNECTION_FAILED or BUSY (the whole
 * transaction is gone), PRIVILEGE_MISSING, TARGET_TABLE_FAILED.
 */
public interface ChangeWriter extends Resource {
  /** What the task has last committed here; empty when nothing. */
  Optional<Checkpoint> checkpoint();

  /**
   * Whether the target still checks foreign keys for this session, so that changes must go in the
   * order of the source across tables.
   */
  boolean checksForeignKeys();

  /**
   * Whether updates and deletes of the table change rows of others here, by foreign keys, so that
   * each has to be applied by itself.
   */
  default boolean acts(TableRoute route) {
    return false;
  }

  /** Marks a place to go back to; a later one replaces it. */
  void savepoint();

  /** Undoes everything since the savepoint, which stays. */
  void rollBackToSavepoint();

  /**
   * Applies net changes as sets.
   *
   * @return rows that the target says it has touched
   * @throws ChangeRefused when a row is refused; go back to the savepoint then
   */
  NetCounts apply(TableRoute route, NetChanges changes) throws InterruptedException;

  /**
   * @param deleted rows deleted
   * @param updated rows found to be updated, be they equal or not
   * @param inserted rows inserted
   */
  record NetCounts(long deleted, long updated, long inserted) {}

  /**
   * Applies one change as a statement, a row without key found by all its comparable columns and at
   * most one row touched.
   *
   * @return rows touched: 1, or 0 when there is no such row; an UPDATE that changes nothing finds
   *     its row
   * @throws ChangeRefused go back to the savepoint then
   */
  long apply(TableRoute route, RowChange change) throws InterruptedException;

  /** Empties the table, in the transaction where the engine can. */
  void truncate(TableSchema target);

  /**
   * Changes the target's columns, those that already are as wanted left alone, so that it can be
   * repeated. Where definitions commit by themselves, that commits nothing else; a table with
   * changes that are not committed is refused.
   *
   * @param changes under the names that the columns have on the target
   */
  void alter(TableSchema target, TableSchema wanted, List<ColumnChange> changes);

  /**
   * The table as it stands, what was changed of it in the transaction included.
   *
   * @return its columns those of {@code wanted}
   */
  TableSchema describe(TableSchema wanted);

  /**
   * Names of the columns that the table has, compared as the target compares them; empty when it is
   * not there.
   */
  default Set<String> columns(TableSchema target) {
    return Set.of();
  }

  /** Drops the table if it is there. */
  void drop(TableSchema target);

  void rename(TableSchema target, TableId to);

  /** Whether statements that define tables commit by themselves (MySQL, MariaDB). */
  boolean definitionsCommit();

  /** Writes a control table's row in the transaction. */
  void write(ControlRow row);

  /**
   * The change as a statement with its values, for awsdms_apply_exceptions; shortened to 64 KiB.
   */
  String statement(TableRoute route, ChangeEvent change);

  /** Commits what was applied, with the place in the log. */
  void commit(Checkpoint checkpoint);

  /** Undoes what is not committed. */
  void rollBack();

  /**
   * Asks the server over another connection whether this session has been waiting for us for that
   * long, or is gone: then no answer will ever come. Called from another thread while a call is
   * under way; never throws.
   */
  default boolean isForsaken(Duration since) {
    return false;
  }

  /**
   * Ends what the server does for the call under way, be it work or a wait for somebody's lock: the
   * call fails as BUSY. From any thread; never throws.
   */
  default void cancel() {}

  /** Cuts the connection, so that the call under way fails; from any thread. */
  default void abort() {}

  /**
   * Removes what says how the task stands (checkpoint, status, suspended tables), durably; for a
   * task that is deleted. What it has told, exceptions and history, stays.
   */
  default void forget() {
    throw new UnsupportedOperationException("This target forgets no task");
  }
}
