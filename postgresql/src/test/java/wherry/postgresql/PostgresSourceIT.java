package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Index;
import wherry.schema.Key;
import wherry.schema.Meaning;
import wherry.schema.TableSchema;

/** What the catalogue says, and what a snapshot sees. */
class PostgresSourceIT {
  private static final Databases databases = new Databases();

  @AfterEach
  void clear() {
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  private List<String> offered(Source source) {
    return source.tables((id, kind) -> true).stream()
        .map(table -> table.id() + " " + table.kind())
        .toList();
  }

  @Test
  void tables_and_views_are_offered_without_the_systems_and_our_own() {
    databases.inSource(
        "CREATE SCHEMA other",
        "CREATE TABLE b (id int)",
        "CREATE UNLOGGED TABLE other.a (id int)",
        "CREATE VIEW v AS SELECT 1 AS one",
        "CREATE MATERIALIZED VIEW m AS SELECT 1 AS one",
        "CREATE TABLE awsdms_ddl_audit (id int)",
        "CREATE TABLE p (id int) PARTITION BY LIST (id)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1) PARTITION BY LIST (id)",
        "CREATE TABLE p1_1 PARTITION OF p1 FOR VALUES IN (1)");
    try (Source source = databases.source()) {
      assertThat(offered(source))
          .containsExactly("other.a TABLE", "public.b TABLE", "public.p TABLE", "public.v VIEW");
      assertThat(source.tables((id, kind) -> id.name().startsWith("p1_")).getFirst().id().name())
          .isEqualTo("p1_1");
      assertThat(source.schemas()).containsExactly("other", "public");
    }
  }

  @Test
  void keys_and_indexes_are_read_as_they_are() {
    databases.inSource(
        "CREATE TABLE t (a int NOT NULL, b int NOT NULL, gone int, c text, PRIMARY KEY (b, a))",
        "ALTER TABLE t DROP COLUMN gone",
        "CREATE INDEX by_c ON t (c DESC, a) INCLUDE (b)",
        "CREATE INDEX lower_c ON t (lower(c))",
        "CREATE UNIQUE INDEX some_c ON t (c) WHERE a > 0",
        "CREATE TABLE u (a int NOT NULL, b int NOT NULL, c int UNIQUE, d int NOT NULL, UNIQUE (a,"
            + " b), UNIQUE (d) DEFERRABLE)",
        "CREATE TABLE n (a int UNIQUE)");
    TableSchema t = databases.sourceTable("public", "t");
    assertThat(t.columns()).extracting(Column::name).containsExactly("a", "b", "c");
    assertThat(t.key()).contains(new Key(true, List.of(1, 0)));
    assertThat(t.indexes())
        .containsExactly(
            new Index(
                "by_c", false, List.of(new Index.Part(2, true, 0), new Index.Part(0, false, 0))));
    assertThat(t.indexesLeftOut()).containsExactly("lower_c", "some_c");
    assertThat(databases.sourceTable("public", "u").key()).contains(new Key(false, List.of(0, 1)));
    assertThat(databases.sourceTable("public", "n").key()).isEmpty();
  }

  @Test
  void types_have_their_lengths_scales_and_labels() {
    databases.inSource(
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE DOMAIN base AS numeric(5,2) NOT NULL",
        "CREATE DOMAIN money_like AS base",
        "CREATE TABLE t (m mood, d money_like, n numeric(3,-2), v varchar(7), c char(3), z"
            + " timestamptz(2), b bit(5), i interval, a int[])");
    List<Column> columns = databases.sourceTable("public", "t").columns();
    assertThat(columns.get(0))
        .extracting(Column::meaning, Column::labels)
        .containsExactly(Meaning.ENUM, List.of("sad", "ok"));
    assertThat(columns.get(1))
        .extracting(
            Column::type,
            Column::precision,
            Column::scale,
            Column::nullable,
            c -> c.nativeType().name())
        .containsExactly(DataType.NUMERIC, 5, 2, false, "public.money_like");
    assertThat(columns.get(2)).extracting(Column::precision, Column::scale).containsExactly(3, -2);
    assertThat(columns.get(3))
        .extracting(Column::type, Column::length)
        .containsExactly(DataType.WSTRING, 7);
    assertThat(columns.get(4))
        .extracting(Column::meaning, Column::length)
        .containsExactly(Meaning.FIXED_CHAR, 3);
    assertThat(columns.get(5))
        .extracting(Column::meaning, Column::scale)
        .containsExactly(Meaning.INSTANT, 2);
    assertThat(columns.get(6))
        .extracting(Column::meaning, Column::length)
        .containsExactly(Meaning.BITS, 5);
    assertThat(columns.get(7).meaning()).isEqualTo(Meaning.INTERVAL);
    assertThat(columns.get(8).meaning()).isEqualTo(Meaning.ARRAY);
  }

  @Test
  void cells_are_canonical() throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, b bool, c char(5), z timestamptz, i interval, m money,"
            + " y bytea, n text, x text)",
        "INSERT INTO t VALUES (1, true, 'ab', '0044-03-15 12:00+01 BC', '1 year -02:03:04.5',"
            + " '-12.34', '\\x00ff09', NULL, E'a\\\\b\\tc\\n"
            + "\\\\N')");
    TableSchema table = databases.sourceTable("public", "t");
    try (Source source = databases.source();
        Snapshot snapshot = source.snapshot(List.of(table), 1);
        RowReader reader = snapshot.read(table, new Segment(0, "", 1, true), RowFormat.CELLS, 10)) {
      RowBatch rows = (RowBatch) reader.next().orElseThrow();
      assertThat(rows.text(0, 1)).isEqualTo("t");
      assertThat(rows.text(0, 2)).isEqualTo("ab");
      assertThat(rows.text(0, 3)).isEqualTo("0044-03-15 11:00:00 BC");
      assertThat(rows.text(0, 4)).isEqualTo("P1YT-2H-3M-4.5S");
      assertThat(rows.text(0, 5)).isEqualTo("-12.34");
      assertThat(Arrays.copyOfRange(rows.slab(), rows.start(0, 6), rows.end(0, 6)))
          .containsExactly(0, 0xff, 9);
      assertThat(rows.isNull(0, 7)).isTrue();
      assertThat(rows.text(0, 8)).isEqualTo("a\\b\tc\n\\N");
      assertThat(reader.next()).isEmpty();
    }
  }

  @Test
  void all_readers_see_the_moment_of_the_snapshot_whatever_happens_after_it() throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 100)");
    TableSchema table = databases.sourceTable("public", "t");
    try (Source source = databases.source();
        Snapshot snapshot = source.snapshot(List.of(table), 2)) {
      databases.inSource("DELETE FROM t WHERE id > 50", "INSERT INTO t VALUES (1000)");
      Segment whole = new Segment(0, "", 0, true);
      assertThat(ids(snapshot, table, whole)).hasSize(100);
      try (RowReader first = snapshot.read(table, whole, RowFormat.CELLS, 10);
          RowReader second = snapshot.read(table, whole, RowFormat.CELLS, 100)) {
        assertThat(first.next().orElseThrow().count()).isEqualTo(10);
        assertThat(second.next().orElseThrow().count()).isEqualTo(100);
      }
      Lsn position = (Lsn) snapshot.position().orElseThrow();
      assertThat(
              databases.sourceRows("SELECT pg_current_wal_lsn() > '%s'".formatted(position.text())))
          .containsExactly("t");
      assertThatThrownBy(() -> databases.inSource("SET lock_timeout = '50ms'", "TRUNCATE t"))
          .hasMessageContaining("lock timeout");
    }
    databases.inSource("SET lock_timeout = '5s'", "TRUNCATE t");
  }

  private static Set<Integer> ids(Snapshot snapshot, TableSchema table, Segment segment)
      throws InterruptedException {
    Set<Integer> ids = new HashSet<>();
    try (RowReader reader = snapshot.read(table, segment, RowFormat.CELLS, 1000)) {
      for (var rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        RowBatch batch = (RowBatch) rows.get();
        for (int row = 0; row < batch.count(); row++) {
          assertThat(ids.add(Integer.parseInt(String.valueOf(batch.text(row, 0))))).isTrue();
        }
      }
    }
    return ids;
  }

  @Test
  void segments_hold_each_row_once_and_about_as_many_as_wanted() throws Exception {
    databases.inSource(
        "CREATE TABLE dense (id int PRIMARY KEY, v text)",
        "INSERT INTO dense SELECT i, 'x' FROM generate_series(1, 40000) i",
        "CREATE TABLE skewed (id bigint PRIMARY KEY, v text)",
        "INSERT INTO skewed SELECT i, 'x' FROM generate_series(1, 20000) i",
        "INSERT INTO skewed SELECT 1000000000 + i * 1000, 'x' FROM generate_series(1, 20000) i",
        "CREATE TABLE scattered (id int PRIMARY KEY, v text)",
        "INSERT INTO scattered SELECT i, 'x' FROM generate_series(1, 40000) i ORDER BY"
            + " md5(i::text)",
        "CREATE TABLE few (id int, n int, PRIMARY KEY (id, n))",
        "INSERT INTO few SELECT i % 3, i FROM generate_series(1, 40000) i",
        "CREATE TABLE keyless (id int, v text)",
        "INSERT INTO keyless SELECT i, 'x' FROM generate_series(1, 40000) i",
        "CREATE TABLE texts (id text PRIMARY KEY)",
        "INSERT INTO texts SELECT i FROM generate_series(1, 40000) i",
        "CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY HASH (id)",
        "CREATE TABLE parts0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE parts1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "INSERT INTO parts SELECT generate_series(-20000, 19999)",
        "ANALYZE");
    try (Source source = databases.source()) {
      List<TableSchema> tables = source.tables((id, kind) -> true);
      try (Snapshot snapshot = source.snapshot(tables, 1)) {
        for (TableSchema table : tables) {
          assertThat(snapshot.estimatedRows(table)).as(table.id().name()).isEqualTo(40_000);
          List<Segment> segments = snapshot.segments(table, 5000);
          boolean lasting = Set.of("dense", "skewed", "parts").contains(table.id().name());
          assertThat(segments)
              .as(table.id().name())
              .hasSizeBetween(6, 8)
              .allMatch(segment -> segment.lasting() == lasting);
          int sum = 0;
          Set<Integer> all = new HashSet<>();
          for (Segment segment : segments) {
            Set<Integer> ids = keys(snapshot, table, segment);
            assertThat(ids.size()).as(table.id() + " " + segment).isLessThan(11_000);
            sum += ids.size();
            all.addAll(ids);
          }
          assertThat(sum).as(table.id().name()).isEqualTo(40_000);
          assertThat(all).as(table.id().name()).hasSize(40_000);
          assertThat(snapshot.segments(table, 30_000))
              .containsExactly(new Segment(0, "", 40_000, true));
        }
      }
    }
  }

  /** A value that is unique in the table, whichever column has it. */
  private static Set<Integer> keys(Snapshot snapshot, TableSchema table, Segment segment)
      throws InterruptedException {
    TableSchema one =
        table.keepColumns(column -> column == (table.id().name().equals("few") ? 1 : 0));
    return ids(snapshot, one, segment);
  }

  @Test
  void a_table_of_unknown_size_is_guessed_from_its_pages() {
    databases.inSource(
        "CREATE TABLE t (id int, v text)",
        "INSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, 10000) i");
    TableSchema table = databases.sourceTable("public", "t");
    try (Source source = databases.source();
        Snapshot snapshot = source.snapshot(List.of(table), 1)) {
      assertThat(snapshot.estimatedRows(table)).isBetween(3_000L, 30_000L);
    }
  }

  @Test
  void a_definition_that_changed_meanwhile_is_noticed() {
    databases.inSource("CREATE TABLE t (id int, v int)");
    TableSchema table = databases.sourceTable("public", "t");
    databases.inSource("ALTER TABLE t ALTER v TYPE real");
    try (Source source = databases.source()) {
      assertThatThrownBy(() -> source.snapshot(List.of(table), 1))
          .isInstanceOfSatisfying(
              DmsException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_TABLE_FAILED))
          .hasMessageContaining("has changed");
      databases.inSource("DROP TABLE t");
      assertThatThrownBy(() -> source.snapshot(List.of(table), 1)).hasMessageContaining("is gone");
    }
  }

  @Test
  void a_closed_snapshot_leaves_no_session_behind() throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int, v text)",
        "INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i");
    TableSchema table = databases.sourceTable("public", "t");
    try (Source source = databases.source()) {
      Snapshot snapshot = source.snapshot(List.of(table), 1);
      RowReader reader = snapshot.read(table, new Segment(0, "", 0, true), RowFormat.CELLS, 10);
      reader.next();
      snapshot.close();
      assertThatThrownBy(
              () -> {
                while (reader.next().isPresent()) {
                  // Until the broken connection shows; the driver may hold some rows already.
                }
              })
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONNECTION_FAILED));
      reader.close();
    }
    await()
        .untilAsserted(() ->
            assertThat(
                    Databases.rows(
                        "postgres",
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = '%s'"
                            .formatted(databases.sourceName())))
                .containsExactly("0"));
  }
}
