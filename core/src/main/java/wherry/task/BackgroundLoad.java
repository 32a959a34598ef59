package wherry.task;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Loads tables on a thread of its own while the changes of others are applied. */
final class BackgroundLoad {
  /** Loads the tables; ends early when its thread is interrupted. */
  interface Work {
    void load(List<TableLoad> tables) throws InterruptedException;
  }

  private final List<TableLoad> tables;
  private final Thread thread;
  private volatile @Nullable Throwable failure;

  BackgroundLoad(String name, List<TableLoad> tables, Work work) {
    this.tables = List.copyOf(tables);
    this.thread = new Thread(() -> run(work), name);
    thread.setDaemon(true);
  }

  private void run(Work work) {
    try {
      work.load(tables);
    } catch (Throwable e) { // The run's thread throws it, in await.
      failure = e;
    }
  }

  void start() {
    thread.start();
  }

  List<TableLoad> tables() {
    return tables;
  }

  boolean isOver() {
    return !thread.isAlive();
  }

  /**
   * Waits for the end.
   *
   * @throws wherry.error.DmsException what the load has failed with
   */
  void await() throws InterruptedException {
    thread.join();
    if (failure instanceof InterruptedException) {
      throw new InterruptedException("The load was interrupted");
    }
    if (failure != null) {
      throw Failures.of(failure, "The load of " + tables.stream().map(TableLoad::id).toList());
    }
  }

  /** Gives up, and waits until nothing of it is left. */
  void stop() {
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
