package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import wherry.connector.ControlRow;
import wherry.connector.Target.ChangeRequest;
import wherry.connector.Target.ControlTable;
import wherry.schema.TableId;

/**
 * Writes rows of the control tables in the transaction of the changes. Tables that the task's
 * settings do not want are not there, and their rows are left out.
 */
final class ControlRows {
  private final Connection session;
  private final String schema;
  private final String taskName;
  private final Set<ControlTable> wanted;

  ControlRows(Connection session, ChangeRequest request) {
    this.session = session;
    this.schema = request.controlSchema();
    this.taskName = request.taskName();
    this.wanted = request.controlTables();
  }

  void write(ControlRow row) throws SQLException {
    switch (row) {
      case ControlRow.ApplyException exception -> insert(exception);
      case ControlRow.Status status -> {
        if (wanted.contains(ControlTable.STATUS)) {
          replace(status);
        }
      }
      case ControlRow.Suspended suspended -> {
        if (wanted.contains(ControlTable.SUSPENDED_TABLES)) {
          forgetSuspended(suspended.table());
          insert(suspended);
        }
      }
      case ControlRow.Healed healed -> {
        if (wanted.contains(ControlTable.SUSPENDED_TABLES)) {
          forgetSuspended(healed.table());
        }
      }
      case ControlRow.Timeslot slot -> {
        if (wanted.contains(ControlTable.HISTORY)) {
          replace(slot);
        }
      }
    }
  }

  /** How the task stands is nobody's business any more; what it has told stays. */
  void forget() throws SQLException {
    String ofTask = "DELETE FROM %s WHERE \"TASK_NAME\" = ?";
    if (wanted.contains(ControlTable.STATUS)) {
      execute(ofTask, ApplyTables.STATUS, taskName);
    }
    if (wanted.contains(ControlTable.SUSPENDED_TABLES)) {
      execute(ofTask, ApplyTables.SUSPENDED, taskName);
    }
  }

  private void insert(ControlRow.ApplyException row) throws SQLException {
    insert(
        ApplyTables.EXCEPTIONS,
        List.of("TASK_NAME", "TABLE_OWNER", "TABLE_NAME", "ERROR_TIME", "STATEMENT", "ERROR"),
        taskName,
        row.table().schema(),
        row.table().name(),
        row.time(),
        StorableText.of(row.statement(), session),
        StorableText.of(row.error(), session));
  }

  private void replace(ControlRow.Status row) throws SQLException {
    execute("DELETE FROM %s WHERE \"TASK_NAME\" = ?", ApplyTables.STATUS, taskName);
    insert(
        ApplyTables.STATUS,
        List.of(
            "SERVER_NAME",
            "TASK_NAME",
            "TASK_STATUS",
            "STATUS_TIME",
            "PENDING_CHANGES",
            "DISK_SWAP_SIZE",
            "TASK_MEMORY",
            "SOURCE_CURRENT_POSITION",
            "SOURCE_CURRENT_TIMESTAMP",
            "SOURCE_TAIL_POSITION",
            "SOURCE_TAIL_TIMESTAMP",
            "SOURCE_TIMESTAMP_APPLIED"),
        row.serverName(),
        taskName,
        row.taskStatus(),
        row.time(),
        row.pendingChanges(),
        row.diskSwapMegabytes(),
        row.memoryMegabytes(),
        row.sourceCurrentPosition(),
        row.sourceCurrentTime(),
        row.sourceTailPosition(),
        row.sourceTailTime(),
        row.sourceTimeApplied());
  }

  private void insert(ControlRow.Suspended row) throws SQLException {
    insert(
        ApplyTables.SUSPENDED,
        List.of(
            "SERVER_NAME",
            "TASK_NAME",
            "TABLE_OWNER",
            "TABLE_NAME",
            "SUSPEND_REASON",
            "SUSPEND_TIMESTAMP"),
        row.serverName(),
        taskName,
        row.table().schema(),
        row.table().name(),
        StorableText.of(row.reason(), session),
        row.time());
  }

  private void forgetSuspended(TableId table) throws SQLException {
    execute(
        "DELETE FROM %s WHERE \"TASK_NAME\" = ? AND \"TABLE_OWNER\" = ? AND \"TABLE_NAME\" = ?",
        ApplyTables.SUSPENDED, taskName, table.schema(), table.name());
  }

  private void replace(ControlRow.Timeslot row) throws SQLException {
    execute(
        "DELETE FROM %s WHERE \"TASK_NAME\" = ? AND \"TIMESLOT_TYPE\" = ? AND \"TIMESLOT\" = ?",
        ApplyTables.HISTORY, taskName, row.kind(), row.slotEnd());
    insert(
        ApplyTables.HISTORY,
        List.of(
            "SERVER_NAME",
            "TASK_NAME",
            "TIMESLOT_TYPE",
            "TIMESLOT",
            "TIMESLOT_DURATION",
            "TIMESLOT_LATENCY",
            "RECORDS",
            "TIMESLOT_VOLUME"),
        row.serverName(),
        taskName,
        row.kind(),
        row.slotEnd(),
        row.minutes(),
        row.latencySeconds(),
        row.records(),
        row.megabytes());
  }

  private void insert(String table, List<String> columns, @Nullable Object... values)
      throws SQLException {
    String names = columns.stream().map(PostgresNames::quote).collect(Collectors.joining(", "));
    String parameters = String.join(", ", Collections.nCopies(columns.size(), "?"));
    execute("INSERT INTO %s (" + names + ") VALUES (" + parameters + ")", table, values);
  }

  private void execute(String statement, String table, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement prepared =
        session.prepareStatement(statement.formatted(ControlTables.table(schema, table)))) {
      for (int i = 0; i < values.length; i++) {
        Object value = values[i];
        if (value == null) {
          prepared.setNull(i + 1, Types.OTHER);
        } else if (value instanceof Instant time) {
          prepared.setObject(i + 1, LocalDateTime.ofInstant(time, ZoneOffset.UTC));
        } else {
          prepared.setObject(i + 1, value);
        }
      }
      prepared.executeUpdate();
    }
  }
}
