package wherry.flow;

import java.util.concurrent.Semaphore;

/**
 * Memory that several transfers share: wide rows wait for each other instead of filling the heap
 * together. A request larger than the whole budget gets all of it; requests are met in the order
 * they came, so a large one is not passed over for ever. Safe for all threads; who has acquired
 * must release, on whatever thread.
 */
public final class ByteBudget {
  /** A semaphore counts in int, a heap does not fit into one in bytes. */
  private static final int BYTES_PER_PERMIT = 1024;

  private final int permits;
  private final Semaphore free;

  /**
   * @param totalBytes counted in whole KiB, at least one
   */
  public ByteBudget(long totalBytes) {
    this.permits = (int) Math.min(Integer.MAX_VALUE, Math.max(1, totalBytes / BYTES_PER_PERMIT));
    this.free = new Semaphore(permits, true);
  }

  /** All of it, for who cannot know yet how much it takes. */
  public long totalBytes() {
    return (long) permits * BYTES_PER_PERMIT;
  }

  /**
   * Waits until there is room. Never acquire while holding some: that way nobody waits for somebody
   * who waits.
   *
   * @return what was taken, to be released later
   */
  public long acquire(long bytes) throws InterruptedException {
    long wanted = wholePermits(bytes);
    free.acquire((int) (wanted / BYTES_PER_PERMIT));
    return wanted;
  }

  /** What {@link #acquire} takes for so many bytes. */
  public long wholePermits(long bytes) {
    return Math.min(permits, (bytes + BYTES_PER_PERMIT - 1) / BYTES_PER_PERMIT) * BYTES_PER_PERMIT;
  }

  /**
   * @param bytes what {@link #acquire} has returned, or whole permits of it
   */
  public void release(long bytes) {
    free.release((int) (bytes / BYTES_PER_PERMIT));
  }
}
