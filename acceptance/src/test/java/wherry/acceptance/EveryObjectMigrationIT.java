package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static wherry.acceptance.Fixture.rows;
import static wherry.acceptance.Fixture.value;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.databasemigration.model.CreateDataMigrationRequest;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.DmsSslModeValue;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import wherry.demo.ServiceProcess;
import wherry.mysql.CatalogText;
import wherry.postgresql.Catalogue;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlFamilyServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;

/**
 * A database with an object of every kind, moved through the API as a whole and then once more
 * while applications write to it: all of it is there, as it was.
 */
class EveryObjectMigrationIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
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

  private static void assertLoaded(DataMigration done) {
    assertThat(done.lastFailureMessage()).isNull();
    assertThat(done.stopReason()).isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED.");
    assertThat(done.dataMigrationStatistics().tablesErrored()).as(service::logTail).isZero();
  }

  @Test
  void a_database_of_postgresql_has_the_same_catalogue_and_rows_on_the_target() throws Exception {
    PostgresServer server = Shop.server18or14();
    server.execute("CREATE ROLE reader");
    server.createDatabase("here");
    server.createDatabase("there");
    server.createDatabase("live");
    server.executeIn("here", script(Catalogue.class, "every_object.sql"));

    String whole =
        migrations.create(server, "here", server, "there", MigrationTypeValue.FULL_LOAD, r -> {});
    migrations.start(whole);
    assertLoaded(migrations.awaitStatus(whole, "stopped", "failed"));
    assertThat(Catalogue.difference(server, "here", server, "there")).isEmpty();
    assertSameRows(server, "there", "r', 'm");

    String live =
        migrations.create(
            server, "here", server, "live", MigrationTypeValue.FULL_LOAD_AND_CDC, r -> {});
    try (Writer writer =
        new Writer(
            server,
            "here",
            "INSERT INTO shop.customer (name, weight, note) VALUES ('w' || {n}, {n} % 1000, '{n}')",
            "UPDATE shop.customer SET mood = 'sad', tags = tags || ARRAY['x'] WHERE id = 1000 + 2 * ({n} % 40)",
            "INSERT INTO shop.orders (customer, total) SELECT max(id), {n} FROM shop.customer",
            "DELETE FROM shop.customer WHERE id = (SELECT max(id) - 20 FROM shop.customer)",
            "INSERT INTO shop.events VALUES (1000 + {n}, date '2025-06-01' + {n} % 300, 'a')",
            "UPDATE shop.events SET day = day + 200 WHERE id = 990 + {n}",
            "INSERT INTO \"Odd.Name\".\"weird table; --\" VALUES (10 + {n}, 'x')",
            "DELETE FROM \"Odd.Name\".\"weird table; --\" WHERE \"select\" = 5 + {n}")) {
      writer.begin();
      migrations.start(live);
      awaitReplicating(live);
      writer.stop();
      server.executeIn(
          "here", "INSERT INTO \"Odd.Name\".\"weird table; --\" VALUES (0, 'the last')");
      await()
          .atMost(PATIENCE)
          .until(() ->
              value(
                      server,
                      "live",
                      "SELECT count(*) FROM \"Odd.Name\".\"weird table; --\" WHERE \"select\" = 0")
                  .equals("1"));
    }
    DataMigration moved = migrations.stopped(live);
    assertThat(moved.stopReason())
        .startsWith("Stop Reason NORMAL. Tables in error: 1: shop.scratch (")
        .contains("unlogged table");
    assertThat(moved.dataMigrationStatistics().tablesErrored()).isEqualTo(1);
    assertThat(Catalogue.difference(server, "here", server, "live")).isEmpty();
    assertSameRows(server, "live", "r");
    server.executeIn(
        "live", "INSERT INTO shop.customer (name) VALUES ('the first after the cutover')");
  }

  private static void assertSameRows(PostgresServer server, String target, String kinds) {
    List<String> relations =
        rows(
            server,
            "here",
            "SELECT c.oid::regclass FROM pg_class c WHERE relkind IN ('"
                + kinds
                + "') AND relispopulated AND relnamespace IN (SELECT oid FROM pg_namespace WHERE"
                + " nspname !~ '^pg_' AND nspname <> 'information_schema')");
    assertThat(relations).hasSizeGreaterThan(5);
    for (String relation : relations) {
      String all = "SELECT t::text FROM " + relation + " t ORDER BY 1";
      assertThat(rows(server, target, all)).as(relation).isEqualTo(rows(server, "here", all));
    }
  }

  /** Whatever tables are in error, which the end tells. */
  private static void awaitReplicating(String migration) {
    DataMigration now =
        migrations.awaitStatus(migration, "load-complete-replication-ongoing", "failed", "stopped");
    assertThat(now.dataMigrationStatus())
        .as(now.lastFailureMessage())
        .isEqualTo("load-complete-replication-ongoing");
  }

  @Test
  void databases_of_mariadb_have_the_same_catalogue_and_rows_on_the_target() throws Exception {
    ServerOptions tls = ServerOptions.standard().withTls();
    try (MariaDbServer from = MariaDbServer.start(tls);
        MariaDbServer to = MariaDbServer.start(tls)) {
      assertMoves(from, to, "objects-mariadb.sql");
    }
  }

  @Test
  void databases_of_mysql_have_the_same_catalogue_and_rows_on_the_target() throws Exception {
    assumeTrue(MySqlServer.available().usable(), MySqlServer.available().reason());
    ServerOptions tls = ServerOptions.standard().withTls();
    try (MySqlServer from = MySqlServer.start(tls);
        MySqlServer to = MySqlServer.start(tls)) {
      assertMoves(from, to, "objects-mysql.sql");
    }
  }

  private static void assertMoves(MySqlFamilyServer from, MySqlFamilyServer to, String script)
      throws Exception {
    for (MySqlFamilyServer server : List.of(from, to)) {
      server.execute("CREATE USER owner@nowhere", "GRANT ALL ON *.* TO owner@nowhere");
    }
    from.execute(script(CatalogText.class, script).split(";\n(?=\\S|$)"));
    String place =
        from instanceof MySqlServer ? "ST_GeomFromText('POINT(1 2)', 4326)" : "point(1, 2)";
    from.executeIn(
        "shop",
        "INSERT INTO customers (email, points, place) VALUES ('a', 7, "
            + place
            + "), ('b', 8, "
            + place
            + ")",
        "INSERT INTO departments VALUES (1, NULL)",
        "INSERT INTO employees VALUES (1, 1, NULL), (2, 1, 1)",
        "UPDATE departments SET boss = 2",
        "INSERT INTO orders (id, made) VALUES (1, '2019-01-01'), (2, '2026-01-01')");
    assertMovesAsAWhole(from, to);
    assertMovesWhileWrittenTo(from, to, place);
    assertFollowsFromATimeOn(from, to);
    assertFollowsFromAPlaceOn(from, to);
    new MySqlMigrationStops(migrations, from, to).assertEachIsResumed();
  }

  /** Over TLS, verified: the providers of this one say so. */
  private static void assertMovesAsAWhole(MySqlFamilyServer from, MySqlFamilyServer to)
      throws Exception {
    String certificate =
        migrations
            .client()
            .importCertificate(r ->
                r.certificateIdentifier(Fixture.newName("ca").replace('_', '-'))
                    .certificatePem(from.caCertificatePem()))
            .certificate()
            .certificateArn();
    migrations.over(DmsSslModeValue.VERIFY_FULL, certificate);
    String whole = migrations.create(from, "", to, "", MigrationTypeValue.FULL_LOAD, r -> {});
    migrations.over(DmsSslModeValue.NONE, null);
    migrations.start(whole);
    assertLoaded(migrations.awaitStatus(whole, "stopped", "failed"));
    assertThat(CatalogText.differences(from, to, DATABASES)).isEmpty();
    assertSameRows(from, to);
    assertThat(value(to, "shop", "SELECT count(*) FROM orders")).isEqualTo("2");
  }

  private static void assertMovesWhileWrittenTo(
      MySqlFamilyServer from, MySqlFamilyServer to, String place) throws Exception {
    String live = create(from, to, MigrationTypeValue.FULL_LOAD_AND_CDC, r -> {});
    try (Writer writer =
        new Writer(
            from,
            "shop",
            "INSERT INTO customers (email, points, place) VALUES ('c{n}', {n}, " + place + ")",
            "UPDATE customers SET points = points + 1, colours = 'g,b' WHERE id = 1000 + {n} DIV 2",
            // What follows from these by foreign keys is in no log.
            "INSERT INTO `odd ``base`.`tab``le, (` SELECT 't{n}', id FROM customers WHERE email = 'c{n}'",
            "DELETE FROM customers WHERE email = 'c{n}' AND {n} % 3 = 0",
            "SET foreign_key_checks = 0",
            "DELETE FROM customers WHERE email = 'c{n}' AND {n} % 3 = 1",
            "SET foreign_key_checks = 1",
            "INSERT INTO employees SELECT 10 + {n}, max(id), 10 + {n} - 1 FROM departments",
            "DELETE FROM employees WHERE id = 10 + {n} - 5 AND {n} % 4 = 0",
            "UPDATE departments SET id = 3 - id",
            "INSERT INTO orders (id, made) VALUES (10 + {n}, '2019-06-01')",
            "UPDATE orders SET made = '2026-06-01', country = 'fr' WHERE id = 8 + {n}",
            "DELETE FROM orders WHERE id = 5 + {n}",
            "INSERT INTO keyless VALUES ({n}, {n}), (-{n}, -{n})",
            "DELETE FROM keyless WHERE a = 2 - {n}")) {
      from.executeIn("shop", "INSERT INTO employees VALUES (10, 1, NULL)");
      writer.begin();
      migrations.start(live);
      awaitReplicating(live);
      awaitThatMuchFollows(from);
      writer.stop();
      // Of a row that is gone only the counter knows that its number was given out.
      from.executeIn(
          "shop",
          "DELETE FROM customers ORDER BY id DESC LIMIT 1",
          "INSERT INTO regions VALUES ('fr', 4711)");
      await()
          .atMost(PATIENCE)
          .until(
              () -> value(to, "shop", "SELECT count(*) FROM regions WHERE n = 4711").equals("1"));
    }
    DataMigration moved = migrations.stopped(live);
    assertThat(moved.stopReason()).isEqualTo("Stop Reason NORMAL.");
    assertThat(moved.lastFailureMessage()).isNull();
    assertThat(CatalogText.differences(from, to, DATABASES)).isEmpty();
    assertSameRows(from, to);

    String first = "INSERT INTO customers (email, place) VALUES ('first', " + place + ")";
    from.executeIn("shop", first);
    to.executeIn("shop", first);
    String number = "SELECT id FROM customers WHERE email = 'first'";
    assertThat(value(to, "shop", number)).isEqualTo(value(from, "shop", number));
  }

  /** Until the writer has come far enough for foreign keys to have changed rows of each kind. */
  private static void awaitThatMuchFollows(MySqlFamilyServer from) {
    String rows =
        "SELECT min(n) > 3 FROM (SELECT count(*) AS n FROM `odd ``base`.`tab``le, (` UNION ALL"
            + " SELECT sum(mentor IS NULL) FROM employees) AS followed";
    await().atMost(PATIENCE).until(() -> value(from, "shop", rows).equals("1"));
  }

  private static String create(
      MySqlFamilyServer from,
      MySqlFamilyServer to,
      MigrationTypeValue type,
      Consumer<CreateDataMigrationRequest.Builder> more) {
    return migrations.create(from, "", to, "", type, more);
  }

  private static void assertFollowsFromATimeOn(MySqlFamilyServer from, MySqlFamilyServer to) {
    for (MySqlFamilyServer server : List.of(from, to)) {
      server.createDatabase("later");
      server.executeIn("later", "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY)");
    }
    from.executeIn("later", "INSERT INTO t VALUES (1)");
    Instant time = Instant.now().plusSeconds(2).truncatedTo(ChronoUnit.SECONDS);
    await().until(() -> Instant.now().isAfter(time.plusMillis(500)));
    from.executeIn("later", "INSERT INTO t VALUES (2)");
    String follows =
        create(
            from,
            to,
            MigrationTypeValue.CDC,
            r -> r.sourceDataSettings(s -> s.cdcStartTime(time)).selectionRules(only("later")));
    migrations.start(follows);
    migrations.awaitReplicating(follows);
    from.executeIn("later", "INSERT INTO t VALUES (30)");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(rows(to, "later", "SELECT id FROM t ORDER BY id"))
                .containsExactly("2", "30"));
    assertThat(migrations.stopped(follows).stopReason()).isEqualTo("Stop Reason NORMAL.");
    to.executeIn("later", "INSERT INTO t VALUES ()");
    assertThat(value(to, "later", "SELECT max(id) FROM t")).isEqualTo("31");
  }

  /** GTIDs that the target has already on MariaDB, a file and a place in it on MySQL. */
  private static void assertFollowsFromAPlaceOn(MySqlFamilyServer from, MySqlFamilyServer to) {
    for (MySqlFamilyServer server : List.of(from, to)) {
      server.createDatabase("place");
      server.executeIn("place", "CREATE TABLE t (id int PRIMARY KEY)");
    }
    from.executeIn("place", "INSERT INTO t VALUES (1)");
    String place =
        from instanceof MySqlServer
            ? String.join(
                ":", List.of(value(from, "place", "SHOW MASTER STATUS").split("\\|")).subList(0, 2))
            : value(from, "place", "SELECT @@gtid_binlog_pos");
    from.executeIn("place", "INSERT INTO t VALUES (2)");
    String follows =
        create(
            from,
            to,
            MigrationTypeValue.CDC,
            r ->
                r.sourceDataSettings(s -> s.cdcStartPosition(place)).selectionRules(only("place")));
    migrations.start(follows);
    migrations.awaitReplicating(follows);
    from.executeIn("place", "INSERT INTO t VALUES (3)");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(rows(to, "place", "SELECT id FROM t ORDER BY id"))
                .containsExactly("2", "3"));
    assertThat(migrations.stopped(follows).stopReason()).isEqualTo("Stop Reason NORMAL.");
  }

  private static String only(String schema) {
    return """
    {"rules":[{"rule-type":"selection","rule-id":"1","rule-name":"1","rule-action":"include",
      "object-locator":{"schema-name":"%s","table-name":"%%"}}]}\
    """
        .formatted(schema);
  }

  private static void assertSameRows(MySqlFamilyServer from, MySqlFamilyServer to) {
    List<String> tables =
        rows(
            from,
            "shop",
            "SELECT concat('`', replace(table_schema, '`', '``'), '`.`', replace(table_name, '`',"
                + " '``'), '`') FROM information_schema.tables WHERE table_schema IN ('shop', 'odd"
                + " `base') AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')");
    assertThat(tables).hasSizeGreaterThan(5);
    for (String table : tables) {
      String sum = "CHECKSUM TABLE " + table + " EXTENDED";
      assertThat(rows(to, "shop", sum)).as(table).isEqualTo(rows(from, "shop", sum));
    }
  }
}
