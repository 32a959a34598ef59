package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.acceptance.Migration.wholeSchema;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import wherry.demo.ServiceProcess;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.PostgresServer;

/** What the API shows of a task that follows changes while servers and the service are killed. */
class CaptureFaultIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String RETRIES =
      "{\"ErrorBehavior\":{\"RecoverableErrorInterval\":1,\"RecoverableErrorThrottling\":false}}";

  private static void awaitRows(DatabaseServer target, String... rows) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // The table or the server may not be there yet.
        .untilAsserted(() ->
            assertThat(Fixture.rows(target, "copy", "SELECT id, v FROM copied.t ORDER BY id"))
                .containsExactly(rows));
  }

  private static String create(Migration migration, DatabaseServer from, DatabaseServer to) {
    from.createDatabase("shop");
    from.executeIn(
        "shop", "CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1)");
    to.createDatabase("copy");
    return migration.task(
        MigrationTypeValue.FULL_LOAD_AND_CDC,
        migration.endpoint(ReplicationEndpointTypeValue.SOURCE, "postgres", from, "shop"),
        migration.endpoint(ReplicationEndpointTypeValue.TARGET, "postgres", to, "copy"),
        wholeSchema("public", "copied"),
        RETRIES,
        r -> {});
  }

  @Test
  void a_task_stays_running_while_its_target_is_away_and_then_goes_on_with_true_counts() {
    try (PostgresServer from = PostgresServer.start();
        PostgresServer to = PostgresServer.start();
        ServiceProcess service = ServiceProcess.startTemporary("--compat-dwell", "0s");
        var client = service.client()) {
      Migration migration = new Migration(client);
      String task = create(migration, from, to);
      migration.start(task, StartReplicationTaskTypeValue.START_REPLICATION);
      awaitRows(to, "1|1");
      from.executeIn("shop", "INSERT INTO t VALUES (2, 1)");
      awaitRows(to, "1|1", "2|1");

      to.kill();
      from.executeIn("shop", "INSERT INTO t VALUES (3, 1)", "UPDATE t SET v = 2 WHERE id = 1");
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            ReplicationTask retrying = migration.describe(task);
            assertThat(retrying.status()).isEqualTo("running");
            assertThat(retrying.stopReason()).isNull();
            assertThat(retrying.lastFailureMessage())
                .contains(String.valueOf(to.port()))
                .contains("Attempt");
          });

      to.restart();
      awaitRows(to, "1|2", "2|1", "3|1");
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            assertThat(migration.describe(task).lastFailureMessage()).isNull();
            TableStatistics table = migration.table(task, "t");
            assertThat(List.of(table.appliedInserts(), table.appliedUpdates()))
                .containsExactly(2L, 1L);
            assertThat(List.of(table.inserts(), table.updates())).containsExactly(2L, 1L);
          });
      assertThat(migration.stop(task).stopReason()).isEqualTo("Stop Reason NORMAL");
    }
  }

  @Test
  void a_task_that_follows_goes_on_by_itself_after_the_service_was_killed(@TempDir Path directory) {
    try (PostgresServer from = PostgresServer.start();
        PostgresServer to = PostgresServer.start()) {
      String task;
      String checkpoint;
      try (ServiceProcess service = ServiceProcess.start(directory, "--compat-dwell", "0s");
          var client = service.client()) {
        Migration migration = new Migration(client);
        task = create(migration, from, to);
        migration.start(task, StartReplicationTaskTypeValue.START_REPLICATION);
        awaitRows(to, "1|1");
        from.executeIn("shop", "INSERT INTO t VALUES (2, 1)");
        await().atMost(PATIENCE).until(() -> migration.table(task, "t").appliedInserts() == 1);
        checkpoint = migration.describe(task).recoveryCheckpoint();
        awaitOneInsertIsKept(directory);
        service.kill();
      }
      from.executeIn("shop", "INSERT INTO t VALUES (3, 1)", "DELETE FROM t WHERE id = 1");
      try (ServiceProcess service = ServiceProcess.start(directory, "--compat-dwell", "0s");
          var client = service.client()) {
        awaitRows(to, "2|1", "3|1");
        Migration migration = new Migration(client);
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> {
              TableStatistics table = migration.table(task, "t");
              assertThat(
                      List.of(table.fullLoadRows(), table.appliedInserts(), table.appliedDeletes()))
                  .containsExactly(1L, 2L, 1L);
              ReplicationTask running = migration.describe(task);
              assertThat(running.status()).isEqualTo("running");
              assertThat(running.recoveryCheckpoint()).isNotEqualTo(checkpoint);
            });
      }
    }
  }

  /** The service writes down what it has told only a moment later. */
  private static void awaitOneInsertIsKept(Path directory) {
    String inserts =
        "SELECT json_extract(json, '$.changes.appliedInserts') FROM task_table WHERE table_name = 't'";
    await()
        .atMost(PATIENCE)
        .until(() -> {
          try (Connection store =
                  DriverManager.getConnection(
                      "jdbc:sqlite:" + directory.resolve("data/wherry.db"));
              ResultSet kept = store.createStatement().executeQuery(inserts)) {
            return kept.next() && kept.getInt(1) == 1;
          }
        });
  }

  /**
   * MariaDB commits at a definition, wherever in a transaction of the source it stands. Killed
   * right there, the service has committed nothing of that transaction, and then applies it once.
   */
  @Test
  void a_service_killed_within_a_definition_in_the_middle_of_a_transaction_applies_all_of_it_once(
      @TempDir Path directory) throws Exception {
    String shop = Fixture.newDatabase(Fixture.postgres());
    String copy = Fixture.newDatabase(Fixture.mariaDb());
    Fixture.postgres()
        .executeIn(
            shop,
            "CREATE TABLE t (id int PRIMARY KEY, v int)",
            "CREATE TABLE keyless (v int)",
            "ALTER TABLE keyless REPLICA IDENTITY FULL",
            "INSERT INTO t VALUES (1, 1)");
    String task;
    try (Connection other = Fixture.mariaDb().connect(copy);
        ServiceProcess service = ServiceProcess.start(directory, "--compat-dwell", "0s");
        var client = service.client()) {
      Migration migration = new Migration(client);
      task =
          migration.task(
              MigrationTypeValue.FULL_LOAD_AND_CDC,
              migration.endpoint(
                  ReplicationEndpointTypeValue.SOURCE, "postgres", Fixture.postgres(), shop),
              migration.endpoint(
                  ReplicationEndpointTypeValue.TARGET, "mariadb", Fixture.mariaDb(), ""),
              wholeSchema("public", copy),
              RETRIES,
              r -> {});
      migration.start(task, StartReplicationTaskTypeValue.START_REPLICATION);
      awaitCopy(copy, "SELECT * FROM t", "1|1");
      other.setAutoCommit(false);
      other.createStatement().executeQuery("SELECT * FROM t").close();
      Fixture.postgres()
          .executeIn(
              shop,
              "INSERT INTO keyless VALUES (1)",
              "BEGIN",
              "INSERT INTO keyless VALUES (2)",
              "ALTER TABLE t ADD w int DEFAULT 5",
              "INSERT INTO t VALUES (2, 2, NULL)",
              "INSERT INTO keyless VALUES (3)",
              "COMMIT");
      awaitCopy(
          copy,
          "SELECT count(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata%'",
          "1");
      awaitCopy(copy, "SELECT * FROM keyless", "1");
      service.kill();
      other.rollback();
    }
    try (ServiceProcess service = ServiceProcess.start(directory, "--compat-dwell", "0s");
        var client = service.client()) {
      awaitCopy(copy, "SELECT * FROM keyless ORDER BY v", "1", "2", "3");
      awaitCopy(copy, "SELECT * FROM t ORDER BY id", "1|1|5", "2|2|null");
      Migration migration = new Migration(client);
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(migration.table(task, "t").tableState()).isEqualTo("Table completed"));
      migration.stop(task);
    }
  }

  private static void awaitCopy(String database, String query, String... rows) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions() // The table may not be there yet.
        .untilAsserted(() ->
            assertThat(Fixture.rows(Fixture.mariaDb(), database, query)).containsExactly(rows));
  }
}
