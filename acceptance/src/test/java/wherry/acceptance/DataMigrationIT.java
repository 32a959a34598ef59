package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static wherry.acceptance.Fixture.newName;
import static wherry.acceptance.Fixture.rows;
import static wherry.acceptance.Fixture.value;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.CreateDataMigrationRequest;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationMigrationTypeValue;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import wherry.demo.ServiceProcess;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;

/**
 * The life of data migrations through the real SDK clients: rows, all around them, changes,
 * cutover.
 */
class DataMigrationIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ROLE = "arn:aws:iam::123456789012:role/dms";

  private static PostgresServer server;
  private static ServiceProcess service;
  private static DatabaseMigrationClient client;
  private static SecretsManagerClient secrets;

  private String source;
  private String target;

  @BeforeAll
  static void start() {
    int dump = pgDumpVersion();
    assumeTrue(
        dump >= 14,
        "no pg_dump of version 14 or later is on PATH; install postgresql-client (.ci/install-packages)");
    server =
        PostgresServer.start(
            dump >= 18 ? PostgresServer.Release.V18 : PostgresServer.Release.V14,
            ServerOptions.standard());
    service = ServiceProcess.startTemporary();
    client = service.client();
    secrets = service.secrets();
    secrets.createSecret(r -> r.name("login").secretString(login(server.password())));
  }

  /** Major version of the pg_dump on PATH; 0 without one. */
  static int pgDumpVersion() {
    try {
      Process dump = new ProcessBuilder("pg_dump", "--version").start();
      String answer = new String(dump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher version = Pattern.compile("(\\d+)").matcher(answer);
      return version.find() ? Integer.parseInt(version.group(1)) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  private static String login(String password) {
    return "{\"username\":\"postgres\",\"password\":\"" + password + "\"}";
  }

  @AfterAll
  static void end() {
    if (server != null) {
      secrets.close();
      client.close();
      service.close();
      server.close();
    }
  }

  @BeforeEach
  void two_databases() {
    source = newName("from");
    target = newName("to");
    server.createDatabase(source);
    server.createDatabase(target);
    server.executeIn(
        source,
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE TABLE customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood)",
        "CREATE TABLE orders (id serial PRIMARY KEY, customer bigint REFERENCES customer,"
            + " total numeric NOT NULL DEFAULT 0, placed date NOT NULL DEFAULT '2026-01-01',"
            + " tax numeric GENERATED ALWAYS AS (total / 5) STORED)",
        "CREATE INDEX orders_total ON orders (total)",
        "CREATE TABLE events (id int, day date) PARTITION BY RANGE (day)",
        "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        "CREATE TABLE events_2 PARTITION OF events DEFAULT",
        "ALTER TABLE events ADD PRIMARY KEY (id, day)",
        "CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS"
            + " 'BEGIN NEW.total := NEW.total * 2; RETURN NEW; END'",
        "INSERT INTO customer (mood) SELECT 'ok' FROM generate_series(1, 1000)",
        "INSERT INTO orders (customer, total) SELECT i, i FROM generate_series(1, 1000) i",
        "INSERT INTO events SELECT i, date '2026-01-01' + i FROM generate_series(1, 100) i",
        "CREATE TRIGGER twice BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION twice()",
        "CREATE MATERIALIZED VIEW sums AS SELECT customer, sum(total) FROM orders GROUP BY 1");
  }

  private String provider(String database) {
    return client
        .createDataProvider(r ->
            r.engine("postgres")
                .settings(s ->
                    s.postgreSqlSettings(p ->
                        p.serverName(server.host()).port(server.port()).databaseName(database))))
        .dataProvider()
        .dataProviderArn();
  }

  private String migration(
      MigrationTypeValue type, String secret, Consumer<CreateDataMigrationRequest.Builder> more) {
    String profile = client.createInstanceProfile(r -> {}).instanceProfile().instanceProfileArn();
    String project =
        client
            .createMigrationProject(r ->
                r.instanceProfileIdentifier(profile)
                    .sourceDataProviderDescriptors(d ->
                        d.dataProviderIdentifier(provider(source)).secretsManagerSecretId(secret))
                    .targetDataProviderDescriptors(d ->
                        d.dataProviderIdentifier(provider(target)).secretsManagerSecretId(secret)))
            .migrationProject()
            .migrationProjectArn();
    return client
        .createDataMigration(r ->
            r.migrationProjectIdentifier(project)
                .dataMigrationType(type)
                .serviceAccessRoleArn(ROLE)
                .numberOfJobs(2)
                .applyMutation(more))
        .dataMigration()
        .dataMigrationArn();
  }

  private static DataMigration start(String migration, StartReplicationMigrationTypeValue type) {
    return client
        .startDataMigration(r -> r.dataMigrationIdentifier(migration).startType(type))
        .dataMigration();
  }

  private static DataMigration describe(String migration) {
    return client
        .describeDataMigrations(r -> r.filters(Migration.filter("data-migration-arn", migration)))
        .dataMigrations()
        .getFirst();
  }

  private static DataMigration awaitStatus(String migration, String... statuses) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> List.of(statuses).contains(describe(migration).dataMigrationStatus()));
    return describe(migration);
  }

  private void assertSameRows() {
    for (String table : List.of("customer", "orders", "events", "events_1")) {
      String query = "SELECT * FROM " + table + " ORDER BY 1, 2";
      assertThat(rows(server, target, query)).as(table).isEqualTo(rows(server, source, query));
    }
  }

  @Test
  void a_full_load_moves_rows_and_all_that_stands_around_them() {
    String migration = migration(MigrationTypeValue.FULL_LOAD, "login", r -> {});

    assertThat(
            start(migration, StartReplicationMigrationTypeValue.START_REPLICATION)
                .dataMigrationStatus())
        .isEqualTo("starting");
    DataMigration done = awaitStatus(migration, "stopped", "failed");

    assertThat(done.lastFailureMessage()).isNull();
    assertThat(done.stopReason()).isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED.");
    assertThat(done.dataMigrationStatistics().tablesLoaded()).isEqualTo(3);
    assertThat(done.dataMigrationStatistics().fullLoadPercentage()).isEqualTo(100);
    assertThat(done.dataMigrationEndTime()).isAfter(done.dataMigrationStartTime());
    assertSameRows();
    assertThat(value(server, target, "SELECT count(*) FROM sums")).isEqualTo("1000");
    assertThat(value(server, target, "SELECT count(*) FROM pg_trigger WHERE tgname = 'twice'"))
        .isEqualTo("1");
    assertThat(
            value(
                server,
                target,
                "INSERT INTO orders (total) VALUES (4) RETURNING id || ' ' || total"))
        .isEqualTo("1001 8");

    start(migration, StartReplicationMigrationTypeValue.RELOAD_TARGET);
    assertThat(awaitStatus(migration, "stopped", "failed").lastFailureMessage()).isNull();
    assertSameRows();
  }

  @Test
  void changes_are_followed_under_load_and_the_first_insert_after_the_cutover_succeeds()
      throws Exception {
    String migration = migration(MigrationTypeValue.FULL_LOAD_AND_CDC, "login", r -> {});
    AtomicBoolean writing = new AtomicBoolean(true);
    Thread writer = Thread.ofVirtual().start(() -> write(writing));

    start(migration, StartReplicationMigrationTypeValue.START_REPLICATION);
    DataMigration replicating =
        awaitStatus(migration, "load-complete-replication-ongoing", "failed");
    assertThat(replicating.lastFailureMessage()).isNull();
    writing.set(false);
    writer.join();
    String marker = "SELECT count(*) FROM customer WHERE mood = 'sad'";
    server.executeIn(source, "INSERT INTO customer (mood) VALUES ('sad')");
    await().atMost(PATIENCE).until(() -> value(server, target, marker).equals("1"));

    client.stopDataMigration(r -> r.dataMigrationIdentifier(migration));
    DataMigration stopped = awaitStatus(migration, "stopped", "failed");
    assertThat(stopped.stopReason()).isEqualTo("Stop Reason NORMAL.");
    assertThat(stopped.lastFailureMessage()).isNull();
    assertSameRows();
    String next = value(server, source, "SELECT last_value + 1 FROM orders_id_seq");
    assertThat(value(server, target, "INSERT INTO orders (total) VALUES (4) RETURNING id"))
        .isEqualTo(next);
    server.executeIn(target, "DELETE FROM orders WHERE id = " + next);

    server.executeIn(source, "DELETE FROM customer WHERE mood = 'sad'");
    start(migration, StartReplicationMigrationTypeValue.RESUME_PROCESSING);
    await().atMost(PATIENCE).until(() -> value(server, target, marker).equals("0"));
    client.stopDataMigration(r -> r.dataMigrationIdentifier(migration));
    awaitStatus(migration, "stopped");

    String slots = "SELECT count(*) FROM pg_replication_slots WHERE database = '" + source + "'";
    assertThat(value(server, source, slots)).isEqualTo("1");
    client.deleteDataMigration(r -> r.dataMigrationIdentifier(migration));
    await().atMost(PATIENCE).until(() -> value(server, source, slots).equals("0"));
  }

  @Test
  void a_killed_service_carries_on_by_itself_wherever_it_was(@TempDir Path directory) {
    String migration;
    try (ServiceProcess first = ServiceProcess.start(directory);
        DataMigrations mine = new DataMigrations(first)) {
      migration =
          mine.create(
              server, source, server, target, MigrationTypeValue.FULL_LOAD_AND_CDC, r -> {});
      mine.start(migration, StartReplicationMigrationTypeValue.START_REPLICATION);
      mine.awaitStatus(migration, "load-running", "load-complete-replication-ongoing", "failed");
      first.kill();
    }
    try (ServiceProcess second = ServiceProcess.start(directory);
        DataMigrations mine = new DataMigrations(second)) {
      DataMigration now =
          mine.awaitStatus(migration, "load-complete-replication-ongoing", "failed");
      assertThat(now.lastFailureMessage()).isNull();
      server.executeIn(
          source, "INSERT INTO customer (mood) SELECT 'ok' FROM generate_series(1, 500)");
      second.kill();
    }
    server.executeIn(source, "INSERT INTO orders (total) VALUES (9)", "DELETE FROM events");
    try (ServiceProcess third = ServiceProcess.start(directory);
        DataMigrations mine = new DataMigrations(third)) {
      await()
          .atMost(PATIENCE)
          .until(() -> value(server, target, "SELECT count(*) FROM events").equals("0"));
      mine.stop(migration);
      assertThat(mine.awaitStatus(migration, "stopped", "failed").lastFailureMessage()).isNull();
    }
    assertSameRows();
    String next = value(server, source, "SELECT last_value + 1 FROM orders_id_seq");
    assertThat(value(server, target, "INSERT INTO orders (total) VALUES (4) RETURNING id"))
        .isEqualTo(next);
  }

  @Test
  void the_commands_of_the_guide_carry_a_database_through() throws Exception {
    assumeTrue(
        List.of(System.getenv("PATH").split(":")).stream()
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "aws"))),
        "the AWS CLI (aws) is not installed; the guide's commands are not run");
    List<String> blocks =
        Pattern.compile("^```sh\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(Files.readString(Path.of("../docs/data-migrations.md")))
            .results()
            .map(block -> block.group(1))
            .toList();
    assertThat(blocks).hasSize(6);
    blocks.subList(0, 4).forEach(this::runAsInTheGuide);
    String migration =
        client
            .describeDataMigrations(
                r -> r.filters(Migration.filter("data-migration-name", "move-shop")))
            .dataMigrations()
            .getFirst()
            .dataMigrationArn();
    assertThat(
            awaitStatus(migration, "load-complete-replication-ongoing", "failed")
                .lastFailureMessage())
        .isNull();

    runAsInTheGuide(blocks.get(4));
    assertThat(awaitStatus(migration, "stopped", "failed").stopReason())
        .isEqualTo("Stop Reason NORMAL.");
    assertSameRows();
    runAsInTheGuide(blocks.get(5));
    await()
        .atMost(PATIENCE)
        .until(() ->
            client.describeDataMigrations(r -> {}).dataMigrations().stream()
                .noneMatch(found -> found.dataMigrationName().equals("move-shop")));
  }

  /** Only what names the user's own machines and people is put in. */
  private void runAsInTheGuide(String commands) {
    String script =
        commands
            .replace("old.example.org\",\"Port\":5432,\"DatabaseName\":\"shop", place(source))
            .replace("new.example.org\",\"Port\":5432,\"DatabaseName\":\"shop", place(target))
            .replaceAll("\"(migrator|owner)\"", "\"" + server.user() + "\"")
            .replace("…", server.password());
    ProcessBuilder shell = new ProcessBuilder("sh", "-e", "-c", script).redirectErrorStream(true);
    Map<String, String> environment = shell.environment();
    environment.put("AWS_ACCESS_KEY_ID", ServiceProcess.ACCESS_KEY_ID);
    environment.put("AWS_SECRET_ACCESS_KEY", ServiceProcess.SECRET_ACCESS_KEY);
    environment.put("AWS_ENDPOINT_URL", service.endpoint().toString());
    environment.put("AWS_DEFAULT_REGION", ServiceProcess.REGION);
    environment.put("AWS_PAGER", "");
    try {
      Process process = shell.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(script + "\n" + output).isZero();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(script, e);
    }
  }

  private static String place(String database) {
    return "%s\",\"Port\":%d,\"DatabaseName\":\"%s"
        .formatted(server.host(), server.port(), database);
  }

  private void write(AtomicBoolean wanted) {
    try (Connection connection = server.connect(source);
        Statement statement = connection.createStatement()) {
      while (wanted.get()) {
        statement.execute(
            "INSERT INTO orders (customer, total) SELECT id, 7 FROM customer ORDER BY random() LIMIT 3");
        statement.execute("UPDATE orders SET total = total + 1 WHERE id % 97 = 0");
        statement.execute("DELETE FROM orders WHERE id = (SELECT min(id) FROM orders)");
        statement.execute(
            "INSERT INTO events SELECT coalesce(max(id), 0) + 1, '2026-01-15' FROM events");
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_stop_while_definitions_are_read_ends_at_once_and_resume_processing_goes_on()
      throws Exception {
    String migration = migration(MigrationTypeValue.FULL_LOAD, "login", r -> {});
    try (Connection connection = server.connect(source);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
      start(migration, StartReplicationMigrationTypeValue.START_REPLICATION);
      String waiting =
          "SELECT count(*) FROM pg_stat_activity WHERE datname = '"
              + source
              + "' AND wait_event_type = 'Lock' AND application_name = 'pg_dump'";
      await().atMost(PATIENCE).until(() -> value(server, "postgres", waiting).equals("1"));
      assertThat(describe(migration).dataMigrationStatus()).isEqualTo("load-running");

      client.stopDataMigration(r -> r.dataMigrationIdentifier(migration));
      assertThat(awaitStatus(migration, "stopped", "failed").stopReason())
          .isEqualTo("Stop Reason NORMAL.");
      assertThat(
              value(server, target, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
          .isEqualTo("0");
    }

    start(migration, StartReplicationMigrationTypeValue.RESUME_PROCESSING);
    assertThat(awaitStatus(migration, "stopped", "failed").lastFailureMessage()).isNull();
    assertSameRows();
  }

  @Test
  void a_wrong_password_fails_the_migration_until_the_secret_is_right() {
    String name = newName("secret");
    secrets.createSecret(r -> r.name(name).secretString(login("wrong")));
    String migration =
        migration(
            MigrationTypeValue.FULL_LOAD,
            name,
            r ->
                r.selectionRules(
                    """
                    {"rules":[{"rule-type":"selection","rule-id":"1","rule-name":"1",
                     "rule-action":"include",
                     "object-locator":{"schema-name":"public","table-name":"customer"}}]}\
                    """));

    start(migration, StartReplicationMigrationTypeValue.START_REPLICATION);
    assertThat(awaitStatus(migration, "stopped", "failed").lastFailureMessage())
        .contains("LOGIN_FAILED")
        .doesNotContain("wrong\"");

    secrets.putSecretValue(r -> r.secretId(name).secretString(login(server.password())));
    start(migration, StartReplicationMigrationTypeValue.RESUME_PROCESSING);
    assertThat(awaitStatus(migration, "stopped", "failed").lastFailureMessage()).isNull();
    assertThat(
            rows(
                server,
                target,
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~"
                    + " '^awsdms'"))
        .containsExactly("customer");
    assertThat(value(server, target, "SELECT count(*) FROM customer WHERE mood = 'ok'"))
        .isEqualTo("1000");
  }
}
