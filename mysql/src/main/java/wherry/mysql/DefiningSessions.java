package wherry.mysql;

import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sessions, one for each call, in which tables are defined and the ledger is kept. Such statements
 * wait for whoever uses the table, and only the end of the session ends the wait. Safe for all
 * threads.
 */
final class DefiningSessions {
  private final MySqlSettings settings;
  private final Set<MySqlSession> open = ConcurrentHashMap.newKeySet();

  DefiningSessions(MySqlSettings settings) {
    this.settings = settings;
  }

  interface Work<T> {
    T in(MySqlSession session) throws SQLException;
  }

  <T> T use(Work<T> work) throws SQLException {
    try (MySqlSession session =
        MySqlSession.open(settings, MySqlSession.Role.WRITE).limitQueries()) {
      open.add(session);
      try {
        return work.in(session);
      } finally {
        open.remove(session);
      }
    }
  }

  /** Ends those that are open now; their threads find the connection broken. */
  void abandon() {
    open.forEach(MySqlSession::abort);
  }
}
