package wherry.elasticache;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import wherry.error.DmsException;

/** Waits for servers to become what they were told to be; ends early when the group is closed. */
final class Waiting {
  private static final long PAUSE_MILLISECONDS = 20;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Duration patience;

  Waiting(Duration patience) {
    this.patience = patience;
  }

  /** A question to a server; while it cannot be asked, the answer is no. */
  @FunctionalInterface
  interface Condition {
    boolean holds();
  }

  /**
   * @param what for the message, such as {@code orders-001 answers}
   * @throws CacheServerException when it does not come true in time, with the last failure, or the
   *     group is closed
   */
  void until(String what, Condition condition) {
    long end = System.nanoTime() + patience.toNanos();
    DmsException last = null;
    do {
      try {
        if (condition.holds()) {
          return;
        }
        last = null;
      } catch (DmsException e) {
        last = e;
      }
      pause(PAUSE_MILLISECONDS);
    } while (System.nanoTime() < end);
    throw new CacheServerException(
        "Waited "
            + patience.toSeconds()
            + " s in vain until "
            + what
            + (last == null ? "." : ": " + last.getMessage() + "."),
        last);
  }

  private void pause(long milliseconds) {
    pauseUntilClosed(milliseconds);
    requireOpen();
  }

  /** Waits so long, or less when the group is closed meanwhile. */
  void pauseUntilClosed(long milliseconds) {
    try {
      closed.await(milliseconds, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CacheServerException("Interrupted while waiting.", e);
    }
  }

  /**
   * @throws CacheServerException when the group is closed
   */
  void requireOpen() {
    if (isClosed()) {
      throw new CacheServerException("The group is being closed.");
    }
  }

  boolean isClosed() {
    return closed.getCount() == 0;
  }

  void close() {
    closed.countDown();
  }
}
