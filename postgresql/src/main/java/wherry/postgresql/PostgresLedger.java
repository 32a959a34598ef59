package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import wherry.connector.LoadLedger;
import wherry.connector.Segment;
import wherry.error.DmsException;
import wherry.schema.TableId;

/** The ledger of a task, a table of the target. */
final class PostgresLedger implements LoadLedger {
  private final PostgresSessions sessions;
  private final SessionPool pool;
  private final String taskName;
  private final String controlSchema;

  PostgresLedger(
      PostgresSessions sessions, SessionPool pool, String taskName, String controlSchema) {
    this.sessions = sessions;
    this.pool = pool;
    this.taskName = taskName;
    this.controlSchema = controlSchema;
  }

  @FunctionalInterface
  private interface Work<T> {
    T in(Connection session) throws SQLException;
  }

  @Override
  public void open() {
    transaction(
        "Creating the control tables",
        session -> {
          createMissing(session);
          return true;
        });
  }

  /** The attempt tells what the user may; nobody sees it, for it is taken back. */
  @Override
  public List<String> preparation() {
    return transaction(
        "Planning the load ledger",
        session -> {
          List<String> statements = createMissing(session);
          session.rollback();
          return statements;
        });
  }

  private List<String> createMissing(Connection session) throws SQLException {
    return MissingTables.create(
        session,
        ControlTables.schema(controlSchema),
        Map.of(
            ControlTables.LEDGER,
            ControlTables.createLedger(controlSchema),
            ControlTables.EXCEPTIONS,
            ControlTables.createExceptions(controlSchema)));
  }

  @Override
  public List<TableLoad> loads() {
    return transaction(
        "Reading the load ledger",
        session -> {
          try (PreparedStatement select =
              session.prepareStatement(ControlTables.selectLedger(controlSchema))) {
            select.setString(1, taskName);
            try (ResultSet rows = select.executeQuery()) {
              return loads(rows);
            }
          }
        });
  }

  private static List<TableLoad> loads(ResultSet rows) throws SQLException {
    Map<TableId, TableLoad> loads = new LinkedHashMap<>();
    while (rows.next()) {
      TableId table = new TableId(rows.getString("TABLE_OWNER"), rows.getString("TABLE_NAME"));
      boolean keyDeferred = rows.getBoolean("KEY_DEFERRED");
      TableLoad load =
          loads.computeIfAbsent(
              table, id -> new TableLoad(id, new ArrayList<>(), keyDeferred, new ArrayList<>()));
      int number = rows.getInt("SEGMENT");
      load.plan()
          .add(
              new Segment(
                  number,
                  rows.getString("PARTITION_NAME"),
                  rows.getString("PREDICATE"),
                  rows.getLong("ESTIMATED_ROWS"),
                  rows.getBoolean("LASTING")));
      if (rows.getBoolean("DONE")) {
        load.done()
            .add(
                new Done(
                    table,
                    number,
                    rows.getLong("ROWS_READ"),
                    rows.getLong("ROWS_FILTERED"),
                    rows.getLong("ROWS_LOADED"),
                    rows.getLong("ROWS_REJECTED"),
                    rows.getLong("VALUES_SHORTENED"),
                    rows.getString("SNAPSHOT_CUT")));
      }
    }
    return List.copyOf(loads.values());
  }

  /**
   * The rejections kept by an earlier load of the table go with its segments: the rows will be
   * judged again.
   */
  @Override
  public void plan(TableId table, List<Segment> segments, boolean keyDeferred) {
    transaction(
        "Writing the load ledger",
        session -> {
          forget(
              session, ControlTables.ofTable(ControlTables.forgetSegments(controlSchema)), table);
          forget(
              session, ControlTables.ofTable(ControlTables.forgetRejections(controlSchema)), table);
          try (PreparedStatement insert =
              session.prepareStatement(ControlTables.insertSegment(controlSchema))) {
            for (Segment segment : segments) {
              insert.setString(1, taskName);
              insert.setString(2, table.schema());
              insert.setString(3, table.name());
              insert.setInt(4, segment.number());
              insert.setString(5, segment.partition());
              insert.setString(6, segment.predicate());
              insert.setBoolean(7, segment.lasting());
              insert.setLong(8, segment.estimatedRows());
              insert.setBoolean(9, keyDeferred);
              insert.addBatch();
            }
            insert.executeBatch();
          }
          return true;
        });
  }

  private void forget(Connection session, String statement, TableId table) throws SQLException {
    try (PreparedStatement delete = session.prepareStatement(statement)) {
      delete.setString(1, taskName);
      delete.setString(2, table.schema());
      delete.setString(3, table.name());
      delete.executeUpdate();
    }
  }

  @Override
  public void forget() {
    transaction(
        "Forgetting the task in the control tables",
        session -> {
          for (String statement :
              List.of(
                  ControlTables.forgetSegments(controlSchema),
                  ControlTables.forgetRejections(controlSchema))) {
            try (PreparedStatement delete = session.prepareStatement(statement)) {
              delete.setString(1, taskName);
              delete.executeUpdate();
            }
          }
          return true;
        });
  }

  private <T> T transaction(String doing, Work<T> work) {
    Connection session = pool.borrowToDefine();
    try {
      session.setAutoCommit(false);
      T result = work.in(session);
      session.commit();
      session.setAutoCommit(true);
      pool.giveBack(session);
      return result;
    } catch (SQLException e) {
      pool.discard(session);
      throw failure(doing, e);
    }
  }

  private DmsException failure(String doing, SQLException e) {
    String user = PostgresNames.quote(sessions.settings().user());
    String schema = PostgresNames.quote(ControlTables.schema(controlSchema));
    return sessions
        .failures()
        .during(
            doing,
            ("GRANT USAGE, CREATE ON SCHEMA %s TO %s; or name another schema as ControlSchema in"
                    + " the task settings.")
                .formatted(schema, user),
            e);
  }

  /** The target closes the sessions. */
  @Override
  public void close() {}
}
