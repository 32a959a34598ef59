package wherry.flow;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one queue of the data plane, from one producer to one consumer. Bounded in items and in
 * bytes; an item larger than the byte limit passes alone. Carries the producer's failure to the
 * consumer and the consumer's to the producer: nothing drops, nothing grows.
 */
public final class Handoff<T> {
  private record Item<T>(T value, long bytes) {}

  private final int itemsMax;
  private final long bytesMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Item<T>> items = new ArrayDeque<>();
  private long bytes;
  private boolean finished;
  private @Nullable Throwable failure;

  /**
   * @param itemsMax that wait at most
   * @param bytesMax that they take at most; a single item may be larger
   */
  public Handoff(int itemsMax, long bytesMax) {
    this.itemsMax = itemsMax;
    this.bytesMax = bytesMax;
  }

  /**
   * Hands on an item; waits while the queue is full.
   *
   * @throws HandoffClosed when the other side has failed
   */
  public void put(T value, long itemBytes) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (failure == null
          && !items.isEmpty()
          && (items.size() >= itemsMax || bytes + itemBytes > bytesMax)) {
        changed.await();
      }
      throwFailure();
      items.add(new Item<>(value, itemBytes));
      bytes += itemBytes;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the next item; waits while there is none.
   *
   * @return empty when the producer has finished and all items are taken
   * @throws HandoffClosed when the other side has failed; items not yet taken are dropped with it
   */
  public Optional<T> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (failure == null && items.isEmpty() && !finished) {
        changed.await();
      }
      throwFailure();
      return Optional.ofNullable(items.poll()).map(this::taken);
    } finally {
      lock.unlock();
    }
  }

  /**
   * As {@link #take}, but waits no longer than that.
   *
   * @return empty when none came in time
   */
  public Optional<T> poll(long patienceNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patienceNanos;
      while (failure == null && items.isEmpty() && !finished && left > 0) {
        left = changed.awaitNanos(left);
      }
      throwFailure();
      return Optional.ofNullable(items.poll()).map(this::taken);
    } finally {
      lock.unlock();
    }
  }

  private T taken(Item<T> item) {
    bytes -= item.bytes();
    changed.signalAll();
    return item.value();
  }

  /** Bytes of the items that wait. */
  public long waitingBytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  /** The producer has no more items. */
  public void finish() {
    lock.lock();
    try {
      finished = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Either side gives up; the first failure counts. */
  public void fail(Throwable cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
      items.clear();
      bytes = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void throwFailure() {
    if (failure != null) {
      throw new HandoffClosed(failure);
    }
  }

  /** The other side failed; the cause says how. */
  public static final class HandoffClosed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    HandoffClosed(Throwable cause) {
      super("The other side of the hand-off failed", cause);
    }
  }
}
