package wherry.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import wherry.demo.Display;
import wherry.demo.ServiceProcess;

/** The table at the end of the benchmark of changes, with the ratios that we promise. */
final class ChangesReport {
  private static final double MEBIBYTE = 1 << 20;
  private static final String ROW = "  %-28s %12s %8s %10s %10s %10s";

  private final Display display;
  private final long changes;
  private final long rows;

  /**
   * @param changes of one turn
   * @param rows of the table before the first turn
   */
  ChangesReport(Display display, long changes, long rows) {
    this.display = display;
    this.changes = changes;
    this.rows = rows;
  }

  /**
   * Medians; the replicators come in the order native, batch, transactional, batch from MariaDB,
   * capture by Debezium, capture by us.
   */
  void show(List<Replicator> replicators, Map<Replicator, Run> medians) {
    display.heading(
        String.format(
            Locale.ROOT,
            "%,d changes on %,d rows, %d processors, Java %s",
            changes,
            rows,
            Runtime.getRuntime().availableProcessors(),
            Runtime.version().feature()));
    display.line(
        String.format(ROW, "", "changes/s", "seconds", "CPU mover", "CPU source", "CPU target"));
    replicators.forEach(replicator -> display.line(line(replicator, medians.get(replicator))));
    List<Run> runs = replicators.stream().map(medians::get).toList();
    Run ours = runs.get(1);
    Run peer = runs.get(0);
    ratio("batch / native, changes/s", peer.wall() / ours.wall(), "at least 2");
    ratio("batch / native, CPU of the target", ours.targetCpu() / peer.targetCpu(), "at most 0.5");
    ratio("transactional / native, changes/s", peer.wall() / runs.get(2).wall(), "at least 1");
    ratio(
        "batch from MariaDB / batch from PostgreSQL, changes/s",
        ours.wall() / runs.get(3).wall(),
        "at least 1");
    ratio(
        "CPU of capture, ours / Debezium",
        runs.get(5).moverCpu() / runs.get(4).moverCpu(),
        "at most 0.17");
  }

  void showMemory(ServiceProcess service) {
    display.line(
        String.format(
            Locale.ROOT,
            "  the service's most memory: %.0f MB resident, %.0f MB heap (of 512 MB)",
            service.usage().peakResidentBytes() / MEBIBYTE,
            service.peakHeapBytes() / MEBIBYTE));
  }

  void showLatency(IdleLatency latency) {
    display.line(
        String.format(
            Locale.ROOT,
            "  commit to commit when idle, %d samples: p50 %.1f ms (promised < 50), p99 %.1f ms (promised < 250)",
            latency.samples(),
            latency.p50(),
            latency.p99()));
  }

  private String line(Replicator replicator, @Nullable Run run) {
    if (run == null) {
      return String.format(ROW, replicator.name(), "not measured", "", "", "", "");
    }
    return String.format(
        Locale.ROOT,
        ROW,
        replicator.name(),
        String.format(Locale.ROOT, "%,.0f", changes / run.wall()),
        String.format(Locale.ROOT, "%.1f", run.wall()),
        String.format(Locale.ROOT, "%.1f", run.moverCpu()),
        String.format(Locale.ROOT, "%.1f", run.sourceCpu()),
        replicator.copy().isEmpty() ? "" : String.format(Locale.ROOT, "%.1f", run.targetCpu()));
  }

  private void ratio(String what, double value, String promised) {
    display.line(String.format(Locale.ROOT, "  %s: %.2f (promised %s)", what, value, promised));
  }
}
