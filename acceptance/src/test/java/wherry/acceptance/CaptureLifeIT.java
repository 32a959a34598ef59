package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static wherry.acceptance.Fixture.mariaDb;
import static wherry.acceptance.Fixture.newDatabase;
import static wherry.acceptance.Fixture.postgres;
import static wherry.acceptance.Fixture.rows;
import static wherry.acceptance.Fixture.value;
import static wherry.acceptance.Migration.wholeSchema;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.ResourceNotFoundException;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import wherry.demo.ServiceProcess;

/**
 * The life of tasks that capture changes through the real SDK client: what they apply, where they
 * begin, stop and go on, and what they leave behind.
 */
class CaptureLifeIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static ServiceProcess service;
  private static DatabaseMigrationClient client;
  private static Migration migration;

  private String sourceDatabase;
  private String targetDatabase;
  private String source;
  private String target;

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
  void a_source_with_a_table_of_two_rows() {
    sourceDatabase = newDatabase(postgres());
    targetDatabase = newDatabase(postgres());
    source =
        migration.endpoint(
            ReplicationEndpointTypeValue.SOURCE, "postgres", postgres(), sourceDatabase);
    target =
        migration.endpoint(
            ReplicationEndpointTypeValue.TARGET, "postgres", postgres(), targetDatabase);
    sql("CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  }

  private void sql(String... statements) {
    postgres().executeIn(sourceDatabase, statements);
  }

  private String task(
      MigrationTypeValue type,
      String settings,
      Consumer<CreateReplicationTaskRequest.Builder> more) {
    return migration.task(type, source, target, wholeSchema("public", "copied"), settings, more);
  }

  private void startAndAwaitRunning(String task, StartReplicationTaskTypeValue how) {
    migration.start(task, how);
    await()
        .atMost(PATIENCE)
        .until(() -> {
          ReplicationTask now = migration.describe(task);
          assertThat(now.status()).as(now.lastFailureMessage()).isIn("starting", "running");
          return now.status().equals("running");
        });
  }

  private List<String> copied() {
    return rows(postgres(), targetDatabase, "SELECT id, v FROM copied.t ORDER BY id");
  }

  private void awaitCopied(String... expected) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // The table may not be there yet.
        .untilAsserted(() -> assertThat(copied()).containsExactly(expected));
  }

  @Test
  void a_task_loads_then_follows_and_goes_on_after_a_stop_where_it_was() {
    String task = task(MigrationTypeValue.FULL_LOAD_AND_CDC, "{}", r -> {});
    startAndAwaitRunning(task, StartReplicationTaskTypeValue.START_REPLICATION);
    awaitCopied("1|a", "2|b");

    sql(
        "INSERT INTO t VALUES (3, 'c'), (4, 'd')",
        "UPDATE t SET v = 'A' WHERE id = 1",
        "DELETE FROM t WHERE id = 2",
        "BEGIN; INSERT INTO t VALUES (9, 'never'); ROLLBACK");
    awaitCopied("1|A", "3|c", "4|d");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(migration.table(task, "t").appliedDeletes()).isEqualTo(1));
    TableStatistics counted = migration.table(task, "t");
    assertThat(counted.fullLoadRows()).isEqualTo(2);
    assertThat(List.of(counted.inserts(), counted.updates(), counted.deletes()))
        .containsExactly(2L, 1L, 1L);
    assertThat(
            List.of(counted.appliedInserts(), counted.appliedUpdates(), counted.appliedDeletes()))
        .containsExactly(2L, 1L, 1L);
    ReplicationTask running = migration.describe(task);
    assertThat(running.status()).isEqualTo("running");
    assertThat(running.replicationTaskStats().fullLoadProgressPercent()).isEqualTo(100);
    assertThat(running.replicationTaskStats().tablesLoaded()).isEqualTo(1);
    assertThat(running.recoveryCheckpoint()).matches("checkpoint:V1#1#[0-9A-F]+/[0-9A-F]+#.*");
    assertThat(running.cdcStartPosition()).matches("[0-9A-F]+/[0-9A-F]+");

    ReplicationTask stopped = migration.stop(task);
    assertThat(stopped.status()).isEqualTo("stopped");
    assertThat(stopped.stopReason()).isEqualTo("Stop Reason NORMAL");
    assertThat(stopped.recoveryCheckpoint()).startsWith("checkpoint:V1#1#");
    sql("INSERT INTO t VALUES (5, 'while stopped')", "DELETE FROM t WHERE id = 3");
    startAndAwaitRunning(task, StartReplicationTaskTypeValue.RESUME_PROCESSING);
    awaitCopied("1|A", "4|d", "5|while stopped");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(migration.table(task, "t").inserts()).isEqualTo(3));
    assertThat(migration.table(task, "t").fullLoadRows()).isEqualTo(2);

    migration.stop(task);
    migration.delete(task);
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() {
    assertThat(
            rows(
                postgres(),
                sourceDatabase,
                "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()"))
        .isEmpty();
    assertThat(rows(postgres(), sourceDatabase, "SELECT pubname FROM pg_publication")).isEmpty();
    assertThat(value(postgres(), targetDatabase, "SELECT count(*) FROM awsdms_txn_state"))
        .isEqualTo("0");
    assertThat(value(postgres(), targetDatabase, "SELECT count(*) FROM awsdms_load_ledger"))
        .isEqualTo("0");
  }

  @Test
  void a_new_column_is_followed_whatever_table_is_reloaded_after_it() {
    sql("CREATE TABLE u (id int PRIMARY KEY)");
    String task = task(MigrationTypeValue.FULL_LOAD_AND_CDC, "{}", r -> {});
    startAndAwaitRunning(task, StartReplicationTaskTypeValue.START_REPLICATION);
    awaitCopied("1|a", "2|b");
    sql("ALTER TABLE t ADD w int", "INSERT INTO t VALUES (3, 'c', 7)");
    awaitSame("1|a|null", "2|b|null", "3|c|7");

    reload(task, "u");
    sql("INSERT INTO t VALUES (4, 'd', 8)");
    awaitSame("1|a|null", "2|b|null", "3|c|7", "4|d|8");

    sql("ALTER TABLE t ADD x int", "UPDATE t SET x = id");
    reload(task, "t");
    sql("INSERT INTO t VALUES (5, 'e', 9, 10)");
    awaitSame("1|a|null|1", "2|b|null|2", "3|c|7|3", "4|d|8|4", "5|e|9|10");
    migration.stop(task);
  }

  @Test
  void a_table_that_cannot_be_followed_is_not_reloaded_and_the_refusal_tells_why() {
    String task = task(MigrationTypeValue.FULL_LOAD_AND_CDC, "{}", r -> {});
    startAndAwaitRunning(task, StartReplicationTaskTypeValue.START_REPLICATION);
    awaitCopied("1|a", "2|b");
    sql("CREATE TABLE keyless (v text)", "INSERT INTO keyless VALUES ('one')");
    await()
        .atMost(PATIENCE)
        .until(() ->
            migration.tables(task).stream()
                .anyMatch(table -> table.tableState().equals("Table error")));

    assertThatThrownBy(() -> reload(task, "keyless"))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("nothing was reloaded")
        .hasMessageContaining("REPLICA IDENTITY FULL")
        .hasMessageContaining("Then it is loaded by itself");
    assertThatThrownBy(() -> reload(task, "nowhere"))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("[public.nowhere] are not among the tables");
    migration.stop(task);
  }

  private void awaitSame(String... expected) {
    String all = "SELECT * FROM %s ORDER BY id";
    assertThat(rows(postgres(), sourceDatabase, all.formatted("t"))).containsExactly(expected);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(rows(postgres(), targetDatabase, all.formatted("copied.t")))
                .as(service.logTail())
                .containsExactly(expected));
  }

  private static void reload(String task, String table) {
    client.reloadTables(r ->
        r.replicationTaskArn(task).tablesToReload(t -> t.schemaName("public").tableName(table)));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          assertThat(migration.table(task, table).fullLoadReloaded()).isTrue();
          assertThat(migration.table(task, table).tableState()).isEqualTo("Table completed");
        });
  }

  /** MySQL and MariaDB commit at a definition, PostgreSQL does not. */
  @Test
  void a_definition_inside_a_transaction_reaches_another_engine() {
    String database = newDatabase(mariaDb());
    String other =
        migration.endpoint(ReplicationEndpointTypeValue.TARGET, "mariadb", mariaDb(), "");
    String task =
        migration.task(
            MigrationTypeValue.FULL_LOAD_AND_CDC,
            source,
            other,
            wholeSchema("public", database),
            "{}",
            r -> {});
    startAndAwaitRunning(task, StartReplicationTaskTypeValue.START_REPLICATION);
    String all = "SELECT * FROM t ORDER BY id";
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> rows(mariaDb(), database, all).equals(List.of("1|a", "2|b")));

    sql(
        "BEGIN",
        "ALTER TABLE t ADD w int",
        "INSERT INTO t VALUES (3, 'after', 7)",
        "UPDATE t SET w = 1 WHERE id = 1",
        "COMMIT");
    List<String> altered = List.of("1|a|1", "2|b|null", "3|after|7");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(rows(mariaDb(), database, all)).isEqualTo(altered));

    sql("DELETE FROM t WHERE id = 2", "ALTER TABLE t ADD x int DEFAULT 5");
    sql("UPDATE t SET v = 'changed' WHERE id = 1");
    List<String> filled = List.of("1|changed|1|5", "3|after|7|5");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(rows(mariaDb(), database, all)).isEqualTo(filled));

    sql(
        "BEGIN",
        "DELETE FROM t WHERE id = 3",
        "ALTER TABLE t ADD y int",
        "INSERT INTO t VALUES (4)",
        "COMMIT");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(migration.table(task, "t").tableState()).isEqualTo("Table error"));
    reload(task, "t");
    assertThat(rows(mariaDb(), database, all))
        .containsExactly("1|changed|1|5|null", "4|null|null|5|null");
    migration.stop(task);
  }

  @Test
  void a_cdc_task_takes_only_what_changes_into_tables_that_it_creates_where_they_are_missing() {
    String task = task(MigrationTypeValue.CDC, "{}", r -> {});
    startAndAwaitRunning(task, StartReplicationTaskTypeValue.START_REPLICATION);

    sql("INSERT INTO t VALUES (3, 'c')");
    awaitCopied("3|c");
    ReplicationTask running = migration.describe(task);
    assertThat(running.replicationTaskStats().fullLoadProgressPercent()).isEqualTo(100);
    TableStatistics table = migration.table(task, "t");
    assertThat(table.tableState()).isEqualTo("Table completed");
    assertThat(table.fullLoadRows()).isZero();

    migration.stop(task);
    migration.delete(task);
    assertNothingIsLeft();
  }

  /** However slowly this machine starts tasks: what is to be there is there before the time. */
  @Test
  void a_task_stops_by_itself_at_the_service_s_time_though_the_source_is_idle() {
    String task = task(MigrationTypeValue.CDC, "{}", r -> {});
    startAndAwaitRunning(task, StartReplicationTaskTypeValue.START_REPLICATION);
    sql("INSERT INTO t VALUES (3, 'in time')");
    awaitCopied("3|in time");
    migration.stop(task);
    Instant last = Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.SECONDS);

    resumeUntil(task, "server_time:" + utc(last));

    ReplicationTask ended = migration.awaitRest(task);
    assertThat(ended.stopReason()).isEqualTo("Stop Reason STOPPED_AT_SERVER_TIME");
    assertThat(ended.lastFailureMessage()).isNull();
    assertThat(ended.replicationTaskStats().stopDate()).isAfter(last);
    assertThat(copied()).containsExactly("3|in time");
  }

  @Test
  void a_task_stops_before_the_first_transaction_that_was_committed_after_the_time() {
    String task = task(MigrationTypeValue.CDC, "{}", r -> {});
    startAndAwaitRunning(task, StartReplicationTaskTypeValue.START_REPLICATION);
    migration.stop(task);
    sql("INSERT INTO t VALUES (3, 'before')");
    Instant last = Instant.now().plusSeconds(1).truncatedTo(ChronoUnit.SECONDS);
    await().until(() -> Instant.now().isAfter(last));
    sql("INSERT INTO t VALUES (4, 'after')");

    resumeUntil(task, "commit_time: " + utc(last));

    ReplicationTask ended = migration.awaitRest(task);
    assertThat(ended.stopReason()).isEqualTo("Stop Reason STOPPED_AT_COMMIT_TIME");
    assertThat(copied()).containsExactly("3|before");
  }

  private static void resumeUntil(String task, String stopPosition) {
    client.startReplicationTask(r ->
        r.replicationTaskArn(task)
            .startReplicationTaskType(StartReplicationTaskTypeValue.RESUME_PROCESSING)
            .cdcStopPosition(stopPosition));
  }

  private static String utc(Instant time) {
    return LocalDateTime.ofInstant(time.truncatedTo(ChronoUnit.SECONDS), ZoneOffset.UTC)
        .format(java.time.format.DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss"));
  }

  @Test
  void a_task_stops_after_its_load_and_applies_what_has_changed_when_it_is_resumed() {
    String task =
        task(
            MigrationTypeValue.FULL_LOAD_AND_CDC,
            "{\"FullLoadSettings\":{\"StopTaskCachedChangesNotApplied\":true}}",
            r -> {});
    ReplicationTask ended = migration.run(task, StartReplicationTaskTypeValue.START_REPLICATION);
    assertThat(ended.stopReason()).isEqualTo("Stop Reason STOPPED_AFTER_FULL_LOAD");
    assertThat(copied()).containsExactly("1|a", "2|b");

    sql("INSERT INTO t VALUES (3, 'cached')");
    startAndAwaitRunning(task, StartReplicationTaskTypeValue.RESUME_PROCESSING);
    awaitCopied("1|a", "2|b", "3|cached");
    migration.stop(task);
  }

  @Test
  void a_task_stops_after_its_load_and_what_changed_meanwhile() {
    String task =
        task(
            MigrationTypeValue.FULL_LOAD_AND_CDC,
            "{\"FullLoadSettings\":{\"StopTaskCachedChangesApplied\":true}}",
            r -> {});
    ReplicationTask ended = migration.run(task, StartReplicationTaskTypeValue.START_REPLICATION);
    assertThat(ended.stopReason()).isEqualTo("Stop Reason STOPPED_AFTER_CACHED_EVENTS");
    assertThat(copied()).containsExactly("1|a", "2|b");
  }

  @Test
  void a_table_is_reloaded_while_others_go_on_and_a_whole_task_by_reload_target() {
    String task = task(MigrationTypeValue.FULL_LOAD_AND_CDC, "{}", r -> {});
    startAndAwaitRunning(task, StartReplicationTaskTypeValue.START_REPLICATION);
    awaitCopied("1|a", "2|b");
    postgres().executeIn(targetDatabase, "DELETE FROM copied.t WHERE id = 1");

    client.reloadTables(
        r -> r.replicationTaskArn(task).tablesToReload(t -> t.schemaName("public").tableName("t")));
    awaitCopied("1|a", "2|b");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          assertThat(migration.table(task, "t").fullLoadReloaded()).isTrue();
          assertThat(migration.table(task, "t").tableState()).isEqualTo("Table completed");
        });
    sql("INSERT INTO t VALUES (3, 'c')");
    awaitCopied("1|a", "2|b", "3|c");

    migration.stop(task);
    sql("INSERT INTO t VALUES (4, 'd')");
    startAndAwaitRunning(task, StartReplicationTaskTypeValue.RELOAD_TARGET);
    awaitCopied("1|a", "2|b", "3|c", "4|d");
    sql("INSERT INTO t VALUES (5, 'e')");
    awaitCopied("1|a", "2|b", "3|c", "4|d", "5|e");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(migration.table(task, "t").inserts()).isEqualTo(1));
    migration.stop(task);
  }

  @Test
  void a_task_whose_slot_was_dropped_fails_and_names_it_and_reload_target_heals() {
    String task = task(MigrationTypeValue.FULL_LOAD_AND_CDC, "{}", r -> {});
    startAndAwaitRunning(task, StartReplicationTaskTypeValue.START_REPLICATION);
    awaitCopied("1|a", "2|b");
    migration.stop(task);
    String slot =
        value(
            postgres(),
            sourceDatabase,
            "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()");
    sql("SELECT pg_drop_replication_slot('" + slot + "')", "INSERT INTO t VALUES (3, 'c')");

    ReplicationTask failed = migration.run(task, StartReplicationTaskTypeValue.RESUME_PROCESSING);
    assertThat(failed.status()).isEqualTo("failed");
    assertThat(failed.lastFailureMessage())
        .contains(slot)
        .endsWith("Stop Reason FATAL_ERROR Error Level FATAL");
    assertThat(failed.stopReason()).isEqualTo(failed.lastFailureMessage());

    startAndAwaitRunning(task, StartReplicationTaskTypeValue.RELOAD_TARGET);
    awaitCopied("1|a", "2|b", "3|c");
    migration.stop(task);
  }
}
