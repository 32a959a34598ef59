package wherry.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
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

/** The full load beside the limit and the peer, all on the same servers, by turns. */
@Command(
    name = "load",
    description =
        "Moves the line items of TPC-H between private servers: by psql COPY | psql COPY, the limit;"
            + " by pgloader, the peer; and by the service, which has done it once before. By turns, each"
            + " several times; medians count."
            + " Also times the service's start to its first answered call.")
final class LoadBenchmark implements Callable<Integer> {
  private static final double MOST_SCALE = 100;

  @Option(
      names = "--scale",
      defaultValue = "0.5",
      description = "TPC-H scale factor; 1 is six million rows (default: ${DEFAULT-VALUE})")
  private double scale;

  @Option(
      names = "--streams",
      defaultValue = "2",
      description = "parallel streams of psql and of the service (default: ${DEFAULT-VALUE})")
  private int streams;

  @Mixin private final Measuring measuring = new Measuring(3);

  @Override
  public Integer call() throws IOException, SQLException {
    measuring.check(
        scale > 0 && scale <= MOST_SCALE && streams >= 1,
        "--scale must be above 0 and at most 100, --streams and --runs at least 1");
    measure(measuring.display(), Measuring.directory());
    return 0;
  }

  private void measure(Display display, Path directory) throws IOException, SQLException {
    ServerOptions roomy =
        ServerOptions.standard().with("shared_buffers", "256MB").with("max_wal_size", "8GB");
    display.line("Starting the servers and filling them, TPC-H scale " + scale);
    try (PostgresServer source = PostgresServer.start(roomy);
        PostgresServer target = PostgresServer.start(roomy);
        MariaDbServer mariaDb =
            MariaDbServer.start(ServerOptions.standard().with("innodb_buffer_pool_size", "256M"));
        ServiceProcess service = ServiceProcess.startTemporary();
        DatabaseMigrationClient client = service.client()) {
      long rows = BenchmarkTable.fill(source, scale);
      BenchmarkTable.fill(mariaDb, scale);
      target.createDatabase(BenchmarkTable.DATABASE);
      // The commands behind the calls are the demonstration's to show.
      Display silent = new Display(new PrintWriter(new StringWriter()), false);
      MigrationApi api = new MigrationApi(service, client, silent);
      String instance = api.createInstance("bench");
      WherryLoad postgres =
          new WherryLoad(service, api, instance, Engine.POSTGRESQL, source, target, streams);
      WherryLoad maria =
          new WherryLoad(service, api, instance, Engine.MARIADB, mariaDb, target, streams);
      for (WherryLoad load : List.of(postgres, maria)) {
        load.prepare(); // Once unmeasured: the service warms up.
        load.move();
      }
      List<Mover> movers =
          List.of(
              new PsqlPipe(source, target, streams, directory),
              postgres,
              new Pgloader(mariaDb, target, directory),
              maria);
      LoadReport report = new LoadReport(display, rows, BenchmarkTable.bytes(source), streams);
      report.show(movers, Turns.medians(display, movers, rows, measuring.runs()));
      report.showMemory(service);
      report.showColdStart(ColdStart.medianSeconds(measuring.runs()));
    }
  }
}
