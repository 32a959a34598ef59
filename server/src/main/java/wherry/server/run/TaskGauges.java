package wherry.server.run;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import wherry.task.ChangeProgress;

/**
 * What the metrics of a running task are computed from: a sample a second, kept for the time that
 * rates are taken over. Safe for all threads.
 */
final class TaskGauges {
  private static final Duration WINDOW = Duration.ofSeconds(10);

  /** Progress is told once a second, unless the target keeps the apply waiting. */
  private static final Duration SILENCE = Duration.ofSeconds(3);

  private static final double NANOS_PER_SECOND = 1e9;

  /** Counts since the run began. */
  private record Sample(long nanos, long loaded, long captured, long applied) {}

  private final Deque<Sample> samples = new ArrayDeque<>();
  private @Nullable ChangeProgress progress;
  private long toldNanos;

  /** How the processing of changes stands now. */
  synchronized void progress(ChangeProgress now) {
    progress = now;
    toldNanos = System.nanoTime();
  }

  synchronized Optional<ChangeProgress> progress() {
    Duration silence = Duration.ofNanos(System.nanoTime() - toldNanos);
    return Optional.ofNullable(progress)
        .map(told -> silence.compareTo(SILENCE) < 0 ? told : told.after(silence));
  }

  /**
   * @param nanos by a clock that never goes back
   * @param loaded rows that the load has sent to the target
   */
  synchronized void sample(long nanos, long loaded) {
    long captured = progress == null ? 0 : progress.captured();
    long applied = progress == null ? 0 : progress.applied();
    samples.addLast(new Sample(nanos, loaded, captured, applied));
    while (nanos - samples.getFirst().nanos() > WINDOW.toNanos()) {
      samples.removeFirst();
    }
  }

  double loadedPerSecond() {
    return rate(Sample::loaded);
  }

  double capturedPerSecond() {
    return rate(Sample::captured);
  }

  double appliedPerSecond() {
    return rate(Sample::applied);
  }

  /** The average over the window; a count that was set back, as by a reload, counts from there. */
  private synchronized double rate(ToLongFunction<Sample> count) {
    if (samples.size() < 2) {
      return 0;
    }
    Sample first = samples.getFirst();
    Sample last = samples.getLast();
    long grown = count.applyAsLong(last) - count.applyAsLong(first);
    return Math.max(0, grown) / ((last.nanos() - first.nanos()) / NANOS_PER_SECOND);
  }
}
