package wherry.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import wherry.demo.Display;
import wherry.demo.Engine;
import wherry.demo.MigrationApi;
import wherry.demo.ServiceProcess;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;

/** What mappings cost: the same load without and with them, by turns. */
@Command(
    name = "mapping",
    description =
        "Moves the line items of TPC-H from MariaDB to PostgreSQL by the service: without any rule; with a renamed, a"
            + " removed and a retyped column and a filter; with three expressions that are compiled; with one that SQLite"
            + " evaluates. By turns, each several times; medians count.")
final class MappingBenchmark implements Callable<Integer> {
  private static final double MOST_SCALE = 100;

  /** The rates that we promise, as parts of the rate without any rule. */
  private static final double RULES_RATIO = 0.8;

  private static final double COMPILED_RATIO = 0.6;
  private static final double SQLITE_RATIO = 0.4;

  /** The promise for SQLite is kept by this rate, too. */
  private static final double SQLITE_ROWS_PER_CPU_SECOND = 200_000;

  @Option(
      names = "--scale",
      defaultValue = "0.2",
      description = "TPC-H scale factor; 1 is six million rows (default: ${DEFAULT-VALUE})")
  private double scale;

  @Option(
      names = "--streams",
      defaultValue = "2",
      description = "parallel streams of the service (default: ${DEFAULT-VALUE})")
  private int streams;

  @Mixin private final Measuring measuring = new Measuring(3);

  @Override
  public Integer call() throws IOException, SQLException {
    measuring.check(
        scale > 0 && scale <= MOST_SCALE && streams >= 1,
        "--scale must be above 0 and at most 100, --streams and --runs at least 1");
    measure(measuring.display());
    return 0;
  }

  private void measure(Display display) throws IOException, SQLException {
    ServerOptions roomy =
        ServerOptions.standard().with("shared_buffers", "256MB").with("max_wal_size", "8GB");
    display.line("Starting the servers and filling them, TPC-H scale " + scale);
    try (PostgresServer target = PostgresServer.start(roomy);
        MariaDbServer source =
            MariaDbServer.start(ServerOptions.standard().with("innodb_buffer_pool_size", "256M"));
        ServiceProcess service = ServiceProcess.startTemporary();
        DatabaseMigrationClient client = service.client()) {
      long rows = BenchmarkTable.fill(source, scale);
      target.createDatabase(BenchmarkTable.DATABASE);
      Display silent = new Display(new PrintWriter(new StringWriter()), false);
      MigrationApi api = new MigrationApi(service, client, silent);
      String instance = api.createInstance("bench");
      List<WherryLoad> loads =
          MappingRules.all().stream()
              .map(rules ->
                  new WherryLoad(
                      rules.name(),
                      rules.document(),
                      service,
                      api,
                      instance,
                      Engine.MARIADB,
                      source,
                      target,
                      streams))
              .toList();
      WherryLoad plain = loads.getFirst();
      plain.prepare(); // Once unmeasured: the service warms up, and the table shows its size.
      plain.move();
      LoadReport report = new LoadReport(display, rows, BenchmarkTable.bytes(target), streams);
      show(display, report, loads, Turns.medians(display, loads, rows, measuring.runs()), rows);
    }
  }

  private static void show(
      Display display,
      LoadReport report,
      List<WherryLoad> loads,
      Map<Mover, Run> medians,
      long rows) {
    report.showTable(loads, medians);
    double[] promised = {1, RULES_RATIO, COMPILED_RATIO, SQLITE_RATIO};
    for (int i = 1; i < promised.length; i++) {
      report.showRatio(
          loads.get(i).name() + " / no rule", loads.getFirst(), loads.get(i), medians, promised[i]);
    }
    Run sqlite = medians.get(loads.getLast());
    if (sqlite != null) {
      display.line(
          String.format(
              Locale.ROOT,
              "  %s: %,.0f rows per CPU-second of the service (%,.0f keep the promise, too)",
              loads.getLast().name(),
              rows / sqlite.moverCpu(),
              SQLITE_ROWS_PER_CPU_SECOND));
    }
  }
}
