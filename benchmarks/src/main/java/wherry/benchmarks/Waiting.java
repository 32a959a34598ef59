package wherry.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import wherry.sandbox.SandboxException;

/** Waiting for others to come so far. */
final class Waiting {
  private static final long POLL_MILLISECONDS = 20;
  private static final long PATIENCE_MINUTES = 15;

  private Waiting() {}

  static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(PATIENCE_MINUTES);
    try {
      while (!condition.getAsBoolean()) {
        if (System.nanoTime() > deadline) {
          throw new SandboxException("waited " + PATIENCE_MINUTES + " minutes in vain for " + what);
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while waiting for " + what, e);
    }
  }
}
