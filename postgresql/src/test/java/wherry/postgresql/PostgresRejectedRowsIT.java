package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.connector.LoadLedger;
import wherry.connector.PrepareMode;
import wherry.connector.RejectedRow;
import wherry.connector.RejectionPolicy.Decision;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatchBuilder;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** Rows that the target cannot hold are left out, each kept with its key, column and reason. */
class PostgresRejectedRowsIT {
  private static final Databases databases = new Databases();

  @AfterEach
  void clear() {
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  @Test
  void rows_that_the_server_refuses_are_isolated_from_a_batch_and_the_books_balance() {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, v int)",
        "INSERT INTO t SELECT i, i FROM generate_series(1, 5000) i");
    databases.inTarget(
        "CREATE TABLE t (id int PRIMARY KEY, v int CONSTRAINT no_7 CHECK (v <> 7))",
        "INSERT INTO t VALUES (42, 0), (4999, 0)");

    assertThatThrownBy(() -> databases.load("t", PrepareMode.DO_NOTHING, false))
        .isInstanceOfSatisfying(
            DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ROWS_REFUSED));
    assertThat(databases.targetRows("SELECT count(*) FROM t")).containsExactly("2");

    LoadLedger.Done done = databases.load("t", PrepareMode.DO_NOTHING, true);

    assertThat(done.read()).isEqualTo(5000);
    assertThat(done.rejected()).isEqualTo(3);
    assertThat(done.loaded()).isEqualTo(4997);
    assertThat(databases.rejected)
        .extracting(RejectedRow::key)
        .containsExactly("id=7", "id=42", "id=4999");
    assertThat(databases.rejected.getFirst().reason()).contains("no_7").contains("23514");
    assertThat(databases.rejected.get(1).reason()).contains("duplicate key").contains("23505");
    assertThat(databases.targetRows("SELECT count(*), sum(id) FROM t"))
        .containsExactly("4999|" + (5000 * 5001 / 2 - 7));
    assertThat(
            databases.targetRows(
                "SELECT \"TASK_NAME\", \"TABLE_NAME\", \"STATEMENT\" FROM"
                    + " awsdms_full_load_exceptions LIMIT 1"))
        .containsExactly("TASK|t|COPY \"public\".\"t\": {\"id\": \"7\", \"v\": \"7\"}");
  }

  @Test
  void rows_refused_anywhere_among_batches_that_go_together_are_found_whoever_refuses_them() {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, v int)",
        "INSERT INTO t SELECT i, CASE i % 30000 WHEN 29999 THEN 40000 ELSE 1 END FROM generate_series(1, 95000) i");
    databases.inTarget(
        "CREATE TABLE t (id int PRIMARY KEY, v smallint)",
        "INSERT INTO t VALUES (5, 0), (10001, 0), (10002, 0), (94999, 0)");

    LoadLedger.Done done = databases.load("t", PrepareMode.DO_NOTHING, true);

    assertThat(done.read()).isEqualTo(95_000);
    assertThat(done.loaded()).isEqualTo(94_993);
    assertThat(done.rejected()).isEqualTo(7);
    assertThat(databases.rejected)
        .extracting(RejectedRow::key)
        .containsExactlyInAnyOrder(
            "id=5", "id=10001", "id=10002", "id=29999", "id=59999", "id=89999", "id=94999");
    assertThat(databases.targetRows("SELECT count(*), sum(v) FROM t"))
        .containsExactly("94997|94993");
  }

  @Test
  void a_batch_of_nothing_but_duplicates_is_rejected_row_by_row() {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 300)");
    databases.inTarget(
        "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 300)");

    LoadLedger.Done done = databases.load("t", PrepareMode.DO_NOTHING, true);

    assertThat(done.loaded()).isZero();
    assertThat(done.rejected()).isEqualTo(300);
    assertThat(databases.targetRows("SELECT count(*) FROM awsdms_full_load_exceptions"))
        .containsExactly("300");
  }

  @Test
  void ignored_rejections_are_counted_and_not_kept() {
    databases.decision = Decision.IGNORE;
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 3)");
    databases.inTarget("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (2)");

    assertThat(databases.load("t", PrepareMode.DO_NOTHING, true).rejected()).isEqualTo(1);
    assertThat(databases.targetRows("SELECT count(*) FROM awsdms_full_load_exceptions"))
        .containsExactly("0");
  }

  @Test
  void a_value_is_never_cut_rounded_or_replaced() {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, short text, small bigint, exact numeric, day text, at"
            + " timestamp, bits varbit)",
        "INSERT INTO t VALUES (1, 'abcd', 1, 1.5, '2024-02-29', '2024-01-01 00:00:00.120', B'1')",
        "INSERT INTO t VALUES (2, 'abcde', 1, 1.5, '2024-02-29', NULL, NULL)",
        "INSERT INTO t VALUES (3, 'a', 40000, 1.5, '2024-02-29', NULL, NULL)",
        "INSERT INTO t VALUES (4, 'a', 1, 1.255, '2024-02-29', NULL, NULL)",
        "INSERT INTO t VALUES (5, 'a', 1, 1000, '2024-02-29', NULL, NULL)",
        "INSERT INTO t VALUES (6, 'a', 1, 1, '2023-02-29', NULL, NULL)",
        "INSERT INTO t VALUES (7, 'a', 1, 1, '0000-00-00', NULL, NULL)",
        "INSERT INTO t VALUES (8, 'a', 1, 1, '2024-02-00', NULL, NULL)",
        "INSERT INTO t VALUES (9, 'a', 1, 1, NULL, '2024-01-01 00:00:00.123456', NULL)",
        "INSERT INTO t VALUES (10, 'a', 1, 1, NULL, NULL, B'10')",
        "INSERT INTO t VALUES (11, 'abc ', 1, 12.500, NULL, NULL, NULL)",
        "INSERT INTO t VALUES (12, 'abcd ', 1, 1, NULL, NULL, NULL)",
        "INSERT INTO t VALUES (13, NULL, NULL, 'Infinity', NULL, NULL, NULL)");
    databases.inTarget(
        "CREATE TABLE t (bits bit(1), at timestamp(2), day date, exact numeric(4,2), small"
            + " smallint, short varchar(4), id int PRIMARY KEY)");

    LoadLedger.Done done = databases.load("t", PrepareMode.TRUNCATE_BEFORE_LOAD, false);

    assertThat(databases.targetRows("SELECT id FROM t ORDER BY id")).containsExactly("1", "11");
    assertThat(done.loaded() + done.rejected()).isEqualTo(done.read()).isEqualTo(13);
    assertThat(databases.rejected)
        .extracting(row -> row.key() + " " + row.column() + " " + row.kind())
        .containsExactly(
            "id=2 short TRUNCATION",
            "id=3 small DATA",
            "id=4 exact TRUNCATION",
            "id=5 exact DATA",
            "id=6 day DATA",
            "id=7 day DATA",
            "id=8 day DATA",
            "id=9 at TRUNCATION",
            "id=10 bits DATA",
            "id=12 short TRUNCATION",
            "id=13 exact DATA");
    assertThat(databases.rejected.get(5).reason()).contains("zero date").contains("text column");
  }

  @Test
  void a_row_that_misses_a_value_of_a_not_null_column_is_rejected() {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, NULL), (2, 2)");
    databases.inTarget("CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL)");
    databases.load("t", PrepareMode.DO_NOTHING, true);
    assertThat(databases.rejected).extracting(RejectedRow::column).containsExactly("v");
    assertThat(databases.targetRows("SELECT id FROM t")).containsExactly("2");
  }

  @Test
  void text_that_postgresql_cannot_hold_is_rejected_with_its_reason() {
    databases.inTarget("CREATE TABLE t (id int PRIMARY KEY, v text, j json)");
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, v text, j json)");
    TableSchema table = databases.sourceTable("public", "t");
    RowBatchBuilder rows = new RowBatchBuilder(table);
    row(rows, "1", "fine".getBytes(), "{}");
    row(rows, "2", new byte[] {'a', 0, 'b'}, "{}");
    row(rows, "3", new byte[] {'a', (byte) 0xe9}, "{}");
    row(rows, "4", new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, "{}");
    row(rows, "5", "bad json".getBytes(), "{\"a\": ");
    try (Target target = databases.target()) {
      TableSchema prepared = target.prepare(table, PrepareMode.DO_NOTHING, false);
      LoadLedger.Done done = databases.write(target, table, prepared, List.of(rows.build()));
      assertThat(done.loaded()).isEqualTo(1);
    }
    assertThat(databases.rejected)
        .extracting(RejectedRow::key)
        .containsExactly("id=2", "id=3", "id=4", "id=5");
    assertThat(databases.rejected)
        .extracting(RejectedRow::column)
        .containsExactly("v", "v", "v", "j");
    assertThat(databases.rejected.getFirst().reason()).contains("U+0000");
    assertThat(databases.rejected.get(1).reason()).contains("not UTF-8");
    assertThat(databases.targetRows("SELECT count(*) FROM awsdms_full_load_exceptions"))
        .containsExactly("4");
  }

  private static void row(RowBatchBuilder rows, String id, byte[] v, String j) {
    rows.add(id);
    rows.add(v);
    rows.add(j);
    rows.endRow();
  }

  @Test
  void the_exceptions_table_names_the_source_table() {
    TableId source = new TableId("public", "t");
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    databases.inTarget("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    databases.load("t", PrepareMode.DO_NOTHING, true);
    try (Target target = databases.target()) {
      LoadLedger ledger = target.ledger(Databases.TASK, "");
      ledger.plan(source, List.of());
      assertThat(ledger.loads()).isEmpty();
    }
    assertThat(databases.targetRows("SELECT count(*) FROM awsdms_full_load_exceptions"))
        .containsExactly("0");
  }
}
