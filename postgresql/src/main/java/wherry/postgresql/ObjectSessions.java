package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions of the target in which objects are made and dropped; {@link #stop} ends them wherever
 * they wait. Safe for all threads.
 */
final class ObjectSessions {
  private static final Logger log = LoggerFactory.getLogger(ObjectSessions.class);

  /**
   * As pg_restore does: names come with their schema, bodies of functions may name what comes
   * later.
   */
  private static final String SESSION =
      """
      SET search_path = ''; SET check_function_bodies = off; SET client_min_messages = warning;
      SET default_tablespace = ''; SET lock_timeout = '%ds'
      """;

  /**
   * Building an index takes maintenance_work_mem, and less time where all of it can be sorted
   * there. All sessions together take what eight, the jobs of a data migration unless it says
   * otherwise, take of a server that is not configured; one that gives them more is taken at its
   * word.
   */
  private static final String MEMORY =
      """
      SELECT set_config('maintenance_work_mem',
        greatest(pg_size_bytes(current_setting('maintenance_work_mem')) / 1024, 524288 / %d) || 'kB', false)
      """;

  private final PostgresSessions target;
  private final int jobs;
  private final Set<Connection> opened = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  /**
   * @param jobs how many may be open at once
   */
  ObjectSessions(PostgresSessions target, int jobs) {
    this.target = target;
    this.jobs = jobs;
  }

  PostgresSessions target() {
    return target;
  }

  /** A session without autocommit, which waits for locks as long as catalogue queries may take. */
  Connection open() throws SQLException {
    Connection session = target.open();
    opened.add(session);
    if (stopped) {
      end(session); // It was stopped while nobody knew of this session.
    }
    try (Statement statement = session.createStatement()) {
      statement.execute(SESSION.formatted(target.settings().executeTimeoutSeconds()));
      statement.execute(MEMORY.formatted(jobs));
      PostgresSessions.passAutovacuum(session, false);
      session.setAutoCommit(false);
      return session;
    } catch (SQLException e) {
      close(session);
      throw e;
    }
  }

  void close(Connection session) throws SQLException {
    opened.remove(session);
    session.close();
  }

  boolean isStopped() {
    return stopped;
  }

  /**
   * @throws InterruptedException when it was stopped
   */
  void check() throws InterruptedException {
    if (stopped) {
      throw new InterruptedException("The carrying of objects was stopped");
    }
  }

  void stop() {
    stopped = true;
    opened.forEach(session -> Thread.startVirtualThread(() -> end(session)));
  }

  /** A server that only lost its client would go on with what it does, and hold its locks. */
  private static void end(Connection session) {
    try {
      session.unwrap(PGConnection.class).cancelQuery();
    } catch (SQLException e) {
      log.debug("Cancelling what a session does: {}", e.getMessage());
    }
    try {
      session.abort(Runnable::run);
    } catch (SQLException e) {
      log.debug("Aborting a session: {}", e.getMessage());
    }
  }
}
