package wherry.postgresql;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wherry.change.Checkpoint;
import wherry.schema.TableId;

/**
 * The task's row of awsdms_txn_state: how far its changes are, and which session may say so. A run
 * takes the row over when it opens its session. From then on a run before it, still alive because
 * its service was stalled or cut off, can commit nothing more: it would have to update the row as
 * the session that it no longer is.
 */
final class TaskState {
  /** Sessions of a server never share pid and time of birth. */
  private static final String OWN_RUN =
      "(SELECT pid || '/' || backend_start FROM pg_catalog.pg_stat_activity WHERE pid ="
          + " pg_catalog.pg_backend_pid())";

  private final Connection session;
  private final String table;
  private final String taskName;
  private final String run;

  private TaskState(Connection session, String table, String taskName, String run) {
    this.session = session;
    this.table = table;
    this.taskName = taskName;
    this.run = run;
  }

  /**
   * The session that has the row now; empty when no run ever had it. Takes no lock: that session
   * may hold one, and be stalled.
   */
  static Optional<String> owner(Connection session, String table, String taskName)
      throws SQLException {
    try (PreparedStatement select =
        session.prepareStatement(
            "SELECT \"RUN\" FROM %s WHERE \"TASK_NAME\" = ?".formatted(table))) {
      select.setString(1, taskName);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
      }
    }
  }

  /**
   * Ends the session of a run before, whose locks would be in the way, and takes the row; the
   * caller commits.
   */
  static TaskState takeOver(Connection session, String table, String taskName) throws SQLException {
    String end =
        """
        SELECT pg_catalog.pg_terminate_backend(a.pid)
          FROM %s s JOIN pg_catalog.pg_stat_activity a ON a.pid || '/' || a.backend_start = s."RUN"
         WHERE s."TASK_NAME" = ? AND a.pid <> pg_catalog.pg_backend_pid()
        """
            .formatted(table);
    try (PreparedStatement statement = session.prepareStatement(end)) {
      statement.setString(1, taskName);
      statement.execute();
    }
    String take =
        """
        INSERT INTO %s AS state ("TASK_NAME", "RUN") VALUES (?, %s)
        ON CONFLICT ("TASK_NAME") DO UPDATE SET "RUN" = EXCLUDED."RUN"
        RETURNING "RUN"
        """
            .formatted(table, OWN_RUN);
    try (PreparedStatement statement = session.prepareStatement(take)) {
      statement.setString(1, taskName);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return new TaskState(session, table, taskName, rows.getString(1));
      }
    }
  }

  /** Who we are in the row. */
  String run() {
    return run;
  }

  Optional<Checkpoint> checkpoint() throws SQLException {
    String query =
        """
        SELECT "SOURCE_POSITION", "SOURCE_COMMITTED_AT", "AHEAD_POSITION", "BEHIND_OWNERS", "BEHIND_TABLES",
               "SUSPENDED_OWNERS", "SUSPENDED_TABLES", "SOURCE_IDENTITY", "TABLE_NOTES", "TABLE_PARTITIONS"
          FROM %s WHERE "TASK_NAME" = ? AND "SOURCE_POSITION" IS NOT NULL
        """
            .formatted(table);
    try (PreparedStatement select = session.prepareStatement(query)) {
      select.setString(1, taskName);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(checkpoint(row)) : Optional.empty();
      }
    }
  }

  private static Checkpoint checkpoint(ResultSet row) throws SQLException {
    return new Checkpoint(
        row.getString("SOURCE_POSITION"),
        row.getObject("SOURCE_COMMITTED_AT", LocalDateTime.class).toInstant(ZoneOffset.UTC),
        row.getString("AHEAD_POSITION"),
        tables(row, "BEHIND_OWNERS", "BEHIND_TABLES"),
        tables(row, "SUSPENDED_OWNERS", "SUSPENDED_TABLES"),
        row.getString("SOURCE_IDENTITY"),
        row.getString("TABLE_NOTES"),
        row.getString("TABLE_PARTITIONS"));
  }

  private static List<TableId> tables(ResultSet row, String ownersColumn, String tablesColumn)
      throws SQLException {
    String[] owners = (String[]) row.getArray(ownersColumn).getArray();
    String[] tables = (String[]) row.getArray(tablesColumn).getArray();
    List<TableId> all = new ArrayList<>();
    for (int i = 0; i < tables.length; i++) {
      all.add(new TableId(owners[i], tables[i]));
    }
    return all;
  }

  /**
   * Writes the checkpoint; what is long and as it was is not written again.
   *
   * @param before the one that was committed last, as far as that is known
   * @return false when the row is another run's by now
   */
  boolean advance(Checkpoint checkpoint, Optional<Checkpoint> before) throws SQLException {
    boolean repartitioned =
        before.isEmpty() || !before.get().partitions().equals(checkpoint.partitions());
    String update =
        """
        UPDATE %s SET "CHECKPOINT" = ?, "SOURCE_POSITION" = ?, "SOURCE_COMMITTED_AT" = ?, "AHEAD_POSITION" = ?,
               "BEHIND_OWNERS" = ?, "BEHIND_TABLES" = ?, "SUSPENDED_OWNERS" = ?, "SUSPENDED_TABLES" = ?,
               "SOURCE_IDENTITY" = ?, "TABLE_NOTES" = ?,
               "TABLE_PARTITIONS" = coalesce(?, "TABLE_PARTITIONS")
         WHERE "TASK_NAME" = ? AND "RUN" = ?
        """
            .formatted(table);
    try (PreparedStatement statement = session.prepareStatement(update)) {
      statement.setString(1, checkpoint.text());
      statement.setString(2, checkpoint.position());
      statement.setObject(3, LocalDateTime.ofInstant(checkpoint.committedAt(), ZoneOffset.UTC));
      statement.setString(4, checkpoint.ahead());
      statement.setArray(5, texts(checkpoint.behind().stream().map(TableId::schema).toArray()));
      statement.setArray(6, texts(checkpoint.behind().stream().map(TableId::name).toArray()));
      statement.setArray(7, texts(checkpoint.suspended().stream().map(TableId::schema).toArray()));
      statement.setArray(8, texts(checkpoint.suspended().stream().map(TableId::name).toArray()));
      statement.setString(9, checkpoint.identity());
      statement.setString(10, checkpoint.notes());
      statement.setString(11, repartitioned ? checkpoint.partitions() : null);
      statement.setString(12, taskName);
      statement.setString(13, run);
      return statement.executeUpdate() == 1;
    }
  }

  void forget() throws SQLException {
    try (PreparedStatement delete =
        session.prepareStatement("DELETE FROM %s WHERE \"TASK_NAME\" = ?".formatted(table))) {
      delete.setString(1, taskName);
      delete.executeUpdate();
    }
  }

  private Array texts(Object[] values) throws SQLException {
    return session.createArrayOf("text", values);
  }
}
