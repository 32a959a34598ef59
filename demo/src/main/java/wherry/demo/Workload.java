package wherry.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import wherry.sandbox.SandboxException;

/** An application that goes on writing to a source while it is migrated, on a thread of its own. */
final class Workload implements AutoCloseable {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final String EVERY_TYPE = "every_type";

  private final Way way;
  private final long seed;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile Clerk.Written written = Clerk.Written.NOTHING;
  private volatile long lastOrder;
  private volatile @Nullable SQLException failure;

  private Workload(Way way, long seed) {
    this.way = way;
    this.seed = seed;
    this.thread = new Thread(this::run, "workload " + way.name());
  }

  /**
   * @param seed decides what is written; how much depends on the time
   */
  static Workload start(Way way, long seed) {
    Workload workload = new Workload(way, seed);
    workload.thread.start();
    return workload;
  }

  /** What has been committed so far. */
  Clerk.Written written() {
    return written;
  }

  /**
   * Stops writing.
   *
   * @return the key of the order that was written last of all
   * @throws SandboxException when writing has failed
   */
  long stop() {
    stopping = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while the workload ended", e);
    }
    if (failure != null) {
      throw new SandboxException(
          "the workload of " + way.name() + " failed: " + failure.getMessage(), failure);
    }
    return lastOrder;
  }

  private void run() {
    RowComparison.Side source = way.source();
    DemoTable everyType =
        way.tables().stream()
            .filter(table -> table.name().equals(EVERY_TYPE))
            .findFirst()
            .orElseThrow();
    try (Connection connection = source.server().connect(source.database())) {
      connection.setAutoCommit(false);
      Clerk clerk =
          new Clerk(connection, source.engine(), source.schema(), everyType, new Random(seed));
      while (!stopping) {
        written = written.plus(clerk.work());
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      lastOrder = clerk.lastOrder();
    } catch (SQLException e) {
      failure = e;
    }
  }

  /** Lets the thread end, whatever became of it. */
  @Override
  public void close() {
    stopping = true;
  }
}
