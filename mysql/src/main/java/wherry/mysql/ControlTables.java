package wherry.mysql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import wherry.connector.ControlRow;
import wherry.connector.Target.ChangeRequest;
import wherry.connector.Target.ControlTable;
import wherry.schema.TableId;

/** The control tables of a task that applies changes. */
final class ControlTables {
  private final MySqlSession session;
  private final ChangeRequest request;
  private final String database;

  ControlTables(MySqlSession session, ChangeRequest request) {
    this.session = session;
    this.request = request;
    this.database = MySqlLedger.database(request.controlSchema());
  }

  String database() {
    return database;
  }

  /** Creates those that the task needs; several tasks may do so at the same time. */
  void create() throws SQLException {
    for (String statement : creating()) {
      session.execute(statement);
    }
  }

  /** What {@link #create} runs. */
  List<String> creating() throws SQLException {
    List<String> resources = new ArrayList<>(List.of("change-tables"));
    for (ControlTable table : new TreeSet<>(request.controlTables())) {
      resources.add(
          switch (table) {
            case STATUS -> "status-table";
            case SUSPENDED_TABLES -> "suspended-tables";
            case HISTORY -> "history-table";
          });
    }
    return creating(session, database, resources);
  }

  /** The statements of these resources, and before them that of the database when it is missing. */
  static List<String> creating(MySqlSession session, String database, List<String> resources)
      throws SQLException {
    List<String> statements = new ArrayList<>();
    if (!new MySqlCatalog(session).hasSchema(database)) {
      statements.add(MySqlTarget.createDatabase(database));
    }
    for (String resource : resources) {
      for (String statement : MySqlCatalog.resource(resource).split(";\\s*\\n", -1)) {
        if (!statement.isBlank()) {
          statements.add(statement.replace(":database", MySqlNames.quoted(database)).strip());
        }
      }
    }
    return statements;
  }

  /** Writes a row in the transaction. */
  void write(ControlRow row) throws SQLException {
    switch (row) {
      case ControlRow.ApplyException e ->
          session.update(
              "INSERT INTO "
                  + quoted("awsdms_apply_exceptions")
                  + " (TASK_NAME, TABLE_OWNER, TABLE_NAME, ERROR_TIME, STATEMENT, ERROR) VALUES (?, ?, ?, ?, ?, ?)",
              request.taskName(),
              e.table().schema(),
              e.table().name(),
              ApplyState.text(e.time()),
              e.statement(),
              e.error());
      case ControlRow.Status status -> write(status);
      case ControlRow.Suspended suspended ->
          session.update(
              "REPLACE INTO "
                  + quoted("awsdms_suspended_tables")
                  + " (SERVER_NAME, TASK_NAME, TABLE_OWNER, TABLE_NAME, SUSPEND_REASON, SUSPEND_TIMESTAMP)"
                  + " VALUES (?, ?, ?, ?, left(?, 8000), ?)",
              suspended.serverName(),
              request.taskName(),
              suspended.table().schema(),
              suspended.table().name(),
              suspended.reason(),
              seconds(suspended.time()));
      case ControlRow.Healed healed ->
          session.update(
              "DELETE FROM "
                  + quoted("awsdms_suspended_tables")
                  + " WHERE TASK_NAME=? AND TABLE_OWNER=? AND TABLE_NAME=?",
              request.taskName(),
              healed.table().schema(),
              healed.table().name());
      case ControlRow.Timeslot slot ->
          session.update(
              "REPLACE INTO "
                  + quoted("awsdms_history")
                  + " (SERVER_NAME, TASK_NAME, TIMESLOT_TYPE, TIMESLOT, TIMESLOT_DURATION, TIMESLOT_LATENCY, RECORDS,"
                  + " TIMESLOT_VOLUME) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
              slot.serverName(),
              request.taskName(),
              slot.kind(),
              seconds(slot.slotEnd()),
              slot.minutes(),
              slot.latencySeconds(),
              slot.records(),
              slot.megabytes());
    }
  }

  /** How the task stands is nobody's business any more; what it has told stays. */
  void forget() throws SQLException {
    if (request.controlTables().contains(ControlTable.STATUS)) {
      forget("awsdms_status");
    }
    if (request.controlTables().contains(ControlTable.SUSPENDED_TABLES)) {
      forget("awsdms_suspended_tables");
    }
  }

  private void forget(String table) throws SQLException {
    session.update("DELETE FROM " + quoted(table) + " WHERE TASK_NAME=?", request.taskName());
  }

  private void write(ControlRow.Status status) throws SQLException {
    session.update(
        "REPLACE INTO "
            + quoted("awsdms_status")
            + " (SERVER_NAME, TASK_NAME, TASK_STATUS, STATUS_TIME, PENDING_CHANGES, DISK_SWAP_SIZE, TASK_MEMORY,"
            + " SOURCE_CURRENT_POSITION, SOURCE_CURRENT_TIMESTAMP, SOURCE_TAIL_POSITION, SOURCE_TAIL_TIMESTAMP,"
            + " SOURCE_TIMESTAMP_APPLIED) VALUES (?, ?, ?, ?, ?, ?, ?, left(?, 1024), ?, left(?, 1024), ?, ?)",
        status.serverName(),
        request.taskName(),
        status.taskStatus(),
        seconds(status.time()),
        status.pendingChanges(),
        status.diskSwapMegabytes(),
        status.memoryMegabytes(),
        status.sourceCurrentPosition(),
        seconds(status.sourceCurrentTime()),
        status.sourceTailPosition(),
        seconds(status.sourceTailTime()),
        seconds(status.sourceTimeApplied()));
  }

  /** Without the fraction, which the server would round. */
  private static @Nullable String seconds(@Nullable Instant instant) {
    return instant == null ? null : ApplyState.text(instant).substring(0, 19);
  }

  private String quoted(String table) {
    return MySqlNames.quoted(new TableId(database, table));
  }
}
