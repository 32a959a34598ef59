package wherry.demo;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;

/** What the demonstration does, from the first server to the verdict. */
final class Scenario {
  private static final String DATABASE = "shop";
  private static final String SOURCE_SCHEMA = "tpch";
  private static final String FROM_POSTGRES = "tpch_from_pg";
  private static final String FROM_MARIADB = "tpch_from_mariadb";

  private static final Duration STREAMING = Duration.ofSeconds(10);

  private final Display display;
  private final double scale;
  private final boolean keep;
  private final long seed = new Random().nextLong();

  /**
   * @param scale the TPC-H scale factor
   * @param keep whether to wait at the end, with everything up, until the user interrupts
   */
  Scenario(Display display, double scale, boolean keep) {
    this.display = display;
    this.scale = scale;
    this.keep = keep;
  }

  /** Returns whether every value arrived. */
  boolean run() throws IOException, SQLException {
    display.heading("Starting a private PostgreSQL, a private MariaDB and the service");
    try (PostgresServer postgres = PostgresServer.start();
        MariaDbServer mariaDb = MariaDbServer.start();
        ServiceProcess service = ServiceProcess.startTemporary();
        DatabaseMigrationClient client = service.client()) {
      display.line(
          "  PostgreSQL on port "
              + postgres.port()
              + ", MariaDB on port "
              + mariaDb.port()
              + ", the DMS API at "
              + service.endpoint());
      List<Way> ways = fill(postgres, mariaDb);
      showCredentials();
      migrate(new MigrationApi(service, client, display), ways);
      boolean equal = compare(ways);
      if (keep) {
        showConnections(postgres, mariaDb, service);
        waitForInterrupt();
      }
      return equal;
    }
  }

  private List<Way> fill(PostgresServer postgres, MariaDbServer mariaDb)
      throws SQLException, IOException {
    display.heading(
        String.format(
            Locale.ROOT,
            "Filling both with TPC-H tables, scale %s, and a table of every type",
            scale));
    postgres.createDatabase(DATABASE);
    postgres.executeIn(DATABASE, "CREATE SCHEMA " + Engine.POSTGRESQL.quoted(SOURCE_SCHEMA));
    mariaDb.createDatabase(SOURCE_SCHEMA);
    long rows = 0;
    for (DemoTable table : Tpch.tables()) {
      display.status("loading " + table.name());
      rows += Tpch.load(postgres, DATABASE, SOURCE_SCHEMA, table, scale);
      Tpch.load(mariaDb, SOURCE_SCHEMA, table, scale);
    }
    postgres.executeIn(DATABASE, EveryType.postgresTypes(SOURCE_SCHEMA).toArray(String[]::new));
    Way fromPostgres =
        new Way(
            "PostgreSQL to MariaDB",
            new RowComparison.Side(postgres, Engine.POSTGRESQL, DATABASE, SOURCE_SCHEMA),
            new RowComparison.Side(mariaDb, Engine.MARIADB, FROM_POSTGRES, FROM_POSTGRES),
            withEveryType(Engine.POSTGRESQL, postgres, DATABASE),
            rows + EveryType.of(Engine.POSTGRESQL).rows());
    Way fromMariaDb =
        new Way(
            "MariaDB to PostgreSQL",
            new RowComparison.Side(mariaDb, Engine.MARIADB, SOURCE_SCHEMA, SOURCE_SCHEMA),
            new RowComparison.Side(postgres, Engine.POSTGRESQL, DATABASE, FROM_MARIADB),
            withEveryType(Engine.MARIADB, mariaDb, SOURCE_SCHEMA),
            rows + EveryType.of(Engine.MARIADB).rows());
    display.line(String.format(Locale.ROOT, "  %,d rows in 9 tables on each side", rows));
    return List.of(fromPostgres, fromMariaDb);
  }

  private static List<DemoTable> withEveryType(
      Engine engine, DatabaseServer server, String database) {
    EveryType everyType = EveryType.of(engine);
    server.executeIn(database, everyType.table().createStatement(engine, SOURCE_SCHEMA));
    server.executeIn(
        database, everyType.insertStatements(engine, SOURCE_SCHEMA).toArray(String[]::new));
    List<DemoTable> tables = new ArrayList<>(Tpch.tables());
    tables.add(everyType.table());
    return tables;
  }

  private void showCredentials() {
    display.heading("Each step below is also a command of the AWS CLI, with these credentials");
    display.command(
        "export AWS_ACCESS_KEY_ID="
            + ServiceProcess.ACCESS_KEY_ID
            + " AWS_SECRET_ACCESS_KEY="
            + ServiceProcess.SECRET_ACCESS_KEY
            + " AWS_DEFAULT_REGION="
            + ServiceProcess.REGION);
  }

  private void migrate(MigrationApi api, List<Way> ways) throws SQLException {
    display.heading("Creating a replication instance");
    String instance = api.createInstance("demo");
    Map<Way, String> tasks = new LinkedHashMap<>();
    for (Way way : ways) {
      tasks.put(way, createTask(api, instance, way, tasks.size() + 1));
    }
    Map<Way, Workload> workloads = new LinkedHashMap<>();
    try {
      display.heading("Applications begin to write to both sources (seed " + seed + ")");
      ways.forEach(way -> workloads.put(way, Workload.start(way, seed)));
      display.heading("Starting both tasks, and watching them load while rows change");
      for (String task : tasks.values()) {
        api.startTask(task);
        api.showWatching(task);
      }
      MigrationWatch watch = new MigrationWatch(api, display, tasks);
      watch.untilLoaded();
      display.heading("All tables are loaded; the applications go on, and the targets follow");
      watch.during(STREAMING);
      display.heading("The applications stop; the targets catch up");
      watch.untilCaughtUp(stop(workloads));
    } finally {
      workloads.values().forEach(Workload::close);
    }
    display.heading("Stopping the tasks");
    tasks.values().forEach(api::stopTask);
  }

  private Map<Way, Long> stop(Map<Way, Workload> workloads) {
    Map<Way, Long> lastOrders = new LinkedHashMap<>();
    workloads.forEach((way, workload) -> {
      lastOrders.put(way, workload.stop());
      Clerk.Written written = workload.written();
      display.line(
          String.format(
              Locale.ROOT,
              "  %s: the application has written %,d transactions with %,d inserts, %,d updates and"
                  + " %,d deletes, and rolled %,d back",
              way.name(),
              written.transactions(),
              written.inserts(),
              written.updates(),
              written.deletes(),
              written.rolledBack()));
    });
    return lastOrders;
  }

  private String createTask(MigrationApi api, String instance, Way way, int number) {
    display.heading(way.name() + ": creating and testing the endpoints");
    String source =
        endpoint(api, "source-" + number, ReplicationEndpointTypeValue.SOURCE, way.source());
    String target =
        endpoint(api, "target-" + number, ReplicationEndpointTypeValue.TARGET, way.target());
    api.testConnection(instance, source);
    api.testConnection(instance, target);
    display.line("  both connections work");
    display.heading(way.name() + ": creating the task");
    return api.createTask(
        "task-" + number,
        MigrationTypeValue.FULL_LOAD_AND_CDC,
        instance,
        source,
        target,
        Mappings.wholeSchema(SOURCE_SCHEMA, way.target().schema()),
        "{}");
  }

  private static String endpoint(
      MigrationApi api,
      String identifier,
      ReplicationEndpointTypeValue type,
      RowComparison.Side side) {
    // A MariaDB endpoint names no database: its databases are the schemas of the table mappings.
    String database = side.engine() == Engine.POSTGRESQL ? side.database() : "";
    return api.createEndpoint(identifier, type, side.engine(), side.server(), database);
  }

  private boolean compare(List<Way> ways) throws SQLException {
    display.heading("Comparing source and target row by row, value by value");
    long compared = 0;
    long differing = 0;
    int tables = 0;
    for (Way way : ways) {
      for (DemoTable table : way.tables()) {
        display.status(way.name() + ": " + table.name());
        RowComparison.Result result = RowComparison.compare(table, way.source(), way.target());
        tables++;
        compared += result.compared();
        differing += result.differing();
        if (result.differing() > 0) {
          display.line(
              String.format(
                  Locale.ROOT,
                  "  %s, %s: %,d rows differ, the first of them:",
                  way.name(),
                  table.name(),
                  result.differing()));
          result.differences().forEach(difference -> display.line("    " + difference));
        }
      }
    }
    boolean equal = differing == 0;
    String extent = String.format(Locale.ROOT, "%,d rows in %d tables compared", compared, tables);
    display.heading(
        equal
            ? "PASSED: " + extent + ", every value is equal"
            : String.format(Locale.ROOT, "FAILED: %s, %,d rows differ", extent, differing));
    return equal;
  }

  private void showConnections(
      PostgresServer postgres, MariaDbServer mariaDb, ServiceProcess service) {
    display.heading("Everything is still running. To connect:");
    display.command(
        "PGPASSWORD="
            + postgres.password()
            + " psql -h "
            + postgres.host()
            + " -p "
            + postgres.port()
            + " -U "
            + postgres.user()
            + " "
            + DATABASE);
    display.command(
        "mariadb -h "
            + mariaDb.host()
            + " -P "
            + mariaDb.port()
            + " -u "
            + mariaDb.user()
            + " -p"
            + mariaDb.password()
            + " "
            + SOURCE_SCHEMA);
    display.command("aws dms describe-replication-tasks --endpoint-url " + service.endpoint());
    display.line("  (with the credentials above)");
    display.heading("Press Ctrl-C to end everything.");
  }

  private static void waitForInterrupt() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
