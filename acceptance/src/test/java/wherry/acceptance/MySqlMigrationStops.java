package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.acceptance.Fixture.rows;
import static wherry.acceptance.Fixture.value;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.TablePreparationMode;
import wherry.mysql.CatalogText;
import wherry.sandbox.MySqlFamilyServer;

/**
 * One data migration between two servers of MySQL or MariaDB that is stopped while somebody else
 * holds up what it does: definitions, rows, indexes, changes. Each time it ends and goes on from
 * there.
 */
final class MySqlMigrationStops {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /**
   * INNODB_TRX shows a copy that the server makes anew only when nobody has read it for 100 ms
   * (CACHE_MIN_IDLE_TIME in trx0i_s.cc): who looks more often never sees anything new.
   */
  private static final Duration LOOK = Duration.ofMillis(250);

  private static final int ROWS = 1000;
  private static final String ONLY_STOPS =
      """
      {"rules":[{"rule-type":"selection","rule-id":"1","rule-name":"1","rule-action":"include",
        "object-locator":{"schema-name":"stops","table-name":"%"}}]}\
      """;

  private final DataMigrations migrations;
  private final MySqlFamilyServer from;
  private final MySqlFamilyServer to;

  MySqlMigrationStops(DataMigrations migrations, MySqlFamilyServer from, MySqlFamilyServer to) {
    this.migrations = migrations;
    this.from = from;
    this.to = to;
  }

  /** The table {@code there} is on the target already, the table {@code made} is not. */
  void assertEachIsResumed() throws SQLException {
    for (MySqlFamilyServer server : new MySqlFamilyServer[] {from, to}) {
      server.createDatabase("stops");
      server.executeIn("stops", "CREATE TABLE there (id int AUTO_INCREMENT PRIMARY KEY, v int)");
    }
    from.executeIn("stops", "CREATE TABLE made (id int PRIMARY KEY, v int, KEY (v))");
    for (String table : new String[] {"there", "made"}) {
      from.executeIn(
          "stops",
          "INSERT INTO %s (id, v) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                  .formatted(table)
              + " WHERE i < "
              + ROWS
              + ") SELECT i, i FROM n");
    }
    String migration =
        migrations.create(
            from,
            "",
            to,
            "",
            MigrationTypeValue.FULL_LOAD_AND_CDC,
            r ->
                r.selectionRules(ONLY_STOPS)
                    .targetDataSettings(
                        t -> t.tablePreparationMode(TablePreparationMode.DO_NOTHING)));
    whileDefinitionsAreMade(migration);
    whileRowsAreLoaded(migration);
    whileIndexesAreMade(migration);
    whileChangesAreApplied(migration);
  }

  private void whileDefinitionsAreMade(String migration) throws SQLException {
    try (Connection connection = to.connect("stops");
        Statement statement = connection.createStatement()) {
      statement.execute("FLUSH TABLES WITH READ LOCK");
      migrations.start(migration);
      awaitOnTarget(
          "SELECT count(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for%lock'");
      assertStops(migration);
    }
    assertThat(value(to, "stops", "SELECT count(*) FROM there")).isEqualTo("0");
  }

  private void whileRowsAreLoaded(String migration) throws SQLException {
    holdingRow(
        "INSERT INTO there VALUES (1, -1)",
        () -> {
          migrations.resume(migration);
          awaitRowLock();
          assertThat(migrations.describe(migration).dataMigrationStatus())
              .isEqualTo("load-running");
          assertStops(migration);
        });
    assertThat(value(to, "stops", "SELECT count(*) FROM there WHERE v < 0")).isEqualTo("0");
  }

  private void whileIndexesAreMade(String migration) throws SQLException {
    try (Connection reader = to.connect("stops");
        Statement reading = reader.createStatement()) {
      reader.setAutoCommit(false);
      // The load waits for a row until the reader has the lock that the index will wait for.
      holdingRow(
          "INSERT INTO there VALUES (1, -1)",
          () -> {
            migrations.resume(migration);
            awaitRowLock();
            reading.execute("SELECT count(*) FROM made");
          });
      awaitOnTarget(
          "SELECT count(*) FROM information_schema.processlist WHERE state = 'Waiting for table"
              + " metadata lock'");
      assertThat(migrations.describe(migration).dataMigrationStatistics().tablesLoaded())
          .isEqualTo(2);
      assertStops(migration);
    }
    assertThat(CatalogText.differences(from, to, "stops"))
        .as("what the stop has left to do")
        .isNotEmpty();
  }

  private void whileChangesAreApplied(String migration) throws SQLException {
    migrations.resume(migration);
    migrations.awaitReplicating(migration);
    assertSameRows();
    holdingRow(
        "UPDATE there SET v = -1 WHERE id = 7",
        () -> {
          from.executeIn("stops", "UPDATE there SET v = 77 WHERE id = 7", "DELETE FROM made");
          awaitRowLock();
          assertStops(migration);
        });
    assertThat(value(to, "stops", "SELECT v FROM there WHERE id = 7")).isEqualTo("7");
    migrations.resume(migration);
    await()
        .atMost(PATIENCE)
        .until(() -> value(to, "stops", "SELECT v FROM there WHERE id = 7").equals("77"));
    DataMigration stopped = migrations.stopped(migration);
    assertThat(stopped.lastFailureMessage()).isNull();
    assertThat(stopped.dataMigrationStatistics().tablesLoaded()).isEqualTo(2);
    assertSameRows();
    assertThat(CatalogText.differences(from, to, "stops")).isEmpty();
    to.executeIn("stops", "INSERT INTO there (v) VALUES (0)");
    assertThat(value(to, "stops", "SELECT max(id) FROM there"))
        .isEqualTo(Integer.toString(ROWS + 1));
  }

  private interface Work {
    void run() throws SQLException;
  }

  /** While somebody else's transaction on the target has done this and is not at its end. */
  private void holdingRow(String change, Work work) throws SQLException {
    try (Connection connection = to.connect("stops");
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(change);
      work.run();
      connection.rollback();
    }
  }

  private void awaitRowLock() {
    awaitOnTarget(
        "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'");
  }

  private void awaitOnTarget(String count) {
    await().atMost(PATIENCE).pollInterval(LOOK).until(() -> !value(to, "stops", count).equals("0"));
  }

  private void assertStops(String migration) {
    DataMigration stopped = migrations.stopped(migration);
    assertThat(stopped.stopReason()).isEqualTo("Stop Reason NORMAL.");
    assertThat(stopped.lastFailureMessage()).isNull();
  }

  private void assertSameRows() {
    for (String table : new String[] {"there", "made"}) {
      String all = "SELECT id, v FROM " + table + " ORDER BY id";
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(rows(to, "stops", all)).isEqualTo(rows(from, "stops", all)));
    }
  }
}
