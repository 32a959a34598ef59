package wherry.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import wherry.demo.Display;
import wherry.demo.ServiceProcess;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.SandboxException;
import wherry.sandbox.ServerOptions;

/**
 * Changes beside native logical replication and Debezium. The changes of a turn are written while
 * everybody rests; then each reads the same ones from the source's log, one after the other.
 */
@Command(
    name = "cdc",
    description =
        "Carries a million changes between private servers: by the service in batches and in"
            + " transactions, beside PostgreSQL's own logical replication; reads them without a target,"
            + " beside Debezium's embedded engine; and from MariaDB. By turns, each several times;"
            + " medians count. Then measures the delay of single changes.")
final class ChangesBenchmark implements Callable<Integer> {
  private static final double MOST_SCALE = 10;
  private static final int MOST_RUNS = 10;

  @Option(
      names = "--scale",
      defaultValue = "1",
      description = "1 is a million changes a turn on two million rows (default: ${DEFAULT-VALUE})")
  private double scale;

  @Mixin private final Measuring measuring = new Measuring(5);

  @Override
  public Integer call() throws IOException {
    measuring.check(
        scale > 0 && scale <= MOST_SCALE && measuring.runs() <= MOST_RUNS,
        "--scale must be above 0 and at most 10, --runs at least 1 and at most 10");
    measure(measuring.display(), Measuring.directory());
    return 0;
  }

  private void measure(Display display, Path directory) {
    ServerOptions roomy =
        ServerOptions.standard()
            .with("shared_buffers", "512MB")
            .with("max_wal_size", "16GB")
            .with("track_commit_timestamp", "on")
            // Its work for one would fall into the time of another: done between turns instead.
            .with("autovacuum", "off");
    ChangeTable table = new ChangeTable(scale);
    display.line(
        String.format(
            Locale.ROOT, "Starting the servers and filling them, %,d rows", table.rows()));
    try (PostgresServer source = PostgresServer.start(roomy);
        PostgresServer target = PostgresServer.start(roomy);
        MariaDbServer mariaDb =
            MariaDbServer.start(
                ServerOptions.standard()
                    .with("innodb_buffer_pool_size", "512M")
                    .with("innodb_log_file_size", "1G"));
        ServiceProcess service = ServiceProcess.startTemporary();
        DatabaseMigrationClient client = service.client()) {
      table.fill(source);
      table.fill(mariaDb);
      Tasks tasks = new Tasks(service, client);
      WherryReplication transactional =
          tasks.replicate("Wherry, transactional", source, target, "transactional", false);
      WherryReplication batch = tasks.replicate("Wherry, batch", source, target, "batch", true);
      WherryReplication fromMariaDb =
          tasks.replicate("Wherry, batch, from MariaDB", mariaDb, target, "frommariadb", true);
      List<Replicator> replicators =
          List.of(
              new NativeReplication(source, target),
              batch,
              transactional,
              fromMariaDb,
              new CaptureProcess(
                  "Debezium, capture",
                  DebeziumCapture.class,
                  DebeziumCapture.SLOT,
                  source,
                  directory),
              new CaptureProcess(
                  "Wherry, capture", WherryCapture.class, WherryCapture.SLOT, source, directory));
      Map<Replicator, Run> medians = runByTurns(display, table, replicators, source, mariaDb);
      ChangesReport report = new ChangesReport(display, table.changesPerTurn(), table.rows());
      report.show(replicators, medians);
      report.showMemory(service);
      replicators.forEach(Replicator::prepare);
      transactional.resume();
      report.showLatency(IdleLatency.measure(source, target, "transactional"));
    }
  }

  /** The service's resources, made through its API. */
  private static final class Tasks {
    private final ServiceProcess service;
    private final DatabaseMigrationClient client;
    private final String instanceArn;

    Tasks(ServiceProcess service, DatabaseMigrationClient client) {
      this.service = service;
      this.client = client;
      instanceArn =
          client
              .createReplicationInstance(r ->
                  r.replicationInstanceIdentifier("bench")
                      .replicationInstanceClass("dms.t3.medium"))
              .replicationInstance()
              .replicationInstanceArn();
      Waiting.until(
          "the replication instance",
          () ->
              client.describeReplicationInstances().replicationInstances().stream()
                  .allMatch(i -> i.replicationInstanceStatus().equals("available")));
    }

    WherryReplication replicate(
        String name, DatabaseServer source, PostgresServer target, String database, boolean batch) {
      boolean postgres = source instanceof PostgresServer;
      String sourceArn =
          client
              .createEndpoint(r -> {
                r.endpointIdentifier("source-" + database)
                    .endpointType("source")
                    .engineName(postgres ? "postgres" : "mariadb")
                    .serverName(source.host())
                    .port(source.port())
                    .username(source.user())
                    .password(source.password());
                if (postgres) {
                  r.databaseName(ChangeTable.DATABASE);
                }
              })
              .endpoint()
              .endpointArn();
      return new WherryReplication(
          name, service, client, instanceArn, source, sourceArn, target, database, batch);
    }
  }

  private Map<Replicator, Run> runByTurns(
      Display display,
      ChangeTable table,
      List<Replicator> replicators,
      PostgresServer source,
      MariaDbServer mariaDb) {
    Map<Replicator, List<Run>> all = new LinkedHashMap<>();
    for (int turn = 1; turn <= measuring.runs(); turn++) {
      for (Replicator replicator : replicators) {
        replicator.prepare();
        replicator.copy().ifPresent(copy -> ChangeTable.vacuum(replicator.target(), copy));
      }
      ChangeTable.vacuum(source, ChangeTable.DATABASE);
      display.line(String.format(Locale.ROOT, "Turn %d: writing its changes", turn));
      table.write(source, turn);
      table.write(mariaDb, turn);
      for (Replicator replicator : replicators) {
        replicator.upTo(turn);
        Run run = Run.measure(replicator);
        checkEqual(replicator);
        display.line(
            String.format(
                Locale.ROOT,
                "  %-28s %6.1f s, CPU %5.1f s, target %5.1f s",
                replicator.name(),
                run.wall(),
                run.moverCpu(),
                run.targetCpu()));
        all.computeIfAbsent(replicator, unused -> new ArrayList<>()).add(run);
      }
    }
    Map<Replicator, Run> medians = new LinkedHashMap<>();
    all.forEach((replicator, list) -> medians.put(replicator, Run.median(list)));
    return medians;
  }

  private static void checkEqual(Replicator replicator) {
    replicator
        .copy()
        .ifPresent(database -> {
          String wanted = ChangeTable.digest(replicator.source(), ChangeTable.DATABASE);
          String found = ChangeTable.digest(replicator.target(), database);
          if (!found.equals(wanted)) {
            throw new SandboxException(
                replicator.name() + ": " + found + " instead of " + wanted + ": not a measurement");
          }
        });
  }
}
