package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.TablePreparationMode;
import wherry.demo.ServiceProcess;
import wherry.postgresql.Catalogue;

/**
 * A data migration that is stopped, or whose service is killed, while somebody else holds up what
 * it does: it ends all the same, leaves nothing that nobody will use, and goes on from there.
 */
class DataMigrationStopIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** What waits for a lock in a database, without those who ask. */
  private static final String WAITING =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = '%s' AND wait_event_type = 'Lock'";

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

  private void awaitWaiting(String database) {
    await()
        .atMost(PATIENCE)
        .until(() ->
            !Fixture.value(shop.server(), "postgres", WAITING.formatted(database)).equals("0"));
  }

  @Test
  void while_definitions_are_read() throws Exception {
    String migration = migrations.create(shop, MigrationTypeValue.FULL_LOAD, r -> {});
    try (Connection connection = shop.server().connect(shop.source());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
      migrations.start(migration);
      awaitWaiting(shop.source());
      assertThat(migrations.describe(migration).dataMigrationStatus()).isEqualTo("load-running");

      assertThat(migrations.stopped(migration).stopReason()).isEqualTo("Stop Reason NORMAL.");
      assertThat(shop.inTarget("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
          .isEqualTo("0");
    }
    migrations.resume(migration);
    assertThat(migrations.awaitStatus(migration, "stopped", "failed").lastFailureMessage())
        .isNull();
    shop.assertSameRows();
  }

  @Test
  void while_the_target_is_cleared() throws Exception {
    String migration = migrations.create(shop, MigrationTypeValue.FULL_LOAD, r -> {});
    shop.server().executeIn(shop.target(), "CREATE TABLE orders (mine int)");
    try (Connection connection = shop.server().connect(shop.target());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE orders IN ACCESS SHARE MODE");
      migrations.start(migration);
      awaitWaiting(shop.target());

      assertThat(migrations.stopped(migration).stopReason()).isEqualTo("Stop Reason NORMAL.");
    }
    assertThat(shop.inTarget("SELECT count(mine) FROM orders")).isEqualTo("0");
    migrations.resume(migration);
    assertThat(migrations.awaitStatus(migration, "stopped", "failed").lastFailureMessage())
        .isNull();
    shop.assertSameRows();
  }

  @Test
  void while_the_slot_waits_for_a_transaction_of_others_and_no_slot_is_left() throws Exception {
    String migration = migrations.create(shop, MigrationTypeValue.FULL_LOAD_AND_CDC, r -> {});
    try (Connection connection = shop.server().connect(shop.source());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO customer (mood) VALUES ('sad')");
      migrations.start(migration);
      awaitWaiting(shop.source());

      assertThat(migrations.stopped(migration).stopReason()).isEqualTo("Stop Reason NORMAL.");
      assertThat(shop.slots()).isEqualTo("0");
      connection.commit();
    }
    migrations.resume(migration);
    migrations.awaitReplicating(migration);
    migrations.stopped(migration);
    shop.assertSameRows();
  }

  @Test
  void while_rows_are_loaded_and_nothing_is_doubled() throws Exception {
    // A trigger of the target's own that fires even for us, so that the load of one table waits.
    shop.server()
        .executeIn(
            shop.target(),
            "CREATE TYPE mood AS ENUM ('sad', 'ok')",
            "CREATE TABLE orders (id int PRIMARY KEY, customer bigint, total numeric, placed date,"
                + " tax numeric GENERATED ALWAYS AS (total / 5) STORED)",
            "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END'",
            "CREATE TRIGGER hold BEFORE INSERT ON orders FOR EACH STATEMENT EXECUTE FUNCTION hold()",
            "ALTER TABLE orders ENABLE ALWAYS TRIGGER hold");
    String migration =
        migrations.create(
            shop,
            MigrationTypeValue.FULL_LOAD_AND_CDC,
            r ->
                r.targetDataSettings(t -> t.tablePreparationMode(TablePreparationMode.DO_NOTHING)));
    try (Connection connection = shop.server().connect(shop.target());
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(4711)");
      migrations.start(migration);
      awaitWaiting(shop.target());
      await()
          .atMost(PATIENCE)
          .until(
              () -> migrations.describe(migration).dataMigrationStatistics().tablesLoaded() == 2);
      DataMigration loading = migrations.describe(migration);
      assertThat(loading.dataMigrationStatus()).isEqualTo("load-running");
      assertThat(loading.dataMigrationStatistics().tablesLoading()).isEqualTo(1);
      assertThat(loading.dataMigrationStatistics().fullLoadPercentage()).isLessThan(100);

      DataMigration stopped = migrations.stopped(migration);
      assertThat(stopped.stopReason())
          .startsWith("Stop Reason NORMAL.")
          .contains("replication slot wherry_");
      assertThat(stopped.dataMigrationStatistics().tablesLoaded()).isEqualTo(2);
      assertThat(shop.slots()).isEqualTo("1");
      shop.mark();
    }
    shop.server().executeIn(shop.target(), "DROP TRIGGER hold ON orders");

    migrations.resume(migration);
    migrations.awaitReplicating(migration);
    await().atMost(PATIENCE).until(shop::hasMark);
    DataMigration stopped = migrations.stopped(migration);
    assertThat(stopped.lastFailureMessage()).isNull();
    assertThat(stopped.dataMigrationStatistics().tablesLoaded()).isEqualTo(3);
    shop.assertSameRows();
  }

  @Test
  void while_indexes_are_made() throws Exception {
    // An index that takes until somebody lets go of a lock.
    shop.server()
        .executeIn(
            shop.source(),
            "CREATE FUNCTION held(i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS"
                + " 'BEGIN IF current_database() LIKE ''to%'' THEN"
                + " PERFORM pg_advisory_xact_lock(4712); END IF; RETURN i; END'",
            "CREATE INDEX held ON orders (held(id))");
    String migration = migrations.create(shop, MigrationTypeValue.FULL_LOAD, r -> {});
    try (Connection connection = shop.server().connect(shop.target());
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(4712)");
      migrations.start(migration);
      awaitWaiting(shop.target());

      assertThat(migrations.stopped(migration).stopReason()).isEqualTo("Stop Reason NORMAL.");
      await()
          .atMost(PATIENCE)
          .until(() ->
              Fixture.value(shop.server(), "postgres", WAITING.formatted(shop.target()))
                  .equals("0"));
    }
    migrations.resume(migration);
    assertThat(migrations.awaitStatus(migration, "stopped", "failed").lastFailureMessage())
        .isNull();
    assertThat(Catalogue.difference(shop.server(), shop.source(), shop.server(), shop.target()))
        .isEmpty();
    shop.assertSameRows();
  }

  @Test
  void a_killed_service_carries_on_by_itself_wherever_it_was(@TempDir Path directory)
      throws Exception {
    String migration;
    try (ServiceProcess first = ServiceProcess.start(directory);
        DataMigrations mine = new DataMigrations(first)) {
      migration = mine.create(shop, MigrationTypeValue.FULL_LOAD_AND_CDC, r -> {});
      mine.start(migration);
      mine.awaitStatus(migration, "load-running", "load-complete-replication-ongoing", "failed");
      first.kill();
    }
    try (ServiceProcess second = ServiceProcess.start(directory);
        DataMigrations mine = new DataMigrations(second)) {
      mine.awaitReplicating(migration);
      shop.mark();
      second.kill();
    }
    shop.server()
        .executeIn(shop.source(), "INSERT INTO orders (total) VALUES (9)", "DELETE FROM events");
    try (Connection connection = shop.server().connect(shop.target());
        Statement statement = connection.createStatement();
        ServiceProcess third = ServiceProcess.start(directory);
        DataMigrations mine = new DataMigrations(third)) {
      await()
          .atMost(PATIENCE)
          .until(() -> shop.inTarget("SELECT count(*) FROM events").equals("0"));
      // Sequences cannot be moved now, so the stop is in the midst of its cutover.
      connection.setAutoCommit(false);
      statement.execute("ALTER SEQUENCE orders_id_seq CACHE 1");
      mine.stop(migration);
      awaitWaiting(shop.target());
      assertThat(mine.describe(migration).dataMigrationStatus()).isEqualTo("stopping");
      third.kill();
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
              + " current_database() AND wait_event_type = 'Lock'");
      connection.rollback();
    }
    try (ServiceProcess fourth = ServiceProcess.start(directory);
        DataMigrations mine = new DataMigrations(fourth)) {
      DataMigration stopped = mine.awaitStatus(migration, "stopped", "failed");
      assertThat(stopped.lastFailureMessage()).isNull();
      assertThat(stopped.stopReason()).startsWith("Stop Reason NORMAL.");
    }
    shop.assertSameRows();
    shop.assertFirstInsertGetsTheNextNumber();
  }
}
