package wherry.task;

import java.util.OptionalInt;

/**
 * When to try again after an environment error (RecoverableErrorCount, -Interval, -Throttling,
 * "Error handling task settings", AWS DMS guide): 5 s, 10, 20, … up to 1800. Owned by one thread.
 */
final class RetrySchedule {
  private static final int BUILT_IN_COUNT = 9;

  private final TaskSettings.ErrorBehavior errors;
  private int attempts;
  private int waitSeconds;
  private boolean exhausted;

  RetrySchedule(TaskSettings.ErrorBehavior errors) {
    this.errors = errors;
    this.waitSeconds = errors.recoverableIntervalSeconds();
  }

  /** Seconds to wait before the next attempt; empty when there is none left. */
  OptionalInt next() {
    int limit = errors.recoverableCount() < 0 ? BUILT_IN_COUNT : errors.recoverableCount();
    if (attempts >= limit || exhausted) {
      return OptionalInt.empty();
    }
    attempts++;
    int wait = waitSeconds;
    if (errors.recoverableThrottling()) {
      waitSeconds = (int) Math.min(2L * waitSeconds, errors.recoverableIntervalMaxSeconds());
      exhausted = errors.stopAtIntervalMax() && wait >= errors.recoverableIntervalMaxSeconds();
    }
    return OptionalInt.of(wait);
  }

  int attempts() {
    return attempts;
  }

  /** Something was committed since the last error: the environment is healthy again. */
  void reset() {
    attempts = 0;
    waitSeconds = errors.recoverableIntervalSeconds();
    exhausted = false;
  }
}
