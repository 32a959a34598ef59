package wherry.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import wherry.connector.LoadLedger;
import wherry.connector.Segment;
import wherry.schema.TableId;

/**
 * The ledger in {@code awsdms_load_ledger}, and beside it the kept rejections in {@code
 * awsdms_full_load_exceptions}.
 */
final class MySqlLedger implements LoadLedger {
  /** Where AWS DMS keeps its control tables on MySQL targets. */
  static final String DEFAULT_DATABASE = "awsdms_control";

  private static final String LEDGER = "awsdms_load_ledger";
  private static final String EXCEPTIONS = "awsdms_full_load_exceptions";

  private final MySqlSettings settings;
  private final DefiningSessions sessions;
  private final String taskName;
  private final String database;

  MySqlLedger(
      MySqlSettings settings, DefiningSessions sessions, String taskName, String controlSchema) {
    this.settings = settings;
    this.sessions = sessions;
    this.taskName = taskName;
    this.database = database(controlSchema);
  }

  static String database(String controlSchema) {
    return controlSchema.isEmpty() ? DEFAULT_DATABASE : controlSchema;
  }

  static String ledgerTable(String controlSchema) {
    return MySqlNames.quoted(new TableId(database(controlSchema), LEDGER));
  }

  static String exceptionsTable(String controlSchema) {
    return MySqlNames.quoted(new TableId(database(controlSchema), EXCEPTIONS));
  }

  @Override
  public void open() {
    run(
        "creating the control tables",
        session -> {
          for (String statement : creating(session)) {
            session.execute(statement);
          }
        });
  }

  @Override
  public List<String> preparation() {
    List<String> statements = new ArrayList<>();
    run(
        "planning the control tables",
        session -> {
          MySqlGrants.of(session).need(database, MySqlTarget.NEEDED);
          statements.addAll(creating(session));
        });
    return statements;
  }

  private List<String> creating(MySqlSession session) throws SQLException {
    return ControlTables.creating(session, database, List.of("control-tables"));
  }

  @Override
  public List<TableLoad> loads() {
    Map<TableId, TableLoad> loads = new LinkedHashMap<>();
    run(
        "reading the ledger",
        session ->
            session.query(
                "SELECT TABLE_OWNER, TABLE_NAME, SEGMENT, PREDICATE, LASTING, ESTIMATED_ROWS, DONE, ROWS_READ, ROWS_FILTERED,"
                    + " ROWS_LOADED, ROWS_REJECTED, VALUES_SHORTENED, KEY_DEFERRED, SNAPSHOT_CUT, PARTITION_NAME FROM "
                    + quotedLedger()
                    + " WHERE TASK_NAME = ? ORDER BY TABLE_OWNER, TABLE_NAME, SEGMENT",
                row -> {
                  TableId id = new TableId(row.getString(1), row.getString(2));
                  int number = row.getInt(3);
                  boolean keyDeferred = row.getBoolean(13);
                  TableLoad load =
                      loads.computeIfAbsent(
                          id,
                          key ->
                              new TableLoad(
                                  key, new ArrayList<>(), keyDeferred, new ArrayList<>()));
                  load.plan()
                      .add(
                          new Segment(
                              number,
                              row.getString(15),
                              row.getString(4),
                              row.getLong(6),
                              row.getBoolean(5)));
                  if (row.getBoolean(7)) {
                    load.done()
                        .add(
                            new Done(
                                id,
                                number,
                                row.getLong(8),
                                row.getLong(9),
                                row.getLong(10),
                                row.getLong(11),
                                row.getLong(12),
                                row.getString(14)));
                  }
                  return id;
                },
                taskName));
    return List.copyOf(loads.values());
  }

  @Override
  public void plan(TableId table, List<Segment> segments, boolean keyDeferred) {
    run(
        "writing the plan of " + table,
        session -> {
          session.connection().setAutoCommit(false);
          forget(session, Optional.of(table), segments.isEmpty());
          for (Segment segment : segments) {
            session.update(
                "INSERT INTO "
                    + quotedLedger()
                    + " (TASK_NAME, TABLE_OWNER, TABLE_NAME, SEGMENT, PARTITION_NAME, PREDICATE, LASTING, ESTIMATED_ROWS, KEY_DEFERRED,"
                    + " SNAPSHOT_CUT) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
                taskName,
                table.schema(),
                table.name(),
                segment.number(),
                segment.partition(),
                segment.predicate(),
                segment.lasting(),
                segment.estimatedRows(),
                keyDeferred);
          }
          session.connection().commit();
        });
  }

  @Override
  public void forget() {
    run(
        "forgetting the task " + taskName,
        session -> {
          session.connection().setAutoCommit(false);
          forget(session, Optional.empty(), true);
          session.connection().commit();
        });
  }

  /** An entry's key beside the task. */
  private record Entry(String owner, String table, int segment) {}

  /**
   * Looks first and then deletes entry by entry: deleting a range locks the gaps in it, and two
   * tables that are planned at the same time would wait for each other's.
   */
  private void forget(MySqlSession session, Optional<TableId> only, boolean exceptionsToo)
      throws SQLException {
    Predicate<Entry> meant =
        entry -> only.isEmpty() || only.get().equals(new TableId(entry.owner(), entry.table()));
    List<Entry> entries =
        session.query(
            "SELECT TABLE_OWNER, TABLE_NAME, SEGMENT FROM "
                + quotedLedger()
                + " WHERE TASK_NAME = ?",
            row -> new Entry(row.getString(1), row.getString(2), row.getInt(3)),
            taskName);
    for (Entry entry : entries.stream().filter(meant).toList()) {
      session.update(
          "DELETE FROM "
              + quotedLedger()
              + " WHERE TASK_NAME=? AND TABLE_OWNER=? AND TABLE_NAME=? AND SEGMENT=?",
          taskName,
          entry.owner(),
          entry.table(),
          entry.segment());
    }
    if (exceptionsToo) {
      String exceptions = MySqlNames.quoted(new TableId(database, EXCEPTIONS));
      List<Entry> kept =
          session.query(
              "SELECT DISTINCT TABLE_OWNER, TABLE_NAME FROM " + exceptions + " WHERE TASK_NAME = ?",
              row -> new Entry(row.getString(1), row.getString(2), 0),
              taskName);
      for (Entry entry : kept.stream().filter(meant).toList()) {
        session.update(
            "DELETE FROM " + exceptions + " WHERE TASK_NAME=? AND TABLE_OWNER=? AND TABLE_NAME=?",
            taskName,
            entry.owner(),
            entry.table());
      }
    }
  }

  private String quotedLedger() {
    return MySqlNames.quoted(new TableId(database, LEDGER));
  }

  private interface Work {
    void with(MySqlSession session) throws SQLException;
  }

  private void run(String doing, Work work) {
    try {
      sessions.use(session -> {
        work.with(session);
        return true;
      });
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, doing, e);
    }
  }

  /** Nothing is kept open between calls. */
  @Override
  public void close() {}
}
