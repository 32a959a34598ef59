package wherry.postgresql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import wherry.change.ChangeEvent;
import wherry.change.Checkpoint;
import wherry.change.NetChanges;
import wherry.change.RowChange;
import wherry.change.SchemaChange.ColumnChange;
import wherry.connector.ChangeWriter;
import wherry.connector.ControlRow;
import wherry.connector.TableRoute;
import wherry.connector.Target.ChangeRequest;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * The session in which a task's changes are applied: rows, definitions, kept exceptions and the
 * checkpoint are one transaction.
 */
final class PostgresChangeWriter implements ChangeWriter {
  private static final String CHECKS_FOREIGN_KEYS =
      """
      SELECT pg_catalog.current_setting('session_replication_role') <> 'replica'
             AND EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE contype = 'f')
      """;

  /**
   * A set finds its rows by the index of the key, row after row: the planner, which knows nothing
   * about a temporary table, would sooner read all of a large table. Room to keep and to sort a set
   * of some 100,000 rows in memory.
   */
  private static final String SET_PLANS =
      """
      SET enable_hashjoin = off; SET enable_mergejoin = off; SET temp_buffers = '64MB'; SET work_mem = '64MB'
      """;

  private final SessionPool pool;
  private final Connection session;
  private final ChangeRequest request;
  private final PostgresSettings settings;
  private final ApplyFailures failures;
  private final TaskState state;
  private final StageTables stages;
  private final RowApply rows;
  private final SetApply sets;
  private final ControlRows controlRows;
  private final TableDefinitions definitions;
  private final Backend backend;
  private Optional<Checkpoint> checkpoint;
  private boolean savepoint;

  private PostgresChangeWriter(
      PostgresSessions sessions,
      SessionPool pool,
      Connection session,
      ChangeRequest request,
      TaskState state)
      throws SQLException {
    this.pool = pool;
    this.session = session;
    this.request = request;
    this.settings = sessions.settings();
    this.failures = new ApplyFailures(sessions);
    this.state = state;
    this.checkpoint = state.checkpoint();
    this.stages = new StageTables(session);
    IdentityColumns identityColumns = new IdentityColumns(session);
    PreparedStatements statements = new PreparedStatements(session, request.statementCacheSize());
    this.rows = new RowApply(session, statements, identityColumns);
    this.sets = new SetApply(session, stages, identityColumns, rows);
    this.controlRows = new ControlRows(session, request);
    this.definitions = new TableDefinitions(session, sessions.settings());
    this.backend = Backend.of(sessions, session);
    session.commit();
  }

  /**
   * @param runs what other writers of this run were in {@link TaskState}; the new one is added. A
   *     stranger among them has taken the task over, and is not to be fought.
   */
  static PostgresChangeWriter open(
      PostgresSessions sessions, SessionPool pool, ChangeRequest request, Set<String> runs) {
    Connection session = pool.borrow();
    try {
      session.setAutoCommit(false);
      execute(session, SET_PLANS);
      createControlTables(session, request);
      session.commit();
      String schema = ControlTables.schema(request.controlSchema());
      String table = ControlTables.table(schema, ApplyTables.STATE);
      Optional<String> owner = TaskState.owner(session, table, request.taskName());
      if (!runs.isEmpty() && owner.isPresent() && !runs.contains(owner.get())) {
        throw takenOver(request, sessions.settings());
      }
      TaskState state = TaskState.takeOver(session, table, request.taskName());
      // Both are ours where the answer is lost, and nobody knows which of them has the row.
      owner.ifPresent(runs::add);
      runs.add(state.run());
      session.commit();
      return new PostgresChangeWriter(sessions, pool, session, request, state);
    } catch (SQLException e) {
      pool.discard(session);
      throw refused(sessions, request, e);
    } catch (DmsException e) {
      pool.discard(session);
      throw e;
    }
  }

  /** The control tables that {@link #open} would create, as far as they are missing. */
  static List<String> preparation(
      PostgresSessions sessions, SessionPool pool, ChangeRequest request) {
    Connection session = pool.borrow();
    try {
      session.setAutoCommit(false);
      List<String> statements = createControlTables(session, request);
      session.rollback();
      session.setAutoCommit(true);
      pool.giveBack(session);
      return statements;
    } catch (SQLException e) {
      pool.discard(session);
      throw refused(sessions, request, e);
    }
  }

  private static List<String> createControlTables(Connection session, ChangeRequest request)
      throws SQLException {
    String schema = ControlTables.schema(request.controlSchema());
    return MissingTables.create(
        session, schema, ApplyTables.definitions(schema, request.controlTables()));
  }

  private static DmsException refused(
      PostgresSessions sessions, ChangeRequest request, SQLException e) {
    return new ApplyFailures(sessions)
        .ofControlTables(
            "Opening the control tables", ControlTables.schema(request.controlSchema()), e);
  }

  private static DmsException takenOver(ChangeRequest request, PostgresSettings settings) {
    return new DmsException(
        ErrorCode.TAKEN_OVER,
        ("Another run of task %s has taken over its row of %s in the target database %s, so this run"
                + " applies nothing more. If two services run the same task, stop one of them.")
            .formatted(request.taskName(), ApplyTables.STATE, settings.place()));
  }

  @Override
  public Optional<Checkpoint> checkpoint() {
    return checkpoint;
  }

  @Override
  public boolean checksForeignKeys() {
    return inControl(
        "Asking for foreign keys",
        () -> {
          try (Statement statement = session.createStatement();
              ResultSet row = statement.executeQuery(CHECKS_FOREIGN_KEYS)) {
            row.next();
            return row.getBoolean(1);
          }
        });
  }

  @Override
  public void savepoint() {
    inControl(
        "Setting a savepoint",
        () -> {
          execute(
              session,
              savepoint ? "RELEASE SAVEPOINT changes; SAVEPOINT changes" : "SAVEPOINT changes");
          savepoint = true;
          return true;
        });
  }

  @Override
  public void rollBackToSavepoint() {
    inControl(
        "Rolling back to the savepoint",
        () -> {
          execute(session, "ROLLBACK TO SAVEPOINT changes");
          stages.rolledBack();
          return true;
        });
  }

  @Override
  public NetCounts apply(TableRoute route, NetChanges changes) throws InterruptedException {
    throwIfInterrupted();
    try {
      return sets.apply(route, changes);
    } catch (SQLException e) {
      throw failures.of(route.target().id(), e);
    }
  }

  @Override
  public long apply(TableRoute route, RowChange change) throws InterruptedException {
    throwIfInterrupted();
    try {
      return rows.apply(route, change);
    } catch (SQLException e) {
      throw failures.of(route.target().id(), e);
    }
  }

  private static void throwIfInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  @Override
  public void truncate(TableSchema target) {
    ofTable(
        "Emptying",
        target.id(),
        () -> {
          definitions.truncate(target.id());
          return true;
        });
  }

  @Override
  public void alter(TableSchema target, TableSchema wanted, List<ColumnChange> changes) {
    ofTable(
        "Altering",
        target.id(),
        () -> {
          stages.drop(target.id());
          definitions.alter(target.id(), changes);
          return true;
        });
  }

  @Override
  public TableSchema describe(TableSchema wanted) {
    return ofTable("Describing", wanted.id(), () -> definitions.describe(wanted));
  }

  @Override
  public Set<String> columns(TableSchema target) {
    return ofTable("Describing", target.id(), () -> definitions.columns(target.id()));
  }

  @Override
  public void drop(TableSchema target) {
    ofTable(
        "Dropping",
        target.id(),
        () -> {
          stages.drop(target.id());
          definitions.drop(target.id());
          return true;
        });
  }

  @Override
  public void rename(TableSchema target, TableId to) {
    ofTable(
        "Renaming",
        target.id(),
        () -> {
          stages.drop(target.id());
          definitions.rename(target.id(), to);
          return true;
        });
  }

  @Override
  public boolean definitionsCommit() {
    return false;
  }

  @Override
  public void write(ControlRow row) {
    inControl(
        "Writing a control table",
        () -> {
          controlRows.write(row);
          return true;
        });
  }

  @Override
  public String statement(TableRoute route, ChangeEvent change) {
    return StatementText.of(route, change);
  }

  @Override
  public void commit(Checkpoint next) {
    inControl(
        "Committing changes",
        () -> {
          if (!state.advance(next, checkpoint)) {
            throw takenOver(request, settings);
          }
          session.commit();
          checkpoint = Optional.of(next);
          savepoint = false;
          stages.committed();
          return true;
        });
  }

  @Override
  public void rollBack() {
    inControl(
        "Rolling back changes",
        () -> {
          session.rollback();
          savepoint = false;
          stages.rolledBack();
          session.commit();
          return true;
        });
  }

  @Override
  public void forget() {
    inControl(
        "Forgetting the task",
        () -> {
          controlRows.forget();
          state.forget();
          session.commit();
          return true;
        });
  }

  @Override
  public boolean isForsaken(Duration since) {
    return backend.isForsaken(since);
  }

  @Override
  public void cancel() {
    backend.cancel();
  }

  @Override
  public void abort() {
    backend.abort(session);
  }

  /** The server rolls back what is open. */
  @Override
  public void close() {
    pool.discard(session);
  }

  @FunctionalInterface
  private interface Work<T> {
    T done() throws SQLException;
  }

  private <T> T inControl(String doing, Work<T> work) {
    try {
      return work.done();
    } catch (SQLException e) {
      throw failures.ofControlTables(doing, ControlTables.schema(request.controlSchema()), e);
    }
  }

  private <T> T ofTable(String doing, TableId table, Work<T> work) {
    try {
      return work.done();
    } catch (SQLException e) {
      throw failures.ofTable(doing, table, e);
    }
  }

  private static void execute(Connection session, String statement) throws SQLException {
    try (Statement once = session.createStatement()) {
      once.execute(statement);
    }
  }
}
