package wherry.task;

import java.util.concurrent.TimeUnit;

/** When a window of changes is applied and committed ("Change processing tuning settings"). */
final class WindowLimits {
  /**
   * Of a transactional window that could be committed but has more waiting behind it: a commit
   * costs the same for one change and for thousands.
   */
  private static final int TRANSACTION_CHANGES_MAX = 20_000;

  /**
   * Of a batch that has more waiting behind it: the more changes in one set, the more of them meet
   * on one page of the target.
   */
  private static final int BATCH_CHANGES_MAX = 200_000;

  /** Of a batch that has nothing waiting behind it: the target had better begin than wait. */
  private static final int BATCH_CHANGES_ENOUGH = 50_000;

  private final ChangeSettings settings;
  private final long bytesMax;

  WindowLimits(ChangeSettings settings) {
    this.settings = settings;
    long part = Runtime.getRuntime().maxMemory() / 8;
    this.bytesMax = settings.batch() ? Math.min(part, settings.batchBytesMax()) : part;
  }

  /** What may wait between capture and apply. */
  long waitingBytesMax() {
    return Math.min(settings.bufferBytes(), Runtime.getRuntime().maxMemory() / 16);
  }

  /** Whether the window must be applied for the memory it takes, be its transaction over or not. */
  boolean isFull(ChangeWindow window) {
    return window.bytes() >= bytesMax;
  }

  /**
   * Whether the window is to be committed now.
   *
   * @param waitingBytes what was captured and waits behind it
   * @param isLast whether nothing else is at hand
   * @param positionDue whether the place in the log alone is worth a commit
   */
  boolean isDue(ChangeWindow window, long waitingBytes, boolean isLast, boolean positionDue) {
    if (window.changes() == 0) {
      return window.isUncommitted() || positionDue;
    }
    boolean idle = isLast && waitingBytes == 0;
    return isFull(window)
        || (settings.batch()
            ? batchIsDue(window, waitingBytes, idle)
            : transactionsAreDue(window, idle));
  }

  private boolean transactionsAreDue(ChangeWindow window, boolean idle) {
    return idle
        || window.changes() >= Math.max(settings.transactionChangesMin(), TRANSACTION_CHANGES_MAX)
        || window.ageNanos() >= TimeUnit.SECONDS.toNanos(settings.commitTimeoutSeconds());
  }

  private boolean batchIsDue(ChangeWindow window, long waitingBytes, boolean idle) {
    if (settings.batchChangesMax() > 0 && window.changes() >= settings.batchChangesMax()) {
      return true;
    }
    return window.changes() >= (waitingBytes > 0 ? BATCH_CHANGES_MAX : BATCH_CHANGES_ENOUGH)
        || window.ageNanos() >= TimeUnit.SECONDS.toNanos(settings.batchSecondsMax())
        || (idle && nanosUntilDue(window) == 0);
  }

  /**
   * How long to wait for more before the window has to be looked at again. Who is behind the source
   * by more than BatchApplyTimeoutMin has waited already.
   */
  long nanosUntilDue(ChangeWindow window) {
    long least = settings.batch() ? TimeUnit.SECONDS.toNanos(settings.batchSecondsMin()) : 0;
    return Math.clamp(
        least - Math.max(window.ageNanos(), window.lagNanos()),
        0,
        TimeUnit.MILLISECONDS.toNanos(200));
  }
}
