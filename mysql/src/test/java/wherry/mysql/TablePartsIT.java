package wherry.mysql;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.connector.Partition;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.filter.RangesAgreement;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.TableSchema;
import wherry.testing.Seed;

/** The parts that a user's parallel-load names: partitions of both levels, ranges. */
class TablePartsIT {
  @ParameterizedTest
  @EnumSource(Engine.class)
  void partitions_of_both_levels_are_named_and_hold_each_row_once(Engine engine) throws Exception {
    engine.fresh("parted");
    engine.execute(
        "parted",
        """
        CREATE TABLE p (id int NOT NULL, y int NOT NULL, PRIMARY KEY (id, y))
          PARTITION BY RANGE (y) SUBPARTITION BY HASH (id)
          (PARTITION p0 VALUES LESS THAN (10) (SUBPARTITION s0, SUBPARTITION s1),
           PARTITION `p rest` VALUES LESS THAN MAXVALUE (SUBPARTITION s2, SUBPARTITION s3))
        """,
        "CREATE TABLE whole (id int PRIMARY KEY)",
        "CREATE VIEW v AS SELECT * FROM p",
        "INSERT INTO p SELECT a.n * 10 + b.n, a.n + b.n FROM"
            + " (SELECT 0 AS n UNION SELECT 3 UNION SELECT 6 UNION SELECT 9) AS a,"
            + " (SELECT 0 AS n UNION SELECT 2 UNION SELECT 5 UNION SELECT 7) AS b");
    Source source = engine.source();
    List<TableSchema> tables = source.tables((id, kind) -> id.schema().equals("parted"));
    try (Snapshot snapshot = source.snapshot(tables, 1)) {
      TableSchema table = tables.getFirst();
      List<Partition> all = snapshot.partitions(table);
      assertThat(all)
          .extracting(Partition::name, Partition::within)
          .containsExactly(
              tuple("p0", ""),
              tuple("s0", "p0"),
              tuple("s1", "p0"),
              tuple("p rest", ""),
              tuple("s2", "p rest"),
              tuple("s3", "p rest"));
      List<String> whole = rows(snapshot, table, "");
      assertThat(whole).hasSize(16);
      List<String> tops = new ArrayList<>();
      List<String> leaves = new ArrayList<>();
      for (Partition partition : all) {
        (partition.within().isEmpty() ? tops : leaves)
            .addAll(rows(snapshot, table, partition.reference()));
      }
      assertThat(tops).containsExactlyInAnyOrderElementsOf(whole);
      assertThat(leaves).containsExactlyInAnyOrderElementsOf(whole);
      assertThat(snapshot.partitions(tables.get(1))).isEmpty();
      assertThat(snapshot.partitions(tables.get(2))).isEmpty();
    }
  }

  private static List<String> rows(Snapshot snapshot, TableSchema table, String partition)
      throws Exception {
    List<String> texts = new ArrayList<>();
    try (RowReader reader =
        snapshot.read(table, new Segment(0, partition, "", 0, true), RowFormat.CELLS, 10_000)) {
      for (Optional<Rows> rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        RowBatch batch = (RowBatch) rows.get();
        for (int row = 0; row < batch.count(); row++) {
          texts.add(batch.text(row, 0) + "|" + batch.text(row, 1));
        }
      }
    }
    return texts;
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void ranges_of_any_columns_hold_each_row_exactly_once(Engine engine) throws Exception {
    engine.fresh("ranged");
    engine.execute(
        "ranged",
        """
        CREATE TABLE r (id int PRIMARY KEY AUTO_INCREMENT, i1 tinyint, u8 bigint unsigned NOT NULL, d decimal(10,2),
          y year, s text, v varchar(20) CHARACTER SET latin1 COLLATE latin1_german2_ci,
          b varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, c char(6), day date, t time, ts datetime(1),
          tz timestamp NULL)
        """,
        """
        INSERT INTO r (i1, u8, d, y, s, v, b, c, day, t, ts, tz)
          SELECT nullif(a.n, 4), a.n + b.n, nullif(a.n, 3) - 2.5, 2020 + b.n, w.w, w.w, w.w, w.w,
            nullif(date_add('2024-02-27', INTERVAL b.n DAY), '2024-02-28'), sec_to_time(a.n * 1000 - 2000),
            date_add('2024-02-29', INTERVAL a.n HOUR), nullif(date_add('2024-02-29', INTERVAL b.n HOUR), '2024-02-29')
          FROM (SELECT 0 AS n UNION SELECT 1 UNION SELECT 3 UNION SELECT 4) AS a,
               (SELECT 0 AS n UNION SELECT 1 UNION SELECT 2 UNION SELECT 5) AS b,
               (SELECT 'a' AS w UNION ALL SELECT 'B' UNION ALL SELECT 'b ' UNION ALL SELECT 'ä' UNION ALL SELECT NULL
                UNION ALL SELECT 'aa') AS w
        """,
        "CREATE VIEW seen AS SELECT * FROM r WHERE id <= 60");
    List<String> texts = List.of("a", "B", "b", "Ä", "aa", "it's");
    List<String> moments =
        List.of("2024-02-28", "2024-02-29", "2024-02-29 01:00:00", "2024-02-29 03:00:00.5");
    Map<String, List<String>> values =
        Map.ofEntries(
            entry("i1", List.of("-1", "1", "3", "99999999999")),
            entry("u8", List.of("2", "4", "5.5")),
            entry("d", List.of("-2.5", "0", "0.5", "1.5")),
            entry("y", List.of("2020", "2021", "2023")),
            entry("s", texts),
            entry("v", texts),
            entry("b", texts),
            entry("c", texts),
            entry("day", moments),
            entry("t", List.of("-00:10:00", "00:00:00", "00:33:20")),
            entry("ts", moments),
            entry("tz", moments));
    Source source = engine.source();
    List<TableSchema> tables = source.tables((id, kind) -> id.schema().equals("ranged"));
    try (Snapshot snapshot = source.snapshot(tables, 1)) {
      for (TableSchema table : tables) {
        new RangesAgreement(snapshot, table, Seed.random("TablePartsIT")).check(values);
      }
    }
  }
}
