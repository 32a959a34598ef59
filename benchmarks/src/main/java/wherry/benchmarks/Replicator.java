package wherry.benchmarks;

import java.util.Optional;

/** A mover of changes: between moves it rests, and the source's log keeps what is written. */
interface Replicator extends Mover {
  /** The database of the target that holds its copy; empty when it keeps none. */
  Optional<String> copy();

  /** Which turn's changes the next move is to end with. */
  void upTo(int turn);
}
