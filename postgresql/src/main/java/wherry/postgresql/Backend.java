package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * The server's side of a session, as other sessions see it (pg_stat_activity). Safe for all
 * threads.
 */
final class Backend {
  private static final Logger log = LoggerFactory.getLogger(Backend.class);
  private static final int ANSWER_SECONDS = 10;

  /** While rows are copied over a slow network, the server waits for us all the time. */
  private static final int COPY_FACTOR = 15;

  private static final String WAITS_FOR_CLIENT =
      """
      SELECT wait_event = 'ClientRead'
             AND state_change < clock_timestamp() - CASE state WHEN 'active' THEN ? ELSE ? END * interval '1 second'
        FROM pg_catalog.pg_stat_activity WHERE pid = ?
      """;

  private final PostgresSessions sessions;
  private final int pid;

  private Backend(PostgresSessions sessions, int pid) {
    this.sessions = sessions;
    this.pid = pid;
  }

  static Backend of(PostgresSessions sessions, Connection session) throws SQLException {
    return new Backend(sessions, session.unwrap(PGConnection.class).getBackendPID());
  }

  /** Whether the server has no such session any more, or has been waiting for us for that long. */
  boolean isForsaken(Duration since) {
    try (Connection other = sessions.openAnswering(ANSWER_SECONDS);
        PreparedStatement ask = other.prepareStatement(WAITS_FOR_CLIENT)) {
      ask.setLong(1, COPY_FACTOR * since.toSeconds());
      ask.setLong(2, since.toSeconds());
      ask.setInt(3, pid);
      try (ResultSet row = ask.executeQuery()) {
        return !row.next() || row.getBoolean(1);
      }
    } catch (DmsException e) {
      return e.code() == ErrorCode.CONNECTION_FAILED; // Nobody reaches the server.
    } catch (SQLException e) {
      log.debug("Asking for session {}: {}", pid, e.getMessage());
      return false;
    }
  }

  /** Ends the statement that runs, be it at work or waiting. */
  void cancel() {
    try (Connection other = sessions.openAnswering(ANSWER_SECONDS);
        PreparedStatement cancel =
            other.prepareStatement("SELECT pg_catalog.pg_cancel_backend(?)")) {
      cancel.setInt(1, pid);
      cancel.execute();
    } catch (DmsException | SQLException e) {
      log.debug("Cancelling what session {} does: {}", pid, e.getMessage());
    }
  }

  void abort(Connection session) {
    try {
      session.abort(Runnable::run);
    } catch (SQLException e) {
      log.debug("Aborting session {}: {}", pid, e.getMessage());
    }
  }
}
