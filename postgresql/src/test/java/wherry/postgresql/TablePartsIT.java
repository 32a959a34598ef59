package wherry.postgresql;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.connector.Partition;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.error.DmsException;
import wherry.filter.RangesAgreement;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.testing.Seed;

/** The parts that a user's parallel-load names: partitions of every kind and level, ranges. */
class TablePartsIT {
  private static final Databases databases = new Databases();

  @AfterEach
  void clear() {
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  private static void parted() {
    databases.inSource(
        "CREATE SCHEMA elsewhere",
        "CREATE TABLE p (id int, at date, v text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        "CREATE TABLE p2024 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY HASH (id)",
        "CREATE TABLE p2024_0 PARTITION OF p2024 FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE elsewhere.p2024_1 (v text, at date NOT NULL, id int NOT NULL)",
        "ALTER TABLE p2024 ATTACH PARTITION elsewhere.p2024_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "CREATE TABLE \"P rest\" PARTITION OF p DEFAULT",
        "INSERT INTO p SELECT i, date '2023-01-01' + i, 'row ' || i FROM generate_series(1, 1000) i");
  }

  @Test
  void partitions_of_every_level_are_named_and_hold_each_row_once() throws Exception {
    parted();
    TableSchema table = databases.sourceTable("public", "p");
    try (Source source = databases.source();
        Snapshot snapshot = source.snapshot(List.of(table), 1)) {
      List<Partition> all = snapshot.partitions(table);
      assertThat(all)
          .extracting(Partition::name, Partition::within)
          .containsExactly(
              tuple("P rest", ""),
              tuple("p2024", ""),
              tuple("elsewhere.p2024_1", "p2024"),
              tuple("p2024_0", "p2024"));
      List<String> whole = rows(snapshot, table, "");
      assertThat(whole).hasSize(1000);
      for (RowFormat format : snapshot.formats(table)) {
        try (RowReader reader =
            snapshot.read(
                table, new Segment(0, all.getFirst().reference(), "", 0, true), format, 10_000)) {
          assertThat(reader.next()).isPresent();
        }
      }
      List<String> tops = new ArrayList<>(rows(snapshot, table, all.get(0).reference()));
      tops.addAll(rows(snapshot, table, all.get(1).reference()));
      assertThat(tops).containsExactlyInAnyOrderElementsOf(whole);
      List<String> leaves = new ArrayList<>(rows(snapshot, table, all.get(0).reference()));
      leaves.addAll(rows(snapshot, table, all.get(2).reference()));
      leaves.addAll(rows(snapshot, table, all.get(3).reference()));
      assertThat(leaves).containsExactlyInAnyOrderElementsOf(whole);
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
          texts.add(batch.text(row, 0) + "|" + batch.text(row, 1) + "|" + batch.text(row, 2));
        }
      }
    }
    return texts;
  }

  @Test
  void a_table_of_one_piece_and_a_view_have_no_partitions() {
    databases.inSource("CREATE TABLE t (id int)", "CREATE VIEW v AS SELECT * FROM t");
    try (Source source = databases.source()) {
      List<TableSchema> tables = source.tables((id, kind) -> true);
      try (Snapshot snapshot = source.snapshot(tables, 1)) {
        assertThat(tables).hasSize(2).allMatch(table -> snapshot.partitions(table).isEmpty());
      }
    }
  }

  @Test
  void partitions_that_may_only_be_read_as_a_whole_are_told_with_the_grant() {
    parted();
    String role = "reader_of_" + databases.sourceName();
    databases.inSource(
        "CREATE ROLE " + role + " LOGIN PASSWORD 'secret'",
        "GRANT USAGE ON SCHEMA public TO " + role,
        "GRANT SELECT ON p TO " + role);
    try (Source source = databases.source("Username", role, "Password", "secret")) {
      TableSchema table =
          source.tables((id, kind) -> id.equals(new TableId("public", "p"))).getFirst();
      try (Snapshot snapshot = source.snapshot(List.of(table), 1)) {
        assertThatThrownBy(() -> snapshot.partitions(table))
            .isInstanceOf(DmsException.class)
            .hasMessageContaining("may read table public.p as a whole, but not 4 of its partitions")
            .hasMessageContaining("GRANT SELECT ON public.\"P rest\" TO \"" + role + "\";");
      }
    } finally {
      databases.inSource("DROP OWNED BY " + role, "DROP ROLE " + role);
    }
  }

  @Test
  void ranges_of_any_columns_hold_each_row_exactly_once() throws Exception {
    databases.inSource(
        """
        CREATE TABLE r (id int PRIMARY KEY, i2 int2, i8 int8 NOT NULL, o oid, n numeric, s text,
          v varchar(20) COLLATE "C", x text COLLATE "und-x-icu", c char(6), u uuid, day date, t time,
          ts timestamp, tz timestamptz)
        """,
        """
        INSERT INTO r SELECT i, nullif(i % 9, 4), i % 7, nullif(i % 5, 2),
          CASE i % 11 WHEN 0 THEN NULL WHEN 1 THEN 'NaN' ELSE i % 6 - 2.5 END,
          (ARRAY['a', 'B', 'b ', 'Ä', 'z', NULL, 'aa', ''])[1 + i % 8],
          (ARRAY['a', 'B', 'b ', 'Ä', 'z', NULL, 'aa', ''])[1 + i % 8],
          (ARRAY['a', 'B', 'b ', 'Ä', 'z', NULL, 'aa', 'A'])[1 + i % 8],
          (ARRAY['a', 'B', 'b ', 'Ä', NULL])[1 + i % 5],
          CASE WHEN i % 4 > 0 THEN ('00000000-0000-0000-0000-00000000000' || i % 6)::uuid END,
          CASE i % 13 WHEN 0 THEN NULL WHEN 1 THEN date 'infinity' ELSE date '2024-02-27' + i % 4 END,
          CASE WHEN i % 3 > 0 THEN time '23:59' + i % 3 * interval '1 second' END,
          CASE WHEN i % 5 > 0 THEN timestamp '2024-02-29' + i % 5 * interval '1 hour' END,
          CASE WHEN i % 6 > 0 THEN timestamptz '2024-02-29 00:00+00' + i % 5 * interval '1 hour' END
          FROM generate_series(1, 300) i
        """,
        "CREATE VIEW seen AS SELECT * FROM r WHERE id <= 200");
    List<String> texts = List.of("a", "B", "b", "Ä", "aa", "it's");
    List<String> moments =
        List.of("2024-02-28", "2024-02-29", "2024-02-29 02:00:00", "2024-02-29 03:00:00.5");
    Map<String, List<String>> values =
        Map.ofEntries(
            entry("i2", List.of("-1", "3", "5", "99999999999")),
            entry("i8", List.of("2", "4", "5.5")),
            entry("o", List.of("1", "3", "4")),
            entry("n", List.of("-2.5", "0", "1.5", "3")),
            entry("s", texts),
            entry("v", texts),
            entry("x", texts),
            entry("c", texts),
            entry(
                "u",
                List.of(
                    "00000000-0000-0000-0000-000000000002",
                    "00000000-0000-0000-0000-000000000003",
                    "00000000-0000-0000-0000-000000000005")),
            entry("day", moments),
            entry("t", List.of("23:59:01", "23:59:02", "12:00:00")),
            entry("ts", moments),
            entry("tz", moments));
    try (Source source = databases.source()) {
      List<TableSchema> tables = source.tables((id, kind) -> true);
      try (Snapshot snapshot = source.snapshot(tables, 1)) {
        for (TableSchema table : tables) {
          new RangesAgreement(snapshot, table, Seed.random("TablePartsIT")).check(values);
        }
      }
    }
  }
}
