package wherry.postgresql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.change.Checkpoint;
import wherry.change.SchemaChange.ColumnChange;
import wherry.change.SchemaChange.ColumnChange.Added;
import wherry.change.SchemaChange.ColumnsChanged;
import wherry.change.SchemaChange.TableLost;
import wherry.connector.ChangeWriter;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** ALTER TABLE changes rows of which the log tells nothing: what becomes of them. */
class PostgresExistingRowsIT {
  private static final Databases databases = new Databases();

  /** Columns that give each row that is there the same value. */
  private static final List<String> CONSTANTS =
      List.of(
          "int DEFAULT 5",
          "numeric(8,3) DEFAULT 1.5",
          "boolean NOT NULL DEFAULT true",
          "text DEFAULT 'it''s, \"quoted\" \\ {ä}'",
          "varchar(9) DEFAULT ''",
          "char(5) DEFAULT 'ab'",
          "bytea DEFAULT '\\x00ff'",
          "timestamptz DEFAULT '2024-02-29 12:00:00.5+02'",
          "timestamptz DEFAULT now()",
          "timetz DEFAULT '12:00:00+02'",
          "date DEFAULT '2024-02-29'",
          "interval DEFAULT '1 day 02:00'",
          "money DEFAULT '-1234.5'",
          "float8 DEFAULT 0.1",
          "real DEFAULT 'NaN'",
          "uuid DEFAULT '550e8400-e29b-41d4-a716-446655440000'",
          "jsonb DEFAULT '{\"a\": [1, 2]}'",
          "int[] DEFAULT '{1,2,NULL}'",
          "bit(4) DEFAULT '0101'",
          "inet DEFAULT '10.0.0.1'",
          "text DEFAULT 'NULL'",
          "text DEFAULT NULL",
          "int");

  @AfterEach
  void clear() {
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  private static RowBatch loaded(Source source) throws InterruptedException {
    TableSchema table = databases.sourceTable("public", "t");
    try (Snapshot snapshot = source.snapshot(List.of(table), 1);
        RowReader reader =
            snapshot.read(table, new Segment(0, "", 0, true), RowFormat.CELLS, 10_000)) {
      Optional<Rows> rows = reader.next();
      return (RowBatch) rows.orElseThrow();
    }
  }

  private static ColumnsChanged columnsChanged(CapturedChanges changes) {
    return (ColumnsChanged)
        changes.parts.stream()
            .flatMap(part -> part.events().stream())
            .filter(ColumnsChanged.class::isInstance)
            .findFirst()
            .orElseThrow();
  }

  @Test
  void a_constant_default_is_told_with_the_bytes_that_a_load_reads() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    List<String> added =
        IntStream.range(0, CONSTANTS.size())
            .mapToObj(i -> "ADD COLUMN c" + i + " " + CONSTANTS.get(i))
            .toList();
    try (CapturedChanges changes = new CapturedChanges(databases.source(), "EXISTING")) {
      databases.inSource("ALTER TABLE t " + String.join(", ", added), "UPDATE t SET id = 1");
      assertThat(changes.lines(2)).hasSize(2).noneMatch(line -> line.startsWith("LOST"));
      RowBatch rows = loaded(changes.source);
      List<String> told = new ArrayList<>();
      List<String> there = new ArrayList<>();
      for (int i = 0; i < CONSTANTS.size(); i++) {
        Added change = (Added) columnsChanged(changes).changes().get(i);
        told.add(CONSTANTS.get(i) + ": " + change.existing().map(cell -> cell.text(0, 0)));
        there.add(CONSTANTS.get(i) + ": " + Optional.ofNullable(rows.text(0, i + 1)));
      }
      assertThat(told).containsExactlyElementsOf(there);
    }
  }

  @Test
  void another_type_is_followed_where_values_stay_and_loses_the_table_where_they_may_not()
      throws Exception {
    databases.inSource(
        "CREATE TABLE kept (id int PRIMARY KEY, a varchar(5), b numeric(5,2), c timestamp(3))",
        "CREATE TABLE lost (id int PRIMARY KEY, a float8)");
    try (CapturedChanges changes = new CapturedChanges(databases.source(), "EXISTING")) {
      databases.inSource(
          "INSERT INTO kept VALUES (1, 'a', 1, now())",
          "INSERT INTO lost VALUES (1, 1e20)",
          "ALTER TABLE kept ALTER id TYPE bigint, ALTER a TYPE text, ALTER b TYPE numeric(9,4),"
              + " ALTER c TYPE timestamp(6)",
          "ALTER TABLE lost ALTER a TYPE text",
          "INSERT INTO kept VALUES (2, 'b', 2, now())",
          "INSERT INTO lost VALUES (2, 'x')");
      List<String> lines = changes.lines(6);
      assertThat(lines.get(2)).startsWith("ColumnsChanged kept");
      assertThat(lines.get(3)).startsWith("INSERT kept");
      assertThat(
              changes.parts.stream()
                  .flatMap(part -> part.events().stream())
                  .filter(TableLost.class::isInstance)
                  .map(event -> ((TableLost) event).reason()))
          .singleElement()
          .asString()
          .contains("the values of column a were converted", "Reload the table");
    }
  }

  @Test
  void rows_of_the_target_get_the_value_once_and_no_default_stays() {
    List<String> types =
        List.of("int", "varchar(20)", "jsonb", "bit(4)", "timestamptz", "bytea", "numeric(6,2)");
    List<String> cells =
        List.of("7", "it's \\ ä", "{\"a\": 1}", "0101", "2024-02-29 12:00:00", "ab", "1.50");
    String all =
        String.join(
            ", ",
            IntStream.range(0, types.size()).mapToObj(i -> "c" + i + " " + types.get(i)).toList());
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, there int, " + all + ")");
    databases.inTarget(
        "CREATE TABLE t (id int PRIMARY KEY, there int)", "INSERT INTO t VALUES (1, NULL), (2, 5)");
    TableId id = new TableId("public", "t");
    TableSchema wide = databases.sourceTable("public", "t");
    TableSchema narrow = wide.keepColumns(i -> i < 1);
    List<ColumnChange> changes = new ArrayList<>();
    changes.add(Added.filled(id, wide.columns().get(1), "9".getBytes(UTF_8)));
    for (int i = 0; i < cells.size(); i++) {
      changes.add(Added.filled(id, wide.columns().get(i + 2), cells.get(i).getBytes(UTF_8)));
    }
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      writer.alter(narrow, wide, changes);
      writer.alter(narrow, wide, changes);
      writer.commit(new Checkpoint("0/1", Instant.EPOCH, "0/1", List.of(), "log"));
    }
    databases.inTarget("INSERT INTO t (id) VALUES (3)");
    assertThat(databases.targetRows("SELECT * FROM t ORDER BY id"))
        .containsExactly(
            "1|9|7|it's \\ ä|{\"a\": 1}|0101|2024-02-29 12:00:00+00|\\x6162|1.50",
            "2|5|7|it's \\ ä|{\"a\": 1}|0101|2024-02-29 12:00:00+00|\\x6162|1.50",
            "3" + "|null".repeat(8));
  }
}
