package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.acceptance.Fixture.mariaDb;
import static wherry.acceptance.Fixture.newDatabase;
import static wherry.acceptance.Fixture.postgres;
import static wherry.acceptance.Fixture.rows;
import static wherry.acceptance.Fixture.value;
import static wherry.acceptance.Migration.wholeSchema;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import wherry.demo.ServiceProcess;

/** Where in the log a task of type cdc begins: native positions, checkpoints, times. */
class CaptureStartIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static ServiceProcess service;
  private static DatabaseMigrationClient client;
  private static Migration migration;

  private String database;
  private String target;
  private String source;

  @BeforeAll
  static void start_the_service() {
    service = ServiceProcess.startTemporary("--compat-dwell", "0s");
    client = service.client();
    migration = new Migration(client);
  }

  @AfterAll
  static void end_the_service() {
    client.close();
    service.close();
  }

  @BeforeEach
  void a_table_on_mariadb() {
    database = newDatabase(mariaDb());
    mariaDb().executeIn(database, "CREATE TABLE t (id int PRIMARY KEY)");
    source = migration.endpoint(ReplicationEndpointTypeValue.SOURCE, "mariadb", mariaDb(), "");
    target = newDatabase(postgres());
  }

  private void insert(int id) {
    mariaDb().executeIn(database, "INSERT INTO t VALUES (" + id + ")");
  }

  private String task(String targetDatabase) {
    String to =
        migration.endpoint(
            ReplicationEndpointTypeValue.TARGET, "postgres", postgres(), targetDatabase);
    return migration.task(
        MigrationTypeValue.CDC, source, to, wholeSchema(database, "copied"), "{}", r -> {});
  }

  private static void startAt(String task, String position) {
    client.startReplicationTask(r ->
        r.replicationTaskArn(task)
            .startReplicationTaskType(StartReplicationTaskTypeValue.START_REPLICATION)
            .cdcStartPosition(position));
  }

  private static void awaitCopied(String task, String targetDatabase, String... ids) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          ReplicationTask now = migration.describe(task);
          assertThat(now.status()).as(now.lastFailureMessage()).isIn("starting", "running");
          assertThat(
                  rows(
                      postgres(),
                      targetDatabase,
                      "SELECT count(*) FROM pg_tables WHERE schemaname = 'copied'"))
              .containsExactly("1");
          assertThat(rows(postgres(), targetDatabase, "SELECT id FROM copied.t ORDER BY id"))
              .containsExactly(ids);
        });
  }

  private String endOfLog() {
    return rows(mariaDb(), database, "SHOW MASTER STATUS")
        .get(0)
        .replaceAll("\\|(\\d+)\\|.*", ":$1");
  }

  @Test
  void at_a_file_and_place_and_again_from_another_one_with_its_books_new() {
    insert(1);
    String first = endOfLog();
    insert(2);
    String second = endOfLog();
    insert(3);
    String task = task(target);
    startAt(task, first);
    awaitCopied(task, target, "2", "3");
    assertThat(migration.describe(task).cdcStartPosition()).isEqualTo(first);
    migration.stop(task);
    assertThat(migration.table(task, "t").inserts()).isEqualTo(2);

    postgres().executeIn(target, "TRUNCATE copied.t");
    startAt(task, second);
    awaitCopied(task, target, "3");
    migration.stop(task);
    assertThat(migration.table(task, "t").inserts()).isEqualTo(1);
    assertThat(migration.describe(task).cdcStartPosition()).isEqualTo(second);
  }

  @Test
  void behind_the_transactions_of_a_set_of_gtids() {
    insert(1);
    String gtids = rows(mariaDb(), database, "SELECT @@gtid_binlog_pos").get(0);
    insert(2);
    String task = task(target);
    startAt(task, gtids);
    awaitCopied(task, target, "2");
    migration.stop(task);
  }

  @Test
  void at_the_checkpoint_that_another_task_has_reached() {
    String task = task(target);
    migration.start(task, StartReplicationTaskTypeValue.START_REPLICATION);
    await().atMost(PATIENCE).until(() -> migration.describe(task).recoveryCheckpoint() != null);
    insert(1);
    awaitCopied(task, target, "1");
    String checkpoint = migration.stop(task).recoveryCheckpoint();
    insert(2);

    String otherTarget = newDatabase(postgres());
    String other = task(otherTarget);
    startAt(other, checkpoint);
    awaitCopied(other, otherTarget, "2");
    migration.stop(other);
    assertThat(migration.describe(other).cdcStartPosition()).isEqualTo(checkpoint);
  }

  @Test
  void at_a_time() {
    insert(1);
    Instant time = Instant.now().plusSeconds(2).truncatedTo(ChronoUnit.SECONDS);
    await().until(() -> Instant.now().isAfter(time.plusMillis(500)));
    insert(2);
    String task = task(target);
    client.startReplicationTask(r ->
        r.replicationTaskArn(task)
            .startReplicationTaskType(StartReplicationTaskTypeValue.START_REPLICATION)
            .cdcStartTime(time));
    awaitCopied(task, target, "2");
    assertThat(migration.describe(task).cdcStartPosition() + "Z").isEqualTo(time.toString());
    migration.stop(task);
  }

  @Test
  void at_a_place_that_the_log_does_not_hold_the_task_fails_at_once_and_names_it() {
    String task = task(target);
    startAt(task, "binlog.999999:4");

    ReplicationTask failed = migration.awaitRest(task);
    assertThat(failed.status()).isEqualTo("failed");
    assertThat(failed.lastFailureMessage())
        .contains("binlog.999999")
        .endsWith("Stop Reason FATAL_ERROR Error Level FATAL");
  }

  @Test
  void on_postgresql_at_a_place_that_a_slot_of_the_users_own_still_holds() {
    String from = newDatabase(postgres());
    postgres().executeIn(from, "CREATE TABLE t (id int PRIMARY KEY)");
    String slot = "own_slot_" + from;
    // The slot decodes the log as the catalogue was then, so its publication has to be older.
    postgres().executeIn(from, "CREATE PUBLICATION " + slot + " FOR TABLE t");
    String position =
        value(
            postgres(),
            from,
            "SELECT lsn FROM pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
    postgres().executeIn(from, "INSERT INTO t VALUES (7)");
    String endpoint =
        migration.endpoint(ReplicationEndpointTypeValue.SOURCE, "postgres", postgres(), from);
    client.modifyEndpoint(r -> r.endpointArn(endpoint).postgreSQLSettings(p -> p.slotName(slot)));
    String to =
        migration.endpoint(ReplicationEndpointTypeValue.TARGET, "postgres", postgres(), target);
    String task =
        migration.task(
            MigrationTypeValue.CDC, endpoint, to, wholeSchema("public", "copied"), "{}", r -> {});

    startAt(task, position);
    postgres().executeIn(from, "INSERT INTO t VALUES (8)");
    awaitCopied(task, target, "7", "8");
    migration.stop(task);
    migration.delete(task);
    assertThat(
            value(
                postgres(),
                from,
                "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '" + slot + "'"))
        .as("a slot that the task was given is not the task's to drop")
        .isEqualTo("1");
    postgres().executeIn(from, "SELECT pg_drop_replication_slot('" + slot + "')");
  }
}
