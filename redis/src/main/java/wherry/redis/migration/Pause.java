package wherry.redis.migration;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits between two looks at a server, which tells nobody when something has changed. */
final class Pause {
  private Pause() {}

  static void milliseconds(long milliseconds) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(milliseconds));
  }
}
