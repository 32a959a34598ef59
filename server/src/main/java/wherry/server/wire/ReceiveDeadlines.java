package wherry.server.wire;

import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends connections whose request does not arrive whole in time. The web server has no read timeout:
 * it only ends connections between requests. Interrupting the connection's thread closes its
 * channel.
 */
final class ReceiveDeadlines implements Http1ConnectionListener, AutoCloseable {
  private final long timeoutMillis;
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("http-receive-deadlines").factory());
  private final Map<Thread, Deadline> armed = new ConcurrentHashMap<>();

  private record Deadline(AtomicBoolean settled, ScheduledFuture<?> interrupt) {}

  ReceiveDeadlines(Duration timeout) {
    this.timeoutMillis = timeout.toMillis();
    timer.setRemoveOnCancelPolicy(true);
  }

  /** A request line has been read, by this thread. */
  @Override
  public void prologue(ConnectionContext context, HttpPrologue prologue) {
    Thread reader = Thread.currentThread();
    var settled = new AtomicBoolean();
    Runnable interrupt =
        () -> {
          armed.remove(reader);
          if (settled.compareAndSet(false, true)) {
            reader.interrupt();
          }
        };
    armed.put(
        reader,
        new Deadline(settled, timer.schedule(interrupt, timeoutMillis, TimeUnit.MILLISECONDS)));
  }

  /**
   * This thread has read its request to the end, or gives it up. @return false when it was
   * interrupted just before
   */
  boolean receivedInTime() {
    Deadline deadline = armed.remove(Thread.currentThread());
    if (deadline == null) {
      return false;
    }
    deadline.interrupt().cancel(false);
    return deadline.settled().compareAndSet(false, true);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
