package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.ChangeBatch;
import wherry.change.ChangeEvent;
import wherry.change.RowChange;
import wherry.change.TransactionPart;

/** The log in the forms that servers can be told to give it. */
class CaptureFormatsIT {
  private static Capture shop(Engine engine, String... before) {
    engine.fresh("shop");
    engine.execute("shop", before);
    return Capture.of(engine.source(), id -> id.schema().equals("shop"));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_compressed_log_tells_the_same(Engine engine) throws Exception {
    boolean mariaDb = engine == Engine.MARIADB;
    if (mariaDb) {
      engine.server().execute("SET GLOBAL log_bin_compress=1, log_bin_compress_min_len=10");
    }
    try (Capture capture = shop(engine, "CREATE TABLE t (id int PRIMARY KEY, v text)")) {
      engine.execute(
          "shop",
          mariaDb ? "DO 0" : "SET SESSION binlog_transaction_compression=ON",
          "START TRANSACTION",
          "INSERT INTO t VALUES (1, repeat('x', 300)), (2, repeat('y', 300))",
          "UPDATE t SET v = repeat('z', 300)",
          "COMMIT",
          "ALTER TABLE t ADD COLUMN w int COMMENT '" + "c".repeat(300) + "'",
          "DELETE FROM t WHERE id = 1",
          "INSERT INTO t VALUES (3, 'small', 3)");
      List<String> told = capture.toTheEnd().told();
      String x = "x".repeat(300);
      String y = "y".repeat(300);
      String z = "z".repeat(300);
      assertThat(told).hasSize(7);
      assertThat(told.subList(0, 4))
          .containsExactly(
              "INSERT t (1|" + x + ")",
              "INSERT t (2|" + y + ")",
              "UPDATE t (1|" + x + ") -> (1|" + z + ")",
              "UPDATE t (2|" + y + ") -> (2|" + z + ")");
      assertThat(told.subList(5, 7))
          .containsExactly("DELETE t (1|" + z + "|null)", "INSERT t (3|small|3)");
      assertThat(capture.parts.stream().map(part -> part.transaction()).distinct()).hasSize(4);
    } finally {
      if (mariaDb) {
        engine.server().execute("SET GLOBAL log_bin_compress=0");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void what_a_smaller_row_image_leaves_out_is_absent_and_not_null(Engine engine) throws Exception {
    try (Capture capture =
        shop(engine, "CREATE TABLE t (id int PRIMARY KEY, a int, b text, c int)")) {
      engine.execute(
          "shop",
          "SET SESSION binlog_row_image='MINIMAL'",
          "INSERT INTO t (id, b) VALUES (1, 'b')",
          "UPDATE t SET a = NULL, c = 5",
          "UPDATE t SET id = 2",
          "SET SESSION binlog_row_image='NOBLOB'",
          "UPDATE t SET a = 6",
          "UPDATE t SET b = 'c'",
          "SET SESSION binlog_row_image='MINIMAL'",
          "DELETE FROM t");
      assertThat(capture.toTheEnd().told())
          .containsExactly(
              "INSERT t (1|null|b|null)",
              "UPDATE t (1|~|~|~) -> (~|null|~|5)",
              "UPDATE t (1|~|~|~) -> (2|~|~|~)",
              "UPDATE t (2|null|~|5) -> (2|6|~|5)",
              "UPDATE t (2|6|~|5) -> (2|6|c|5)",
              "DELETE t (2|~|~|~)");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void an_inserted_row_that_lacks_a_default_loses_its_table_and_is_never_guessed(Engine engine)
      throws Exception {
    try (Capture capture =
        shop(
            engine,
            "CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 7)",
            "CREATE TABLE u (id int PRIMARY KEY, a int)")) {
      engine.execute(
          "shop",
          "SET SESSION binlog_row_image='MINIMAL'",
          "INSERT INTO t VALUES (1, 1)",
          "INSERT INTO t (id) VALUES (2)",
          "INSERT INTO t VALUES (3, 3)",
          "INSERT INTO u (id) VALUES (4)");
      List<String> told = capture.toTheEnd().told();
      assertThat(told).hasSize(3).startsWith("INSERT t (1|1)").endsWith("INSERT u (4|null)");
      assertThat(told.get(1)).contains("TableLost", "columns a", "binlog_row_image = 'FULL'");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void generated_and_invisible_columns_are_counted_and_metadata_may_be_minimal(Engine engine)
      throws Exception {
    String minimal = engine == Engine.MARIADB ? "NO_LOG" : "MINIMAL";
    engine.server().execute("SET GLOBAL binlog_row_metadata=" + minimal);
    try (Capture capture =
        shop(
            engine,
            "CREATE TABLE t (a int PRIMARY KEY, v int GENERATED ALWAYS AS (a + 1) VIRTUAL,"
                + " s int GENERATED ALWAYS AS (a + 2) STORED, i int DEFAULT 9 INVISIBLE, z int)",
            "CREATE INDEX f ON t (v)")) {
      engine.execute("shop", "INSERT INTO t (a, z) VALUES (1, 5)", "UPDATE t SET a = 2");
      assertThat(capture.toTheEnd().told())
          .containsExactly("INSERT t (1|2|3|9|5)", "UPDATE t (1|2|3|9|5) -> (2|3|4|9|5)");
    } finally {
      engine.server().execute("SET GLOBAL binlog_row_metadata=FULL");
    }
  }

  @Test
  void the_hidden_column_of_an_index_over_an_expression_is_not_in_the_log() throws Exception {
    try (Capture capture =
        shop(Engine.MYSQL, "CREATE TABLE t (a int PRIMARY KEY, b int, INDEX f ((a + b)))")) {
      Engine.MYSQL.execute("shop", "INSERT INTO t VALUES (1, 2)");
      assertThat(capture.toTheEnd().told()).containsExactly("INSERT t (1|2)");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void tables_without_key_and_without_transactions_are_captured(Engine engine) throws Exception {
    try (Capture capture =
        shop(
            engine,
            "CREATE TABLE m (a int, b text) ENGINE=MyISAM",
            "CREATE TABLE k (a int, b text)")) {
      engine.execute(
          "shop",
          "INSERT INTO m VALUES (1, 'x'), (1, 'x')",
          "INSERT INTO k VALUES (1, 'x'), (1, 'x')",
          "DELETE FROM k LIMIT 1",
          "UPDATE m SET a = 2 LIMIT 1");
      assertThat(capture.toTheEnd().told())
          .containsExactly(
              "INSERT m (1|x)",
              "INSERT m (1|x)",
              "INSERT k (1|x)",
              "INSERT k (1|x)",
              "DELETE k (1|x)",
              "UPDATE m (1|x) -> (2|x)");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_large_transaction_comes_in_parts_of_bounded_size(Engine engine) throws Exception {
    int rows = 1 << 16;
    try (Capture capture =
        shop(engine, "CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT, v varchar(300))")) {
      String[] doubling = new String[19];
      doubling[0] = "START TRANSACTION";
      doubling[1] = "INSERT INTO t (v) VALUES (repeat('x', 250))";
      for (int i = 2; i < 18; i++) {
        doubling[i] = "INSERT INTO t (v) SELECT v FROM t";
      }
      doubling[18] = "COMMIT";
      engine.execute("shop", doubling);
      Set<String> seen = new HashSet<>();
      int parts = 0;
      boolean ended = false;
      while (!ended) {
        ChangeBatch batch = capture.reader.next(Duration.ofMinutes(3));
        assertThat(batch.parts()).isNotEmpty();
        assertThat(batch.bytes()).isLessThan(3 << 20);
        for (TransactionPart part : batch.parts()) {
          parts++;
          ended = part.end().isPresent();
          for (ChangeEvent event : part.events()) {
            RowChange change = (RowChange) event;
            seen.add(String.valueOf(change.rows().text(change.after(), 0)));
          }
        }
      }
      assertThat(seen).hasSize(rows);
      assertThat(parts).isGreaterThan(10);
    }
  }
}
