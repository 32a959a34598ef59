package wherry.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.server.command.Plans.single;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import wherry.connector.Endpoint;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.expression.sqlite.SqliteEvaluator;
import wherry.flow.ByteBudget;
import wherry.mapping.TableMapping;
import wherry.sandbox.Availability;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.PostgresServer;
import wherry.server.run.Engines;
import wherry.task.ReplicationTask;
import wherry.task.TableStatistics;
import wherry.task.TaskDefinition;
import wherry.task.TaskListener;

/** What a plan says is what a run then does, between all engines. */
class PlannedRunIT {
  private static final String FROM = "planned";
  private static final String TO = "planned_copy";
  private static final Availability MYSQL = MySqlServer.available();
  private static final Map<Engine, DatabaseServer> SERVERS = new TreeMap<>();

  private enum Engine {
    POSTGRESQL,
    MARIADB,
    MYSQL
  }

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    PostgresServer postgres = PostgresServer.start();
    SERVERS.put(Engine.POSTGRESQL, postgres);
    SERVERS.put(Engine.MARIADB, MariaDbServer.start());
    if (MYSQL.usable()) {
      SERVERS.put(Engine.MYSQL, MySqlServer.start());
    }
    postgres.createDatabase(FROM);
    postgres.createDatabase(TO);
    postgres.executeIn(
        FROM,
        "CREATE SCHEMA app",
        "CREATE TABLE app.lossy (id integer PRIMARY KEY, name text, secret text, at timestamptz,"
            + " ratio double precision, amount numeric)",
        "INSERT INTO app.lossy SELECT n, 'row ' || n, 'x', now(), n, n FROM generate_series(1, 40) n",
        "UPDATE app.lossy SET at = 'infinity' WHERE id = 7",
        "UPDATE app.lossy SET ratio = 'NaN' WHERE id IN (8, 9)");
    SERVERS.forEach((engine, server) -> {
      if (engine != Engine.POSTGRESQL) {
        server.createDatabase("app");
        server.executeIn(
            "app",
            "CREATE TABLE lossy (id int PRIMARY KEY, name varchar(20), secret int, born date, n"
                + " bigint unsigned)",
            "SET sql_mode=''",
            "INSERT INTO lossy VALUES (1, 'a', 1, '2024-01-31', 18446744073709551615), (2, 'b', 1,"
                + " '2024-01-01', 0)",
            "INSERT INTO lossy VALUES (3, 'c', 1, '2024-02-31', 1), (4, CONCAT('d', CHAR(0)), 1,"
                + " '2024-01-01', 1)");
      }
    });
  }

  @AfterAll
  static void stop() {
    SERVERS.values().forEach(DatabaseServer::close);
  }

  /** Each finding as column, rows and the first of the keys. */
  @ParameterizedTest
  @CsvSource({
    "POSTGRESQL, MARIADB, at 1 id=7, ratio 2 id=8",
    "POSTGRESQL, MYSQL, at 1 id=7, ratio 2 id=8",
    "POSTGRESQL, POSTGRESQL, , ",
    "MARIADB, POSTGRESQL, born 1 id=3, title 1 id=4",
    "MYSQL, POSTGRESQL, born 1 id=3, title 1 id=4"
  })
  void the_run_creates_and_rejects_what_the_plan_has_told(
      Engine from, Engine to, String first, String second) throws Exception {
    Assumptions.assumeTrue(SERVERS.containsKey(from) && SERVERS.containsKey(to), MYSQL.reason());
    DatabaseServer source = SERVERS.get(from);
    DatabaseServer target = SERVERS.get(to);
    JsonNode plan = new Plans(folder).planned(Plans.url(source, FROM), Plans.url(target, TO));

    assertThat(schemas(target)).as("a plan leaves nothing behind").doesNotContain("shop");
    List<String> losses =
        Plans.told(plan, "app.lossy").stream().filter(line -> line.startsWith("LOSES")).toList();
    assertThat(losses).as(plan.toPrettyString()).hasSize(first == null ? 0 : 2);
    if (first != null) {
      assertThat(losses).anyMatch(line -> isOf(line, first)).anyMatch(line -> isOf(line, second));
    }
    byHandAndThenByTheRun(plan, source, target);
  }

  private static boolean isOf(String line, String expected) {
    String[] words = expected.split(" ");
    return line.startsWith("LOSES " + words[0] + " " + words[1] + " ") && line.contains(words[2]);
  }

  /** The plan's statements by hand, then the run; both must leave the same table. */
  private static void byHandAndThenByTheRun(
      JsonNode plan, DatabaseServer source, DatabaseServer target) throws Exception {
    boolean postgres = target instanceof PostgresServer;
    String database = postgres ? TO : "";
    String drop = postgres ? "DROP SCHEMA shop CASCADE" : "DROP DATABASE shop";
    String definition =
        postgres
            ? "SELECT string_agg(attname || format_type(atttypid, atttypmod) || attnotnull, ','"
                + " ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'shop.lossy'::regclass AND"
                + " attnum > 0"
            : "SHOW CREATE TABLE shop.lossy";
    JsonNode planned = Plans.table(plan, "app.lossy");
    assertThat(planned.path("target").asString()).isEqualTo("shop.lossy");
    planned
        .path("statements")
        .forEach(statement -> target.executeIn(database, statement.asString()));
    planned
        .path("statementsAfterLoad")
        .forEach(statement -> target.executeIn(database, statement.asString()));
    String byHand = single(target, database, definition);
    target.executeIn(database, drop);

    TableStatistics run = migrate(source, target).get("app.lossy");

    assertThat(single(target, database, definition)).isEqualTo(byHand);
    assertThat(run.rejected()).isEqualTo(planned.path("rejectedRows").asLong());
    assertThat(run.read()).isEqualTo(planned.path("triedRows").asLong()).isPositive();
    target.executeIn(database, drop);
  }

  private static Map<String, TableStatistics> migrate(DatabaseServer from, DatabaseServer to)
      throws InterruptedException {
    Map<String, TableStatistics> last = new ConcurrentHashMap<>();
    Engines engines = Engines.ofThisBuild();
    Endpoint sourceEndpoint = endpoint(from, FROM);
    Endpoint targetEndpoint = endpoint(to, TO);
    TaskDefinition definition =
        new TaskDefinition(
            "PLANNED",
            TableMapping.parse(Plans.ALL_OF_APP, new SqliteEvaluator()),
            CommandFiles.settings(null),
            TaskDefinition.Start.FRESH,
            List.of());
    try (Source source = engines.of(sourceEndpoint.engine()).source(sourceEndpoint);
        Target target = engines.of(targetEndpoint.engine()).target(targetEndpoint)) {
      ReplicationTask task =
          new ReplicationTask(
              definition, source, target, new Noting(last), new ByteBudget(64L << 20));
      task.release();
      task.run();
    }
    return last;
  }

  private static Endpoint endpoint(DatabaseServer server, String database) {
    Map<String, String> settings =
        new TreeMap<>(
            Map.of(
                "ServerName", server.host(),
                "Port", Integer.toString(server.port()),
                "Username", server.user(),
                "Password", server.password()));
    if (server instanceof PostgresServer) {
      settings.put("DatabaseName", database);
    }
    String family = server instanceof MariaDbServer ? "mariadb" : "mysql";
    return new Endpoint("test", server instanceof PostgresServer ? "postgres" : family, settings);
  }

  private static String schemas(DatabaseServer server) throws SQLException {
    return server instanceof PostgresServer
        ? single(server, TO, "SELECT string_agg(nspname, ',') FROM pg_namespace")
        : single(server, "", "SELECT group_concat(schema_name) FROM information_schema.schemata");
  }

  /** Keeps the statistics of tables. */
  private record Noting(Map<String, TableStatistics> last) implements TaskListener {
    @Override
    public void running() {}

    @Override
    public void tableChanged(TableStatistics statistics) {
      last.put(statistics.table().toString(), statistics);
    }

    @Override
    public void snapshotTaken(String position) {}

    @Override
    public void loaded() {}

    @Override
    public void retrying(DmsException failure, int attempt, int afterSeconds) {}

    @Override
    public void log(Component component, Severity severity, String message) {}
  }
}
