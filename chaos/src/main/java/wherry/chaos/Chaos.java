package wherry.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import wherry.chaos.Fault.Phase;
import wherry.chaos.Trial.Plan;
import wherry.chaos.Trial.Result;
import wherry.demo.CommandRun;
import wherry.demo.Display;
import wherry.demo.HelpOption;
import wherry.sandbox.Availability;
import wherry.sandbox.Directories;

/**
 * {@code ./wherry chaos}: every fault between every pair of engines, judged by a history checker.
 */
@Command(
    name = "./wherry chaos",
    description =
        "Migrates between private servers while clients write and servers, networks, disks and the"
            + " service itself fail; then checks that each acknowledged write is on the target exactly"
            + " once and that no row ever went back. Exit code 0: nothing was found in any run.")
public final class Chaos implements Callable<Integer> {

  @Option(
      names = "--runs",
      defaultValue = "20",
      description = "how many runs, spread over the matrix (default: ${DEFAULT-VALUE})")
  private int runs;

  @Option(names = "--seed", description = "repeats what is drawn (default: another one each time)")
  @Nullable
  private Long seed;

  @Option(
      names = "--pair",
      split = ",",
      description = "only between these engines, such as postgres-mysql or mariadb-postgres")
  private List<String> pairs = List.of();

  @Option(names = "--fault", split = ",", description = "only these faults, such as kill-service")
  private List<String> faults = List.of();

  @Option(
      names = "--phase",
      split = ",",
      description = "only in these phases of a task: load, catch-up, stream")
  private List<String> phases = List.of();

  @Option(
      names = "--continue",
      description =
          "makes the runs that an earlier sitting with the same seed has not made, or not well")
  private boolean goOn;

  @Option(
      names = "--definitions",
      description =
          "instead of the matrix: so many random steps per run, such as 40, that define, rename, alter"
              + " and drop tables, write rows, stop, kill and reload; each table must be equal in the"
              + " end, or said not to be")
  private int definitions;

  @Option(
      names = "--large-transaction",
      description = "instead of the matrix: one transaction of so many rows, such as 10000000")
  private long largeTransactionRows;

  @Option(
      names = "--evidence",
      defaultValue = "target/chaos",
      description =
          "where results are kept and failing runs leave what they saw (default: ${DEFAULT-VALUE})")
  private Path evidence = Path.of("target/chaos");

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli's
  private HelpOption help = new HelpOption();

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(CommandRun.of(new Chaos(), arguments));
  }

  @Override
  public Integer call() throws Exception {
    if (runs < 1) {
      throw new ParameterException(spec.commandLine(), "--runs must be at least 1");
    }
    long first = seed == null ? new Random().nextInt(Integer.MAX_VALUE) : seed;
    Display display =
        new Display(spec.commandLine().getOut(), Boolean.getBoolean("wherry.terminal"));
    if (largeTransactionRows > 0) {
      LargeTransaction.run(largeTransactionRows, evidence.resolve("large"), display);
      return 0;
    }
    if (definitions > 0) {
      return storms(first, display);
    }
    Matrix matrix = matrix(first, display);
    display.line(
        String.format(
            Locale.ROOT,
            "Seed %d, %d runs; %d have every fault between every pair once",
            first,
            runs,
            matrix.roundSize()));
    Files.createDirectories(evidence);
    Path file = evidence.resolve("seed-" + first + ".tsv");
    RunFile results = goOn ? RunFile.open(file) : RunFile.create(file);
    try (Servers servers = new Servers()) {
      for (int number = 1; number <= runs; number++) {
        Plan plan = matrix.plan(number);
        if (!results.isDone(plan)) {
          display.status("run %d of %d: %s".formatted(number, runs, plan));
          Result result = Trial.run(servers, plan, evidence);
          results.add(result);
          show(display, result);
        }
      }
    }
    Report report = new Report(results.last().values(), results.repeated());
    display.heading(report.summary());
    display.line(report.markdown());
    display.line("Every run with its seed: " + file);
    return report.failures() == 0 ? 0 : 1;
  }

  /** The pairs take turns; each run's seed is one more than that of the run before. */
  private int storms(long first, Display display) throws IOException, InterruptedException {
    List<Pair> usable = usablePairs(display);
    int failures = 0;
    Path home = evidence.resolve("definitions-service-" + first);
    Directories.delete(home);
    Files.createDirectories(home);
    try (Servers servers = new Servers();
        Service service = Service.start(home, Map.of())) {
      for (int run = 0; run < runs; run++) {
        Storm.Plan plan = new Storm.Plan(first + run, usable.get(run % usable.size()), definitions);
        display.status("run %d of %d: %s".formatted(run + 1, runs, plan));
        Storm.Result result = Storm.run(servers, service, plan, evidence);
        display.line(
            String.format(
                Locale.ROOT,
                "  %-18s seed %d %4d statements %5.1f s  %s",
                plan.pair(),
                plan.seed(),
                result.statements(),
                result.took().toMillis() / 1000.0,
                result.findings().none() ? "ok" : "FAILED " + result.findings()));
        if (!result.findings().none()) {
          failures++;
          result.findings().examples().forEach(example -> display.line("       " + example));
          display.line("       evidence: " + plan.evidence(evidence));
          display.line("       again: " + Storm.again(plan));
        }
      }
    }
    display.line("%d of %d runs found something".formatted(failures, runs));
    return failures == 0 ? 0 : 1;
  }

  private List<Pair> usablePairs(Display display) {
    List<Pair> usablePairs = new ArrayList<>();
    for (Pair pair : wanted("--pair", pairs, Pair::of, Pair.ALL)) {
      if (pair.source().available().usable() && pair.target().available().usable()) {
        usablePairs.add(pair);
      } else {
        display.line("Left out, " + pair + ": " + Dialect.MYSQL.available().reason());
      }
    }
    return usablePairs;
  }

  /** What this machine cannot do is left out, and said. */
  private Matrix matrix(long first, Display display) {
    List<Pair> usablePairs = usablePairs(display);
    List<Fault> usableFaults = new ArrayList<>();
    for (Fault fault : wanted("--fault", faults, Fault::of, List.of(Fault.values()))) {
      Availability available = fault.available();
      if (available.usable()) {
        usableFaults.add(fault);
      } else {
        display.line("Left out, " + fault + ": " + available.reason());
      }
    }
    List<Phase> all = List.of(Phase.values());
    Matrix matrix =
        new Matrix(first, usablePairs, usableFaults, wanted("--phase", phases, Phase::of, all));
    if (matrix.roundSize() == 0) {
      throw new ParameterException(spec.commandLine(), "nothing is left to be run");
    }
    return matrix;
  }

  private <T> List<T> wanted(
      String option, List<String> names, Function<String, T> named, List<T> all) {
    try {
      return names.isEmpty() ? all : names.stream().map(named).toList();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage(), e);
    }
  }

  private void show(Display display, Result result) {
    Plan plan = result.plan();
    display.line(
        String.format(
            Locale.ROOT,
            "  %3d  %-60s %2d faults %,6d writes %5.1f s  %s",
            plan.number(),
            plan,
            result.injected(),
            result.acknowledged(),
            result.took().toMillis() / 1000.0,
            result.findings().none() ? "ok" : "FAILED " + result.findings()));
    if (!result.findings().none()) {
      result.findings().examples().stream()
          .limit(5)
          .forEach(example -> display.line("       " + example));
      display.line("       evidence: " + plan.evidence(evidence));
      display.line(
          "       again: ./wherry chaos --runs 1 --seed %d --pair %s --fault %s --phase %s"
              .formatted(plan.seed(), plan.pair(), plan.fault(), plan.phase()));
    }
  }
}
