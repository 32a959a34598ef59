package wherry.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import wherry.demo.Display;

/**
 * Several runs of several movers, by turns, so that whatever else the machine does hits all alike.
 */
final class Turns {
  private Turns() {}

  /** The median run of each mover that can be run here; says why another cannot. */
  static Map<Mover, Run> medians(
      Display display, List<? extends Mover> movers, long rows, int runs) {
    Map<Mover, List<Run>> all = new LinkedHashMap<>();
    for (int turn = 1; turn <= runs; turn++) {
      for (Mover mover : movers) {
        Optional<String> missing = mover.missing();
        if (missing.isPresent()) {
          if (turn == 1) {
            display.line("Not measured, " + mover.name() + ": " + missing.get());
          }
          continue;
        }
        Run run = Run.of(mover, rows);
        display.line(
            String.format(
                Locale.ROOT,
                "  run %d  %-32s %6.1f s, CPU-seconds: mover %4.1f, source %4.1f, target %4.1f",
                turn,
                mover.name(),
                run.wall(),
                run.moverCpu(),
                run.sourceCpu(),
                run.targetCpu()));
        all.computeIfAbsent(mover, unused -> new ArrayList<>()).add(run);
      }
    }
    Map<Mover, Run> medians = new LinkedHashMap<>();
    all.forEach((mover, list) -> medians.put(mover, Run.median(list)));
    return medians;
  }
}
