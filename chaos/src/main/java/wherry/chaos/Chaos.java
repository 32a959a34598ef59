package wherry.chaos;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import wherry.chaos.Trial.Plan;
import wherry.chaos.Trial.Result;
import wherry.demo.Display;
import wherry.sandbox.SandboxException;
import wherry.sandbox.SmallDisk;

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
  private static final int HELP_WIDTH = 100;

  /** The golden ratio's odd 64 bits: seeds of neighbouring runs have nothing in common. */
  private static final long SEED_STEP = 0x9E3779B97F4A7C15L;

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
      names = "--large-transaction",
      description = "instead of the matrix: one transaction of so many rows, such as 10000000")
  private long largeTransactionRows;

  @Option(
      names = "--evidence",
      defaultValue = "target/chaos",
      description = "where failing runs leave what they saw (default: ${DEFAULT-VALUE})")
  private Path evidence = Path.of("target/chaos");

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  @SuppressWarnings("UnusedVariable") // picocli's
  private boolean help;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  public static void main(String[] arguments) {
    // Before the first logger: the service's own configuration stands on the class path too.
    System.setProperty("logback.configurationFile", "wherry/demo/logback.xml");
    System.exit(
        new CommandLine(new Chaos())
            .setUsageHelpWidth(HELP_WIDTH)
            .setExecutionExceptionHandler(Chaos::explain)
            .execute(arguments));
  }

  private static int explain(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
    PrintWriter out = commandLine.getErr();
    out.println("FAILED: " + failure.getMessage());
    if (!(failure instanceof SandboxException)) {
      failure.printStackTrace(out);
    }
    out.flush();
    return 1;
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
    List<Cell> cells = cells(display);
    Collections.shuffle(cells, new Random(first));
    display.line(
        String.format(
            Locale.ROOT, "Seed %d, %d runs over %d pairs and faults", first, runs, cells.size()));
    Report report = new Report();
    Files.createDirectories(evidence);
    try (Servers servers = new Servers()) {
      for (int run = 0; run < runs; run++) {
        Cell cell = cells.get(run % cells.size());
        Plan plan = new Plan(run + 1, first + run * SEED_STEP, cell.pair, cell.fault);
        display.status("run %d of %d: %s".formatted(run + 1, runs, plan));
        Result result = Trial.run(servers, plan, evidence);
        report.add(result);
        show(display, result);
      }
    }
    display.heading(report.summary());
    display.line(report.markdown());
    return report.failures() == 0 ? 0 : 1;
  }

  private record Cell(Pair pair, Fault fault) {}

  /** What this machine cannot do is left out, and said. */
  private List<Cell> cells(Display display) {
    List<Cell> cells = new ArrayList<>();
    boolean smallDisks = SmallDisk.available().usable();
    if (!smallDisks) {
      display.line("Left out, full-disk: " + SmallDisk.available().reason());
    }
    for (Pair pair : wantedPairs()) {
      if (!pair.source().available().usable() || !pair.target().available().usable()) {
        display.line("Left out, " + pair + ": " + Dialect.MYSQL.available().reason());
        continue;
      }
      for (Fault fault : wantedFaults()) {
        if (fault.impossible(pair).isEmpty() && (fault != Fault.FULL_DISK || smallDisks)) {
          cells.add(new Cell(pair, fault));
        }
      }
    }
    if (cells.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "nothing is left to be run");
    }
    return cells;
  }

  private List<Pair> wantedPairs() {
    try {
      return pairs.isEmpty() ? Pair.USUAL : pairs.stream().map(Pair::of).toList();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--pair: " + e.getMessage(), e);
    }
  }

  private List<Fault> wantedFaults() {
    List<Fault> all = List.of(Fault.values());
    List<String> names = all.stream().map(Fault::toString).toList();
    for (String fault : faults) {
      if (!names.contains(fault)) {
        throw new ParameterException(
            spec.commandLine(), "--fault: no '" + fault + "'; there are " + names);
      }
    }
    return faults.isEmpty()
        ? all
        : Arrays.stream(Fault.values()).filter(f -> faults.contains(f.toString())).toList();
  }

  private static void show(Display display, Result result) {
    Plan plan = result.plan();
    display.line(
        String.format(
            Locale.ROOT,
            "  %3d  %-48s %2d faults %,6d writes %5.1f s  %s",
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
      display.line("       evidence: " + result.evidence());
      display.line(
          "       again: ./wherry chaos --runs 1 --seed %d --pair %s --fault %s"
              .formatted(plan.seed(), plan.pair(), plan.fault()));
    }
  }
}
