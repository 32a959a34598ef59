package wherry.mysql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.change.ChangeEvent;
import wherry.change.Checkpoint;
import wherry.change.NetChanges;
import wherry.change.RowChange;
import wherry.change.SchemaChange.ColumnChange;
import wherry.connector.ChangeWriter;
import wherry.connector.ControlRow;
import wherry.connector.TableRoute;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** Applies a task's changes in one session of MySQL or MariaDB. */
final class MySqlChangeWriter implements ChangeWriter {
  private static final Logger log = LoggerFactory.getLogger(MySqlChangeWriter.class);

  private final MySqlTarget target;
  private final MySqlSession session;
  private final ControlTables controlTables;
  private final ApplyState state;
  private final RowChanges rows;
  private final boolean checksForeignKeys;
  private final ForeignKeyActions actions;

  /** Tables with changes that are not committed. */
  private final Set<TableId> touched = new HashSet<>();

  private boolean changed;
  private boolean savepoint;
  private boolean closed;

  private MySqlChangeWriter(
      MySqlTarget target,
      MySqlSession session,
      Target.ChangeRequest request,
      ControlTables controlTables,
      ApplyState state,
      boolean loadData)
      throws SQLException {
    this.target = target;
    this.session = session;
    this.controlTables = controlTables;
    this.state = state;
    this.actions = ForeignKeyActions.of(session);
    this.rows =
        new RowChanges(
            session, controlTables.database(), loadData, request.statementCacheSize(), actions);
    this.checksForeignKeys =
        actions.exist()
            || session
                .queryOne("SELECT @@foreign_key_checks", row -> row.getBoolean(1))
                .orElse(true);
  }

  /**
   * Sets the session up, creates the control tables, and takes the task over.
   *
   * @param owners what earlier sessions of this run were called ({@link ApplyState#takeOver})
   */
  static MySqlChangeWriter open(
      MySqlTarget target,
      MySqlSession session,
      Target.ChangeRequest request,
      boolean loadData,
      Set<String> owners)
      throws SQLException {
    // Without these checks a duplicate may go unnoticed.
    session.execute("SET SESSION unique_checks=1");
    Optional<String> logFormat =
        session.queryOne("SHOW VARIABLES LIKE 'binlog_format'", row -> row.getString(2));
    if (!logFormat.equals(Optional.of("STATEMENT"))) {
      // Without locks on the gaps between rows, which others would run into.
      session.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    }
    ControlTables tables = new ControlTables(session, request);
    tables.create();
    // A DELETE that joins wants a database for its aliases, be they of other databases.
    session.execute("USE " + MySqlNames.quoted(tables.database()));
    ApplyState state = ApplyState.takeOver(session, tables.database(), request.taskName(), owners);
    session.connection().setAutoCommit(false);
    return new MySqlChangeWriter(target, session, request, tables, state, loadData);
  }

  private interface Work {
    void run() throws SQLException;
  }

  /**
   * Turns what the server says into what it means; rolls back where an attempt is to be repeated.
   */
  private void run(TableId table, String doing, Work work) {
    try {
      work.run();
    } catch (SQLException e) {
      throw failed(table, doing, e);
    }
  }

  private DmsException failed(TableId table, String doing, SQLException e) {
    DmsException failure =
        MySqlFailure.of(
            session.settings(), table, ErrorCode.TARGET_TABLE_FAILED, doing + " " + table, e);
    if (failure.code().kind() == ErrorCode.Kind.RECOVERABLE) {
      // After a lock wait the server keeps what went before (innodb_rollback_on_timeout).
      rollBackQuietly();
    }
    return failure;
  }

  @Override
  public boolean isForsaken(Duration since) {
    return session.isForsaken(since);
  }

  @Override
  public void cancel() {
    session.cancel();
  }

  @Override
  public void abort() {
    session.abort();
  }

  @Override
  public Optional<Checkpoint> checkpoint() {
    try {
      return state.checkpoint();
    } catch (SQLException e) {
      throw session.failure("reading the checkpoint", e);
    }
  }

  @Override
  public boolean checksForeignKeys() {
    return checksForeignKeys;
  }

  @Override
  public boolean acts(TableRoute route) {
    return actions.on(route.target().id());
  }

  @Override
  public void savepoint() {
    execute("SAVEPOINT wherry_changes");
    savepoint = true;
  }

  @Override
  public void rollBackToSavepoint() {
    if (!savepoint) {
      throw new IllegalStateException("No savepoint is set");
    }
    execute("ROLLBACK TO SAVEPOINT wherry_changes");
  }

  private void execute(String sql) {
    try {
      session.execute(sql);
    } catch (SQLException e) {
      DmsException failure = session.failure("applying changes", e);
      rollBackQuietly();
      throw failure;
    }
  }

  @Override
  public NetCounts apply(TableRoute route, NetChanges changes) throws InterruptedException {
    stopIfInterrupted();
    touch(route);
    try {
      return rows.apply(route, changes);
    } catch (SQLException e) {
      throw refusedOrFailed(route, e);
    }
  }

  @Override
  public long apply(TableRoute route, RowChange change) throws InterruptedException {
    stopIfInterrupted();
    touch(route);
    try {
      return rows.apply(route, change);
    } catch (SQLException e) {
      throw refusedOrFailed(route, e);
    }
  }

  private static void stopIfInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  private void touch(TableRoute route) {
    changed = true;
    touched.add(route.target().id());
  }

  private RuntimeException refusedOrFailed(TableRoute route, SQLException e) {
    return MySqlFailure.isOfRow(e)
        ? ChangeRefusals.of(e)
        : failed(route.source(), "applying changes of", e);
  }

  /**
   * TRUNCATE commits by itself, which is safe only while nothing else would be committed with it;
   * done again after a restart it leaves the same rows.
   */
  @Override
  public void truncate(TableSchema table) {
    TableId place = target.place(table.id());
    if (changed) {
      run(place, "emptying", () -> session.execute("DELETE FROM " + MySqlNames.quoted(place)));
      touched.add(place);
    } else {
      define(
          place,
          "emptying",
          definer -> definer.execute("TRUNCATE TABLE " + MySqlNames.quoted(place)));
    }
  }

  @Override
  public void alter(TableSchema table, TableSchema wanted, List<ColumnChange> changes) {
    TableId place = target.place(table.id());
    define(
        place,
        "changing the columns of",
        definer -> ColumnChanges.make(definer, place, wanted, changes));
  }

  @Override
  public TableSchema describe(TableSchema wanted) {
    return target.describe(wanted);
  }

  @Override
  public Set<String> columns(TableSchema table) {
    return target.columns(table);
  }

  @Override
  public void drop(TableSchema table) {
    TableId place = target.place(table.id());
    define(
        place,
        "dropping",
        definer -> definer.execute("DROP TABLE IF EXISTS " + MySqlNames.quoted(place)));
  }

  @Override
  public void rename(TableSchema table, TableId to) {
    TableId from = target.place(table.id());
    TableId place = target.place(to);
    define(
        from,
        "renaming",
        definer -> {
          MySqlCatalog catalog = new MySqlCatalog(definer);
          if (catalog.table(from).isPresent() || catalog.table(place).isEmpty()) {
            MySqlTarget.createDatabase(definer, place.schema());
            definer.execute(
                "RENAME TABLE " + MySqlNames.quoted(from) + " TO " + MySqlNames.quoted(place));
          }
        });
  }

  private interface Definition {
    void in(MySqlSession definer) throws SQLException;
  }

  /**
   * Runs a statement that commits by itself, in a session of its own, so that it commits nothing of
   * ours and a stop can end its wait for others; after a restart it finds itself done.
   */
  private void define(TableId table, String doing, Definition definition) {
    if (touched.contains(table)) {
      throw failed(
          table,
          "was changed before in the transaction that defines it anew, which cannot be one transaction here. Reload it");
    }
    rows.forget(table);
    run(
        table,
        doing,
        () ->
            target
                .defining()
                .use(definer -> {
                  definition.in(definer);
                  return true;
                }));
  }

  private static DmsException failed(TableId table, String why) {
    return new DmsException(
        ErrorCode.TARGET_TABLE_FAILED, table, "Table " + table + " " + why + ".", null);
  }

  @Override
  public boolean definitionsCommit() {
    return true;
  }

  @Override
  public void write(ControlRow row) {
    changed = true;
    try {
      controlTables.write(row);
    } catch (SQLException e) {
      DmsException failure = session.failure("writing a control table", e);
      rollBackQuietly();
      throw failure;
    }
  }

  @Override
  public String statement(TableRoute route, ChangeEvent change) {
    return ChangeText.of(route, change);
  }

  @Override
  public void commit(Checkpoint checkpoint) {
    try {
      if (!state.write(checkpoint)) {
        rollBackQuietly();
        throw state.takenOver();
      }
      session.connection().commit();
      transactionEnded();
    } catch (SQLException e) {
      DmsException failure = session.failure("committing changes", e);
      rollBackQuietly();
      throw failure;
    }
  }

  @Override
  public void rollBack() {
    try {
      session.connection().rollback();
      transactionEnded();
    } catch (SQLException e) {
      throw session.failure("rolling changes back", e);
    }
  }

  @Override
  public void forget() {
    try {
      controlTables.forget();
      state.forget();
      session.connection().commit();
      transactionEnded();
    } catch (SQLException e) {
      throw session.failure("forgetting the task", e);
    }
  }

  private void transactionEnded() {
    changed = false;
    touched.clear();
    savepoint = false;
  }

  private void rollBackQuietly() {
    try {
      session.connection().rollback();
      transactionEnded();
    } catch (SQLException e) {
      log.debug("Rolling back failed; the connection's end does it: {}", e.getMessage());
      close();
    }
  }

  /**
   * The end of the connection rolls back what is not committed, so nothing is sent that could fail
   * or wait.
   */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      session.close();
    }
  }
}
