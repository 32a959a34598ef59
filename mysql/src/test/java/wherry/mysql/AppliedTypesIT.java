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
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.row.RowFormat;
import wherry.row.Rows;
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
