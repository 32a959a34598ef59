package wherry.chaos;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.core.exception.SdkClientException;
import wherry.sandbox.SandboxException;

/** Waiting for what has to come true. */
final class Patience {
  private static final long POLL_MILLISECONDS = 100;

  private Patience() {}

  /** What is asked again and again; a server that is away is an answer, too: not yet. */
  interface Condition {
    boolean holds() throws SQLException, InterruptedException;
  }

  /** Returns when the condition holds, and throws when it does not within the time. */
  static void await(String what, Duration most, Condition condition) throws InterruptedException {
    if (!within(most, condition)) {
      throw new SandboxException("waited " + most.toSeconds() + " s in vain for " + what);
    }
  }

  /** Whether the condition came to hold within the time. */
  static boolean within(Duration most, Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        if (condition.holds()) {
          return true;
        }
      } catch (SQLException | SdkClientException away) {
        // Not yet.
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS);
    }
    return false;
  }
}
