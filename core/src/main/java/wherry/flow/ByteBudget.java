package wherry.flow;

/**
 * Memory that several transfers share: wide rows wait for each other instead of filling the heap together. A request larger
 * than the whole budget gets all of it. Safe for all threads; who has acquired must release, on whatever thread.
 */
public final class ByteBudget {
  private final long total;
  private long free;

  public ByteBudget(long totalBytes) {
    this.total = totalBytes;
    this.free = totalBytes;
  }

  /**
   * Waits until there is room. Acquire once for a piece of work, never more while holding some: that way nobody waits for
   * somebody who waits.
   *
   * @return what was taken, to be released later
   */
  public synchronized long acquire(long bytes) throws InterruptedException {
    long wanted = Math.min(bytes, total);
    while (free < wanted) {
      wait();
    }
    free -= wanted;
    return wanted;
  }

  public synchronized void release(long bytes) {
    free += bytes;
    notifyAll();
  }
}
