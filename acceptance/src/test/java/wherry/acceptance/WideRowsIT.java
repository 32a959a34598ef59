package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.acceptance.Fixture.newDatabase;
import static wherry.acceptance.Fixture.postgres;
import static wherry.acceptance.Fixture.rows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import wherry.demo.ServiceProcess;

/** The service has 512 MB of heap, whatever the width of rows. */
class WideRowsIT {
  private static final int TABLES = 8;
  private static final int ROWS = 3;
  private static final int MEGABYTES = 16;

  /**
   * Passed through as they are, and cell by cell (a LobMaxSize above all values cuts nothing but
   * asks for cells).
   */
  @ParameterizedTest(name = "settings {0}")
  @ValueSource(strings = {"{}", "{\"TargetMetadata\":{\"LobMaxSize\":102400}}"})
  void eight_tables_of_rows_of_16_mb_load_at_the_same_time(String settings) {
    String from = newDatabase(postgres());
    String to = newDatabase(postgres());
    for (int i = 0; i < TABLES; i++) {
      postgres()
          .executeIn(
              from,
              "CREATE TABLE wide_" + i + " (id int PRIMARY KEY, v bytea)",
              "ALTER TABLE wide_" + i + " ALTER v SET STORAGE EXTERNAL",
              "INSERT INTO wide_"
                  + i
                  + " SELECT n, decode(repeat('ab', "
                  + (MEGABYTES << 20)
                  + "), 'hex') FROM generate_series(1, "
                  + ROWS
                  + ") n");
    }
    try (ServiceProcess service = ServiceProcess.startTemporary("--compat-dwell", "0s");
        var client = service.client()) {
      Migration migration = new Migration(client);
      String task =
          migration.task(
              migration.endpoint(ReplicationEndpointTypeValue.SOURCE, "postgres", postgres(), from),
              migration.endpoint(ReplicationEndpointTypeValue.TARGET, "postgres", postgres(), to),
              Migration.wholeSchema("public", "copied"),
              settings);
      ReplicationTask ended = migration.run(task, StartReplicationTaskTypeValue.START_REPLICATION);
      assertThat(ended.lastFailureMessage()).isNull();
      assertThat(ended.replicationTaskStats().tablesLoaded()).isEqualTo(TABLES);
      for (int i = 0; i < TABLES; i++) {
        assertThat(rows(postgres(), to, "SELECT count(*), sum(length(v)) FROM copied.wide_" + i))
            .containsExactly(ROWS + "|" + (ROWS * (MEGABYTES << 20)));
      }
    } finally {
      postgres()
          .execute(
              "DROP DATABASE \"" + from + "\" WITH (FORCE)",
              "DROP DATABASE \"" + to + "\" WITH (FORCE)");
    }
  }
}
