package wherry.benchmarks;

import java.time.Instant;
import java.util.Optional;
import wherry.sandbox.DatabaseServer;

/** One way to move the table from one server to another. */
interface Mover {
  String name();

  DatabaseServer source();

  DatabaseServer target();

  /** What is missing on this machine to run it, and how to install it; empty when nothing is. */
  default Optional<String> missing() {
    return Optional.empty();
  }

  /** Everything that is not the move itself: removes what an earlier run left. */
  void prepare();

  /** Moves the whole table and returns when the target has committed it. */
  void move();

  /**
   * When the last move had ended, where the mover tells it better than its return, which comes when
   * somebody looks again.
   */
  default Optional<Instant> ended() {
    return Optional.empty();
  }

  /** The rows that the target has after a move. */
  default long count() {
    return BenchmarkTable.count(target());
  }

  /** Processor seconds that the mover itself, without the servers, has used so far. */
  double cpuSeconds();
}
