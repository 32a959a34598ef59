package wherry.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.connector.Resource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableSchema;

/**
 * Several connections that see one and the same state of the server's InnoDB tables, and its place
 * in the binary log. In this order it tries
 *
 * <ol>
 *   <li>MariaDB: each connection's own exact position (binlog_snapshot_file,
 *       binlog_snapshot_position), until all are equal; locks nothing;
 *   <li>FLUSH TABLES WITH READ LOCK (RELOAD), held for the moment in which the connections start
 *       their transactions;
 *   <li>LOCK TABLES ... READ of the selected tables (LOCK TABLES), likewise;
 *   <li>the position before and after the transactions start: when it has stood still all the
 *       while, nothing has happened in between. A commit that waits between the log and the engine
 *       (semi-synchronous replication) could hide here, so this comes last;
 *   <li>a single connection, which is consistent by itself; its position is then unknown.
 * </ol>
 *
 * <p>Neither lock waits longer than {@link #LOCK_WAIT_SECONDS}, because all writers queue behind
 * it; the two are tried in turns.
 *
 * @param sessions with open read-only transactions, at least one
 */
record ConsistentView(List<MySqlSession> sessions, Optional<BinlogPosition> position)
    implements Resource {
  private static final Logger log = LoggerFactory.getLogger(ConsistentView.class);
  private static final int LOCK_WAIT_SECONDS = 1;
  private static final int LOCK_ATTEMPTS_MAX = 6;
  private static final int OWN_POSITION_ATTEMPTS_MAX = 200;
  private static final int STILL_ATTEMPTS_MAX = 25;
  private static final long STILL_MILLISECONDS = 150;

  /** ER_LOCK_WAIT_TIMEOUT. */
  private static final int LOCK_WAIT_TIMEOUT = 1205;

  static ConsistentView open(MySqlSettings settings, List<TableSchema> tables, int readers) {
    List<MySqlSession> sessions = new ArrayList<>();
    try (MySqlSession control = MySqlSession.open(settings, MySqlSession.Role.READ)) {
      for (int i = 0; i < readers; i++) {
        sessions.add(MySqlSession.open(settings, MySqlSession.Role.READ));
      }
      ConsistentView view = new Opening(settings, control, sessions, tables).open();
      if (view.sessions().size() < sessions.size()) {
        sessions.subList(view.sessions().size(), sessions.size()).forEach(MySqlSession::close);
      }
      return view;
    } catch (RuntimeException | Error e) {
      sessions.forEach(MySqlSession::close);
      throw e;
    } catch (SQLException e) {
      sessions.forEach(MySqlSession::close);
      throw MySqlFailure.of(settings, "opening a consistent view", e);
    }
  }

  @Override
  public void close() {
    sessions.forEach(MySqlSession::abort);
  }

  /** The attempts, one after the other. */
  private static final class Opening {
    private final MySqlSettings settings;
    private final MySqlSession control;
    private final List<MySqlSession> sessions;
    private final List<String> locks = new ArrayList<>();

    Opening(
        MySqlSettings settings,
        MySqlSession control,
        List<MySqlSession> sessions,
        List<TableSchema> tables) {
      this.settings = settings;
      this.control = control;
      this.sessions = sessions;
      locks.add("FLUSH TABLES WITH READ LOCK");
      List<String> names =
          tables.stream()
              .filter(table -> table.kind() == TableSchema.Kind.TABLE)
              .map(table -> MySqlNames.quoted(table.id()) + " READ")
              .toList();
      if (!names.isEmpty()) {
        locks.add("LOCK TABLES " + String.join(", ", names));
      }
    }

    ConsistentView open() throws SQLException {
      if (control.server().mariaDb() && control.server().logsChanges()) {
        Optional<ConsistentView> view = byOwnPositions();
        if (view.isPresent()) {
          return view.get();
        }
      }
      Optional<ConsistentView> locked = underAnyLock();
      if (locked.isPresent()) {
        return locked.get();
      }
      if (control.server().logsChanges()) {
        Optional<ConsistentView> view = whileNothingHappens();
        if (view.isPresent()) {
          return view.get();
        }
      }
      return single();
    }

    private Optional<ConsistentView> byOwnPositions() throws SQLException {
      for (int attempt = 0; attempt < OWN_POSITION_ATTEMPTS_MAX; attempt++) {
        Set<BinlogPosition> positions = new HashSet<>();
        for (MySqlSession session : sessions) {
          begin(session);
        }
        for (MySqlSession session : sessions) {
          positions.add(ownPosition(session));
        }
        if (positions.size() == 1) {
          return Optional.of(new ConsistentView(sessions, positions.stream().findFirst()));
        }
      }
      return Optional.empty();
    }

    /** Locks that the user may not take are struck from the list; those that took too long stay. */
    private Optional<ConsistentView> underAnyLock() throws SQLException {
      control.execute("SET SESSION lock_wait_timeout=" + LOCK_WAIT_SECONDS);
      for (int attempt = 0; attempt < LOCK_ATTEMPTS_MAX && !locks.isEmpty(); attempt++) {
        for (String lock : List.copyOf(locks)) {
          Optional<ConsistentView> view = underLock(lock);
          if (view.isPresent()) {
            return view;
          }
        }
      }
      return Optional.empty();
    }

    /** Empty when the lock cannot be had. */
    private Optional<ConsistentView> underLock(String lock) {
      try {
        control.execute(lock);
      } catch (SQLException e) {
        if (MySqlFailure.isConnection(e)) {
          throw MySqlFailure.of(settings, "opening a consistent view", e);
        }
        if (e.getErrorCode() != LOCK_WAIT_TIMEOUT) {
          locks.remove(lock);
        }
        log.debug("A lock at {} was not possible: {}", settings.where(), MySqlFailure.said(e));
        return Optional.empty();
      }
      try {
        for (MySqlSession session : sessions) {
          begin(session);
        }
        return Optional.of(new ConsistentView(sessions, positionIfAllowed()));
      } catch (SQLException e) {
        throw MySqlFailure.of(settings, "opening a consistent view", e);
      } finally {
        unlock();
      }
    }

    private void unlock() {
      try {
        control.execute("UNLOCK TABLES");
      } catch (SQLException e) {
        control.abort(); // The end of the connection releases the lock, too.
      }
    }

    private Optional<ConsistentView> whileNothingHappens() throws SQLException {
      for (int attempt = 0; attempt < STILL_ATTEMPTS_MAX; attempt++) {
        Optional<BinlogPosition> before = positionIfAllowed();
        if (before.isEmpty()) {
          return Optional.empty();
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(STILL_MILLISECONDS));
        for (MySqlSession session : sessions) {
          begin(session);
        }
        if (positionIfAllowed().equals(before)) {
          return Optional.of(new ConsistentView(sessions, before));
        }
      }
      return Optional.empty();
    }

    /** One transaction is a consistent view by itself. */
    private ConsistentView single() throws SQLException {
      if (!locks.isEmpty()) {
        throw new DmsException(
            ErrorCode.BUSY,
            "The source "
                + settings.where()
                + " is too busy to open a consistent view: a read lock could not be had within "
                + LOCK_WAIT_SECONDS
                + " s in "
                + LOCK_ATTEMPTS_MAX
                + " attempts. Look for long statements and transactions (SHOW FULL PROCESSLIST),"
                + " or start the task when fewer transactions commit.");
      }
      if (control.server().logsChanges() && positionIfAllowed().isPresent()) {
        throw new DmsException(
            ErrorCode.PRIVILEGE_MISSING,
            "The source "
                + settings.where()
                + " is too busy to open a consistent view without a lock, and its user may not"
                + " lock. Run: GRANT RELOAD ON *.* TO "
                + MySqlNames.literal(settings.user())
                + "; or start the task when fewer transactions commit.");
      }
      if (sessions.size() > 1) {
        log.warn(
            "The user {} may not lock tables, so the source is read by one connection instead of {}."
                + " For parallel reading run: GRANT RELOAD ON *.* TO {};",
            settings.where(),
            sessions.size(),
            MySqlNames.literal(settings.user()));
      }
      begin(sessions.get(0));
      return new ConsistentView(List.of(sessions.get(0)), Optional.empty());
    }

    private static void begin(MySqlSession session) throws SQLException {
      session.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
      session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    }

    private static BinlogPosition ownPosition(MySqlSession session) throws SQLException {
      List<String> values =
          session.query(
              "SHOW STATUS LIKE 'binlog\\_snapshot\\_%'",
              row -> row.getString(1) + "=" + row.getString(2));
      String file = "";
      long offset = 0;
      for (String value : values) {
        String text = value.substring(value.indexOf('=') + 1);
        if (value.toLowerCase(Locale.ROOT).startsWith("binlog_snapshot_file=")) {
          file = text;
        } else if (value.toLowerCase(Locale.ROOT).startsWith("binlog_snapshot_position=")) {
          offset = Long.parseLong(text);
        }
      }
      return new BinlogPosition(file, offset, 0);
    }

    /** Empty when there is no log, or when the user may not ask. */
    private Optional<BinlogPosition> positionIfAllowed() throws SQLException {
      MySqlServer server = control.server();
      if (!server.logsChanges()) {
        return Optional.empty();
      }
      try {
        return BinlogStatus.end(control);
      } catch (SQLException e) {
        if (e.getErrorCode() != 1227) {
          throw e;
        }
        log.warn(
            "The user {} may not ask for the log position. Run: GRANT {} ON *.* TO {};",
            settings.where(),
            server.mariaDb() ? "BINLOG MONITOR" : "REPLICATION CLIENT",
            MySqlNames.literal(settings.user()));
        return Optional.empty();
      }
    }
  }
}
