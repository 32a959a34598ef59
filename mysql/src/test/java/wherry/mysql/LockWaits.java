package wherry.mysql;

import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** Sessions that wait for a row another one has locked. */
final class LockWaits {
  /**
   * INNODB_TRX shows a copy that the server makes anew only when nobody has read it for 100 ms
   * (CACHE_MIN_IDLE_TIME in trx0i_s.cc): who looks more often never sees anything new.
   */
  private static final Duration LOOK = Duration.ofMillis(250);

  private LockWaits() {}

  /** Until a session waits; answers its number. */
  static String await(Engine engine) {
    return Awaitility.await("a session that waits for a lock")
        .atMost(Duration.ofMinutes(3))
        .pollInterval(LOOK)
        .until(() -> waiting(engine), sessions -> !sessions.isEmpty())
        .get(0);
  }

  private static List<String> waiting(Engine engine) {
    return Applying.query(
        engine,
        "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'");
  }
}
