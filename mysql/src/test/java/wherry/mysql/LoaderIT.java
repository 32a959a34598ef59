package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static wherry.mysql.Applying.query;
import static wherry.mysql.Loading.SOURCE;
import static wherry.mysql.Loading.TARGET;
import static wherry.mysql.Loading.postgres;
import static wherry.mysql.Loading.table;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import wherry.connector.LoadCounts;
import wherry.connector.LoadLedger;
import wherry.connector.PrepareMode;
import wherry.connector.RejectedRow;
import wherry.connector.RejectionPolicy;
import wherry.connector.RowWriter;
import wherry.connector.Segment;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.row.RowBatchBuilder;
import wherry.row.RowFormat;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlFamilyServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.ServerOptions;
import wherry.schema.DataType;
import wherry.schema.Meaning;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Rows: what becomes of their values, which of them are refused, and what is committed with them.
 */
class LoaderIT {
  static Stream<Arguments> enginesAndWays() {
    return Stream.of(Engine.values())
        .flatMap(e -> Stream.of(Arguments.of(e, true), Arguments.of(e, false)));
  }

  @ParameterizedTest
  @MethodSource("enginesAndWays")
  void values_of_postgresql_become_what_mysql_means_by_them(Engine engine, boolean loadData)
      throws Exception {
    engine.fresh("dst");
    TableSchema source =
        table(
            postgres("id", DataType.INT8, "bigint", 0, false),
            postgres("flag", DataType.BOOLEAN, "boolean", 0, true),
            postgres("note", DataType.NCLOB, "text", 0, true),
            postgres("name", DataType.WSTRING, "character varying(50)", 50, false),
            postgres("data", DataType.BLOB, "bytea", 0, true),
            postgres(
                "at",
                DataType.DATETIME,
                Meaning.INSTANT,
                "timestamp with time zone",
                0,
                0,
                6,
                List.of()),
            postgres("amount", DataType.NUMERIC, Meaning.PLAIN, "numeric", 0, 0, 0, List.of()),
            postgres("price", DataType.NUMERIC, Meaning.MONEY, "money", 0, 19, 2, List.of()),
            postgres("real", DataType.REAL4, "real", 0, true),
            postgres("uuid", DataType.STRING, Meaning.UUID, "uuid", 36, 0, 0, List.of()),
            postgres("tags", DataType.NCLOB, Meaning.ARRAY, "text[]", 0, 0, 0, List.of()),
            postgres(
                "grid", DataType.NCLOB, Meaning.ARRAY, "double precision[]", 0, 0, 0, List.of()),
            postgres("map", DataType.NCLOB, Meaning.HSTORE, "hstore", 0, 0, 0, List.of()),
            postgres("doc", DataType.NCLOB, Meaning.JSONB, "jsonb", 0, 0, 0, List.of()),
            postgres(
                "mood",
                DataType.STRING,
                Meaning.ENUM,
                "mood",
                5,
                0,
                0,
                List.of("sad", "it's", "ok")),
            postgres("bits", DataType.STRING, Meaning.BITS, "bit(5)", 5, 0, 0, List.of()),
            postgres("every", DataType.STRING, Meaning.INTERVAL, "interval", 128, 0, 0, List.of()),
            postgres(
                "daily", DataType.TIME, Meaning.PLAIN, "time with time zone", 0, 0, 6, List.of()),
            postgres("host", DataType.STRING, Meaning.LITERAL, "inet", 50, 0, 0, List.of()));
    String[] row = {
      "1",
      "t",
      "tab\tnl\nback\\slash \\N 'q' \u0000 😀",
      "A ",
      "\u0000ÿ",
      "2024-02-29 12:00:00.000001",
      "-123456789012345678901234567890.000000000000000000000000000001",
      "-12.50",
      "3.4028235E38",
      "550e8400-e29b-41d4-a716-446655440000",
      "{a,NULL,\"x\\\"y,{}\",\"NULL\"}",
      "{{1.5,NaN},{NULL,-2}}",
      "\"a\"=>\"1\", \"b\\\"c\"=>NULL",
      "{\"k\": [1, \"é\"]}",
      "it's",
      "01011",
      "P1Y2M3DT4H5M6.789S",
      "12:00:00+02",
      "10.0.0.0/8"
    };
    Loading loading = new Loading(engine, source, loadData);

    LoadCounts counts = loading.load(row);

    assertThat(loading.rejected).isEmpty();
    assertThat(counts.loaded()).isEqualTo(1);
    assertThat(
            query(
                engine,
                "SELECT id, flag, hex(note), concat('<', name, '>'), hex(data), at, amount, price, `real`*1e0, uuid,"
                    + " json_extract(tags, '$[2]'), json_extract(tags, '$[3]'), json_extract(grid, '$[0][1]'),"
                    + " json_extract(grid, '$[1][1]'), json_extract(map, '$.a'), json_extract(doc, '$.k[1]'), mood,"
                    + " bin(bits+0), every, daily, host FROM dst.t"))
        .containsExactly(
            "1|1|"
                + hex(row[2])
                + "|<A >|00C3BF|2024-02-29 12:00:00.000001|"
                + row[6]
                + "|-12.50|3.4028234663852886e38|"
                + row[9]
                + "|\"x\\\"y,{}\"|\"NULL\"|\"NaN\"|-2|\"1\"|\"é\"|it's|1011|"
                + row[16]
                + "|12:00:00+02|10.0.0.0/8");
  }

  @ParameterizedTest
  @MethodSource("enginesAndWays")
  void what_does_not_fit_is_rejected_by_key_and_column_and_never_cut(
      Engine engine, boolean loadData) throws Exception {
    engine.fresh("dst");
    engine.execute(
        "dst",
        """
        CREATE TABLE t (id int PRIMARY KEY, small tinyint unsigned, short varchar(3), d decimal(5,2), f double, day date,
          at datetime(3), mood enum('a','b'), doc json, b varbinary(2), u3 varchar(5) CHARACTER SET utf8mb3,
          l1 varchar(5) CHARACTER SET latin1, `needed` int NOT NULL, c int CHECK (c < 10), uq int UNIQUE, y year, ty text)\
        """);
    TableSchema source =
        table(
            postgres("id", DataType.INT8, "bigint", 0, false),
            postgres("small", DataType.INT4, "integer", 0, true),
            postgres("short", DataType.NCLOB, "text", 0, true),
            postgres("d", DataType.NUMERIC, "numeric", 0, true),
            postgres("f", DataType.REAL8, "double precision", 0, true),
            postgres("day", DataType.DATE, "date", 0, true),
            postgres("at", DataType.DATETIME, Meaning.PLAIN, "timestamp", 0, 0, 6, List.of()),
            postgres("mood", DataType.NCLOB, "text", 0, true),
            postgres("doc", DataType.NCLOB, Meaning.JSON, "json", 0, 0, 0, List.of()),
            postgres("b", DataType.BLOB, "bytea", 0, true),
            postgres("u3", DataType.NCLOB, "text", 0, true),
            postgres("l1", DataType.NCLOB, "text", 0, true),
            postgres("needed", DataType.INT4, "integer", 0, true),
            postgres("c", DataType.INT4, "integer", 0, true),
            postgres("uq", DataType.INT4, "integer", 0, true),
            postgres("y", DataType.INT4, "integer", 0, true),
            postgres("ty", DataType.NCLOB, "text", 0, true));
    String[] good = {
      "0",
      "255",
      "a€ ",
      "-999.99",
      "-0",
      "0001-01-01",
      "9999-12-31 23:59:59.123000",
      "b",
      "{}",
      "xy",
      "€",
      "é",
      "1",
      "9",
      null,
      "1901",
      "x"
    };
    Map<Integer, String[]> bad =
        Map.ofEntries(
            Map.entry(1, new String[] {"256", "-1"}),
            Map.entry(2, new String[] {"abcd", "😀😀😀😀"}),
            Map.entry(3, new String[] {"1.005", "1000", "NaN"}),
            Map.entry(4, new String[] {"NaN", "-Infinity"}),
            Map.entry(5, new String[] {"infinity", "0044-03-15 BC", "12024-01-01"}),
            Map.entry(6, new String[] {"2024-01-01 00:00:00.0001", "-infinity"}),
            Map.entry(7, new String[] {"B", "c", ""}),
            Map.entry(8, new String[] {"{", ""}),
            Map.entry(9, new String[] {"xyz"}),
            Map.entry(10, new String[] {"😀"}),
            Map.entry(11, new String[] {"Ж"}),
            Map.entry(12, new String[] {null}),
            Map.entry(13, new String[] {"11"}),
            Map.entry(15, new String[] {"5", "1900", "2156"}),
            Map.entry(16, new String[] {"x".repeat(65536)}));
    List<String[]> rows = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    long seed = System.nanoTime();
    int id = 0;
    for (Map.Entry<Integer, String[]> entry : bad.entrySet()) {
      for (String value : entry.getValue()) {
        rows.add(row(good, id++, -1, null));
        expected.add("id=" + id + " " + source.columns().get(entry.getKey()).name());
        rows.add(row(good, id++, entry.getKey(), value));
      }
    }
    rows.add(row(good, id++, -1, null));
    rows.add(row(good, 0, -1, null)); // The key of the first row again.
    Collections.shuffle(rows.subList(1, rows.size() - 1), new Random(seed));
    Loading loading = new Loading(engine, source, loadData);
    loading.mode = PrepareMode.DO_NOTHING;

    LoadCounts counts = loading.load(rows.toArray(new String[0][]));

    List<String> told =
        loading.rejected.stream()
            .filter(r -> !r.key().equals("id=0"))
            .map(r -> r.key() + " " + r.column())
            .toList();
    // MariaDB names the constraint and not the column when a check fails.
    assertThat(
            told.stream()
                .map(t -> t.replaceFirst(" $", " c"))
                .map(t -> t.endsWith("t_chk_1") ? t : t)
                .toList())
        .as("seed %d: %s", seed, loading.rejected)
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(loading.rejected)
        .filteredOn(r -> r.key().equals("id=0"))
        .hasSize(1)
        .allSatisfy(r -> assertThat(r.reason()).contains("1062", "Duplicate"));
    assertThat(loading.rejected)
        .filteredOn(r -> r.column().equals("short") || r.reason().contains("1.005"))
        .isNotEmpty()
        .allSatisfy(r -> assertThat(r.kind()).isEqualTo(RejectedRow.Kind.TRUNCATION));
    assertThat(counts.loaded()).isEqualTo(rows.size() - expected.size() - 1L);
    assertThat(counts.rejected()).isEqualTo(expected.size() + 1L);
    assertThat(query(engine, "SELECT count(*), min(d), max(short) FROM dst.t"))
        .containsExactly(counts.loaded() + "|-999.99|a€ ");
    assertThat(
            query(
                engine,
                "SELECT count(*) FROM awsdms_control.awsdms_full_load_exceptions WHERE TASK_NAME='task'"))
        .containsExactly(Long.toString(counts.rejected()));
    assertThat(
            query(
                engine,
                "SELECT DONE, ROWS_LOADED, ROWS_REJECTED FROM awsdms_control.awsdms_load_ledger"))
        .containsExactly("1|" + counts.loaded() + "|" + counts.rejected());
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void rows_rejections_and_ledger_commit_together_or_not_at_all(Engine engine) throws Exception {
    engine.fresh("dst");
    TableSchema source =
        table(
            postgres("id", DataType.INT4, "integer", 0, false),
            postgres("v", DataType.BOOLEAN, "boolean", 0, true));
    Target target = engine.target();
    LoadLedger ledger = target.ledger("task", "");
    ledger.open();
    ledger.plan(SOURCE, List.of());
    TableSchema prepared =
        target.prepare(source.withId(TARGET), PrepareMode.DROP_AND_CREATE, false);
    List<Segment> plan =
        List.of(new Segment(0, "id <= 5", 5, true), new Segment(1, "id > 5", 5, true));
    ledger.plan(SOURCE, plan, true);
    Target.LoadRequest request =
        new Target.LoadRequest(
            "task", "", source, prepared, RowFormat.CELLS, row -> RejectionPolicy.Decision.KEEP);
    RowBatchBuilder batch = new RowBatchBuilder(source);
    for (String id : new String[] {"1", "2", "2"}) {
      batch.add(id);
      batch.add("t");
      batch.endRow();
    }
    var rows = batch.build();

    try (RowWriter writer = target.load(request)) {
      writer.write(rows);
    }
    assertThat(query(engine, "SELECT count(*) FROM dst.t")).containsExactly("0");
    assertThat(query(engine, "SELECT count(*) FROM awsdms_control.awsdms_full_load_exceptions"))
        .containsExactly("0");
    assertThat(ledger.loads())
        .containsExactly(new LoadLedger.TableLoad(SOURCE, plan, true, List.of()));

    LoadLedger.Done done = new LoadLedger.Done(SOURCE, 0, 3, 0, 2, 1, 0, "a cut");
    try (RowWriter writer = target.load(request)) {
      writer.write(rows);
      assertThat(writer.finish().loaded()).isEqualTo(2);
      writer.commit(done);
    }
    assertThat(query(engine, "SELECT count(*) FROM dst.t")).containsExactly("2");
    assertThat(query(engine, "SELECT count(*) FROM awsdms_control.awsdms_full_load_exceptions"))
        .containsExactly("1");
    assertThat(ledger.loads())
        .containsExactly(new LoadLedger.TableLoad(SOURCE, plan, true, List.of(done)));

    try (RowWriter writer = target.load(request)) {
      assertThatThrownBy(() -> writer.commit(done))
          .isInstanceOf(DmsException.class)
          .hasMessageContaining("another run");
    }
    ledger.forget();
    assertThat(ledger.loads()).isEmpty();
    assertThat(query(engine, "SELECT count(*) FROM awsdms_control.awsdms_full_load_exceptions"))
        .containsExactly("0");
  }

  @Test
  void without_local_infile_and_with_small_packets_rows_go_by_insert() throws Exception {
    ServerOptions options =
        ServerOptions.standard().with("local_infile", "0").with("max_allowed_packet", "1M");
    try (MySqlServer server = MySqlServer.start(options)) {
      server.createDatabase("dst");
      Target target = new MySqlConnector().target(Engine.endpoint(server));
      TableSchema source =
          table(
              postgres("id", DataType.INT4, "integer", 0, false),
              postgres("v", DataType.NCLOB, "text", 0, true));
      Loading loading = new Loading(target, source);

      LoadCounts counts =
          loading.load(
              new String[] {"1", "x".repeat(900_000)},
              new String[] {"2", "y".repeat(2_000_000)},
              new String[] {"3", "z".repeat(900_000)});

      assertThat(counts.loaded()).isEqualTo(2);
      assertThat(loading.rejected).hasSize(1);
      assertThat(loading.rejected.get(0).key()).isEqualTo("id=2");
      assertThat(loading.rejected.get(0).reason()).contains("SET GLOBAL max_allowed_packet");
      assertThat(loading.rejected.get(0).row())
          .contains("(2000000 characters)")
          .hasSizeLessThan(500);
    }
  }

  @Test
  void a_row_wider_than_a_packet_is_loaded_whole_or_rejected() throws Exception {
    ServerOptions options =
        ServerOptions.standard().with("local_infile", "1").with("max_allowed_packet", "1M");
    for (boolean mariaDb : new boolean[] {true, false}) {
      try (MySqlFamilyServer server =
          mariaDb ? MariaDbServer.start(options) : MySqlServer.start(options)) {
        server.createDatabase("dst");
        Target target = new MySqlConnector().target(Engine.endpoint(server));
        TableSchema source =
            table(
                postgres("id", DataType.INT4, "integer", 0, false),
                postgres("v", DataType.NCLOB, "text", 0, true),
                postgres("j", DataType.NCLOB, Meaning.JSON, "json", 0, 0, 0, List.of()));
        Loading loading = new Loading(target, source);

        LoadCounts counts =
            loading.load(
                new String[] {"1", "x".repeat(3_000_000), "{}"},
                new String[] {"2", "y", "[\"" + "y".repeat(3_000_000) + "\"]"},
                new String[] {"3", "z", "[]"});

        assertThat(counts.loaded() + counts.rejected()).isEqualTo(3);
        try (Connection connection = server.connect("dst");
            Statement statement = connection.createStatement();
            ResultSet rows =
                statement.executeQuery("SELECT id, length(v), length(j) FROM t ORDER BY id")) {
          while (rows.next()) {
            assertThat(rows.getInt(2)).isEqualTo(rows.getInt(1) == 1 ? 3_000_000 : 1);
            assertThat(rows.getInt(3)).isEqualTo(rows.getInt(1) == 2 ? 3_000_004 : 2);
          }
        }
        assertThat(loading.rejected)
            .allSatisfy(r -> assertThat(r.reason()).contains("max_allowed_packet"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void tables_planned_at_the_same_time_do_not_hinder_each_other(Engine engine) throws Exception {
    engine.fresh("dst");
    LoadLedger ledger = engine.target().ledger("task", "");
    ledger.open();
    List<Segment> plan = List.of(new Segment(0, "a", 1, true), new Segment(1, "b", 1, true));
    try (ExecutorService pool = Executors.newFixedThreadPool(6)) {
      List<Future<?>> planned = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        TableId id = new TableId("s", "t" + i);
        planned.add(
            pool.submit(() -> {
              ledger.plan(id, List.of());
              ledger.plan(id, plan);
            }));
      }
      for (Future<?> one : planned) {
        one.get();
      }
    }
    assertThat(ledger.loads())
        .hasSize(60)
        .allSatisfy(load -> assertThat(load.plan()).isEqualTo(plan));
    ledger.forget();
    assertThat(ledger.loads()).isEmpty();
  }

  private static String[] row(String[] good, int id, int column, String value) {
    String[] row = good.clone();
    row[0] = Integer.toString(id);
    if (column >= 0) {
      row[column] = value;
    }
    return row;
  }

  private static String hex(String text) {
    StringBuilder hex = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hex.append(String.format("%02X", b));
    }
    return hex.toString();
  }
}
