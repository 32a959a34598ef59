package wherry.chaos;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import wherry.sandbox.FaultProxy.Tap;

/**
 * Kills the service at an exact point, which is told by what it says on the wire, so that nothing
 * has to be built into it.
 */
final class CrashPoint implements Tap {
  /** Where it dies. */
  enum At {
    /** It has asked the target to commit; the target never hears of it. */
    BEFORE_COMMIT,
    /** The target has committed; the service never hears of it. */
    AFTER_COMMIT,
    /** It tells a PostgreSQL source what the source may forget; the source never hears of it. */
    BEFORE_ACKNOWLEDGE
  }

  private static final byte[] COMMIT = "COMMIT".getBytes(StandardCharsets.US_ASCII);

  /**
   * A standby status update within CopyData: Byte1('d') Int32(38) Byte1('r') Int64(written)
   * Int64(flushed) and so on (PostgreSQL 18 manual, 54.4 and 54.7).
   */
  private static final byte[] STATUS_UPDATE = {'d', 0, 0, 0, 38, 'r'};

  private final At at;
  private final Runnable crash;
  private final AtomicInteger toPass;
  private final CountDownLatch crashed = new CountDownLatch(1);

  /** Per connection: the statement that a PostgreSQL driver has prepared for its commits. */
  private final Map<Integer, byte[]> preparedCommit = new ConcurrentHashMap<>();

  /** Per connection: the position first told to be flushed. */
  private final Map<Integer, Long> firstFlushed = new ConcurrentHashMap<>();

  /** Connections whose next answer is that of a commit. */
  private final Map<Integer, Boolean> committing = new ConcurrentHashMap<>();

  /**
   * @param toPass so often the point is passed unharmed
   * @param crash kills, and returns when it is dead
   */
  CrashPoint(At at, int toPass, Runnable crash) {
    this.at = at;
    this.crash = crash;
    this.toPass = new AtomicInteger(toPass);
  }

  /** Whether it came to the crash within the time. */
  boolean await(Duration most) throws InterruptedException {
    return crashed.await(most.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public boolean passes(int connection, boolean toServer, byte[] bytes, int length) {
    if (crashed.getCount() == 0) {
      return true;
    }
    boolean reached =
        switch (at) {
          case BEFORE_COMMIT -> toServer && asksToCommit(connection, bytes, length);
          case AFTER_COMMIT -> {
            if (toServer) {
              if (asksToCommit(connection, bytes, length)) {
                committing.put(connection, true);
              }
              yield false;
            }
            yield committing.remove(connection) != null;
          }
          case BEFORE_ACKNOWLEDGE -> toServer && acknowledges(connection, bytes, length);
        };
    if (!reached || toPass.getAndDecrement() > 0 || crashed.getCount() == 0) {
      return true;
    }
    crash.run();
    crashed.countDown();
    return false;
  }

  /**
   * By the word itself, or by the name of the statement that was prepared with it: Parse is
   * Byte1('P') Int32 String(name) String(query), Bind has String(portal) String(name).
   */
  private boolean asksToCommit(int connection, byte[] bytes, int length) {
    int found = indexOf(bytes, length, COMMIT);
    if (found >= 0) {
      int end = found - 1;
      int start = end;
      while (start > 0 && bytes[start - 1] > ' ') {
        start--;
      }
      if (end > start && bytes[end] == 0) {
        byte[] name = new byte[end - start + 2];
        System.arraycopy(bytes, start, name, 1, end - start);
        preparedCommit.put(connection, name);
      }
      return true;
    }
    byte[] name = preparedCommit.get(connection);
    return name != null && indexOf(bytes, length, name) >= 0;
  }

  private boolean acknowledges(int connection, byte[] bytes, int length) {
    int found = indexOf(bytes, length, STATUS_UPDATE);
    int flushedAt = found + STATUS_UPDATE.length + Long.BYTES;
    if (found < 0 || flushedAt + Long.BYTES > length) {
      return false;
    }
    long flushed = ByteBuffer.wrap(bytes).getLong(flushedAt);
    Long first = firstFlushed.putIfAbsent(connection, flushed);
    return first != null && flushed > first;
  }

  private static int indexOf(byte[] bytes, int length, byte[] wanted) {
    for (int start = 0; start + wanted.length <= length; start++) {
      int matched = 0;
      while (matched < wanted.length && bytes[start + matched] == wanted[matched]) {
        matched++;
      }
      if (matched == wanted.length) {
        return start;
      }
    }
    return -1;
  }
}
