package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.Position;
import wherry.connector.ChangeLog;
import wherry.connector.Source;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableSchema;

/** Reading begins at a place whose tables are not those of now. */
class CaptureResumeIT {
  private static List<String> since(Source source, Position from) throws InterruptedException {
    return since(source, source.tables((id, kind) -> id.schema().equals("shop")), from);
  }

  private static List<String> since(Source source, List<TableSchema> tables, Position from)
      throws InterruptedException {
    try (Capture capture =
        new Capture(source.changeLog("task"), tables, from, "", id -> id.schema().equals("shop"))) {
      return capture.toTheEnd().told().stream()
          .map(told ->
              told.replaceFirst(", after=.*", "").replaceFirst(", statement=.*reason=", " "))
          .toList();
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void rows_of_before_a_statement_have_the_columns_of_before_it(Engine engine) throws Exception {
    engine.fresh("shop");
    engine
        .server()
        .execute(
            "SET GLOBAL binlog_row_metadata=" + (engine == Engine.MARIADB ? "NO_LOG" : "MINIMAL"));
    try {
      engine.execute(
          "shop",
          "CREATE TABLE added (id int PRIMARY KEY, a int, b int)",
          "CREATE TABLE swapped (id int PRIMARY KEY, a int, b int)",
          "CREATE TABLE dropped (id int PRIMARY KEY, a int, b int)");
      Source source = engine.source();
      Position from = source.changeLog("task").now();
      engine.execute(
          "shop",
          "INSERT INTO added VALUES (1, 10, 20)",
          "INSERT INTO swapped VALUES (1, 10, 20)",
          "INSERT INTO dropped VALUES (1, 10, 20)",
          "ALTER TABLE added ADD c int FIRST, RENAME COLUMN a TO d",
          "ALTER TABLE swapped MODIFY a int AFTER b",
          "ALTER TABLE dropped DROP a, ADD c int AFTER id",
          "INSERT INTO added VALUES (30, 2, 10, 20)");
      List<String> told = since(source, from);
      assertThat(told).hasSize(5);
      assertThat(told.subList(0, 2))
          .allMatch(line -> line.contains("TableLost") && line.contains("Reload the table"))
          .anyMatch(line -> line.contains("shop.swapped"))
          .anyMatch(line -> line.contains("shop.dropped"));
      assertThat(told.subList(2, 5))
          .containsExactly(
              "INSERT added (1|10|20)",
              "ColumnsChanged[table=shop.added",
              "INSERT added (30|2|10|20)");
    } finally {
      engine.server().execute("SET GLOBAL binlog_row_metadata=FULL");
    }
  }

  /** So begins a task that has not followed the new columns yet, be they visible or not. */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_table_begun_without_its_newest_columns_gets_them_where_the_log_adds_them(Engine engine)
      throws Exception {
    boolean mariaDb = engine == Engine.MARIADB;
    String document = "{\"a\": %d, \"b\": \"" + "long".repeat(50) + "\"}";
    engine.fresh("shop");
    engine.execute(
        "shop",
        "CREATE TABLE t (id int PRIMARY KEY, a int, i int DEFAULT 9 INVISIBLE)",
        "CREATE TABLE u (id int PRIMARY KEY, d json)");
    Source source = engine.source();
    List<TableSchema> narrow = source.tables((id, kind) -> id.schema().equals("shop"));
    Position from = source.changeLog("task").now();
    engine.execute(
        "shop",
        mariaDb ? "DO 1" : "SET SESSION binlog_row_value_options = 'PARTIAL_JSON'",
        "INSERT INTO t (id, a) VALUES (1, 10)",
        "INSERT INTO u VALUES (1, '" + document.formatted(1) + "')",
        "ALTER TABLE t ADD b int DEFAULT 5 AFTER id, ADD j int DEFAULT 6 INVISIBLE",
        "ALTER TABLE u ADD e json",
        "INSERT INTO t (id, a, b) VALUES (2, 20, 30)",
        "UPDATE u SET d = JSON_SET(d, '$.a', 2), e = '[]'",
        "UPDATE u SET d = '{}', e = JSON_ARRAY_APPEND(e, '$', 1)");
    List<TableSchema> wide = source.tables((id, kind) -> id.schema().equals("shop"));
    for (List<TableSchema> tables : List.of(narrow, wide)) {
      List<String> told = since(source, tables, from);
      assertThat(told.subList(0, 5))
          .containsExactly(
              "INSERT t (1|10|9)",
              "INSERT u (1|" + document.formatted(1) + ")",
              "ColumnsChanged[table=shop.t",
              "ColumnsChanged[table=shop.u",
              "INSERT t (2|30|20|9|6)");
      if (mariaDb) {
        assertThat(told.subList(5, told.size()))
            .containsExactly(
                "UPDATE u (1|%s|null) -> (1|%s|[])"
                    .formatted(document.formatted(1), document.formatted(2)),
                "UPDATE u (1|%s|[]) -> (1|{}|[1])".formatted(document.formatted(2)));
      } else {
        assertThat(told).hasSize(6);
        assertThat(told.getLast()).contains("TableLost", "shop.u", "PARTIAL_JSON");
      }
    }
  }

  /** What a reader that begins at a table's first row tells of what is done to it. */
  private static List<String> toldOfATable(Engine engine, String... statements)
      throws InterruptedException {
    engine.fresh("shop");
    engine.execute("shop", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    Source source = engine.source();
    Position from = source.changeLog("task").now();
    engine.execute("shop", statements);
    return since(source, from).stream().map(line -> line.replaceFirst("\\[.*", "")).toList();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_table_that_was_dropped_and_made_again_is_told_as_another(Engine engine) throws Exception {
    assertThat(
            toldOfATable(
                engine,
                "INSERT INTO t VALUES (2)",
                "DROP TABLE t",
                "CREATE TABLE t (id int PRIMARY KEY)",
                "INSERT INTO t VALUES (3)"))
        .containsExactly("TableDropped", "TableCreated", "INSERT t (3)");
  }

  @ParameterizedTest
  @EnumSource(value = Engine.class, names = "MARIADB")
  void a_table_that_was_replaced_is_told_as_another(Engine engine) throws Exception {
    assertThat(
            toldOfATable(
                engine,
                "INSERT INTO t VALUES (2)",
                "CREATE OR REPLACE TABLE t (id int PRIMARY KEY, a int)",
                "INSERT INTO t VALUES (3, 4)"))
        .containsExactly("TableDropped", "TableCreated", "INSERT t (3|4)");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_table_that_was_moved_away_and_made_again_is_told_as_another(Engine engine)
      throws Exception {
    assertThat(
            toldOfATable(
                engine,
                "CREATE DATABASE IF NOT EXISTS attic",
                "DROP TABLE IF EXISTS attic.t",
                "INSERT INTO t VALUES (2)",
                "RENAME TABLES t TO attic.t",
                "CREATE TABLE t (id int PRIMARY KEY)",
                "INSERT INTO t VALUES (3)"))
        .containsExactly("TableRenamed", "TableCreated", "INSERT t (3)");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_time_leads_to_the_first_transaction_committed_then(Engine engine) throws Exception {
    engine.fresh("shop");
    engine.execute("shop", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    Source source = engine.source();
    ChangeLog log = source.changeLog("task");
    awaitNextSecond();
    engine.execute("shop", "FLUSH BINARY LOGS", "INSERT INTO t VALUES (2)");
    awaitNextSecond();
    Instant time = Instant.now();
    engine.execute("shop", "INSERT INTO t VALUES (3)", "FLUSH BINARY LOGS");
    engine.execute("shop", "INSERT INTO t VALUES (4)");
    assertThat(since(source, log.at(Instant.ofEpochSecond(time.getEpochSecond()))))
        .containsExactly("INSERT t (3)", "INSERT t (4)");
    Position before = log.now();
    assertThat(log.at(time.plusSeconds(100))).isBetween(before, log.now());
    String newest = ((BinlogPosition) log.now()).file();
    CaptureFaultsIT.awaitPurge(engine, newest);
    assertThatThrownBy(() -> log.at(time.minusSeconds(1000)))
        .isInstanceOfSatisfying(
            DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOG_LOST))
        .hasMessageContaining("what was before is purged");
  }

  /** MariaDB's log counts time in seconds. */
  private static void awaitNextSecond() {
    long now = Instant.now().getEpochSecond();
    Awaitility.await().until(() -> Instant.now().getEpochSecond() > now + 1);
  }
}
