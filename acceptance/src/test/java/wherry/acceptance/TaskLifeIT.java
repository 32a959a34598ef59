package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static wherry.acceptance.Fixture.mariaDb;
import static wherry.acceptance.Fixture.newDatabase;
import static wherry.acceptance.Fixture.postgres;
import static wherry.acceptance.Fixture.rows;
import static wherry.acceptance.Migration.wholeSchema;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationException;
import software.amazon.awssdk.services.databasemigration.model.InvalidResourceStateException;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.ResourceNotFoundException;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import wherry.demo.ServiceProcess;

/**
 * The life of a full-load task through the real SDK client: statuses, start types, stop reasons,
 * books, errors.
 */
class TaskLifeIT {
  private static ServiceProcess service;
  private static DatabaseMigrationClient client;
  private static Migration migration;

  private String sourceDatabase;
  private String targetDatabase;
  private String source;
  private String target;

  @BeforeAll
  static void start_the_service() {
    service = ServiceProcess.startTemporary("--compat-dwell", "5m");
    client = service.client();
    migration = new Migration(client);
  }

  @AfterAll
  static void end_the_service() {
    client.close();
    service.close();
  }

  @BeforeEach
  void two_databases() {
    sourceDatabase = newDatabase(postgres());
    targetDatabase = newDatabase(postgres());
    source =
        migration.endpoint(
            ReplicationEndpointTypeValue.SOURCE, "postgres", postgres(), sourceDatabase);
    target =
        migration.endpoint(
            ReplicationEndpointTypeValue.TARGET, "postgres", postgres(), targetDatabase);
  }

  private void sql(String... statements) {
    postgres().executeIn(sourceDatabase, statements);
  }

  @Test
  void a_full_load_goes_through_ready_starting_running_stopped_and_balances_its_books() {
    sql(
        "CREATE TABLE orders (id int PRIMARY KEY, total numeric(12,2))",
        "INSERT INTO orders SELECT i, i / 4.0 FROM generate_series(1, 1000) i");
    String task = migration.task(source, target, wholeSchema("public", "copied"), "{}");

    ReplicationTask started =
        migration.start(task, StartReplicationTaskTypeValue.START_REPLICATION);
    assertThat(started.status()).isEqualTo("starting");
    migration.awaiting(w -> w.waitUntilReplicationTaskRunning(Migration.withArn(task)));
    ReplicationTask ended = migration.awaitRest(task);

    assertThat(ended.status()).isEqualTo("stopped");
    assertThat(ended.stopReason()).isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED");
    assertThat(ended.lastFailureMessage()).isNull();
    assertThat(ended.replicationTaskStats().fullLoadProgressPercent()).isEqualTo(100);
    assertThat(ended.replicationTaskStats().tablesLoaded()).isEqualTo(1);
    assertThat(ended.replicationTaskStats().stopDate())
        .isAfter(ended.replicationTaskStats().startDate());
    TableStatistics orders = migration.table(task, "orders");
    assertThat(orders.tableState()).isEqualTo("Table completed");
    assertThat(orders.fullLoadRows()).isEqualTo(1000);
    assertThat(orders.fullLoadErrorRows()).isZero();
    assertThat(rows(postgres(), targetDatabase, "SELECT * FROM copied.orders ORDER BY id"))
        .isEqualTo(rows(postgres(), sourceDatabase, "SELECT * FROM orders ORDER BY id"));
  }

  @Test
  void a_second_start_needs_another_start_type() {
    sql("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    String task = migration.task(source, target, wholeSchema("public", "copied"), "{}");
    assertThatThrownBy(() -> migration.start(task, StartReplicationTaskTypeValue.RESUME_PROCESSING))
        .isInstanceOf(DatabaseMigrationException.class)
        .hasMessageContaining("valid only for tasks that have run before");
    migration.run(task, StartReplicationTaskTypeValue.START_REPLICATION);

    assertThatThrownBy(() -> migration.start(task, StartReplicationTaskTypeValue.START_REPLICATION))
        .isInstanceOf(DatabaseMigrationException.class)
        .hasMessageContaining(
            "Start Type : START_REPLICATION, valid only for tasks running for the first time")
        .satisfies(e ->
            assertThat(((DatabaseMigrationException) e).awsErrorDetails().errorCode())
                .isEqualTo("InvalidParameterCombinationException"));

    sql("INSERT INTO t VALUES (2)");
    migration.run(task, StartReplicationTaskTypeValue.RESUME_PROCESSING);
    assertThat(rows(postgres(), targetDatabase, "SELECT * FROM copied.t")).containsExactly("1");
    migration.run(task, StartReplicationTaskTypeValue.RELOAD_TARGET);
    assertThat(rows(postgres(), targetDatabase, "SELECT * FROM copied.t ORDER BY id"))
        .containsExactly("1", "2");
  }

  @Test
  void a_selection_that_matches_nothing_fails_with_the_canonical_message() {
    String task = migration.task(source, target, wholeSchema("nowhere", "copied"), "{}");
    ReplicationTask ended = migration.run(task, StartReplicationTaskTypeValue.START_REPLICATION);
    assertThat(ended.status()).isEqualTo("failed");
    assertThat(ended.lastFailureMessage())
        .startsWith("Last Error  No tables were found at task initialization.")
        .contains("Stop Reason FATAL_ERROR Error Level FATAL");
    assertThat(ended.stopReason()).isEqualTo(ended.lastFailureMessage());

    String lenient =
        migration.task(
            source,
            target,
            wholeSchema("nowhere", "copied"),
            "{\"ErrorBehavior\":{\"FailOnNoTablesCaptured\":false}}");
    assertThat(migration.run(lenient, StartReplicationTaskTypeValue.START_REPLICATION).stopReason())
        .isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED");
  }

  @Test
  void rows_that_the_target_cannot_hold_are_counted_and_kept_with_key_column_and_reason() {
    sql(
        "CREATE TABLE prices (id int PRIMARY KEY, price numeric)",
        "INSERT INTO prices SELECT i, CASE WHEN i = 7 THEN 'NaN'::numeric ELSE i END FROM generate_series(1, 20) i");
    String mariaDb =
        migration.endpoint(ReplicationEndpointTypeValue.TARGET, "mariadb", mariaDb(), "");
    String database = Fixture.newName("copied");
    String task = migration.task(source, mariaDb, wholeSchema("public", database), "{}");

    ReplicationTask ended = migration.run(task, StartReplicationTaskTypeValue.START_REPLICATION);

    assertThat(ended.stopReason()).isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED");
    assertThat(migration.table(task, "prices").fullLoadRows()).isEqualTo(19);
    assertThat(migration.table(task, "prices").fullLoadErrorRows()).isEqualTo(1);
    assertThat(
            rows(
                mariaDb(),
                "awsdms_control",
                "SELECT TABLE_NAME, STATEMENT, ERROR FROM awsdms_full_load_exceptions WHERE TASK_NAME = '"
                    + task.substring(task.lastIndexOf(':') + 1)
                    + "'"))
        .singleElement()
        .asString()
        .contains("prices")
        .contains("7")
        .contains("price")
        .contains("NaN");
  }

  @Test
  void a_stop_in_the_middle_is_resumed_without_loss_or_doubles() {
    try (HeldLoad load = new HeldLoad(postgres(), sourceDatabase)) {
      String task =
          migration.task(
              load.endpoint(migration),
              target,
              HeldLoad.mappings("copied"),
              "{" + HeldLoad.TWO_AT_A_TIME + "}");
      migration.start(task, StartReplicationTaskTypeValue.START_REPLICATION);
      load.awaitMidst(migration, task);
      client.stopReplicationTask(r -> r.replicationTaskArn(task));
      load.release();
      ReplicationTask stopped = migration.awaitRest(task);
      assertThat(stopped.status()).isEqualTo("stopped");
      assertThat(stopped.stopReason()).isEqualTo("Stop Reason NORMAL");
      assertThat(migration.table(task, "big").tableState()).isEqualTo("Table cancelled");

      ReplicationTask ended = migration.run(task, StartReplicationTaskTypeValue.RESUME_PROCESSING);
      assertThat(ended.stopReason()).isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED");
      assertThat(migration.table(task, "big").fullLoadRows()).isEqualTo(HeldLoad.ROWS);
      load.assertSameRows(postgres(), targetDatabase, "copied.big");
    }
  }

  @Test
  void a_table_is_reloaded_while_the_task_runs_and_refused_when_it_does_not() {
    sql("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    String task = migration.task(source, target, wholeSchema("public", "copied"), "{}");
    assertThatThrownBy(() -> reload(task, "t")).isInstanceOf(InvalidResourceStateException.class);
    migration.start(task, StartReplicationTaskTypeValue.START_REPLICATION);
    // Nobody has asked for the status yet, so the load lingers; the statistics may be looked at.
    await()
        .until(() ->
            migration.tables(task).stream()
                .anyMatch(t -> t.tableState().equals("Table completed")));
    sql("INSERT INTO t VALUES (2)");
    reload(task, "t");
    assertThat(migration.table(task, "t").tableState()).isNotEqualTo("Table error");
    ReplicationTask ended = migration.awaitRest(task);
    assertThat(ended.stopReason()).isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED");
    assertThat(migration.table(task, "t").fullLoadReloaded()).isTrue();
    assertThat(rows(postgres(), targetDatabase, "SELECT * FROM copied.t ORDER BY id"))
        .containsExactly("1", "2");
  }

  private static void reload(String task, String table) {
    client.reloadTables(r ->
        r.replicationTaskArn(task).tablesToReload(t -> t.schemaName("public").tableName(table)));
  }

  @Test
  void
      a_stop_right_after_the_load_ended_by_itself_succeeds_and_later_ones_tell_that_nothing_runs() {
    sql("CREATE TABLE t (id int PRIMARY KEY)");
    String task = migration.task(source, target, wholeSchema("public", "copied"), "{}");
    assertThatThrownBy(() -> client.stopReplicationTask(r -> r.replicationTaskArn(task)))
        .isInstanceOf(InvalidResourceStateException.class)
        .hasMessageContaining("is currently not running");
    migration.run(task, StartReplicationTaskTypeValue.START_REPLICATION);
    client.stopReplicationTask(r -> r.replicationTaskArn(task));
    migration.awaiting(w -> w.waitUntilReplicationTaskStopped(Migration.withArn(task)));
  }

  @Test
  void settings_come_back_canonical_and_a_second_identical_modify_changes_nothing() {
    sql("CREATE TABLE t (id int PRIMARY KEY)");
    String task = migration.task(source, target, wholeSchema("public", "copied"), "{}");
    String settings =
        "{\"FullLoadSettings\":{\"MaxFullLoadSubTasks\":3},\"Logging\":{\"EnableLogging\":true}}";
    assertThat(
            client
                .modifyReplicationTask(
                    r -> r.replicationTaskArn(task).replicationTaskSettings(settings))
                .replicationTask()
                .status())
        .isEqualTo("modifying");
    String once = migration.describe(task).replicationTaskSettings();
    assertThat(once)
        .contains("\"MaxFullLoadSubTasks\":3")
        .contains("\"CommitRate\":10000")
        .contains("\"LobMaxSize\":32");
    client.modifyReplicationTask(r -> r.replicationTaskArn(task).replicationTaskSettings(settings));
    assertThat(migration.describe(task).replicationTaskSettings()).isEqualTo(once);
    client.modifyReplicationTask(r -> r.replicationTaskArn(task).replicationTaskSettings(once));
    assertThat(migration.describe(task).replicationTaskSettings()).isEqualTo(once);
  }

  @Test
  void bad_mappings_and_settings_are_refused_with_what_is_wrong() {
    assertRefused("{\"rules\":[", "{}", "Invalid Table Mappings document. Invalid json");
    assertRefused(
        "{\"rules\":[{\"rule-type\":\"selection\",\"rule-id\":\"1\",\"rule-name\":\"1\",\"rule-action\":\"include\"}]}",
        "{}",
        "Rule with ruleId = 1 failed validation. object locator cannot be null");
    assertRefused(wholeSchema("a", "b").replace("rename", "hash"), "{}", "ruleId = 2");
    assertRefused(
        wholeSchema("a", "b"),
        "{\"FullLoadSettings\":{\"MaxFullLoadSubTasks\":50}}",
        "FullLoadSettings.MaxFullLoadSubTasks");
  }

  private void assertRefused(String mappings, String settings, String message) {
    assertThatThrownBy(() -> migration.task(source, target, mappings, settings))
        .isInstanceOf(DatabaseMigrationException.class)
        .hasMessageContaining(message)
        .satisfies(e ->
            assertThat(((DatabaseMigrationException) e).awsErrorDetails().errorCode())
                .isEqualTo("InvalidParameterValueException"));
  }

  @Test
  void a_deleted_task_leaves_nothing_behind() {
    sql("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    String task = migration.task(source, target, wholeSchema("public", "copied"), "{}");
    migration.run(task, StartReplicationTaskTypeValue.START_REPLICATION);
    assertThat(
            client
                .deleteReplicationTask(r -> r.replicationTaskArn(task))
                .replicationTask()
                .status())
        .isEqualTo("deleting");
    migration.awaiting(w -> w.waitUntilReplicationTaskDeleted(Migration.withArn(task)));
    assertThatThrownBy(() -> migration.describe(task))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThat(rows(postgres(), targetDatabase, "SELECT count(*) FROM public.awsdms_load_ledger"))
        .containsExactly("0");
  }
}
