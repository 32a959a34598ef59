package wherry.benchmarks;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import wherry.sandbox.SandboxException;

/**
 * What one move took, in seconds.
 *
 * @param wall elapsed time
 * @param moverCpu processor time of the mover without the servers
 * @param sourceCpu processor time of the source server
 * @param targetCpu processor time of the target server
 */
record Run(double wall, double moverCpu, double sourceCpu, double targetCpu) {
  private static final double NANOS_PER_SECOND = 1e9;

  static Run of(Mover mover, long expectedRows) {
    mover.prepare();
    Run run = measure(mover);
    long rows = mover.count();
    if (rows != expectedRows) {
      throw new SandboxException(
          mover.name() + " moved " + rows + " rows of " + expectedRows + ": not a measurement");
    }
    return run;
  }

  /** One move of a mover that is prepared. */
  static Run measure(Mover mover) {
    double moverCpu = mover.cpuSeconds();
    double sourceCpu = mover.source().usage().cpuSeconds();
    double targetCpu = mover.target().usage().cpuSeconds();
    Instant began = Instant.now();
    mover.move();
    Instant returned = Instant.now();
    Duration wall = Duration.between(began, mover.ended().orElse(returned));
    return new Run(
        wall.toNanos() / NANOS_PER_SECOND,
        mover.cpuSeconds() - moverCpu,
        mover.source().usage().cpuSeconds() - sourceCpu,
        mover.target().usage().cpuSeconds() - targetCpu);
  }

  /** The run of median elapsed time; of an even number the slower one. */
  static Run median(List<Run> runs) {
    return runs.stream()
        .sorted(Comparator.comparingDouble(Run::wall))
        .toList()
        .get(runs.size() / 2);
  }
}
