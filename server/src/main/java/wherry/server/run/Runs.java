package wherry.server.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * The runs of one kind that are under way, each on a thread of its own. Safe for all threads.
 *
 * @param <R> a run
 */
final class Runs<R> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Runs.class);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

  private final String noun;
  private final Consumer<R> stop;
  private final Map<String, R> running = new ConcurrentHashMap<>();
  private final Map<String, Thread> threads = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer;
  private volatile boolean closing;

  /**
   * @param noun what a run is of, for messages: {@code task}
   * @param stop ends a run soon
   */
  Runs(String noun, Consumer<R> stop) {
    this.noun = noun;
    this.stop = stop;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name(noun + "-timer").factory());
  }

  /** For what the runs do by the clock. */
  ScheduledExecutorService timer() {
    return timer;
  }

  /** Whether the service goes down, so that an end that nobody has asked for is none. */
  boolean isClosing() {
    return closing;
  }

  Optional<R> find(String arn) {
    return Optional.ofNullable(running.get(arn));
  }

  /**
   * @param work of the run, which calls {@link #ended} last
   * @param failed told what it fails with, once
   */
  void launch(String arn, R run, Runnable work, Consumer<DmsException> failed) {
    String id = TaskRecords.resourceId(arn);
    Thread thread = new Thread(() -> guarded(id, work, failed), noun.charAt(0) + "-" + id);
    thread.setDaemon(true);
    running.put(arn, run);
    threads.put(arn, thread);
    thread.start();
  }

  private void guarded(String id, Runnable work, Consumer<DmsException> failed) {
    try {
      work.run();
    } catch (DmsException e) {
      if (e.code() == ErrorCode.INTERNAL) {
        LOG.error("{} {} failed: {} {}", noun, id, e.code(), e.getMessage(), e);
      } else {
        LOG.error("{} {} failed: {} {}", noun, id, e.code(), e.getMessage());
      }
      failed.accept(e);
    } catch (RuntimeException e) {
      String message =
          "The " + noun + " ended unexpectedly: " + e + ". This is a defect in Wherry.";
      LOG.error("{} {} failed: {}", noun, id, message, e);
      failed.accept(new DmsException(ErrorCode.INTERNAL, message, e));
    }
  }

  /** By the run's own thread; who has seen its end may have launched another one meanwhile. */
  void ended(String arn, R run) {
    running.remove(arn, run);
    threads.remove(arn, Thread.currentThread());
  }

  /** Ends all runs, and waits for them for a while. */
  @Override
  public void close() {
    closing = true;
    running.values().forEach(stop);
    Instant deadline = Instant.now().plus(CLOSE_PATIENCE);
    for (Thread thread : List.copyOf(threads.values())) {
      try {
        thread.join(Duration.between(Instant.now(), deadline).plusMillis(1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    timer.shutdownNow();
  }
}
