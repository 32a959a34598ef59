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
import wherry.connector.RowWriter;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.row.RowFormat;
import wherry.schema.TableSchema;

/** Rows arrive as they were, whatever holds them, and what commits with them. */
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
}
