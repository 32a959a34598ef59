package wherry.chaos;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import wherry.chaos.Fault.Phase;
import wherry.chaos.Findings.Kind;
import wherry.chaos.Trial.Result;

/**
 * The table of a matrix, as Markdown.
 *
 * @param results the last one of each run
 * @param repeated how many runs were made again because something was found
 */
record Report(Collection<Result> results, int repeated) {
  /** Per fault and pair: how many runs ended well, of how many. */
  String markdown() {
    List<String> pairs =
        results.stream()
            .map(result -> result.plan().pair().toString())
            .distinct()
            .sorted()
            .toList();
    StringBuilder text = new StringBuilder("| fault |");
    pairs.forEach(pair -> text.append(' ').append(pair.replace("-", " → ")).append(" |"));
    text.append(" load · catch-up · stream | injected | acknowledged writes |\n|---|");
    text.append(":-:|".repeat(pairs.size())).append(":-:|---:|---:|\n");
    for (Fault fault : faults()) {
      text.append(line(fault.toString(), pairs, of(result -> result.plan().fault() == fault)));
    }
    return text.append(line("**all**", pairs, List.copyOf(results))).toString();
  }

  private Collection<Fault> faults() {
    return results.stream()
        .map(result -> result.plan().fault())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private List<Result> of(Predicate<Result> condition) {
    return results.stream().filter(condition).toList();
  }

  private static String line(String name, List<String> pairs, List<Result> row) {
    StringBuilder text = new StringBuilder("| " + name + " |");
    for (String pair : pairs) {
      List<Result> cell =
          row.stream().filter(result -> result.plan().pair().toString().equals(pair)).toList();
      long well = cell.stream().filter(result -> result.findings().none()).count();
      text.append(cell.isEmpty() ? " – |" : " %d/%d |".formatted(well, cell.size()));
    }
    return text.append(
            String.format(
                Locale.ROOT,
                " %s | %d | %,d |%n",
                Stream.of(Phase.values())
                    .map(phase ->
                        Long.toString(
                            row.stream().filter(result -> result.plan().phase() == phase).count()))
                    .collect(Collectors.joining(" · ")),
                row.stream().mapToInt(Result::injected).sum(),
                row.stream().mapToLong(Result::acknowledged).sum()))
        .toString();
  }

  long failures() {
    return results.stream().filter(result -> !result.findings().none()).count();
  }

  /** What was found in all runs, how long they took, and how often the observers looked. */
  String summary() {
    Duration took = results.stream().map(Result::took).reduce(Duration.ZERO, Duration::plus);
    return String.format(
        Locale.ROOT,
        "%d runs, %d transactional and %d batch, in %d min %d s, %,d looks at the targets meanwhile:"
            + " %s; %d runs with findings, %d repeated",
        results.size(),
        of(result -> !result.plan().isBatch()).size(),
        of(result -> result.plan().isBatch()).size(),
        took.toMinutes(),
        took.toSecondsPart(),
        results.stream().mapToLong(Result::looks).sum(),
        Stream.of(Kind.values())
            .map(kind ->
                kind.name().toLowerCase(Locale.ROOT)
                    + " "
                    + results.stream().mapToLong(result -> result.findings().count(kind)).sum())
            .collect(Collectors.joining(", ")),
        failures(),
        repeated);
  }
}
