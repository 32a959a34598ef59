package wherry.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.demo.Display;
import wherry.demo.ServiceProcess;

/** The table at the end of the benchmark, with the ratios that we promise. */
final class LoadReport {
  private static final double MEBIBYTE = 1 << 20;
  private static final String ROW = "  %-32s %12s %8s %8s %10s %10s %10s";

  private final Display display;
  private final long rows;
  private final long bytes;
  private final int streams;

  /**
   * @param bytes the size of the table in PostgreSQL, by which all rates in MB/s are counted
   */
  LoadReport(Display display, long rows, long bytes, int streams) {
    this.display = display;
    this.rows = rows;
    this.bytes = bytes;
    this.streams = streams;
  }

  /** Medians of all that were measured; the movers come in the order limit, ours, peer, ours. */
  void show(List<Mover> movers, Map<Mover, Run> medians) {
    showTable(movers, medians);
    showRatio("PostgreSQL to PostgreSQL / psql", movers.get(0), movers.get(1), medians, 0.95);
    showRatio("MariaDB to PostgreSQL / pgloader", movers.get(2), movers.get(3), medians, 4);
  }

  /** A line for each mover. */
  void showTable(List<? extends Mover> movers, Map<Mover, Run> medians) {
    display.heading(
        String.format(
            Locale.ROOT,
            "%,d rows, %,.0f MB, %d streams, %d processors, Java %s",
            rows,
            bytes / MEBIBYTE,
            streams,
            Runtime.getRuntime().availableProcessors(),
            Runtime.version().feature()));
    display.line(
        String.format(
            ROW, "", "rows/s", "MB/s", "seconds", "CPU mover", "CPU source", "CPU target"));
    movers.forEach(mover -> display.line(line(mover, medians.get(mover))));
  }

  void showMemory(ServiceProcess service) {
    display.line(
        String.format(
            Locale.ROOT,
            "  the service's most memory: %.0f MB resident, %.0f MB heap (of 512 MB)",
            service.usage().peakResidentBytes() / MEBIBYTE,
            service.peakHeapBytes() / MEBIBYTE));
  }

  void showColdStart(double seconds) {
    display.line(
        String.format(
            Locale.ROOT,
            "  start of the service to its first answered call: %.2f s (promised < 1.5)",
            seconds));
  }

  private String line(Mover mover, @Nullable Run run) {
    if (run == null) {
      return String.format(ROW, mover.name(), "not measured", "", "", "", "", "");
    }
    return String.format(
        Locale.ROOT,
        ROW,
        mover.name(),
        String.format(Locale.ROOT, "%,.0f", rows / run.wall()),
        String.format(Locale.ROOT, "%.1f", bytes / MEBIBYTE / run.wall()),
        String.format(Locale.ROOT, "%.1f", run.wall()),
        String.format(Locale.ROOT, "%.1f", run.moverCpu()),
        String.format(Locale.ROOT, "%.1f", run.sourceCpu()),
        String.format(Locale.ROOT, "%.1f", run.targetCpu()));
  }

  /** How many times as fast ours is, beside what we promise. */
  void showRatio(String what, Mover other, Mover ours, Map<Mover, Run> medians, double promised) {
    Optional<Double> ratio =
        Optional.ofNullable(medians.get(other))
            .flatMap(
                run -> Optional.ofNullable(medians.get(ours)).map(own -> run.wall() / own.wall()));
    display.line(
        String.format(
            Locale.ROOT,
            "  %s: %s (promised at least %s)",
            what,
            ratio.map(value -> String.format(Locale.ROOT, "%.2f", value)).orElse("not measured"),
            promised));
  }
}
