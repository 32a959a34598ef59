package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static wherry.acceptance.Fixture.rows;
import static wherry.acceptance.Fixture.value;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationMigrationTypeValue;
import wherry.demo.ServiceProcess;
import wherry.mysql.CatalogText;
import wherry.postgresql.Catalogue;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlFamilyServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;

/**
 * A database with an object of every kind, moved through the API: all of it is there, as it was.
 */
class EveryObjectMigrationIT {
  private static final String[] DATABASES = {"shop", "odd `base"};

  private static ServiceProcess service;
  private static DataMigrations migrations;

  @BeforeAll
  static void start() {
    service = ServiceProcess.startTemporary();
    migrations = new DataMigrations(service);
  }

  @AfterAll
  static void end() {
    migrations.close();
    service.close();
  }

  private static String script(Class<?> beside, String name) throws IOException {
    try (InputStream in = beside.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static DataMigration moved(String migration) {
    migrations.start(migration, StartReplicationMigrationTypeValue.START_REPLICATION);
    return migrations.awaitStatus(migration, "stopped", "failed");
  }

  @Test
  void a_database_of_postgresql_has_the_same_catalogue_and_rows_on_the_target() throws Exception {
    int dump = DataMigrationIT.pgDumpVersion();
    assumeTrue(
        dump >= 14,
        "no pg_dump of version 14 or later is on PATH; install postgresql-client (.ci/install-packages)");
    try (PostgresServer server =
        PostgresServer.start(
            dump >= 18 ? PostgresServer.Release.V18 : PostgresServer.Release.V14,
            ServerOptions.standard())) {
      server.execute("CREATE ROLE reader");
      server.createDatabase("here");
      server.createDatabase("there");
      server.executeIn("here", script(Catalogue.class, "every_object.sql"));

      DataMigration done =
          moved(
              migrations.create(
                  server, "here", server, "there", MigrationTypeValue.FULL_LOAD, r -> {}));

      assertThat(done.lastFailureMessage()).isNull();
      assertThat(done.stopReason()).isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED.");
      assertThat(done.dataMigrationStatistics().tablesErrored()).as(service::logTail).isZero();
      assertThat(Catalogue.difference(server, "here", server, "there")).isEmpty();
      List<String> relations =
          rows(
              server,
              "here",
              "SELECT c.oid::regclass FROM pg_class c WHERE relkind IN ('r', 'm') AND relispopulated"
                  + " AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND"
                  + " nspname <> 'information_schema')");
      assertThat(relations).hasSizeGreaterThan(5);
      for (String relation : relations) {
        String all = "SELECT t::text FROM " + relation + " t ORDER BY 1";
        assertThat(rows(server, "there", all)).as(relation).isEqualTo(rows(server, "here", all));
      }
    }
  }

  @Test
  void databases_of_mariadb_have_the_same_catalogue_and_rows_on_the_target() throws Exception {
    try (MariaDbServer from = MariaDbServer.start();
        MariaDbServer to = MariaDbServer.start()) {
      assertMoves(from, to, "objects-mariadb.sql");
    }
  }

  @Test
  void databases_of_mysql_have_the_same_catalogue_and_rows_on_the_target() throws Exception {
    assumeTrue(MySqlServer.available().usable(), MySqlServer.available().reason());
    try (MySqlServer from = MySqlServer.start();
        MySqlServer to = MySqlServer.start()) {
      assertMoves(from, to, "objects-mysql.sql");
    }
  }

  private static void assertMoves(MySqlFamilyServer from, MySqlFamilyServer to, String script)
      throws Exception {
    for (MySqlFamilyServer server : List.of(from, to)) {
      server.execute("CREATE USER owner@nowhere", "GRANT ALL ON *.* TO owner@nowhere");
    }
    from.execute(script(CatalogText.class, script).split(";\n(?=\\S|$)"));
    from.executeIn(
        "shop",
        "INSERT INTO customers (email, points, place) VALUES ('a', 7, ST_GeomFromText('POINT(1 2)'"
            + (from instanceof MySqlServer ? ", 4326" : "")
            + ")), ('b', 8, ST_GeomFromText('POINT(3 4)'"
            + (from instanceof MySqlServer ? ", 4326" : "")
            + "))",
        "INSERT INTO departments VALUES (1, NULL)",
        "INSERT INTO employees VALUES (1, 1, NULL), (2, 1, 1)",
        "UPDATE departments SET boss = 2",
        "INSERT INTO orders (id, made) VALUES (1, '2019-01-01'), (2, '2026-01-01')");

    DataMigration done =
        moved(migrations.create(from, "", to, "", MigrationTypeValue.FULL_LOAD, r -> {}));

    assertThat(done.lastFailureMessage()).isNull();
    assertThat(done.stopReason()).isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED.");
    assertThat(done.dataMigrationStatistics().tablesErrored()).as(service::logTail).isZero();
    assertThat(CatalogText.differences(from, to, DATABASES)).isEmpty();
    List<String> tables =
        rows(
            from,
            "shop",
            "SELECT concat('`', table_name, '`') FROM information_schema.tables WHERE table_schema ="
                + " 'shop' AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')");
    assertThat(tables).hasSizeGreaterThan(5);
    for (String table : tables) {
      String sum = "CHECKSUM TABLE shop." + table + " EXTENDED";
      assertThat(rows(to, "shop", sum)).isEqualTo(rows(from, "shop", sum));
    }
    assertThat(value(to, "shop", "SELECT count(*) FROM orders")).isEqualTo("2");
  }
}
