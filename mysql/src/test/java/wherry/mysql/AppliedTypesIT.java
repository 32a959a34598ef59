package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.NetChanges;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;
import wherry.change.RowSet;
import wherry.connector.ChangeWriter;
import wherry.connector.PrepareMode;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

class AppliedTypesIT {
  private static final String TABLE = "every type";

  /** Rows that are not on the target, so that a window is large enough to go as a set. */
  private static final int MISSING = 20;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_row_applied_in_any_way_is_the_row_that_a_load_makes(Engine engine) throws Exception {
    RowBatch rows = source(engine);
    new Copy(engine.source(), engine.target()).run(new TableId("src", TABLE), "dst");
    for (Way way : Way.values()) {
      engine.execute(
          "",
          "DROP DATABASE IF EXISTS applied",
          "CREATE DATABASE applied",
          "CREATE TABLE applied.`every type` LIKE dst.`every type`");
      if (way != Way.INSERT && way != Way.INSERT_SET) {
        engine.execute(
            "applied",
            "SET SESSION sql_mode=''",
            "INSERT INTO `every type` (id, d2) SELECT id, 1 FROM dst.`every type`");
      }
      try (ChangeWriter writer = engine.target().changes(Applying.REQUEST)) {
        Applying to = to(engine, rows.schema(), "applied");
        apply(way, writer, to, rows);
        writer.commit(Applying.checkpoint("1"));
      }
      assertThat(checksum(engine, "applied")).as(way.name()).isEqualTo(checksum(engine, "dst"));
    }
  }

  private enum Way {
    INSERT,
    INSERT_SET,
    UPDATE,
    UPDATE_SET
  }

  private static void apply(Way way, ChangeWriter writer, Applying to, RowBatch rows)
      throws InterruptedException {
    List<Integer> values = IntStream.range(1, rows.schema().columns().size()).boxed().toList();
    switch (way) {
      case INSERT -> {
        for (int row = 0; row < rows.count(); row++) {
          RowChange change = new RowChange(Operation.INSERT, rows, RowChange.NONE, row);
          assertThat(writer.apply(to.route, change)).isEqualTo(1);
        }
      }
      case INSERT_SET ->
          assertThat(
                  writer
                      .apply(to.route, new NetChanges(new RowSet(), List.of(), all(rows)))
                      .inserted())
              .isEqualTo(rows.count());
      case UPDATE -> {
        for (int row = 0; row < rows.count(); row++) {
          RowChange change = new RowChange(Operation.UPDATE, rows, RowChange.NONE, row);
          assertThat(writer.apply(to.route, change)).isEqualTo(1);
        }
      }
      case UPDATE_SET -> {
        RowSet set = all(rows);
        RowBatch missing = missing(rows);
        IntStream.range(0, missing.count()).forEach(row -> set.add(missing, row));
        NetChanges changes =
            new NetChanges(new RowSet(), List.of(new NetChanges.Update(values, set)), new RowSet());
        assertThat(writer.apply(to.route, changes).updated()).isEqualTo(rows.count());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void without_a_key_a_row_is_found_by_the_values_of_every_type(Engine engine) throws Exception {
    RowBatch rows = source(engine);
    new Copy(engine.source(), engine.target()).run(new TableId("src", TABLE), "dst");
    engine.execute("dst", "SET SESSION sql_mode=''", "ALTER TABLE `every type` DROP PRIMARY KEY");
    Applying to = to(engine, rows.schema(), "dst");
    try (ChangeWriter writer = engine.target().changes(Applying.REQUEST)) {
      for (int row = 0; row < rows.count(); row++) {
        RowChange update = new RowChange(Operation.UPDATE, rows, row, row);
        assertThat(writer.apply(to.route, update)).as("row %d", row).isEqualTo(1);
        RowChange delete = new RowChange(Operation.DELETE, rows, row, RowChange.NONE);
        assertThat(writer.apply(to.route, delete)).as("row %d", row).isEqualTo(1);
        assertThat(writer.apply(to.route, delete)).as("row %d", row).isZero();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void an_enum_of_index_0_is_applied_as_it_is(Engine engine) throws Exception {
    engine.fresh("src");
    engine.execute(
        "src",
        "SET SESSION sql_mode=''",
        "CREATE TABLE t (id int PRIMARY KEY, e enum('a','b'), v int)",
        "INSERT INTO t WITH RECURSIVE seq AS (SELECT 1 n UNION ALL SELECT n + 1 FROM seq WHERE n < 30)"
            + " SELECT n, 'wrong', 0 FROM seq");
    RowBatch rows = read(engine, new TableId("src", "t"));
    engine.execute("", "CREATE DATABASE IF NOT EXISTS applied", "DROP TABLE IF EXISTS applied.t");
    engine.execute("applied", "CREATE TABLE t LIKE src.t");
    Applying to = to(engine, rows.schema(), "applied");
    try (ChangeWriter writer = engine.target().changes(Applying.REQUEST)) {
      NetChanges insert = new NetChanges(new RowSet(), List.of(), all(rows));
      NetChanges update =
          new NetChanges(
              new RowSet(), List.of(new NetChanges.Update(List.of(1), all(rows))), new RowSet());
      assertThat(writer.apply(to.route, insert).inserted()).isEqualTo(30);
      assertThat(writer.apply(to.route, update).updated()).isEqualTo(30);
      RowChange one = new RowChange(Operation.UPDATE, rows, 3, 3);
      assertThat(writer.apply(to.route, one)).isEqualTo(1);
      writer.commit(Applying.checkpoint("1"));
    }
    assertThat(Applying.query(engine, "SELECT e+0, count(*) FROM applied.t GROUP BY e"))
        .containsExactly("0|30");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void values_of_postgresql_are_applied_and_found_again(Engine engine) throws Exception {
    engine.fresh("dst");
    List<Column> columns =
        List.of(
            postgres("flag", DataType.BOOLEAN, Meaning.PLAIN, "boolean", 0, 0, 0),
            postgres("note", DataType.NCLOB, Meaning.PLAIN, "text", 0, 0, 0),
            postgres("name", DataType.WSTRING, Meaning.PLAIN, "character varying(50)", 50, 0, 0),
            postgres("data", DataType.BLOB, Meaning.PLAIN, "bytea", 0, 0, 0),
            postgres("at", DataType.DATETIME, Meaning.INSTANT, "timestamp with time zone", 0, 0, 6),
            postgres("amount", DataType.NUMERIC, Meaning.PLAIN, "numeric", 0, 0, 0),
            postgres("price", DataType.NUMERIC, Meaning.MONEY, "money", 0, 19, 2),
            postgres("single", DataType.REAL4, Meaning.PLAIN, "real", 0, 0, 0),
            postgres("twice", DataType.REAL8, Meaning.PLAIN, "double precision", 0, 0, 0),
            postgres("uuid", DataType.STRING, Meaning.UUID, "uuid", 36, 0, 0),
            postgres("grid", DataType.NCLOB, Meaning.ARRAY, "double precision[]", 0, 0, 0),
            postgres("map", DataType.NCLOB, Meaning.HSTORE, "hstore", 0, 0, 0),
            postgres("doc", DataType.NCLOB, Meaning.JSONB, "jsonb", 0, 0, 0),
            postgres("bits", DataType.STRING, Meaning.BITS, "bit(5)", 5, 0, 0),
            postgres("every", DataType.STRING, Meaning.INTERVAL, "interval", 128, 0, 0),
            postgres("daily", DataType.TIME, Meaning.PLAIN, "time with time zone", 0, 0, 6),
            postgres("clock", DataType.TIME, Meaning.PLAIN, "time(3)", 0, 0, 3),
            postgres("host", DataType.STRING, Meaning.LITERAL, "inet", 50, 0, 0),
            postgres("day", DataType.DATE, Meaning.PLAIN, "date", 0, 0, 0));
    String[][] rows = {
      {
        "t",
        "tab\tnl\nback\\slash \\N 'q' \u0000 😀",
        "A ",
        "\u0000ÿ",
        "2024-02-29 12:00:00.000001",
        "-123456789012345678901234567890.000000000000000000000000000001",
        "-12.50",
        "3.4028235E38",
        "1.7976931348623157E308",
        "550e8400-e29b-41d4-a716-446655440000",
        "{{1.5,NaN},{NULL,-2}}",
        "\"a\"=>\"1\", \"b\\\"c\"=>NULL",
        "{\"k\": [1, 12345678901234567890.125, \"é\"]}",
        "01011",
        "P1Y2M3DT4H5M6.789S",
        "12:00:00+02",
        "23:59:59.999",
        "10.0.0.0/8",
        "9999-12-31"
      },
      {
        "f",
        "",
        "",
        "",
        "1970-01-01 00:00:00",
        "0",
        "0.00",
        "1.0E-45",
        "4.9E-324",
        "00000000-0000-0000-0000-000000000000",
        "{}",
        "",
        "null",
        "00000",
        "PT0S",
        "00:00:00Z",
        "00:00:00",
        "::1",
        "0001-01-01"
      },
      new String[columns.size()]
    };
    TableSchema wanted = new TableSchema(new TableId("dst", "t"), columns, Optional.empty());
    engine.target().prepare(wanted, PrepareMode.DROP_AND_CREATE, false);
    Applying t = new Applying(engine.target(), wanted);
    try (ChangeWriter writer = engine.target().changes(Applying.REQUEST)) {
      assertThat(writer.apply(t.route, t.inserts(rows)).inserted()).isEqualTo(rows.length);
      for (String[] row : rows) {
        assertThat(writer.apply(t.route, t.update(row, row))).as("%s", (Object) row).isEqualTo(1);
      }
      for (String[] row : rows) {
        assertThat(writer.apply(t.route, t.delete(row))).as("%s", (Object) row).isEqualTo(1);
        assertThat(writer.apply(t.route, t.delete(row))).as("%s", (Object) row).isZero();
      }
    }
  }

  private static Column postgres(
      String name,
      DataType type,
      Meaning meaning,
      String nativeName,
      int length,
      int precision,
      int scale) {
    return Loading.postgres(name, type, meaning, nativeName, length, precision, scale, List.of());
  }

  private static RowBatch source(Engine engine) throws InterruptedException {
    engine.fresh("src");
    engine.server().execute("DROP DATABASE IF EXISTS dst");
    engine.execute(
        "src",
        "SET SESSION sql_mode='', time_zone='+00:00'",
        SameFamilyIT.TABLE[0],
        SameFamilyIT.TABLE[1]);
    return read(engine, new TableId("src", TABLE));
  }

  /** The rows as a load reads them, which is how a change log gives them too. */
  private static RowBatch read(Engine engine, TableId id) throws InterruptedException {
    Source source = engine.source();
    TableSchema table = source.tables((found, kind) -> found.equals(id)).get(0);
    try (Snapshot snapshot = source.snapshot(List.of(table), 1)) {
      Segment segment = snapshot.segments(table, 1_000_000).get(0);
      try (RowReader reader = snapshot.read(table, segment, RowFormat.CELLS, 1000)) {
        Optional<Rows> rows = reader.next();
        return (RowBatch) rows.orElseThrow();
      }
    }
  }

  private static Applying to(Engine engine, TableSchema source, String database) {
    return new Applying(engine.target(), source.withId(new TableId(database, source.id().name())));
  }

  private static RowSet all(RowBatch rows) {
    RowSet set = new RowSet();
    IntStream.range(0, rows.count()).forEach(row -> set.add(rows, row));
    return set;
  }

  /** Copies of the first row with keys of their own. */
  private static RowBatch missing(RowBatch rows) {
    RowBatchBuilder builder = new RowBatchBuilder(rows.schema());
    for (int i = 0; i < MISSING; i++) {
      builder.add(Integer.toString(1000 + i));
      for (int column = 1; column < rows.schema().columns().size(); column++) {
        if (rows.isNull(0, column)) {
          builder.addNull();
        } else {
          int start = rows.start(0, column);
          builder.add(rows.slab(), start, rows.end(0, column) - start);
        }
      }
      builder.endRow();
    }
    return builder.build();
  }

  private static List<String> checksum(Engine engine, String database) {
    List<String> lines = new ArrayList<>();
    for (String line : Applying.query(engine, "CHECKSUM TABLE " + database + ".`every type`")) {
      lines.add(line.substring(line.indexOf('|')));
    }
    lines.addAll(
        Applying.query(
            engine,
            "SELECT id, hex(dtm), hex(j), hex(g), e+0, bit64+0, hex(lb), hex(`odd ``name\"`) FROM "
                + database
                + ".`every type` ORDER BY id"));
    return lines;
  }
}
