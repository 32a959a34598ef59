package wherry.postgresql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * The server whose log a task reads: whether it can be read, and is the one that was read before.
 */
final class LogServer {
  private static final int VERSION_MIN = 12;

  private final PostgresSessions sessions;
  private final PostgresSettings settings;
  private final ReplicationSlot slot;

  LogServer(PostgresSessions sessions, ReplicationSlot slot) {
    this.sessions = sessions;
    this.settings = sessions.settings();
    this.slot = slot;
  }

  /**
   * @throws DmsException SETTING_INVALID
   */
  void check(Connection session) throws SQLException {
    int version = session.getMetaData().getDatabaseMajorVersion();
    if (version < VERSION_MIN) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "Source %s is PostgreSQL %d; changes can be captured from %d on. Choose the migration type full-load."
              .formatted(settings.place(), version, VERSION_MIN));
    }
    String level = single(session, "SHOW wal_level");
    if (!level.equals("logical")) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          ("The log of source %s does not carry row changes: wal_level is %s. Run there: ALTER"
                  + " SYSTEM SET wal_level = logical; and restart it (on Amazon RDS: set"
                  + " rds.logical_replication to 1).")
              .formatted(settings.place(), level));
    }
  }

  /** Only a replication session tells system and timeline; that one can be had is checked too. */
  LogIdentity identify() {
    try (Connection session = openReplication();
        Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      row.next();
      return new LogIdentity(
          row.getString("systemid"), row.getLong("timeline"), slot.name(), new Lsn(0));
    } catch (SQLException e) {
      throw sessions.failures().during("Identifying the server", "", e);
    }
  }

  /**
   * @throws DmsException PRIVILEGE_MISSING or SETTING_INVALID, with what mends it
   */
  Connection openReplication() {
    try {
      return sessions.openReplication();
    } catch (DmsException e) {
      throw switch (e.code()) {
        case PRIVILEGE_MISSING -> ReplicationSlot.replicationMissing(settings, e);
        case RESOURCES_EXHAUSTED ->
            new DmsException(
                ErrorCode.SETTING_INVALID,
                ("%s Raise max_wal_senders (and max_connections) of the source and restart it, or"
                        + " end other readers of its log (see pg_stat_replication).")
                    .formatted(e.getMessage()),
                e);
        default -> e;
      };
    }
  }

  /**
   * @throws DmsException LOG_CHANGED
   */
  void checkSame(LogIdentity then, LogIdentity now) {
    if (!then.system().equals(now.system())
        || then.timeline() != now.timeline()
        || !then.slot().equals(now.slot())) {
      throw new DmsException(
          ErrorCode.LOG_CHANGED,
          ("The task has so far read slot %s of system %s, timeline %d; the source %s now has slot"
                  + " %s, system %s, timeline %d, another log. Point the endpoint at the former"
                  + " server, or start the task with reload-target.")
              .formatted(
                  then.slot(),
                  then.system(),
                  then.timeline(),
                  settings.place(),
                  now.slot(),
                  now.system(),
                  now.timeline()));
    }
  }

  static String single(Connection session, String query) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return String.valueOf(rows.getString(1));
    }
  }
}
