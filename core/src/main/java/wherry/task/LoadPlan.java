package wherry.task;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.connector.Segment;
import wherry.error.DmsException;

/**
 * Hands work to the workers of a load: segments of tables that are prepared, then the next table to
 * prepare, in load order. The first failure ends it for all. Safe for all threads.
 */
final class LoadPlan {
  sealed interface Work {}

  record Prepare(TableLoad table) implements Work {}

  record Load(TableLoad table, Segment segment) implements Work {}

  private final ArrayDeque<TableLoad> waiting;
  private final ArrayDeque<Load> ready = new ArrayDeque<>();
  private int preparing;
  private @Nullable DmsException failure;
  private boolean stopped;

  LoadPlan(Collection<TableLoad> tables) {
    waiting = new ArrayDeque<>(tables);
  }

  /** The next piece of work; empty when nothing is left or the load has ended. */
  synchronized Optional<Work> next() throws InterruptedException {
    while (!isOver()) {
      Work work = ready.poll();
      if (work != null) {
        return Optional.of(work);
      }
      TableLoad table = waiting.poll();
      if (table != null) {
        preparing++;
        return Optional.of(new Prepare(table));
      }
      if (preparing == 0) {
        return Optional.empty();
      }
      wait();
    }
    return Optional.empty();
  }

  /** A further segment of a table that is being loaded; empty when there is none by now. */
  synchronized Optional<Load> another(TableLoad table) {
    Load next = isOver() ? null : ready.peek();
    return next != null && next.table() == table
        ? Optional.ofNullable(ready.poll())
        : Optional.empty();
  }

  /** Leaves a segment to whoever is ready first. */
  synchronized void putBack(Load load) {
    ready.addFirst(load);
    notifyAll();
  }

  /** The table is prepared, or has failed at it: then without segments. */
  synchronized void prepared(TableLoad table, List<Segment> segments) {
    preparing--;
    segments.forEach(segment -> ready.add(new Load(table, segment)));
    notifyAll();
  }

  /** Nothing more of this table. */
  synchronized void drop(TableLoad table) {
    waiting.remove(table);
    ready.removeIf(load -> load.table() == table);
  }

  /** The first failure counts; one that follows a stop comes from it. */
  synchronized void fail(DmsException cause) {
    if (failure == null && !stopped) {
      failure = cause;
    }
    notifyAll();
  }

  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  synchronized boolean isStopped() {
    return stopped;
  }

  synchronized boolean isOver() {
    return stopped || failure != null;
  }

  synchronized Optional<DmsException> failure() {
    return Optional.ofNullable(failure);
  }
}
