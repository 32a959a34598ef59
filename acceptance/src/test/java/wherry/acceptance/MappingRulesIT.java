package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import wherry.demo.ServiceProcess;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MySqlServer;
import wherry.testing.Seed;

/**
 * Rules of every kind through the API and between real databases of two families: one task in each
 * direction loads a table for each concern, each table is changed, and then the target holds what a
 * query of the source says.
 */
class MappingRulesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final Random RANDOM = Seed.random("MappingRulesIT");

  private static ServiceProcess service;
  private static DatabaseMigrationClient client;
  private static final Map<Direction, Run> RUNS = new EnumMap<>(Direction.class);

  enum Direction {
    POSTGRES_TO_MARIADB,
    MARIADB_TO_POSTGRES,
    MYSQL_TO_POSTGRES
  }

  /** One end of a task. */
  private record Side(String engine, DatabaseServer server, String database, String schema) {
    static Side newPostgres(String prefix) {
      DatabaseServer server = Fixture.postgres();
      return new Side("postgres", server, Fixture.newDatabase(server), Fixture.newName(prefix));
    }

    static Side newMariaDb(String prefix) {
      String name = Fixture.newName(prefix);
      return new Side("mariadb", Fixture.mariaDb(), name, name);
    }

    static Side newMySql(String prefix) {
      String name = Fixture.newName(prefix);
      return new Side("mysql", Fixture.mySql(), name, name);
    }

    boolean postgres() {
      return engine.equals("postgres");
    }

    String endpoint(Migration migration, ReplicationEndpointTypeValue type) {
      return migration.endpoint(type, engine, server, postgres() ? database : "");
    }

    /** {@code {t}} is the table t, {@code [C]} the column C, MOMENT and LOB are types. */
    private String dialect(String sql) {
      String quote = postgres() ? "\"" : "`";
      return sql.replace("MOMENT", postgres() ? "timestamp" : "datetime")
          .replace("LOB", postgres() ? "text" : "longtext")
          .replaceAll("\\{(\\w+)}", quote + schema + quote + "." + quote + "$1" + quote)
          .replaceAll("\\[(\\w+)]", quote + "$1" + quote);
    }

    void execute(String... statements) {
      server()
          .executeIn(
              database, List.of(statements).stream().map(this::dialect).toArray(String[]::new));
    }

    List<String> rows(String query) {
      return Fixture.rows(server(), database, dialect(query));
    }
  }

  private record Run(
      Side source, Side target, Migration migration, String task, DrawnFilter drawn) {
    /** Waits until both queries give the same rows, of which there are some. */
    void await(String onTarget, String onSource) {
      List<String> expected = source.rows(onSource);
      assertThat(expected).isNotEmpty();
      awaitRows(onTarget, expected);
    }

    void awaitRows(String onTarget, List<String> expected) {
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(target.rows(onTarget)).containsExactlyElementsOf(expected));
    }

    String either(String postgres, String mariaDb) {
      return source.postgres() ? postgres : mariaDb;
    }
  }

  private static final String[] TABLES = {
    "CREATE TABLE {tbl_items} (or_id int PRIMARY KEY, note_c varchar(20), other varchar(20))",
    "INSERT INTO {tbl_items} VALUES (1, 'a', 'x'), (2, 'b', 'y')",
    "CREATE TABLE {people} (id int PRIMARY KEY, name varchar(30), password varchar(30))",
    "INSERT INTO {people} VALUES (1, 'Ann', 'secret'), (2, 'Ben', 'secret')",
    "CREATE TABLE {narrow} (id int PRIMARY KEY, a varchar(10), b varchar(10), c varchar(10))",
    "INSERT INTO {narrow} VALUES (1, 'a', 'b', 'c')",
    "CREATE TABLE {sales} (id int PRIMARY KEY, first varchar(20), last varchar(20), total decimal(8,2), born date)",
    "INSERT INTO {sales} VALUES (1, 'Ann', 'Lee', 99.99, '1999-12-31'), (2, NULL, 'Ray', 100, NULL)",
    "CREATE TABLE {retyped} (id int PRIMARY KEY, digits varchar(10), amount decimal(8,2), at MOMENT)",
    "INSERT INTO {retyped} VALUES (1, '12', 12.50, '2024-02-29 23:59:59'), (2, NULL, 7, '2024-03-01 00:00:00')",
    "CREATE TABLE {secrets} (email varchar(40) PRIMARY KEY, passport varchar(20), phone varchar(20))",
    "INSERT INTO {secrets} VALUES ('a@b.c', 'C6BGJ566669K', '+49-30-12'), ('d@e.f', NULL, '7')",
    "CREATE TABLE {history} (id int PRIMARY KEY, v varchar(20))",
    "INSERT INTO {history} VALUES (1, 'old'), (2, 'stays')",
    "CREATE TABLE {order_lines} (id int PRIMARY KEY, code varchar(10) NOT NULL, line int NOT NULL, v int)",
    "INSERT INTO {order_lines} VALUES (1, 'A', 1, 10), (2, 'A', 2, 20), (3, 'B', 1, 30)",
    "CREATE TABLE {filtered} (id int PRIMARY KEY, total decimal(8,2), state varchar(10))",
    "INSERT INTO {filtered} VALUES (1, 9.99, 'open'), (2, 10, 'open'), (3, 20, 'open'), (4, 15, 'shut'), (5, NULL, 'open')",
    "CREATE TABLE {kept} (id int PRIMARY KEY, v varchar(10))",
    "INSERT INTO {kept} VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    "CREATE TABLE {ranged} (id int PRIMARY KEY, n int)",
    "INSERT INTO {ranged} VALUES (1, 5), (2, 10), (3, 19), (4, 20), (5, NULL)",
    "CREATE TABLE {drawn} (id int PRIMARY KEY, n int, x varchar(10), d date)",
    "CREATE TABLE {notes} (id int PRIMARY KEY, body LOB)",
    "INSERT INTO {notes} VALUES (1, repeat('x', 3000)), (2, 'short')",
  };

  private static final String[] CHANGES = {
    "UPDATE {tbl_items} SET note_c = 'aa' WHERE or_id = 1",
    "INSERT INTO {tbl_items} VALUES (3, 'c', NULL)",
    "DELETE FROM {tbl_items} WHERE or_id = 2",
    "UPDATE {people} SET name = 'Anna', password = 'other' WHERE id = 1",
    "INSERT INTO {people} VALUES (3, 'Cid', 'secret')",
    "UPDATE {narrow} SET a = 'A', b = 'B' WHERE id = 1",
    "INSERT INTO {narrow} VALUES (2, 'aa', 'bb', 'cc')",
    "UPDATE {sales} SET total = 100.01, first = 'Anna' WHERE id = 1",
    "INSERT INTO {sales} VALUES (3, 'Cid', 'Sun', 1, '2000-02-29')",
    "UPDATE {retyped} SET digits = '-7', amount = 1.25 WHERE id = 2",
    "INSERT INTO {retyped} VALUES (3, '99', 0.5, '2024-12-24 18:00:00')",
    "UPDATE {secrets} SET passport = 'X12' WHERE email = 'd@e.f'",
    "INSERT INTO {secrets} VALUES ('g@h.i', '1', '0123')",
    "DELETE FROM {secrets} WHERE email = 'a@b.c'",
    "UPDATE {history} SET v = 'new' WHERE id = 1",
    "INSERT INTO {history} VALUES (3, 'born')",
    "UPDATE {order_lines} SET v = 11 WHERE id = 1",
    "UPDATE {order_lines} SET line = 7 WHERE id = 2",
    "DELETE FROM {order_lines} WHERE id = 3",
    "UPDATE {filtered} SET total = 15 WHERE id = 1",
    "UPDATE {filtered} SET total = 99 WHERE id = 2",
    "UPDATE {filtered} SET state = 'shut' WHERE id = 3",
    "UPDATE {filtered} SET state = 'open' WHERE id = 4",
    "INSERT INTO {filtered} VALUES (6, 20, 'open'), (7, 20.01, 'open')",
    "DELETE FROM {filtered} WHERE id = 5",
    "UPDATE {kept} SET v = 'aa' WHERE id = 1",
    "DELETE FROM {kept} WHERE id = 2",
    "UPDATE {ranged} SET n = NULL WHERE id = 1",
    "UPDATE {ranged} SET n = 1 WHERE id = 5",
    "INSERT INTO {ranged} VALUES (6, NULL)",
    "INSERT INTO {parted} VALUES (41), (42)",
    "DELETE FROM {parted} WHERE id = 1",
    "UPDATE {notes} SET body = repeat('y', 2000) WHERE id = 2",
  };

  private static final String RULES =
      """
      {"rules":[
      {"rule-type":"selection","rule-id":1,"rule-action":"include","object-locator":{"schema-name":"S","table-name":"%"}},
      {"rule-type":"selection","rule-id":2,"rule-action":"include","object-locator":{"schema-name":"S","table-name":"filtered"},
       "filters":[{"filter-type":"source","column-name":"total","filter-conditions":[
         {"filter-operator":"between","start-value":"10","end-value":"20"}]},
        {"filter-type":"source","column-name":"state","filter-conditions":[{"filter-operator":"eq","value":"open"}]}]},
      {"rule-type":"selection","rule-id":26,"rule-action":"include","object-locator":{"schema-name":"S","table-name":"drawn"},
       "filters":DRAWN},
      {"rule-type":"transformation","rule-id":3,"rule-target":"schema","rule-action":"rename","value":"T","object-locator":{"schema-name":"S"}},
      {"rule-type":"transformation","rule-id":4,"rule-target":"table","rule-action":"remove-prefix","value":"tbl_","object-locator":{"schema-name":"S","table-name":"tbl[_]%"}},
      {"rule-type":"transformation","rule-id":5,"rule-target":"column","rule-action":"replace-prefix","old-value":"or_","value":"order_","object-locator":{"schema-name":"S","table-name":"tbl_items","column-name":"or%"}},
      {"rule-type":"transformation","rule-id":6,"rule-target":"column","rule-action":"remove-suffix","value":"_c","object-locator":{"schema-name":"S","table-name":"tbl_items","column-name":"note_c"}},
      {"rule-type":"transformation","rule-id":7,"rule-target":"column","rule-action":"convert-uppercase","object-locator":{"schema-name":"S","table-name":"tbl_items","column-name":"other"}},
      {"rule-type":"transformation","rule-id":8,"rule-target":"column","rule-action":"remove-column","object-locator":{"schema-name":"S","table-name":"people","column-name":"pass%"}},
      {"rule-type":"transformation","rule-id":9,"rule-target":"column","rule-action":"include-column","object-locator":{"schema-name":"S","table-name":"narrow","column-name":"id"}},
      {"rule-type":"transformation","rule-id":10,"rule-target":"column","rule-action":"include-column","object-locator":{"schema-name":"S","table-name":"narrow","column-name":"b"}},
      {"rule-type":"transformation","rule-id":11,"rule-target":"column","rule-action":"add-column","value":"full_name","expression":"$first || ' ' || $last","data-type":{"type":"string","length":41},"object-locator":{"schema-name":"S","table-name":"sales"}},
      {"rule-type":"transformation","rule-id":12,"rule-target":"column","rule-action":"add-column","value":"tier","expression":"CASE WHEN $total >= 100 THEN 'big' ELSE 'small' END","data-type":{"type":"string","length":5},"object-locator":{"schema-name":"S","table-name":"sales"}},
      {"rule-type":"transformation","rule-id":13,"rule-target":"column","rule-action":"add-column","value":"month","expression":"strftime('%Y-%m', $born)","data-type":{"type":"string","length":7},"object-locator":{"schema-name":"S","table-name":"sales"}},
      {"rule-type":"transformation","rule-id":14,"rule-target":"column","rule-action":"change-data-type","data-type":{"type":"int8"},"object-locator":{"schema-name":"S","table-name":"retyped","column-name":"digits"}},
      {"rule-type":"transformation","rule-id":15,"rule-target":"column","rule-action":"change-data-type","data-type":{"type":"string","length":20},"object-locator":{"schema-name":"S","table-name":"retyped","column-name":"amount"}},
      {"rule-type":"transformation","rule-id":16,"rule-target":"column","rule-action":"change-data-type","data-type":{"type":"date"},"object-locator":{"schema-name":"S","table-name":"retyped","column-name":"at"}},
      {"rule-type":"transformation","rule-id":17,"rule-target":"column","rule-action":"data-masking-hash-mask","object-locator":{"schema-name":"S","table-name":"secrets","column-name":"email"}},
      {"rule-type":"transformation","rule-id":18,"rule-target":"column","rule-action":"data-masking-digits-mask","value":"#","object-locator":{"schema-name":"S","table-name":"secrets","column-name":"passport"}},
      {"rule-type":"transformation","rule-id":19,"rule-target":"column","rule-action":"data-masking-digits-randomize","object-locator":{"schema-name":"S","table-name":"secrets","column-name":"phone"}},
      {"rule-type":"transformation","rule-id":20,"rule-target":"column","rule-action":"add-before-image-columns","before-image-def":{"column-filter":"all"},"object-locator":{"schema-name":"S","table-name":"history"}},
      {"rule-type":"transformation","rule-id":21,"rule-target":"table","rule-action":"define-primary-key","primary-key-def":{"name":"by-code","columns":["code","line"]},"object-locator":{"schema-name":"S","table-name":"order_lines"}},
      {"rule-type":"transformation","rule-id":22,"rule-target":"column","rule-action":"add-column","value":"op","expression":"operation_indicator('D', 'U', 'I')","data-type":{"type":"string","length":1},"object-locator":{"schema-name":"S","table-name":"kept"}},
      {"rule-type":"table-settings","rule-id":23,"object-locator":{"schema-name":"S","table-name":"ranged"},"parallel-load":{"type":"ranges","columns":["n"],"boundaries":[["10"],["20"]]}},
      {"rule-type":"table-settings","rule-id":24,"object-locator":{"schema-name":"S","table-name":"parted"},"parallel-load":{"type":"partitions-auto"}},
      {"rule-type":"table-settings","rule-id":25,"object-locator":{"schema-name":"S","table-name":"notes"},"lob-settings":{"mode":"limited","bulk-max-size":"1"}}
      ]}
      """;

  @BeforeAll
  static void load_and_change_in_both_directions() {
    service = ServiceProcess.startTemporary("--compat-dwell", "0s");
    client = service.client();
    Migration migration = new Migration(client);
    RUNS.put(
        Direction.POSTGRES_TO_MARIADB,
        started(migration, Side.newPostgres("shop"), Side.newMariaDb("copied")));
    RUNS.put(
        Direction.MARIADB_TO_POSTGRES,
        started(migration, Side.newMariaDb("shop"), Side.newPostgres("copied")));
    if (MySqlServer.available().usable()) {
      RUNS.put(
          Direction.MYSQL_TO_POSTGRES,
          started(migration, Side.newMySql("shop"), Side.newPostgres("copied")));
    }
    for (Run run : RUNS.values()) {
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(migration.tables(run.task()))
                  .as(migration.describe(run.task()).lastFailureMessage())
                  .hasSize(14)
                  .extracting(TableStatistics::tableState)
                  .containsOnly("Table completed"));
      run.source().execute(CHANGES);
      run.source().execute(DrawnFilter.changes(80, 2_000, RANDOM));
      run.source().execute("INSERT INTO {people} VALUES (99, 'last', 'secret')");
    }
  }

  private static Run run(Direction direction) {
    Assumptions.assumeTrue(
        RUNS.containsKey(direction),
        () -> "MySQL cannot run here: " + MySqlServer.available().reason());
    return RUNS.get(direction);
  }

  private static Run started(Migration migration, Side source, Side target) {
    if (source.postgres()) {
      source.server().executeIn(source.database(), "CREATE SCHEMA " + source.schema());
    } else {
      source.server().createDatabase(source.database());
    }
    source.execute(TABLES);
    source.execute(DrawnFilter.rows(RANDOM));
    DrawnFilter drawn = DrawnFilter.of(RANDOM);
    if (source.postgres()) {
      source.execute(
          "CREATE TABLE {parted} (id int PRIMARY KEY) PARTITION BY HASH (id)",
          "CREATE TABLE {parted_0} PARTITION OF {parted} FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
          "CREATE TABLE {parted_1} PARTITION OF {parted} FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
          "ALTER TABLE {history} REPLICA IDENTITY FULL",
          "ALTER TABLE {order_lines} REPLICA IDENTITY FULL",
          "ALTER TABLE {filtered} REPLICA IDENTITY FULL",
          "ALTER TABLE {drawn} REPLICA IDENTITY FULL");
    } else {
      source.execute(
          "CREATE TABLE {parted} (id int PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3");
    }
    source.execute("INSERT INTO {parted} VALUES (1), (2), (3), (4), (5)");
    String task =
        migration.task(
            MigrationTypeValue.FULL_LOAD_AND_CDC,
            source.endpoint(migration, ReplicationEndpointTypeValue.SOURCE),
            target.endpoint(migration, ReplicationEndpointTypeValue.TARGET),
            RULES
                .replace("DRAWN", drawn.json())
                .replace("\"S\"", "\"" + source.schema() + "\"")
                .replace("\"value\":\"T\"", "\"value\":\"" + target.schema() + "\""),
            "{}",
            r -> {});
    migration.start(task, StartReplicationTaskTypeValue.START_REPLICATION);
    source.execute(DrawnFilter.changes(80, 1_000, RANDOM));
    return new Run(source, target, migration, task, drawn);
  }

  @AfterAll
  static void end_the_service() {
    client.close();
    service.close();
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void schema_tables_and_columns_have_their_new_names(Direction direction) {
    run(direction)
        .await(
            "SELECT order_id, note, [OTHER] FROM {items} ORDER BY order_id",
            "SELECT or_id, note_c, other FROM {tbl_items} ORDER BY or_id");
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void removed_columns_never_arrive(Direction direction) {
    run(direction)
        .await("SELECT * FROM {people} ORDER BY id", "SELECT id, name FROM {people} ORDER BY id");
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void only_included_columns_arrive(Direction direction) {
    run(direction)
        .await("SELECT * FROM {narrow} ORDER BY id", "SELECT id, b FROM {narrow} ORDER BY id");
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void added_columns_hold_what_their_expressions_say(Direction direction) {
    Run run = run(direction);
    run.await(
        "SELECT * FROM {sales} ORDER BY id",
        "SELECT id, first, last, total, born, "
            + run.either("first || ' ' || last", "concat(first, ' ', last)")
            + ", CASE WHEN total >= 100 THEN 'big' ELSE 'small' END, "
            + run.either("to_char(born, 'YYYY-MM')", "date_format(born, '%Y-%m')")
            + " FROM {sales} ORDER BY id");
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void columns_have_their_new_types(Direction direction) {
    Run run = run(direction);
    run.await(
        "SELECT id, digits + 1, amount, at FROM {retyped} ORDER BY id",
        "SELECT id, "
            + run.either("digits::int", "cast(digits AS signed)")
            + " + 1, amount, cast(at AS date) FROM {retyped} ORDER BY id");
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void masked_columns_show_nothing_and_masked_keys_still_find_their_rows(Direction direction) {
    Run run = run(direction);
    String digits = "regexp_replace(%s, '[0-9]', '#'%s)";
    run.await(
        "SELECT email, passport, "
            + digits.formatted("phone", run.either("", ", 'g'"))
            + " FROM {secrets} ORDER BY email",
        "SELECT "
            + run.either(
                "upper(encode(sha256(convert_to(email, 'UTF8')), 'hex'))",
                "upper(sha2(email, 256))")
            + ", "
            + digits.formatted("passport", run.either(", 'g'", ""))
            + ", "
            + digits.formatted("phone", run.either(", 'g'", ""))
            + " FROM {secrets} ORDER BY 1");
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void before_images_stand_beside_the_values(Direction direction) {
    run(direction)
        .awaitRows(
            "SELECT id, v, [BI_id], [BI_v] FROM {history} ORDER BY id",
            List.of("1|new|1|old", "2|stays|null|null", "3|born|null|null"));
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void a_defined_key_is_the_targets_key_and_changes_follow_it(Direction direction) {
    Run run = run(direction);
    run.await("SELECT * FROM {order_lines} ORDER BY id", "SELECT * FROM {order_lines} ORDER BY id");
    assertThat(
            run.target()
                .rows(
                    "SELECT column_name FROM information_schema.key_column_usage WHERE table_schema = '"
                        + run.target().schema()
                        + "' AND table_name = 'order_lines' ORDER BY ordinal_position"))
        .containsExactly("code", "line");
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void rows_move_into_the_filter_and_out_of_it(Direction direction) {
    run(direction)
        .await(
            "SELECT * FROM {filtered} ORDER BY id",
            "SELECT * FROM {filtered} WHERE total BETWEEN 10 AND 20 AND state = 'open' ORDER BY id");
  }

  /** Whatever the filter and the changes, some of which were made during the load. */
  @ParameterizedTest
  @EnumSource(Direction.class)
  void the_target_has_what_the_filter_selects_from_the_source(Direction direction) {
    Run run = run(direction);
    run.awaitRows("SELECT name FROM {people} WHERE id = 99", List.of("last"));
    String all = "SELECT id, n, x, d FROM {drawn}%s ORDER BY id";
    assertThat(run.target().rows(all.formatted("")))
        .as(run.drawn().json())
        .isEqualTo(run.source().rows(all.formatted(" WHERE " + run.drawn().where())));
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void deleted_rows_are_kept_where_a_column_says_so(Direction direction) {
    run(direction)
        .awaitRows("SELECT * FROM {kept} ORDER BY id", List.of("1|aa|U", "2|b|D", "3|c|I"));
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void ranges_and_partitions_hold_each_row_once_those_with_null_too(Direction direction) {
    Run run = run(direction);
    run.await("SELECT * FROM {ranged} ORDER BY id", "SELECT * FROM {ranged} ORDER BY id");
    run.await("SELECT * FROM {parted} ORDER BY id", "SELECT * FROM {parted} ORDER BY id");
    assertThat(run.migration().table(run.task(), "ranged").fullLoadRows()).isEqualTo(5);
    assertThat(run.migration().table(run.task(), "parted").fullLoadRows()).isEqualTo(5);
    String segments = "SELECT count(*) FROM %s WHERE %s = '%s' AND %s = '%s'";
    String ledger =
        run.target().postgres()
            ? segments.formatted(
                "awsdms_load_ledger", "\"TABLE_NAME\"", "%s", "\"TABLE_OWNER\"", "%s")
            : segments.formatted(
                "awsdms_control.awsdms_load_ledger", "TABLE_NAME", "%s", "TABLE_OWNER", "%s");
    assertThat(run.target().rows(ledger.formatted("ranged", run.source().schema())))
        .containsExactly("3");
    assertThat(run.target().rows(ledger.formatted("parted", run.source().schema())))
        .containsExactly(run.either("2", "3"));
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void lobs_of_one_table_are_cut_in_the_load_and_in_changes(Direction direction) {
    run(direction)
        .await(
            "SELECT id, length(body), md5(body) FROM {notes} ORDER BY id",
            "SELECT id, least(length(body), 1024), md5(substr(body, 1, 1024)) FROM {notes} ORDER BY id");
  }
}
