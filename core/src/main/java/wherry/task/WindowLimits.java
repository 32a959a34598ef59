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
   * Of a batch that has more waiting behind it. More in one set make it hardly cheaper for the
   * target, but let it wait longer for the first and the capture for the last.
   */
  private static final int BATCH_CHANGES_MAX = 50_000;

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
   * @param idle whether nothing more waits to be applied
   * @param positionDue whether the place in the log alone is worth a commit
   */
  boolean isDue(ChangeWindow window, boolean idle, boolean positionDue) {
    if (window.changes() == 0) {
      return window.isUncommitted() || positionDue;
    }
    return isFull(window) || (settings.batch() ? batchIsDue(window, idle) : isLarge(window, idle));
  }

  private boolean isLarge(ChangeWindow window, boolean idle) {
    return idle
        || window.changes() >= Math.max(settings.transactionChangesMin(), TRANSACTION_CHANGES_MAX)
        || window.ageNanos() >= TimeUnit.SECONDS.toNanos(settings.commitTimeoutSeconds());
  }

  private boolean batchIsDue(ChangeWindow window, boolean idle) {
    if (settings.batchChangesMax() > 0 && window.changes() >= settings.batchChangesMax()) {
      return true;
    }
    return window.changes() >= BATCH_CHANGES_MAX
        || window.ageNanos() >= TimeUnit.SECONDS.toNanos(settings.batchSecondsMax())
        || (idle && window.ageNanos() >= TimeUnit.SECONDS.toNanos(settings.batchSecondsMin()));
  }

  /** How long to wait for more before the window has to be looked at again. */
  long nanosUntilDue(ChangeWindow window) {
    long least = settings.batch() ? TimeUnit.SECONDS.toNanos(settings.batchSecondsMin()) : 0;
    return Math.clamp(least - window.ageNanos(), 0, TimeUnit.MILLISECONDS.toNanos(200));
  }
}
