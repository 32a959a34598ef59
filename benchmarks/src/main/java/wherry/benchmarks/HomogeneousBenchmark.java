package wherry.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import wherry.demo.Display;
import wherry.demo.ServiceProcess;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;

/** Data migrations beside the engines' own tools, on the same servers, by turns. */
@Command(
    name = "homogeneous",
    description =
        "Moves a database of twenty tables with their indexes and keys between private servers of one"
            + " engine: PostgreSQL by pgcopydb, by pg_dump -Fd with pg_restore, and by a data migration"
            + " of the service; MariaDB by mydumper with myloader, and by a data migration. By turns,"
            + " each several times; medians count. The peers on Debian: apt-get install pgcopydb"
            + " postgresql-client mydumper.")
final class HomogeneousBenchmark implements Callable<Integer> {
  private static final double MOST_SCALE = 100;

  /** The rates that we promise, as multiples of those of the peers. */
  private static final double PGCOPYDB_RATIO = 1.2;

  private static final double PG_DUMP_RATIO = 1.2;
  private static final double MYDUMPER_RATIO = 1;

  @Option(
      names = "--scale",
      defaultValue = "1",
      description = "1 is a database of 1 GB (default: ${DEFAULT-VALUE})")
  private double scale;

  @Option(
      names = "--jobs",
      defaultValue = "2",
      description = "sessions of each at a time (default: ${DEFAULT-VALUE})")
  private int jobs;

  @Mixin private final Measuring measuring = new Measuring(3);

  @Override
  public Integer call() throws IOException {
    measuring.check(
        scale > 0 && scale <= MOST_SCALE && jobs >= 1,
        "--scale must be above 0 and at most 100, --jobs and --runs at least 1");
    Display display = measuring.display();
    Path directory = Measuring.directory();
    try (ServiceProcess service = ServiceProcess.startTemporary();
        DatabaseMigrationClient client = service.client();
        SecretsManagerClient secrets = service.secrets()) {
      measurePostgres(display, directory, service, client, secrets);
      measureMariaDb(display, directory, service, client, secrets);
      display.line("");
      new LoadReport(display, 0, 0, jobs).showMemory(service);
    }
    return 0;
  }

  private static String secret(SecretsManagerClient secrets, String name, DatabaseServer server) {
    String login =
        "{\"username\": \"%s\", \"password\": \"%s\"}".formatted(server.user(), server.password());
    return secrets.createSecret(r -> r.name(name).secretString(login)).name();
  }

  private void measurePostgres(
      Display display,
      Path directory,
      ServiceProcess service,
      DatabaseMigrationClient client,
      SecretsManagerClient secrets) {
    ServerOptions roomy =
        ServerOptions.standard().with("shared_buffers", "256MB").with("max_wal_size", "8GB");
    // The release that the tools of this machine can read.
    PostgresServer.Release release =
        Programs.major("pg_dump") >= 18 ? PostgresServer.Release.V18 : PostgresServer.Release.V14;
    display.line("Starting PostgreSQL servers and filling one, scale " + scale);
    try (PostgresServer source = PostgresServer.start(release, roomy);
        PostgresServer target = PostgresServer.start(release, roomy)) {
      new BenchmarkDatabase(scale).fill(source);
      List<Mover> movers =
          List.of(
              PostgresPrograms.pgCopyDb(source, target, directory, jobs),
              PostgresPrograms.pgDump(source, target, directory, jobs),
              new WherryMigration(
                  service, client, source, target, secret(secrets, "postgresql", source), jobs));
      LoadReport report = report(display, source);
      Map<Mover, Run> medians =
          Turns.medians(display, movers, BenchmarkDatabase.count(source), measuring.runs());
      report.showTable(movers, medians);
      report.showRatio("Wherry / pgcopydb", movers.get(0), movers.get(2), medians, PGCOPYDB_RATIO);
      report.showRatio(
          "Wherry / pg_dump, pg_restore", movers.get(1), movers.get(2), medians, PG_DUMP_RATIO);
    }
  }

  private void measureMariaDb(
      Display display,
      Path directory,
      ServiceProcess service,
      DatabaseMigrationClient client,
      SecretsManagerClient secrets) {
    ServerOptions roomy = ServerOptions.standard().with("innodb_buffer_pool_size", "256M");
    display.line("Starting MariaDB servers and filling one, scale " + scale);
    try (MariaDbServer source = MariaDbServer.start(roomy);
        MariaDbServer target = MariaDbServer.start(roomy)) {
      new BenchmarkDatabase(scale).fill(source);
      List<Mover> movers =
          List.of(
              new MyDumper(source, target, directory, jobs),
              new WherryMigration(
                  service, client, source, target, secret(secrets, "mariadb", source), jobs));
      LoadReport report = report(display, source);
      Map<Mover, Run> medians =
          Turns.medians(display, movers, BenchmarkDatabase.count(source), measuring.runs());
      report.showTable(movers, medians);
      report.showRatio(
          "Wherry / mydumper, myloader", movers.get(0), movers.get(1), medians, MYDUMPER_RATIO);
    }
  }

  private LoadReport report(Display display, DatabaseServer source) {
    return new LoadReport(
        display, BenchmarkDatabase.count(source), BenchmarkDatabase.bytes(source), jobs);
  }
}
