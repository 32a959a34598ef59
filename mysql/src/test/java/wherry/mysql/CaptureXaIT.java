package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.Position;
import wherry.connector.Source;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/** What an XA transaction does counts from its commit on, wherever and however it was prepared. */
class CaptureXaIT {
  private static Position begun(Engine engine) {
    engine.fresh("shop");
    engine.execute("shop", "CREATE TABLE t (id int PRIMARY KEY, v varchar(100))");
    return engine.source().changeLog("task").now();
  }

  private static Capture from(Engine engine, Position from) {
    Source source = engine.source();
    return new Capture(
        source.changeLog("task"),
        source.tables((id, kind) -> id.schema().equals("shop")),
        from,
        "",
        id -> id.schema().equals("shop"));
  }

  private static List<String> since(Engine engine, Position from) throws InterruptedException {
    try (Capture capture = from(engine, from)) {
      return capture.toTheEnd().told();
    }
  }

  /** Statements of one session, which ends behind them. */
  private static String[] prepared(String name, String change) {
    return new String[] {
      "XA START '" + name + "','b',7",
      change,
      "XA END '" + name + "','b',7",
      "XA PREPARE '" + name + "','b',7"
    };
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void rows_come_at_the_commit_and_a_rollback_leaves_no_trace(Engine engine) throws Exception {
    Position from = begun(engine);
    engine.execute("shop", prepared("one", "INSERT INTO t VALUES (1, 'xa')"));
    engine.execute("shop", prepared("two", "INSERT INTO t VALUES (2, 'never')"));
    engine.execute("shop", "INSERT INTO t VALUES (3, 'between')");
    Position between = engine.source().changeLog("task").now();
    assertThat(since(engine, from)).containsExactly("INSERT t (3|between)");

    engine.execute("shop", "XA ROLLBACK 'two','b',7", "XA COMMIT 'one','b',7");
    engine.execute(
        "shop",
        "XA START 'three'",
        "UPDATE t SET v = 'one phase' WHERE id = 1",
        "XA END 'three'",
        "XA COMMIT 'three' ONE PHASE");

    String[] after = {"INSERT t (1|xa)", "UPDATE t (1|xa) -> (1|one phase)"};
    assertThat(since(engine, from)).startsWith("INSERT t (3|between)").endsWith(after).hasSize(3);
    assertThat(since(engine, between))
        .as("of a transaction that was prepared before reading began")
        .containsExactly(after);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_prepared_transaction_of_another_file_and_of_any_size_is_found_again(Engine engine)
      throws Exception {
    Position from = begun(engine);
    String rows =
        "INSERT INTO t SELECT seq, repeat('x', 100) FROM ("
            + "SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n AS seq FROM "
            + digits("a")
            + ", "
            + digits("b")
            + ", "
            + digits("c")
            + ", "
            + digits("d")
            + ", "
            + "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2) AS e"
            + ") AS numbers";
    engine.execute("shop", prepared("large", rows));
    engine.execute("shop", "FLUSH BINARY LOGS", "INSERT INTO t VALUES (-1, 'between')");
    Position between = engine.source().changeLog("task").now();
    engine.execute("shop", "XA COMMIT 'large','b',7", "INSERT INTO t VALUES (-2, 'after')");
    for (Position start : List.of(from, between)) {
      List<String> told = since(engine, start);
      int before = start == from ? 1 : 0;
      assertThat(told).hasSize(30_000 + before + 1).endsWith("INSERT t (-2|after)");
      assertThat(told.subList(before, told.size() - 1)).doesNotHaveDuplicates();
    }
  }

  private static String digits(String name) {
    return "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL"
        + " SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8"
        + " UNION ALL SELECT 9) AS "
        + name;
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_prepared_transaction_that_is_purged_is_an_error_and_not_a_gap(Engine engine) {
    begun(engine);
    engine.execute("shop", prepared("lost", "INSERT INTO t VALUES (1, 'xa')"));
    engine.execute("shop", "FLUSH BINARY LOGS", "FLUSH BINARY LOGS");
    Position from = engine.source().changeLog("task").now();
    CaptureFaultsIT.awaitPurge(engine, ((BinlogPosition) from).file());
    engine.execute("shop", "XA COMMIT 'lost','b',7");
    assertThatThrownBy(() -> since(engine, from))
        .isInstanceOfSatisfying(
            DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOG_LOST))
        .hasMessageContainingAll("XA transaction", "purged", "reload-target");
  }

  @Test
  void a_piece_of_a_document_loses_its_table_and_whole_ones_are_read() throws Exception {
    Engine engine = Engine.MYSQL;
    engine.fresh("shop");
    engine.execute(
        "shop",
        "CREATE TABLE t (id int PRIMARY KEY, j json, n int, k json)",
        "INSERT INTO t VALUES (1, '{\"a\": \"" + "long ".repeat(50) + "\"}', 1, '[1]')");
    Position from = engine.source().changeLog("task").now();
    engine.execute(
        "shop",
        "SET SESSION binlog_row_value_options = 'PARTIAL_JSON'",
        "UPDATE t SET n = 2, k = '[2]'",
        "UPDATE t SET j = json_set(j, '$.a', 'short')",
        "INSERT INTO t VALUES (2, NULL, NULL, NULL)");
    List<String> told = since(engine, from);
    assertThat(told).hasSize(2);
    assertThat(told.get(0)).startsWith("UPDATE t (1|").endsWith(" -> (1|~|2|[2])");
    assertThat(told.get(1)).contains("TableLost", "PARTIAL_JSON", "SET GLOBAL", "reload the table");
  }
}
