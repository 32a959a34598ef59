package wherry.mysql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.ChangeEvent;
import wherry.change.SchemaChange.ColumnChange;
import wherry.change.SchemaChange.ColumnChange.Added;
import wherry.change.SchemaChange.ColumnsChanged;
import wherry.change.SchemaChange.TableLost;
import wherry.connector.ChangeWriter;
import wherry.connector.PrepareMode;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.sandbox.FaultProxy;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** ALTER TABLE changes rows of which the log tells nothing: what becomes of them. */
class ExistingRowsIT {
  /** Columns that give each row that is there the same value. */
  private static final List<String> CONSTANTS =
      List.of(
          "int DEFAULT 7",
          "tinyint NOT NULL DEFAULT -1",
          "bigint unsigned DEFAULT 18446744073709551615",
          "int(5) zerofill DEFAULT '42'",
          "smallint NOT NULL",
          "boolean DEFAULT TRUE",
          "decimal(10,3) DEFAULT 1.5",
          "decimal(10,2) DEFAULT -0.005",
          "decimal(6,2) NOT NULL",
          "float DEFAULT 0.1",
          "float NOT NULL",
          "double DEFAULT -12345678.9",
          "bit(1) DEFAULT b'1'",
          "bit(5) DEFAULT b'101'",
          "bit(3) NOT NULL",
          "year DEFAULT 2024",
          "year DEFAULT 0",
          "date DEFAULT '2024-02-29'",
          "datetime DEFAULT '2024-02-29'",
          "datetime(3) DEFAULT '2024-02-29 12:00:00.5'",
          "time DEFAULT '-12:34:56'",
          "time(2) NOT NULL",
          "char(5) DEFAULT 'ab  '",
          "char(3) NOT NULL",
          "varchar(20) DEFAULT 'it''s \\\\ \\n ä😀 '",
          "varchar(20) CHARACTER SET latin1 DEFAULT 'ä'",
          "varchar(20) DEFAULT \"a \"\"b\"\" c\" COMMENT 'DEFAULT'",
          "varchar(20) DEFAULT 5",
          "text NOT NULL",
          "varchar(9) NOT NULL DEFAULT ''",
          "binary(4) DEFAULT 'ab'",
          "varbinary(9) DEFAULT x'00ff'",
          "blob NOT NULL",
          "enum('a','it''s') DEFAULT 'it''s'",
          "enum('x','y') NOT NULL",
          "set('a','b','c') DEFAULT 'c,a'",
          "text DEFAULT ('in brackets')",
          "int DEFAULT NULL",
          "json",
          "timestamp NULL");

  /** Columns whose values in the rows that are there cannot be told, or are of each row's own. */
  private static final List<String> UNTOLD =
      List.of(
          "datetime DEFAULT CURRENT_TIMESTAMP",
          "datetime DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP",
          "varchar(40) DEFAULT (concat('a', 'b'))",
          "int DEFAULT (1 + 1)",
          "int AS (id + 1) STORED",
          "int NOT NULL AUTO_INCREMENT UNIQUE",
          "timestamp NOT NULL DEFAULT '2024-02-29 12:00:00'");

  private static List<ChangeEvent> captured(Engine engine, String before, String... statements)
      throws Exception {
    engine.fresh("shop");
    engine.execute("shop", before, "INSERT INTO t (id) VALUES (1), (2)");
    try (Capture capture = Capture.of(engine.source(), id -> id.schema().equals("shop"))) {
      engine.execute("shop", statements);
      return capture.toTheEnd().events();
    }
  }

  private static RowBatch loaded(Source source) throws InterruptedException {
    TableSchema table = source.tables((id, kind) -> id.schema().equals("shop")).get(0);
    try (Snapshot snapshot = source.snapshot(List.of(table), 1);
        RowReader reader =
            snapshot.read(table, new Segment(0, "", 0, true), RowFormat.CELLS, 10_000)) {
      Optional<Rows> rows = reader.next();
      return (RowBatch) rows.orElseThrow();
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_constant_default_is_told_with_the_bytes_that_a_load_reads(Engine engine) throws Exception {
    List<String> added =
        IntStream.range(0, CONSTANTS.size())
            .mapToObj(i -> "ADD COLUMN c" + i + " " + CONSTANTS.get(i))
            .toList();
    List<ChangeEvent> events =
        captured(
            engine,
            "CREATE TABLE t (id int PRIMARY KEY)",
            "ALTER TABLE t " + String.join(", ", added));
    assertThat(events).singleElement().isInstanceOf(ColumnsChanged.class);
    RowBatch rows = loaded(engine.source());
    List<String> told = new ArrayList<>();
    List<String> there = new ArrayList<>();
    for (int i = 0; i < CONSTANTS.size(); i++) {
      Added change = (Added) ((ColumnsChanged) events.get(0)).changes().get(i);
      told.add(
          CONSTANTS.get(i) + ": " + change.existing().map(cell -> hex(cell, 0)).orElse("NULL"));
      there.add(CONSTANTS.get(i) + ": " + hex(rows, i + 1));
    }
    assertThat(told).containsExactlyElementsOf(there);
  }

  private static String hex(RowBatch rows, int column) {
    return Capture.cell(rows, 0, column)
        .map(bytes -> HexFormat.of().formatHex(bytes))
        .orElse("NULL");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_default_that_is_no_constant_loses_the_table_with_the_statement(Engine engine)
      throws Exception {
    for (String column : UNTOLD) {
      List<ChangeEvent> events =
          captured(
              engine,
              "CREATE TABLE t (id int PRIMARY KEY)",
              "ALTER TABLE t ADD COLUMN c " + column,
              "INSERT INTO t (id) VALUES (3)");
      assertThat(events)
          .as(column)
          .singleElement()
          .isInstanceOfSatisfying(
              TableLost.class,
              lost -> {
                assertThat(lost.statement()).contains("ADD COLUMN c");
                assertThat(lost.reason()).contains("the new column c has", "Reload the table");
              });
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void another_type_is_followed_where_values_stay_and_loses_the_table_where_they_may_not(
      Engine engine) throws Exception {
    String table =
        "CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(5), c datetime(3), d enum('x','y'), e"
            + " double)";
    List<String> followed =
        List.of(
            "MODIFY a bigint",
            "MODIFY b varchar(50)",
            "MODIFY b longtext",
            "MODIFY c datetime(6)",
            "MODIFY d enum('w','x','y')",
            "MODIFY a decimal(20,2)",
            "MODIFY b varchar(5) AFTER c",
            "CHANGE b z varchar(6)");
    List<String> lost =
        List.of(
            "MODIFY e varchar(40)",
            "MODIFY b int",
            "MODIFY c datetime",
            "MODIFY c timestamp(3) NULL",
            "MODIFY e float");
    for (String change : followed) {
      assertThat(captured(engine, table, "ALTER TABLE t " + change))
          .as(change)
          .singleElement()
          .isInstanceOf(ColumnsChanged.class);
    }
    for (String change : lost) {
      assertThat(captured(engine, table, "ALTER TABLE t " + change))
          .as(change)
          .singleElement()
          .isInstanceOfSatisfying(
              TableLost.class,
              told -> assertThat(told.reason()).contains("were converted", "Reload the table"));
    }
    assertThat(
            captured(
                engine,
                "CREATE TABLE t (id int PRIMARY KEY, g int GENERATED ALWAYS AS (id + 1) STORED)",
                "ALTER TABLE t MODIFY g int GENERATED ALWAYS AS (id + 2) STORED"))
        .singleElement()
        .isInstanceOfSatisfying(
            TableLost.class,
            told ->
                assertThat(told.reason())
                    .contains("column g were generated anew", "Reload the table"));
    assertThat(captured(engine, table, "SET sql_mode = ''", "ALTER TABLE t MODIFY a int NOT NULL"))
        .as("NULL became 0 without a word")
        .singleElement()
        .isInstanceOf(TableLost.class);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void rows_of_the_target_get_the_value_once_and_no_default_stays(Engine engine) throws Exception {
    engine.fresh("dst");
    engine.fresh("src");
    List<String> columns =
        List.of(
            "int",
            "varchar(20)",
            "text",
            "json",
            "bit(4)",
            "datetime(3)",
            "blob",
            "decimal(6,2)",
            "enum('x','y')",
            "timestamp NULL");
    List<String> cells =
        List.of(
            "7",
            "it's \\ ä",
            "long",
            "{\"a\": 1}",
            "0101",
            "2024-02-29 12:00:00.500",
            "bytes",
            "1.50",
            "y",
            "2024-02-29 12:00:00");
    String all =
        String.join(
            ", ", IntStream.range(0, 10).mapToObj(i -> "c" + i + " " + columns.get(i)).toList());
    engine.execute(
        "src",
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE wide (id int PRIMARY KEY, there int, " + all + ")");
    Target target = engine.target();
    TableId id = new TableId("dst", "t");
    TableSchema narrow = table(engine, "t").withId(id);
    TableSchema wide = table(engine, "wide").withId(id);
    target.prepare(narrow, PrepareMode.DROP_AND_CREATE, false);
    engine.execute("dst", "ALTER TABLE t ADD there int", "INSERT INTO t VALUES (1, NULL), (2, 5)");
    List<ColumnChange> changes = new ArrayList<>();
    changes.add(Added.filled(id, wide.columns().get(1), "9".getBytes(UTF_8)));
    for (int i = 0; i < 10; i++) {
      changes.add(Added.filled(id, wide.columns().get(i + 2), cells.get(i).getBytes(UTF_8)));
    }
    try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
      writer.alter(narrow, wide, changes);
      writer.alter(narrow, wide, changes);
    }
    engine.execute("dst", "INSERT INTO t (id) VALUES (3)");
    assertThat(
            Applying.query(
                engine,
                "SELECT id, there, c0, c1, c2, json_extract(c3, '$.a'), c4 + 0,"
                    + " date_format(c5, '%Y-%m-%d %T.%f'), c6, c7, c8, c9"
                    + " FROM dst.t ORDER BY id"))
        .containsExactly(
            "1|9|7|it's \\ ä|long|1|5|2024-02-29 12:00:00.500000|bytes|1.50|y|2024-02-29 12:00:00",
            "2|5|7|it's \\ ä|long|1|5|2024-02-29 12:00:00.500000|bytes|1.50|y|2024-02-29 12:00:00",
            "3" + "|null".repeat(11));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_column_that_is_cut_off_half_made_is_not_there_and_the_next_session_finishes_it(
      Engine engine) throws Exception {
    engine.fresh("dst");
    engine.fresh("src");
    engine.execute(
        "src",
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE wide (id int PRIMARY KEY, v int, w text, x int)");
    TableId id = new TableId("dst", "t");
    TableSchema narrow = table(engine, "t").withId(id);
    TableSchema wide = table(engine, "wide").withId(id);
    List<ColumnChange> changes =
        List.of(
            Added.filled(id, wide.columns().get(1), "7".getBytes(UTF_8)),
            Added.filled(id, wide.columns().get(2), "long".getBytes(UTF_8)),
            new Added(wide.columns().get(3)));
    try (FaultProxy proxy = FaultProxy.to(engine.server().port());
        Target target = engine.target("Port", "" + proxy.port())) {
      target.prepare(narrow, PrepareMode.DROP_AND_CREATE, false);
      engine.execute("dst", "INSERT INTO t VALUES (1)");
      AtomicInteger definitions = new AtomicInteger();
      proxy.tap((connection, toServer, bytes, length) ->
          !(toServer
              && new String(bytes, 0, length, UTF_8).contains("ALTER TABLE")
              && definitions.incrementAndGet() > 1));
      try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
        assertThatThrownBy(() -> writer.alter(narrow, wide, changes))
            .isInstanceOfSatisfying(
                DmsException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.CONNECTION_FAILED));
      }
      proxy.tap((connection, toServer, bytes, length) -> true);
      try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
        assertThat(writer.columns(wide)).contains("id").doesNotContain("v", "w", "x");
        engine.execute("dst", "INSERT INTO t (id) VALUES (2)");
        writer.alter(narrow, wide, changes);
      }
    }
    engine.execute("dst", "INSERT INTO t (id) VALUES (3)");
    assertThat(Applying.query(engine, "SELECT * FROM dst.t ORDER BY id"))
        .containsExactly("1|7|long|null", "2|7|long|null", "3|null|null|null");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_column_that_is_cut_off_half_made_is_finished_or_goes_when_its_table_is_loaded_again(
      Engine engine) throws Exception {
    engine.fresh("dst");
    engine.fresh("src");
    engine.execute("src", "CREATE TABLE t (id int PRIMARY KEY, v int)");
    TableSchema wanted = table(engine, "t").withId(new TableId("dst", "t"));
    String halfMade =
        "CREATE TABLE t (id int PRIMARY KEY, %s int DEFAULT 7, %s text)"
            .formatted(ColumnChanges.interim("v"), ColumnChanges.interim("w"));
    for (PrepareMode mode : List.of(PrepareMode.DO_NOTHING, PrepareMode.TRUNCATE_BEFORE_LOAD)) {
      engine.execute("dst", "DROP TABLE IF EXISTS t", halfMade, "INSERT INTO t (id) VALUES (1)");
      try (Target target = engine.target()) {
        assertThat(target.preparation(wanted, mode, false).statements().getLast())
            .contains("CHANGE COLUMN `wherry_new_76` `v` int", "DROP COLUMN `wherry_new_77`");

        TableSchema prepared = target.prepare(wanted, mode, false);

        assertThat(prepared.columns()).extracting(Column::name).containsExactly("id", "v");
        assertThat(target.preparation(wanted, PrepareMode.DO_NOTHING, false).statements())
            .isEmpty();
      }
      engine.execute("dst", "INSERT INTO t (id) VALUES (2)");
      assertThat(Applying.query(engine, "SELECT * FROM dst.t ORDER BY id"))
          .containsExactly(
              mode == PrepareMode.DO_NOTHING
                  ? new String[] {"1|7", "2|null"}
                  : new String[] {"2|null"});
    }
  }

  private static TableSchema table(Engine engine, String name) {
    return engine.source().tables((id, kind) -> id.equals(new TableId("src", name))).get(0);
  }
}
