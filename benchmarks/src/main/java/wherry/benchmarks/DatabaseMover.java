package wherry.benchmarks;

/** One way to move a whole database of the benchmark, with its indexes and keys. */
interface DatabaseMover extends Mover {
  @Override
  default long count() {
    return BenchmarkDatabase.count(target());
  }
}
