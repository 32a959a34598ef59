package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.connector.LoadCounts;
import wherry.connector.LoadLedger;
import wherry.connector.PrepareMode;
import wherry.connector.RejectedRow;
import wherry.connector.RejectionPolicy.Decision;
import wherry.connector.RowWriter;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.row.RowFormat;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * What becomes of rows: loaded, or rejected with key, column and reason; and what commits with
 * them.
 */
class PostgresLoadIT {
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
  void a_table_of_one_source_arrives_with_its_key_and_not_null() {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL, w numeric(12,2))",
        "INSERT INTO t SELECT i, 'row ' || i, i / 4.0 FROM generate_series(1, 30000) i");

    LoadLedger.Done done = databases.load("t");

    assertThat(done.read()).isEqualTo(30_000);
    assertThat(done.loaded()).isEqualTo(30_000);
    String digest = "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY id)) FROM t";
    assertThat(databases.targetRows(digest)).isEqualTo(databases.sourceRows(digest));
    String definition =
        "SELECT attname, attnotnull FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0"
            + " ORDER BY attnum";
    assertThat(databases.targetRows(definition)).containsExactly("id|t", "v|t", "w|f");
    assertThat(
            databases.targetRows(
                "SELECT contype FROM pg_constraint WHERE conrelid = 't'::regclass AND contype ="
                    + " 'p'"))
        .containsExactly("p");
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
  void rows_rejections_and_ledger_become_visible_together_or_not_at_all() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)");
    TableSchema table = databases.sourceTable("public", "t");
    RowBatchBuilder rows = new RowBatchBuilder(table);
    for (String id : List.of("1", "2", "2")) {
      rows.add(id);
      rows.endRow();
    }
    RowBatch batch = rows.build();
    try (Target target = databases.target()) {
      TableSchema prepared = target.prepare(table, PrepareMode.DROP_AND_CREATE, false);
      LoadLedger ledger = target.ledger(Databases.TASK, "");
      ledger.open();
      ledger.plan(table.id(), List.of(new Segment(0, "", 3, true)));
      Target.LoadRequest request = databases.request(table, prepared, RowFormat.CELLS);
      try (RowWriter writer = target.load(request)) {
        writer.write(batch);
        assertThat(writer.finish())
            .extracting(LoadCounts::loaded, LoadCounts::rejected)
            .containsExactly(2L, 1L);
      }
      assertThat(databases.targetRows("SELECT count(*) FROM t")).containsExactly("0");
      assertThat(databases.targetRows("SELECT count(*) FROM awsdms_full_load_exceptions"))
          .containsExactly("0");
      assertThat(ledger.loads().getFirst().done()).isEmpty();

      LoadLedger.Done done = new LoadLedger.Done(table.id(), 0, 3, 0, 2, 1, 0, "a cut");
      try (RowWriter writer = target.load(request)) {
        writer.write(batch);
        writer.finish();
        writer.commit(done);
      }
      assertThat(databases.targetRows("SELECT count(*) FROM t")).containsExactly("2");
      assertThat(databases.targetRows("SELECT count(*) FROM awsdms_full_load_exceptions"))
          .containsExactly("1");
      assertThat(ledger.loads().getFirst().done()).containsExactly(done);

      ledger.forget();
      assertThat(ledger.loads()).isEmpty();
      assertThat(databases.targetRows("SELECT count(*) FROM awsdms_full_load_exceptions"))
          .containsExactly("0");
    }
  }

  @Test
  void a_segment_that_the_ledger_does_not_know_is_not_committed() {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)");
    TableSchema table = databases.sourceTable("public", "t");
    try (Target target = databases.target()) {
      TableSchema prepared = target.prepare(table, PrepareMode.DROP_AND_CREATE, false);
      target.ledger(Databases.TASK, "").open();
      try (RowWriter writer = target.load(databases.request(table, prepared, RowFormat.CELLS))) {
        assertThatThrownBy(
                () -> writer.commit(new LoadLedger.Done(table.id(), 5, 0, 0, 0, 0, 0, "")))
            .hasMessageContaining("no segment 5");
      }
    }
  }

  @Test
  void many_tasks_may_create_the_control_tables_at_the_same_time() throws Exception {
    List<Throwable> failures = new ArrayList<>();
    try (Target target = databases.target()) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String task = "task" + i;
        Thread thread = new Thread(() -> target.ledger(task, "wherry control").open());
        thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertThat(failures).isEmpty();
    assertThat(databases.targetRows("SELECT count(*) FROM \"wherry control\".awsdms_load_ledger"))
        .containsExactly("0");
  }

  @Test
  void settings_of_the_databases_change_nothing() {
    try (Databases odd = new Databases()) {
      loadsAlike(odd);
    }
  }

  private static void loadsAlike(Databases odd) {
    for (String database : List.of(odd.sourceName(), odd.targetName())) {
      for (String setting :
          List.of(
              "DateStyle = 'SQL, DMY'",
              "IntervalStyle = 'postgres_verbose'",
              "TimeZone = 'Asia/Kolkata'",
              "extra_float_digits = -5",
              "bytea_output = 'escape'",
              "statement_timeout = '100ms'",
              "standard_conforming_strings = off",
              "client_encoding = 'LATIN1'",
              "search_path = 'nowhere'",
              "default_transaction_isolation = 'serializable'")) {
        Databases.server().execute("ALTER DATABASE \"%s\" SET %s".formatted(database, setting));
      }
    }
    String create =
        "CREATE TABLE public.t (id int PRIMARY KEY, d date, i interval, z timestamptz, f float8, b"
            + " bytea, m money, a timestamptz[], t text)";
    Databases.server()
        .executeIn(
            odd.sourceName(),
            "SET standard_conforming_strings = on",
            create,
            "INSERT INTO public.t VALUES (1, '2024-02-03', '1 year 2 days -03:04:05.6', '2024-02-03"
                + " 04:05:06+00', 0.1::float8 + 0.2, '\\x00ff5c', '12.34', ARRAY['2024-02-03"
                + " 04:05:06+00'::timestamptz], 'é\\n"
                + "')");
    String query =
        "SELECT id, d - date '2000-01-01', extract(epoch FROM i), extract(epoch FROM z),"
            + " float8send(f), encode(b, 'hex'), m::numeric, extract(epoch FROM a[1]),"
            + " encode(convert_to(t, 'UTF8'), 'hex') FROM public.t";
    for (boolean cells : List.of(false, true)) {
      odd.load("t", PrepareMode.DROP_AND_CREATE, cells);
      assertThat(odd.targetRows(query)).isEqualTo(odd.sourceRows(query));
    }
  }

  @Test
  void odd_names_are_only_names() {
    String odd = "T \"a.b\"; drop 😀 select";
    databases.inSource(
        "CREATE TABLE \"%s\" (\"%s\" int PRIMARY KEY, \"order\" text)"
            .formatted(odd.replace("\"", "\"\""), odd.replace("\"", "\"\"")),
        "INSERT INTO \"%s\" VALUES (1, 'x')".formatted(odd.replace("\"", "\"\"")));
    databases.load(odd);
    assertThat(databases.targetRows("SELECT * FROM \"%s\"".formatted(odd.replace("\"", "\"\""))))
        .containsExactly("1|x");
    databases.loadCells(odd);
    assertThat(databases.targetRows("SELECT * FROM \"%s\"".formatted(odd.replace("\"", "\"\""))))
        .containsExactly("1|x");
  }

  @Test
  void generated_columns_partitions_views_and_empty_tables_are_read_as_plain_rows() {
    databases.inSource(
        "CREATE TABLE g (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED, gone"
            + " int)",
        "INSERT INTO g VALUES (4)",
        "ALTER TABLE g DROP COLUMN gone",
        "CREATE TABLE p (id int, at date) PARTITION BY RANGE (at)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2024-07-01')",
        "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2024-07-01') TO ('2025-01-01')",
        "INSERT INTO p VALUES (1, '2024-02-01'), (2, '2024-08-01')",
        "CREATE TABLE parent (id int)",
        "CREATE TABLE child () INHERITS (parent)",
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO child VALUES (2)",
        "CREATE VIEW v AS SELECT id, at FROM p WHERE id = 2",
        "CREATE TABLE e (id int)");
    for (boolean cells : List.of(false, true)) {
      for (String name : List.of("g", "p", "parent", "v", "e")) {
        databases.load(name, PrepareMode.DROP_AND_CREATE, cells);
      }
      assertThat(databases.targetRows("SELECT * FROM g")).containsExactly("4|8");
      assertThat(databases.targetRows("SELECT * FROM p ORDER BY id"))
          .containsExactly("1|2024-02-01", "2|2024-08-01");
      assertThat(databases.targetRows("SELECT * FROM parent")).containsExactly("1");
      assertThat(databases.targetRows("SELECT * FROM v")).containsExactly("2|2024-08-01");
      assertThat(databases.targetRows("SELECT * FROM e")).isEmpty();
    }
  }

  @Test
  void a_target_of_other_types_takes_what_fits() {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, flag boolean, whole numeric, at date, span interval, u"
            + " uuid, small int)",
        "INSERT INTO t VALUES (1, true, 12.00, '2024-02-29', '01:02:03',"
            + " '550e8400-e29b-41d4-a716-446655440000', 1)",
        "INSERT INTO t VALUES (2, false, 12.50, '2024-02-29', '01:02:03',"
            + " '550e8400-e29b-41d4-a716-446655440000', 0)",
        "INSERT INTO t VALUES (3, false, 13, NULL, NULL, NULL, 2)");
    databases.inTarget(
        "CREATE TABLE t (id bigint PRIMARY KEY, flag smallint, whole int, at timestamp, span text,"
            + " u text, small boolean, extra text DEFAULT 'd')");
    databases.load("t", PrepareMode.DO_NOTHING, false);
    assertThat(databases.targetRows("SELECT * FROM t"))
        .containsExactly(
            "1|1|12|2024-02-29 00:00:00|PT1H2M3S|550e8400-e29b-41d4-a716-446655440000|t|d");
    assertThat(databases.rejected)
        .extracting(RejectedRow::column)
        .containsExactly("whole", "small");
  }

  @Test
  void a_target_of_another_encoding_takes_what_it_can_write_and_keeps_the_rest() throws Exception {
    String latin = databases.targetName() + "_latin1";
    Databases.server()
        .execute(
            "CREATE DATABASE %s ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0".formatted(latin));
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "INSERT INTO t VALUES (1, 'é'), (2, '😀'), (3, 'ß')");
    TableSchema table = databases.sourceTable("public", "t");
    try (Source source = databases.source();
        Target target =
            new PostgresConnector().target(Databases.endpoint(Databases.server(), latin));
        Snapshot snapshot = source.snapshot(List.of(table), 1)) {
      TableSchema prepared = target.prepare(table, PrepareMode.DROP_AND_CREATE, false);
      LoadLedger.Done done = databases.load(snapshot, target, table, prepared, RowFormat.CELLS);
      assertThat(done.loaded()).isEqualTo(2);
      assertThat(Databases.rows(latin, "SELECT v FROM t ORDER BY id")).containsExactly("é", "ß");
      assertThat(Databases.rows(latin, "SELECT \"STATEMENT\" FROM awsdms_full_load_exceptions"))
          .containsExactly("COPY \"public\".\"t\": {\"id\": \"2\", \"v\": \"\\ud83d\\ude00\"}");
    } finally {
      Databases.server().execute("DROP DATABASE %s WITH (FORCE)".formatted(latin));
    }
  }

  @Test
  void as_many_columns_as_a_table_can_have_and_a_key_over_sixteen_of_them() {
    String columns =
        IntStream.range(0, 1500).mapToObj(i -> "c" + i + " int").collect(Collectors.joining(", "));
    String key = IntStream.range(0, 16).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
    databases.inSource(
        "CREATE TABLE t (%s, PRIMARY KEY (%s))".formatted(columns, key),
        "INSERT INTO t (%s, c1499) SELECT i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 FROM generate_series(1, 50) i"
            .formatted(key));
    for (boolean cells : List.of(false, true)) {
      assertThat(databases.load("t", PrepareMode.DROP_AND_CREATE, cells).loaded()).isEqualTo(50);
      assertThat(databases.targetRows("SELECT md5(string_agg(t::text, '' ORDER BY c0)) FROM t"))
          .isEqualTo(
              databases.sourceRows("SELECT md5(string_agg(t::text, '' ORDER BY c0)) FROM t"));
    }
  }

  @Test
  void large_values_arrive_whole() {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, b bytea, v text)",
        "INSERT INTO t SELECT i, decode(repeat('00ff5c0a', 4000000), 'hex'), repeat('é', 8000000)"
            + " FROM generate_series(1, 3) i");
    String digest = "SELECT id, md5(b), md5(v), length(b), length(v) FROM t ORDER BY id";
    for (boolean cells : List.of(false, true)) {
      databases.load("t", PrepareMode.DROP_AND_CREATE, cells);
      assertThat(databases.targetRows(digest)).isEqualTo(databases.sourceRows(digest));
    }
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
