package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import wherry.demo.ServiceProcess;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;

/**
 * kill -9 of source, target and service in the middle of a load: never a success with part of the
 * data, and no row twice.
 */
class FaultIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Retries off, so that an error of the environment ends the task at once. */
  private static final String NO_RETRY =
      "{" + HeldLoad.TWO_AT_A_TIME + ",\"ErrorBehavior\":{\"RecoverableErrorCount\":0}}";

  private static HeldLoad heldLoad(PostgresServer source) {
    source.createDatabase("shop");
    return new HeldLoad(source, "shop");
  }

  private static void awaitNobodyIn(PostgresServer server, String database) {
    String others =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '"
            + database
            + "' AND backend_type = 'client backend'";
    await().atMost(PATIENCE).until(() -> Fixture.value(server, "postgres", others).equals("0"));
  }

  @Test
  void a_killed_source_fails_the_task_and_resume_finishes_it(@TempDir Path directory) {
    killedServer(directory, true);
  }

  @Test
  void a_killed_target_fails_the_task_and_resume_finishes_it(@TempDir Path directory) {
    killedServer(directory, false);
  }

  private static void killedServer(Path directory, boolean killSource) {
    try (PostgresServer from = PostgresServer.start();
        MariaDbServer to = MariaDbServer.start();
        HeldLoad load = heldLoad(from);
        ServiceProcess service = ServiceProcess.start(directory, "--compat-dwell", "0s");
        var client = service.client()) {
      Migration migration = new Migration(client);
      String task =
          migration.task(
              load.endpoint(migration),
              migration.endpoint(ReplicationEndpointTypeValue.TARGET, "mariadb", to, ""),
              HeldLoad.mappings("copied"),
              NO_RETRY);
      migration.start(task, StartReplicationTaskTypeValue.START_REPLICATION);
      load.awaitMidst(migration, task);
      DatabaseServer victim = killSource ? from : to;
      victim.kill();
      if (killSource) {
        load.lose(); // Or else what the network's buffers hold might be all that is left.
      } else {
        load.release();
      }

      ReplicationTask failed = migration.awaitRest(task);
      assertThat(failed.status()).isEqualTo("failed");
      assertThat(failed.lastFailureMessage())
          .contains("CONNECTION_FAILED")
          .contains(String.valueOf(killSource ? load.port() : to.port()));

      victim.restart();
      ReplicationTask ended = migration.run(task, StartReplicationTaskTypeValue.RESUME_PROCESSING);
      assertThat(ended.lastFailureMessage()).isNull();
      assertThat(ended.stopReason()).isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED");
      assertThat(migration.table(task, "big").fullLoadRows()).isEqualTo(HeldLoad.ROWS);
      load.assertSameRows(to, "copied", "big");
    }
  }

  @Test
  void a_killed_service_carries_on_by_itself_and_reads_again_no_segment_that_was_committed(
      @TempDir Path directory) {
    try (PostgresServer from = PostgresServer.start();
        PostgresServer to = PostgresServer.start();
        HeldLoad load = heldLoad(from)) {
      to.createDatabase("copy");
      String task;
      try (ServiceProcess service = ServiceProcess.start(directory, "--compat-dwell", "0s");
          var client = service.client()) {
        Migration migration = new Migration(client);
        task =
            migration.task(
                load.endpoint(migration),
                migration.endpoint(ReplicationEndpointTypeValue.TARGET, "postgres", to, "copy"),
                HeldLoad.mappings("copied"),
                NO_RETRY);
        migration.start(task, StartReplicationTaskTypeValue.START_REPLICATION);
        load.awaitMidst(migration, task);
        service.kill();
        load.release();
      }
      awaitNobodyIn(to, "copy"); // Who was told to commit may do so behind the service's end.
      // Committed rows carry the transaction that wrote them: rows that are read again would carry
      // a later one.
      long firstTransactions =
          Long.parseLong(Fixture.value(to, "copy", "SELECT count(*) FROM copied.big"));
      String committed =
          Fixture.value(
              to,
              "copy",
              "SELECT coalesce(sum(\"ROWS_LOADED\"), 0) FROM awsdms_load_ledger WHERE \"DONE\"");
      assertThat(firstTransactions).isEqualTo(Long.parseLong(committed)).isPositive();
      to.executeIn(
          "copy", "CREATE TABLE public.before_kill AS SELECT id, xmin::text AS x FROM copied.big");

      try (ServiceProcess service = ServiceProcess.start(directory, "--compat-dwell", "0s");
          var client = service.client()) {
        await()
            .atMost(PATIENCE)
            .until(() ->
                client
                    .describeReplicationTasks(Migration.withArn(task))
                    .replicationTasks()
                    .get(0)
                    .status()
                    .equals("stopped"));
      }
      load.assertSameRows(to, "copy", "copied.big");
      assertThat(
              Fixture.value(
                  to,
                  "copy",
                  "SELECT count(*) FROM before_kill b JOIN copied.big c USING (id) WHERE b.x = c.xmin::text"))
          .isEqualTo(String.valueOf(firstTransactions));
    }
  }
}
