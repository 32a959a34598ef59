package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static wherry.acceptance.Fixture.newName;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.DmsSslModeValue;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.SourceDataSetting;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationMigrationTypeValue;
import wherry.demo.ServiceProcess;

/**
 * The life of data migrations through the real SDK clients: rows, all around them, changes,
 * cutover.
 */
class DataMigrationIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String ONLY_CUSTOMERS =
      """
      {"rules":[{"rule-type":"selection","rule-id":"1","rule-name":"1","rule-action":"include",
        "object-locator":{"schema-name":"public","table-name":"customer"}}]}\
      """;

  private static ServiceProcess service;
  private static DataMigrations migrations;

  private Shop shop;

  @BeforeAll
  static void start() {
    Shop.server18or14();
    service = ServiceProcess.startTemporary();
    migrations = new DataMigrations(service);
  }

  @AfterAll
  static void end() {
    if (service != null) {
      migrations.close();
      service.close();
    }
  }

  @BeforeEach
  void two_databases() {
    shop = Shop.create();
  }

  @Test
  void a_full_load_moves_rows_and_all_that_stands_around_them() {
    String migration = migrations.create(shop, MigrationTypeValue.FULL_LOAD, r -> {});

    assertThat(migrations.start(migration).dataMigrationStatus()).isEqualTo("starting");
    DataMigration done = migrations.awaitStatus(migration, "stopped", "failed");

    assertThat(done.lastFailureMessage()).isNull();
    assertThat(done.stopReason()).isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED.");
    assertThat(done.dataMigrationStatistics().tablesLoaded()).isEqualTo(3);
    assertThat(done.dataMigrationStatistics().fullLoadPercentage()).isEqualTo(100);
    assertThat(done.dataMigrationStatistics().cdcLatency()).isNull();
    assertThat(done.dataMigrationEndTime()).isAfter(done.dataMigrationStartTime());
    shop.assertSameRows();
    assertThat(shop.inTarget("SELECT count(*) FROM sums")).isEqualTo("1000");
    assertThat(shop.inTarget("SELECT count(*) FROM pg_trigger WHERE tgname = 'twice'"))
        .isEqualTo("1");
    assertThat(shop.inTarget("INSERT INTO orders (total) VALUES (4) RETURNING id || ' ' || total"))
        .isEqualTo("1001 8");

    migrations.start(migration, StartReplicationMigrationTypeValue.RELOAD_TARGET);
    assertThat(migrations.awaitStatus(migration, "stopped", "failed").lastFailureMessage())
        .isNull();
    shop.assertSameRows();
  }

  @Test
  void changes_are_followed_under_load_and_the_first_insert_after_the_cutover_succeeds()
      throws Exception {
    String migration = migrations.create(shop, MigrationTypeValue.FULL_LOAD_AND_CDC, r -> {});
    AtomicBoolean writing = new AtomicBoolean(true);
    Thread writer = Thread.ofVirtual().start(() -> write(writing));

    migrations.start(migration);
    migrations.awaitReplicating(migration);
    writing.set(false);
    writer.join();
    shop.mark();
    await().atMost(PATIENCE).until(shop::hasMark);
    awaitLatency(migration, 0);

    DataMigration stopped = migrations.stopped(migration);
    assertThat(stopped.stopReason())
        .matches(
            "Stop Reason NORMAL\\. The source keeps its log for resume-processing: replication slot"
                + " wherry_\\w+\\.");
    assertThat(stopped.lastFailureMessage()).isNull();
    shop.assertSameRows();
    shop.assertFirstInsertGetsTheNextNumber();

    shop.server().executeIn(shop.source(), "DELETE FROM customer WHERE mood = 'sad'");
    migrations.resume(migration);
    await().atMost(PATIENCE).until(() -> !shop.hasMark());
    migrations.stopped(migration);

    assertThat(shop.slots()).isEqualTo("1");
    migrations.client().deleteDataMigration(r -> r.dataMigrationIdentifier(migration));
    await().atMost(PATIENCE).until(() -> shop.slots().equals("0"));
  }

  private static void awaitLatency(String migration, int least) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> migrations.describe(migration).dataMigrationStatistics().cdcLatency(),
            latency -> latency != null && (least == 0 ? latency == 0 : latency >= least));
  }

  private void write(AtomicBoolean wanted) {
    try (Connection connection = shop.server().connect(shop.source());
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
  void while_the_target_holds_the_apply_up_the_latency_grows_and_a_stop_keeps_the_checkpoint()
      throws Exception {
    String migration = migrations.create(shop, MigrationTypeValue.FULL_LOAD_AND_CDC, r -> {});
    migrations.start(migration);
    migrations.awaitReplicating(migration);
    awaitLatency(migration, 0);
    try (Connection connection = shop.server().connect(shop.target());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE customer IN EXCLUSIVE MODE");
      shop.mark();
      awaitLatency(migration, 4);

      assertThat(migrations.stopped(migration).stopReason()).startsWith("Stop Reason NORMAL.");
      assertThat(shop.hasMark()).isFalse();
    }
    migrations.resume(migration);
    await().atMost(PATIENCE).until(shop::hasMark);
    awaitLatency(migration, 0);
    migrations.stopped(migration);
    shop.assertSameRows();
    assertThat(shop.inTarget("SELECT count(*) FROM customer WHERE mood = 'sad'")).isEqualTo("1");
  }

  @Test
  void changes_alone_begin_at_a_place_of_the_users_own_slot_and_end_at_a_time() {
    String slot = "own_" + shop.source();
    shop.server()
        .executeIn(
            shop.source(),
            "CREATE PUBLICATION "
                + slot
                + " FOR TABLE customer, orders, events WITH (publish_via_partition_root = true)");
    shop.inSource("SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
    shop.server().executeIn(shop.source(), "INSERT INTO events VALUES (501, '2026-01-02')");
    String from = shop.inSource("SELECT pg_current_wal_lsn()");
    shop.server().executeIn(shop.source(), "INSERT INTO events VALUES (502, '2026-01-02')");
    String migration =
        migrations.create(
            shop,
            MigrationTypeValue.CDC,
            r -> r.sourceDataSettings(s -> s.slotName(slot).cdcStartPosition(from)));
    migrations.start(migration);
    assertThat(migrations.awaitStatus(migration, "stopped", "failed").lastFailureMessage())
        .contains("needs the tables on the target");
    shop.server()
        .executeIn(
            shop.target(),
            "CREATE TYPE mood AS ENUM ('sad', 'ok')",
            "CREATE TABLE customer (id bigint PRIMARY KEY, mood mood)",
            "CREATE TABLE orders (id int PRIMARY KEY, customer bigint, total numeric, placed date)",
            "CREATE TABLE events (id int, day date, PRIMARY KEY (id, day))");
    migrations.resume(migration);
    migrations.awaitReplicating(migration);
    assertThat(migrations.describe(migration).dataMigrationStatus())
        .isEqualTo("replication-ongoing");
    shop.server().executeIn(shop.source(), "INSERT INTO events VALUES (503, '2026-01-02')");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(shop.inTarget("SELECT string_agg(id::text, ' ' ORDER BY id) FROM events"))
                .isEqualTo("502 503"));
    migrations.stopped(migration);

    Instant end = Instant.now().plusSeconds(2);
    migrations
        .client()
        .modifyDataMigration(r ->
            r.dataMigrationIdentifier(migration)
                .sourceDataSettings(
                    SourceDataSetting.builder().slotName(slot).cdcStopTime(end).build()));
    migrations.resume(migration);
    DataMigration ended = migrations.awaitStatus(migration, "stopped", "failed");
    assertThat(ended.stopReason()).startsWith("Stop Reason STOPPED_AT_SERVER_TIME.").contains(slot);
    assertThat(ended.dataMigrationEndTime()).isAfter(end);

    migrations.client().deleteDataMigration(r -> r.dataMigrationIdentifier(migration));
    await()
        .atMost(PATIENCE)
        .until(() ->
            migrations.client().describeDataMigrations(r -> {}).dataMigrations().stream()
                .noneMatch(found -> found.dataMigrationArn().equals(migration)));
    assertThat(shop.slots()).as("a slot of the user's own is not ours to drop").isEqualTo("1");
    shop.inSource("SELECT pg_drop_replication_slot('" + slot + "')");
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
        migrations
            .client()
            .describeDataMigrations(
                r -> r.filters(Migration.filter("data-migration-name", "move-shop")))
            .dataMigrations()
            .getFirst()
            .dataMigrationArn();
    migrations.awaitReplicating(migration);

    runAsInTheGuide(blocks.get(4));
    assertThat(migrations.awaitStatus(migration, "stopped", "failed").stopReason())
        .startsWith("Stop Reason NORMAL.");
    shop.assertSameRows();
    runAsInTheGuide(blocks.get(5));
    await()
        .atMost(PATIENCE)
        .until(() ->
            migrations.client().describeDataMigrations(r -> {}).dataMigrations().stream()
                .noneMatch(found -> found.dataMigrationName().equals("move-shop")));
  }

  /** Only what names the user's own machines and people is put in. */
  private void runAsInTheGuide(String commands) {
    String script =
        commands
            .replace("old.example.org\",\"Port\":5432,\"DatabaseName\":\"shop", at(shop.source()))
            .replace("new.example.org\",\"Port\":5432,\"DatabaseName\":\"shop", at(shop.target()))
            .replaceAll("\"(migrator|owner)\"", "\"" + shop.server().user() + "\"")
            .replace("…", shop.server().password());
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

  private String at(String database) {
    return "%s\",\"Port\":%d,\"DatabaseName\":\"%s"
        .formatted(shop.server().host(), shop.server().port(), database);
  }

  @Test
  void a_wrong_password_fails_the_migration_until_the_secret_is_right() {
    String name = newName("secret");
    String login = "{\"username\":\"postgres\",\"password\":\"%s\"}";
    migrations.secrets().createSecret(r -> r.name(name).secretString(login.formatted("wrong")));
    String migration =
        migrations.create(
            shop, MigrationTypeValue.FULL_LOAD, r -> r.selectionRules(ONLY_CUSTOMERS));
    String project = migrations.describe(migration).migrationProjectArn();
    String provider =
        migrations
            .client()
            .describeMigrationProjects(
                r -> r.filters(Migration.filter("migration-project-identifier", project)))
            .migrationProjects()
            .getFirst()
            .sourceDataProviderDescriptors()
            .getFirst()
            .dataProviderArn();
    migrations
        .client()
        .modifyMigrationProject(r ->
            r.migrationProjectIdentifier(project)
                .sourceDataProviderDescriptors(
                    d -> d.dataProviderIdentifier(provider).secretsManagerSecretId(name)));

    migrations.start(migration);
    assertThat(migrations.awaitStatus(migration, "stopped", "failed").lastFailureMessage())
        .contains("LOGIN_FAILED")
        .doesNotContain("wrong\"");

    migrations
        .secrets()
        .putSecretValue(
            r -> r.secretId(name).secretString(login.formatted(shop.server().password())));
    migrations.resume(migration);
    assertThat(migrations.awaitStatus(migration, "stopped", "failed").lastFailureMessage())
        .isNull();
    assertThat(
            shop.inTarget(
                "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public' AND"
                    + " tablename !~ '^awsdms'"))
        .isEqualTo("customer");
    assertThat(shop.inTarget("SELECT count(*) FROM customer WHERE mood = 'ok'")).isEqualTo("1000");
  }

  /** pg_dump reads the definitions over the same kind of connection. */
  @ParameterizedTest
  @EnumSource(
      value = DmsSslModeValue.class,
      names = {"REQUIRE", "VERIFY_FULL"})
  void tls_is_as_the_data_provider_says(DmsSslModeValue mode) {
    String certificate =
        migrations
            .client()
            .importCertificate(r ->
                r.certificateIdentifier(newName("ca").replace('_', '-'))
                    .certificatePem(shop.server().caCertificatePem()))
            .certificate()
            .certificateArn();
    migrations.over(mode, mode == DmsSslModeValue.REQUIRE ? null : certificate);
    try {
      String migration =
          migrations.create(
              shop, MigrationTypeValue.FULL_LOAD, r -> r.selectionRules(ONLY_CUSTOMERS));
      migrations.start(migration);
      assertThat(migrations.awaitStatus(migration, "stopped", "failed").lastFailureMessage())
          .isNull();
      assertThat(shop.inTarget("SELECT count(*) FROM customer")).isEqualTo("1000");
    } finally {
      migrations.over(DmsSslModeValue.NONE, null);
    }
  }
}
