package wherry.task;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import wherry.connector.ChangeWriter;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/**
 * Finds out when the target will never answer, because the connection is dead and nobody has told
 * us: while a call takes long, asks the server over another connection whether the session waits
 * for us. A slow statement is left alone, however long it takes.
 */
final class TargetWatch implements AutoCloseable {
  private static final Duration SLOW = Duration.ofSeconds(20);
  private static final Duration PERIOD = Duration.ofSeconds(5);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(3);

  private final ChangeWriter writer;
  private final TaskListener listener;
  private final Thread thread;
  private volatile long busySinceNanos;
  private volatile boolean busy;
  private volatile boolean closed;

  TargetWatch(String name, ChangeWriter writer, TaskListener listener) {
    this.writer = writer;
    this.listener = listener;
    this.thread = Thread.ofVirtual().name(name).start(this::watch);
  }

  /** The target is at work for us, or should be. */
  void begins() {
    busySinceNanos = System.nanoTime();
    busy = true;
  }

  void ends() {
    busy = false;
  }

  /**
   * The run is to end: what the target has been at for long, for want of a lock perhaps, is rolled
   * back and done again by the next run. From any thread.
   */
  void abandon() {
    if (isBusyFor(STOP_PATIENCE)) {
      writer.cancel(); // Without its client alone it would wait on, and keep its locks.
      writer.abort();
    }
  }

  private boolean isBusyFor(Duration least) {
    return !closed && busy && System.nanoTime() - busySinceNanos > least.toNanos();
  }

  private void watch() {
    while (!closed) {
      LockSupport.parkNanos(PERIOD.toNanos());
      if (isBusyFor(SLOW) && writer.isForsaken(SLOW)) {
        listener.log(
            Component.TARGET_APPLY,
            Severity.WARNING,
            "The target has been waiting for us as long as we for it: the connection is dead and is cut");
        writer.abort();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
