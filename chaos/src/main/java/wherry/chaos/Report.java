package wherry.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import wherry.chaos.Findings.Kind;
import wherry.chaos.Trial.Result;

/** The table at the end, as Markdown. */
final class Report {
  private final List<Result> results = new ArrayList<>();

  void add(Result result) {
    results.add(result);
  }

  long failures() {
    return results.stream().filter(result -> !result.findings().none()).count();
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append(
        "| pair | fault | runs | faults injected | acknowledged writes | lost | doubled | inverted | torn | broken runs |\n");
    text.append("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    Map<String, Map<Fault, List<Result>>> cells = new LinkedHashMap<>();
    for (Result result : results) {
      cells
          .computeIfAbsent(result.plan().pair().toString(), unused -> new TreeMap<>())
          .computeIfAbsent(result.plan().fault(), unused -> new ArrayList<>())
          .add(result);
    }
    cells.forEach((pair, faults) ->
        faults.forEach((fault, cell) -> text.append(line(pair, fault.toString(), cell))));
    return text.append(line("**all**", "", results)).toString();
  }

  private static String line(String pair, String fault, Collection<Result> cell) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %d | %d | %,d | %d | %d | %d | %d | %d |%n",
        pair,
        fault,
        cell.size(),
        cell.stream().mapToInt(Result::injected).sum(),
        cell.stream().mapToLong(Result::acknowledged).sum(),
        sum(cell, Kind.LOST),
        sum(cell, Kind.DOUBLED),
        sum(cell, Kind.INVERTED),
        sum(cell, Kind.TORN),
        cell.stream().filter(result -> result.findings().count(Kind.BROKEN) > 0).count());
  }

  private static long sum(Collection<Result> cell, Kind kind) {
    return cell.stream().mapToLong(result -> result.findings().count(kind)).sum();
  }

  /** How long all took, and how often the observers looked. */
  String summary() {
    Duration took = results.stream().map(Result::took).reduce(Duration.ZERO, Duration::plus);
    return String.format(
        Locale.ROOT,
        "%d runs in %d min %d s, %,d looks at the targets meanwhile, %d runs with findings",
        results.size(),
        took.toMinutes(),
        took.toSecondsPart(),
        results.stream().mapToLong(Result::looks).sum(),
        failures());
  }
}
