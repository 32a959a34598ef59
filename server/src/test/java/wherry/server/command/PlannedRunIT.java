package wherry.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
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
import wherry.expression.sqlite.SqliteEvaluator;
import wherry.flow.ByteBudget;
import wherry.mapping.TableMapping;
import wherry.sandbox.Availability;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.PostgresServer;
import wherry.server.run.Engines;
import wherry.task.CdcStart;
import wherry.task.CdcStop;
import wherry.task.MigrationType;
import wherry.task.ReplicationTask;
import wherry.task.TableStatistics;
import wherry.task.TaskDefinition;
import wherry.task.TaskSettings;
import wherry.testing.QuietListener;

/** What a plan says is what a run then does, between all engines. */
class PlannedRunIT {
  private static final String FROM = "planned";
  private static final String TO = "planned_copy";
  private static final String SETTINGS =
      """
      {"FullLoadSettings": {"StopTaskCachedChangesNotApplied": true},
       "ControlTablesSettings": {"HistoryTableEnabled": true, "StatusTableEnabled": true},
       "WherrySettings": {"CreateIndexesAfterFullLoad": true}}
      """;
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
        "UPDATE app.lossy SET ratio = 'NaN' WHERE id IN (8, 9)",
        "CREATE INDEX by_ratio ON app.lossy (ratio, id)",
        "CREATE INDEX by_lower_name ON app.lossy (lower(name))");
    SERVERS.forEach((engine, server) -> {
      if (engine != Engine.POSTGRESQL) {
        server.createDatabase("app");
        server.executeIn(
            "app",
            "CREATE TABLE lossy (id int PRIMARY KEY, name varchar(20), secret int, born date, n"
                + " bigint unsigned, KEY by_born (born, id), KEY by_name (name(5)))",
            "CREATE TABLE again (id int PRIMARY KEY, born date, KEY by_born (born))",
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
    Plans plans = new Plans(folder);
    String settings = plans.commands.file("settings.json", SETTINGS);
    JsonNode plan =
        plans.planned(
            Plans.url(source, FROM),
            Plans.url(target, TO),
            "--migration-type",
            "full-load-and-cdc",
            "--settings",
            settings);

    assertThat(definitions(target)).as("a plan leaves nothing behind").isEmpty();
    List<String> told = Plans.told(plan, "app.lossy");
    List<String> losses = told.stream().filter(line -> line.startsWith("LOSES")).toList();
    assertThat(losses).as(plan.toPrettyString()).hasSize(first == null ? 0 : 2);
    if (first != null) {
      assertThat(losses).anyMatch(line -> isOf(line, first)).anyMatch(line -> isOf(line, second));
    }
    if (from == Engine.POSTGRESQL) {
      assertThat(told)
          .anyMatch(line -> line.startsWith("NOTE") && line.contains("Index by_lower_name of"));
    }
    byHandAndThenByTheRun(plan, source, target, CommandFiles.settings(Path.of(settings)));
  }

  private static boolean isOf(String line, String expected) {
    String[] words = expected.split(" ");
    return line.startsWith("LOSES " + words[0] + " " + words[1] + " ") && line.contains(words[2]);
  }

  /** The plan's statements by hand, then the run; both must leave the same tables. */
  private static void byHandAndThenByTheRun(
      JsonNode plan, DatabaseServer source, DatabaseServer target, TaskSettings settings)
      throws Exception {
    JsonNode planned = Plans.table(plan, "app.lossy");
    assertThat(planned.path("target").asString()).isEqualTo("shop.lossy");
    execute(plan.path("controlStatements"), target);
    for (JsonNode table : plan.path("tables")) {
      execute(table.path("statements"), target);
      execute(table.path("statementsAfterLoad"), target);
    }
    List<String> byHand = definitions(target);
    clear(target);

    TableStatistics run = migrate(source, target, settings).get("app.lossy");

    assertThat(definitions(target))
        .containsExactlyElementsOf(byHand)
        .anyMatch(line -> line.contains("awsdms_apply_exceptions"))
        .anyMatch(line -> line.contains("awsdms_history"))
        .anyMatch(line -> line.contains("by_ratio") || line.contains("by_born"));
    assertThat(run.rejected()).isEqualTo(planned.path("rejectedRows").asLong());
    assertThat(run.read()).isEqualTo(planned.path("triedRows").asLong()).isPositive();
    clear(target);
  }

  private static void execute(JsonNode statements, DatabaseServer target) {
    statements.forEach(statement -> target.executeIn(database(target), statement.asString()));
  }

  /** Every column and index of the tables that the task has made, those of its books too. */
  private static List<String> definitions(DatabaseServer target) throws SQLException {
    String query =
        target instanceof PostgresServer
            ? """
            SELECT attrelid::regclass || ' ' || attname || ' ' || format_type(atttypid, atttypmod) || attnotnull
              FROM pg_attribute JOIN pg_class c ON c.oid = attrelid AND relkind = 'r'
             WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'shop')) AND attnum > 0
            UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'shop') ORDER BY 1
            """
            : """
            SELECT concat_ws(' ', table_schema, table_name, column_name, column_type, is_nullable)
              FROM information_schema.columns WHERE table_schema IN ('shop', 'awsdms_control')
            UNION ALL SELECT concat_ws(' ', table_schema, index_name, non_unique, seq_in_index, column_name, sub_part)
              FROM information_schema.statistics WHERE table_schema IN ('shop', 'awsdms_control') ORDER BY 1
            """;
    List<String> definitions = new ArrayList<>();
    try (Connection connection = target.connect(database(target));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        definitions.add(row.getString(1));
      }
    }
    return definitions;
  }

  private static void clear(DatabaseServer target) {
    if (target instanceof PostgresServer) {
      target.executeIn(
          TO, "DROP SCHEMA shop CASCADE", "DROP SCHEMA public CASCADE", "CREATE SCHEMA public");
    } else {
      target.executeIn("", "DROP DATABASE shop", "DROP DATABASE awsdms_control");
    }
  }

  private static String database(DatabaseServer target) {
    return target instanceof PostgresServer ? TO : "";
  }

  private static Map<String, TableStatistics> migrate(
      DatabaseServer from, DatabaseServer to, TaskSettings settings) {
    Map<String, TableStatistics> last = new ConcurrentHashMap<>();
    Engines engines = Engines.ofThisBuild();
    Endpoint sourceEndpoint = endpoint(from, FROM);
    Endpoint targetEndpoint = endpoint(to, TO);
    TaskDefinition definition =
        new TaskDefinition(
            "PLANNED" + from.port() + to.port(),
            TableMapping.parse(Plans.ALL_OF_APP, new SqliteEvaluator()),
            settings,
            TaskDefinition.Start.FRESH,
            List.of(),
            MigrationType.FULL_LOAD_AND_CDC,
            new CdcStart.FromNow(),
            new CdcStop.Never(),
            "planned");
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

  /** Keeps the statistics of tables. */
  private static final class Noting extends QuietListener {
    private final Map<String, TableStatistics> last;

    Noting(Map<String, TableStatistics> last) {
      this.last = last;
    }

    @Override
    public void tableChanged(TableStatistics statistics) {
      last.put(statistics.table().toString(), statistics);
    }
  }
}
