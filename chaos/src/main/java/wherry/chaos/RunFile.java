package wherry.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import wherry.chaos.Fault.Phase;
import wherry.chaos.Findings.Kind;
import wherry.chaos.Trial.Plan;
import wherry.chaos.Trial.Result;

/**
 * The results of a matrix, a line of tab-separated values for each run, added when it is over: so a
 * matrix can be made in several sittings. A run that was repeated has several lines, of which the
 * last one counts.
 */
final class RunFile {
  private static final List<String> COLUMNS =
      List.of(
          "run",
          "seed",
          "pair",
          "fault",
          "phase",
          "mode",
          "injected",
          "acknowledged",
          "looks",
          "seconds",
          "lost",
          "doubled",
          "inverted",
          "torn",
          "broken",
          "finding");

  private final Path file;
  private final List<Result> results;

  private RunFile(Path file, List<Result> results) {
    this.file = file;
    this.results = results;
  }

  /** Begins anew. */
  static RunFile create(Path file) throws IOException {
    Files.writeString(file, String.join("\t", COLUMNS) + "\n");
    return new RunFile(file, new ArrayList<>());
  }

  /** Goes on with what is there, if anything is. */
  static RunFile open(Path file) throws IOException {
    if (!Files.exists(file)) {
      return create(file);
    }
    try (Stream<String> lines = Files.lines(file)) {
      return new RunFile(
          file,
          lines.skip(1).map(RunFile::parsed).collect(Collectors.toCollection(ArrayList::new)));
    }
  }

  void add(Result result) throws IOException {
    results.add(result);
    Files.writeString(file, line(result) + "\n", StandardOpenOption.APPEND);
  }

  /** Whether this very run was made, and nothing was found. */
  boolean isDone(Plan plan) {
    Result last = last().get(plan.number());
    return last != null && last.plan().equals(plan) && last.findings().none();
  }

  /** The last result of each run, by its number. */
  Map<Integer, Result> last() {
    Map<Integer, Result> last = new TreeMap<>();
    results.forEach(result -> last.put(result.plan().number(), result));
    return last;
  }

  /** How many runs were repeated because something was found. */
  int repeated() {
    return results.size() - last().size();
  }

  private static String line(Result result) {
    Plan plan = result.plan();
    List<String> cells = new ArrayList<>();
    cells.addAll(List.of(Integer.toString(plan.number()), Long.toString(plan.seed())));
    cells.addAll(List.of(plan.pair().toString(), plan.fault().toString(), plan.phase().toString()));
    cells.addAll(List.of(plan.mode(), Integer.toString(result.injected())));
    cells.addAll(List.of(Long.toString(result.acknowledged()), Long.toString(result.looks())));
    cells.add(String.format(Locale.ROOT, "%.1f", result.took().toMillis() / 1000.0));
    for (Kind kind : Kind.values()) {
      cells.add(Long.toString(result.findings().count(kind)));
    }
    cells.add(result.findings().examples().stream().findFirst().orElse("").replaceAll("\\s+", " "));
    return String.join("\t", cells);
  }

  private static Result parsed(String line) {
    String[] cells = line.split("\t", -1);
    Plan plan =
        new Plan(
            Integer.parseInt(cells[0]),
            Long.parseLong(cells[1]),
            Pair.of(cells[2]),
            Fault.of(cells[3]),
            Phase.of(cells[4]));
    Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      counts.put(kind, Long.parseLong(cells[10 + kind.ordinal()]));
    }
    return new Result(
        plan,
        Integer.parseInt(cells[6]),
        Long.parseLong(cells[7]),
        Long.parseLong(cells[8]),
        Findings.of(counts, cells[15]),
        Duration.ofMillis(Math.round(Double.parseDouble(cells[9]) * 1000)));
  }
}
