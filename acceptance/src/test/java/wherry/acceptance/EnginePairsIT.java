package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.acceptance.Fixture.rows;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import wherry.demo.ServiceProcess;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MySqlServer;

/**
 * Every engine to every engine, itself included: tables with keys, without keys, with names that
 * need quotes, with columns that rules rename and retype.
 */
class EnginePairsIT {
  /** What an engine's dialect needs to say the same thing. */
  enum Dialect {
    POSTGRES("postgres"),
    MARIADB("mariadb"),
    MYSQL("mysql");

    private final String engine;

    Dialect(String engine) {
      this.engine = engine;
    }

    DatabaseServer server() {
      return switch (this) {
        case POSTGRES -> Fixture.postgres();
        case MARIADB -> Fixture.mariaDb();
        case MYSQL -> Fixture.mySql();
      };
    }

    boolean isPostgres() {
      return this == POSTGRES;
    }

    String quoted(String name) {
      return isPostgres() ? "\"" + name + "\"" : "`" + name + "`";
    }

    String table(String schema, String name) {
      return quoted(schema) + "." + quoted(name);
    }

    /** The things of a schema in one form for all engines. */
    String readAll(String schema) {
      String columns =
          isPostgres()
              ? "id, name, note, price, born, to_char(at, 'YYYY-MM-DD HH24:MI:SS.US'), encode(raw, 'hex'), flag::int, big"
              : "id, name, note, price, born, date_format(at, '%Y-%m-%d %H:%i:%s.%f'), lower(hex(raw)), flag + 0, big";
      return "SELECT " + columns + " FROM " + table(schema, "Order Lines") + " ORDER BY id";
    }

    List<String> create(String schema) {
      String text = isPostgres() ? "text" : "longtext";
      String raw = isPostgres() ? "bytea" : "longblob";
      String at = isPostgres() ? "timestamp(6)" : "datetime(6)";
      String flag = isPostgres() ? "boolean" : "tinyint(1)";
      List<String> statements = new ArrayList<>();
      if (isPostgres()) {
        statements.add("CREATE SCHEMA " + quoted(schema));
      }
      statements.add(
          "CREATE TABLE "
              + table(schema, "Order Lines")
              + " (id bigint PRIMARY KEY, name varchar(50) NOT NULL, note "
              + text
              + ", price decimal(12,2), born date, at "
              + at
              + ", raw "
              + raw
              + ", flag "
              + flag
              + ", big bigint)");
      statements.add("CREATE TABLE " + table(schema, "no_key") + " (a int, b varchar(10))");
      statements.add(
          "INSERT INTO "
              + table(schema, "no_key")
              + " VALUES (1, 'x'), (1, 'x'), (NULL, NULL), (2, '')");
      statements.add("CREATE TABLE " + table(schema, "empty") + " (id int PRIMARY KEY)");
      statements.add(
          "CREATE TABLE %s (id int PRIMARY KEY, digits varchar(10), amount decimal(8,2), at %s)"
              .formatted(table(schema, "retyped"), at));
      statements.add(
          "INSERT INTO %s VALUES (1, '12', 12.50, '2024-02-29 23:59:59'), (2, NULL, 7, '2024-03-01 00:00:00')"
              .formatted(table(schema, "retyped")));
      String bytes = isPostgres() ? "'\\x00ff0a0d095c27'::bytea" : "x'00ff0a0d095c27'";
      String yes = isPostgres() ? "true" : "1";
      String backslash = isPostgres() ? "\\" : "\\\\";
      statements.add(
          "INSERT INTO "
              + table(schema, "Order Lines")
              + " VALUES (1, 'ünïcode 🚢', 'tab\tnewline\nquote''back"
              + backslash
              + "end "
              + backslash
              + "N', -12345.60, '2024-02-29', '2024-02-29 23:59:59.999999', "
              + bytes
              + ", "
              + yes
              + ", 9223372036854775807), (2, '', '', 0, '1000-01-01', '1000-01-01 00:00:00', "
              + (isPostgres() ? "''::bytea" : "''")
              + ", NULL, -9223372036854775808), (3, ' NULL ', NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
      return statements;
    }
  }

  private static ServiceProcess service;
  private static DatabaseMigrationClient client;
  private static Migration migration;

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

  static Stream<Arguments> pairs() {
    return Stream.of(Dialect.values())
        .flatMap(from -> Stream.of(Dialect.values()).map(to -> Arguments.of(from, to)));
  }

  @ParameterizedTest(name = "{0} to {1}")
  @MethodSource("pairs")
  void every_row_arrives_with_every_value(Dialect from, Dialect to) {
    Assumptions.assumeTrue(
        (from != Dialect.MYSQL && to != Dialect.MYSQL) || MySqlServer.available().usable(),
        () -> "MySQL cannot run here: " + MySqlServer.available().reason());
    String schema = Fixture.newName("from");
    String copy = Fixture.newName("to");
    String sourceDatabase = database(from, schema);
    String targetDatabase = database(to, copy);
    if (!from.isPostgres()) {
      from.server().createDatabase(schema);
    }
    from.server().executeIn(sourceDatabase, from.create(schema).toArray(String[]::new));
    String task =
        migration.task(
            migration.endpoint(
                ReplicationEndpointTypeValue.SOURCE,
                from.engine,
                from.server(),
                from.isPostgres() ? sourceDatabase : ""),
            migration.endpoint(
                ReplicationEndpointTypeValue.TARGET,
                to.engine,
                to.server(),
                to.isPostgres() ? targetDatabase : ""),
            mappings(schema, copy),
            "{}");

    ReplicationTask ended = migration.run(task, StartReplicationTaskTypeValue.START_REPLICATION);

    assertThat(ended.lastFailureMessage()).isNull();
    assertThat(ended.stopReason()).isEqualTo("Stop Reason FULL_LOAD_ONLY_FINISHED");
    assertThat(migration.tables(task))
        .allSatisfy(t -> assertThat(t.tableState()).isEqualTo("Table completed"));
    assertThat(migration.table(task, "Order Lines").fullLoadRows()).isEqualTo(3);
    String readDatabase = to.isPostgres() ? targetDatabase : copy;
    assertThat(rows(to.server(), readDatabase, to.readAll(copy)))
        .isEqualTo(
            rows(from.server(), from.isPostgres() ? sourceDatabase : schema, from.readAll(schema)));
    assertThat(
            rows(
                to.server(),
                readDatabase,
                "SELECT a, b FROM " + to.table(copy, "no_key") + " ORDER BY a, b"))
        .containsExactlyInAnyOrder("1|x", "1|x", "null|null", "2|");
    assertThat(rows(to.server(), readDatabase, "SELECT count(*) FROM " + to.table(copy, "empty")))
        .containsExactly("0");
    assertThat(
            rows(
                to.server(),
                readDatabase,
                "SELECT id, %s + 1, amount, born FROM %s ORDER BY id"
                    .formatted(to.quoted("a number"), to.table(copy, "changed"))))
        .containsExactly("1|13|12.50|2024-02-29", "2|null|7.00|2024-03-01");
  }

  /** All tables as they are, but for one: its columns get other names and other types. */
  private static String mappings(String schema, String copy) {
    String whole = Migration.wholeSchema(schema, copy);
    return whole.substring(0, whole.lastIndexOf("]}"))
        + """
        ,
          {"rule-type":"transformation","rule-id":"3","rule-target":"table","rule-action":"rename","value":"changed",
           "object-locator":{"schema-name":"S","table-name":"retyped"}},
          {"rule-type":"transformation","rule-id":"4","rule-target":"column","rule-action":"rename","value":"a number",
           "object-locator":{"schema-name":"S","table-name":"retyped","column-name":"digits"}},
          {"rule-type":"transformation","rule-id":"5","rule-target":"column","rule-action":"change-data-type",
           "data-type":{"type":"int8"},"object-locator":{"schema-name":"S","table-name":"retyped","column-name":"digits"}},
          {"rule-type":"transformation","rule-id":"6","rule-target":"column","rule-action":"change-data-type",
           "data-type":{"type":"string","length":20},
           "object-locator":{"schema-name":"S","table-name":"retyped","column-name":"amount"}},
          {"rule-type":"transformation","rule-id":"7","rule-target":"column","rule-action":"rename","value":"born",
           "object-locator":{"schema-name":"S","table-name":"retyped","column-name":"at"}},
          {"rule-type":"transformation","rule-id":"8","rule-target":"column","rule-action":"change-data-type",
           "data-type":{"type":"date"},"object-locator":{"schema-name":"S","table-name":"retyped","column-name":"at"}}]}\
        """
            .replace("\"S\"", "\"" + schema + "\"");
  }

  /** PostgreSQL needs a database to connect to; for the others the schema is the database. */
  private static String database(Dialect dialect, String schema) {
    return dialect.isPostgres() ? Fixture.newDatabase(dialect.server()) : schema;
  }
}
