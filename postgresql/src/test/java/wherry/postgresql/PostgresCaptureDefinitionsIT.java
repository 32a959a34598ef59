package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.change.ChangeEvent;
import wherry.change.SchemaChange.ColumnChange;
import wherry.change.SchemaChange.ColumnsChanged;
import wherry.change.SchemaChange.TableCreated;
import wherry.schema.Column;
import wherry.schema.Key;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** How definitions that change on the source come out of the log. */
class PostgresCaptureDefinitionsIT {
  private static final Databases databases = new Databases();

  @AfterEach
  void clear() {
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  private static CapturedChanges capture(String... settings) {
    return new CapturedChanges(
        databases.source(settings), "DEFINITIONS", (id, kind) -> !id.name().startsWith("x"));
  }

  private static ColumnsChanged columnsChanged(CapturedChanges changes) {
    return changes.parts.stream()
        .flatMap(part -> part.events().stream())
        .filter(ColumnsChanged.class::isInstance)
        .map(ColumnsChanged.class::cast)
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  @Test
  void columns_added_dropped_renamed_and_retyped_come_before_the_rows_that_have_them()
      throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, a text, b int, c int)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "INSERT INTO t VALUES (1, 'x', 2, 3)",
          "ALTER TABLE t ADD d timestamptz(3)",
          "INSERT INTO t VALUES (2, 'y', 2, 3, '2024-01-01 12:00+00')",
          "ALTER TABLE t DROP b, ALTER c TYPE bigint",
          "ALTER TABLE t RENAME a TO b",
          "INSERT INTO t VALUES (3, 'z', 3, NULL)");
      assertThat(changes.lines(5))
          .containsExactly(
              "INSERT t is [1, x, 2, 3]",
              "ColumnsChanged t: ALTER TABLE \"public\".\"t\" ADD COLUMN \"d\" timestamp(3) with time"
                  + " zone",
              "INSERT t is [2, y, 2, 3, 2024-01-01 12:00:00]",
              "ColumnsChanged t: ALTER TABLE \"public\".\"t\" RENAME COLUMN \"a\" TO \"b\", DROP"
                  + " COLUMN \"b\", ALTER COLUMN \"c\" TYPE bigint",
              "INSERT t is [3, z, 3, null]");
      ColumnsChanged last = columnsChanged(changes);
      TableSchema now = databases.sourceTable("public", "t");
      assertThat(last.after()).isEqualTo(now);
      assertThat(last.changes())
          .containsExactly(
              new ColumnChange.Renamed("a", now.columns().get(1)),
              new ColumnChange.Dropped("b"),
              new ColumnChange.Retyped(now.columns().get(2)));
    }
  }

  @Test
  void a_table_that_was_made_again_while_nobody_read_is_told_until_it_joins() throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int PRIMARY KEY)");
    try (CapturedChanges changes = capture()) {
      databases.inSource("INSERT INTO t VALUES (1)");
      changes.readToEnd();
      changes.reader.close();
      databases.inSource("DROP TABLE t", "CREATE TABLE t (id int PRIMARY KEY)");
      String identity = changes.start.identity();
      for (int i = 0; i < 2; i++) {
        assertThat(changes.log.uncarried(changes.tables, identity))
            .containsExactly(new TableId("public", "t"));
      }
      changes.log.open(changes.tables, identity);
      assertThat(changes.log.uncarried(changes.tables, identity)).isEmpty();
    }
  }

  @Test
  void what_has_changed_since_the_tables_were_found_is_told_though_the_log_begins_behind_it()
      throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "CREATE TABLE u (id int PRIMARY KEY, v text)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "ALTER TABLE t ADD w int, ADD x int DEFAULT 5",
          "ALTER TABLE u DROP v, ADD w int",
          "INSERT INTO t VALUES (1, 'a', 7, 8)",
          "INSERT INTO u VALUES (1, 2)");
      changes.readAgain(changes.start.position());
      changes.readToEnd();
      assertThat(changes.allLines())
          .containsExactly(
              "ColumnsChanged t: ALTER TABLE \"public\".\"t\" ADD COLUMN \"w\" integer, ADD COLUMN \"x\""
                  + " integer",
              "INSERT t is [1, a, 7, 8]",
              "LOST u: Changes of table public.u can no longer be captured: its columns have changed,"
                  + " and the log does not tell how. Reload the table.");
    }
  }

  @Test
  void what_has_changed_since_the_tables_were_found_is_told_though_it_changes_on()
      throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "CREATE TABLE u (id int PRIMARY KEY, v text)",
        "CREATE TABLE w (id int PRIMARY KEY, v text)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "ALTER TABLE t ADD a int",
          "INSERT INTO t VALUES (1, 'a', 7)",
          "ALTER TABLE t ADD b int",
          "INSERT INTO t VALUES (2, 'b', 8, 9)",
          "ALTER TABLE u DROP v",
          "INSERT INTO w VALUES (1, 'a')",
          "ALTER TABLE w DROP v");
      changes.readAgain(changes.start.position());
      databases.inSource("ALTER TABLE u ADD a int", "INSERT INTO u VALUES (1, 7)");
      databases.inSource("INSERT INTO w VALUES (2)");
      changes.readToEnd();
      assertThat(changes.allLines())
          .containsExactly(
              "ColumnsChanged t: ALTER TABLE \"public\".\"t\" ADD COLUMN \"a\" integer",
              "INSERT t is [1, a, 7]",
              "ColumnsChanged t: ALTER TABLE \"public\".\"t\" ADD COLUMN \"b\" integer",
              "INSERT t is [2, b, 8, 9]",
              "INSERT w is [1, a]",
              "LOST u: Changes of table public.u can no longer be captured: its columns have changed,"
                  + " and the log does not tell how. Reload the table.",
              "ColumnsChanged w: ALTER TABLE \"public\".\"w\" DROP COLUMN \"v\"",
              "INSERT w is [2]");
    }
  }

  @Test
  void a_definition_inside_a_transaction_comes_before_its_rows() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, v text)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "BEGIN",
          "INSERT INTO t VALUES (1, 'a')",
          "ALTER TABLE t ADD w int",
          "INSERT INTO t VALUES (2, 'b', 7)",
          "UPDATE t SET w = 1 WHERE id = 1",
          "COMMIT");
      changes.readToEnd();
      assertThat(changes.allLines())
          .containsExactly(
              "INSERT t is [1, a]",
              "ColumnsChanged t: ALTER TABLE \"public\".\"t\" ADD COLUMN \"w\" integer",
              "INSERT t is [2, b, 7]",
              "UPDATE t is [1, a, 1]");
    }
  }

  @Test
  void a_column_dropped_and_added_under_the_same_name_is_another_column() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, a int)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "INSERT INTO t VALUES (1, 1)",
          "ALTER TABLE t DROP a",
          "ALTER TABLE t ADD a int",
          "INSERT INTO t VALUES (2, 2)");
      changes.lines(3);
      assertThat(columnsChanged(changes).changes())
          .containsExactly(
              new ColumnChange.Dropped("a"),
              new ColumnChange.Added(databases.sourceTable("public", "t").columns().get(1)));
    }
  }

  @Test
  void each_definition_is_told_at_its_place_although_the_catalogue_has_moved_on() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, a varchar(7))");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "INSERT INTO t VALUES (1, 'a')",
          "ALTER TABLE t ADD b numeric(5,2)",
          "INSERT INTO t VALUES (2, 'b', 1.5)",
          "ALTER TABLE t ADD c int",
          "INSERT INTO t VALUES (3, 'c', 1.5, 7)");
      assertThat(changes.lines(5))
          .containsExactly(
              "INSERT t is [1, a]",
              "ColumnsChanged t: ALTER TABLE \"public\".\"t\" ADD COLUMN \"b\" numeric(5,2)",
              "INSERT t is [2, b, 1.50]",
              "ColumnsChanged t: ALTER TABLE \"public\".\"t\" ADD COLUMN \"c\" integer",
              "INSERT t is [3, c, 1.50, 7]");
      ColumnsChanged first =
          (ColumnsChanged)
              changes.parts.stream()
                  .flatMap(part -> part.events().stream())
                  .filter(ColumnsChanged.class::isInstance)
                  .findFirst()
                  .orElseThrow();
      TableSchema now = databases.sourceTable("public", "t");
      assertThat(first.after().columns()).isEqualTo(now.columns().subList(0, 3));
      assertThat(first.after().key()).isEqualTo(now.key());
    }
  }

  @Test
  void a_reader_that_begins_before_a_change_reads_rows_of_both_definitions() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, a int, gone int)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "INSERT INTO t VALUES (1, 1, 1)",
          "ALTER TABLE t DROP gone, ALTER a TYPE bigint",
          "INSERT INTO t VALUES (2, 2)",
          "ALTER TABLE t ADD b int",
          "INSERT INTO t VALUES (3, 3, 3)");
      changes.readToEnd();
      changes.reader.close();
      try (CapturedChanges again = changes.another()) {
        assertThat(again.lines(5))
            .containsExactly(
                "INSERT t is [1, 1, ?]",
                "ColumnsChanged t: ALTER TABLE \"public\".\"t\" ALTER COLUMN \"a\" TYPE bigint, DROP"
                    + " COLUMN \"gone\"",
                "INSERT t is [2, 2]",
                "ColumnsChanged t: ALTER TABLE \"public\".\"t\" ADD COLUMN \"b\" integer",
                "INSERT t is [3, 3, 3]");
      }
    }
  }

  @Test
  void a_change_that_the_log_does_not_explain_gives_up_the_table_and_never_guesses()
      throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, a int, gone int)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "INSERT INTO t VALUES (1, 1, 1)",
          "ALTER TABLE t DROP gone",
          "ALTER TABLE t ADD b int",
          "INSERT INTO t VALUES (2, 2, 2)");
      changes.readToEnd();
      changes.reader.close();
      try (CapturedChanges again = changes.another()) {
        assertThat(again.lines(2).getLast()).startsWith("LOST t: ").contains("Reload the table");
      }
    }
  }

  @Test
  void a_value_that_differs_from_row_to_row_gives_up_the_table() throws Exception {
    databases.inSource(
        "CREATE TABLE u (id int PRIMARY KEY)",
        "CREATE TABLE v (id int PRIMARY KEY)",
        "CREATE TABLE w (id int PRIMARY KEY)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "ALTER TABLE u ADD a int GENERATED ALWAYS AS (id * 2) STORED",
          "INSERT INTO u VALUES (1)",
          "ALTER TABLE v ADD a float DEFAULT random()",
          "INSERT INTO v VALUES (1)",
          "ALTER TABLE w ADD a varchar(9)",
          "ALTER TABLE w ALTER a SET DEFAULT 'a(b'::varchar(9)",
          "INSERT INTO w VALUES (1)");
      List<String> lines = changes.lines(6);
      assertThat(lines.get(0)).startsWith("ColumnsChanged u");
      assertThat(lines.get(1)).startsWith("LOST u").contains("value of the new column a");
      assertThat(lines.get(2)).startsWith("ColumnsChanged v");
      assertThat(lines.get(3)).startsWith("LOST v").contains("value of the new column a");
      assertThat(lines.get(4)).startsWith("ColumnsChanged w");
    }
  }

  @Test
  void another_expression_of_a_generated_column_gives_up_the_table_and_another_name_in_it_does_not()
      throws Exception {
    databases.inSource(
        "CREATE TABLE v (id int PRIMARY KEY, g int GENERATED ALWAYS AS (id + 1) STORED)",
        "CREATE TABLE w (id int PRIMARY KEY, a int, g int GENERATED ALWAYS AS (a + 1) STORED)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "INSERT INTO v VALUES (1)",
          "ALTER TABLE v ALTER g SET EXPRESSION AS (id + 2)",
          "INSERT INTO v VALUES (2)",
          "INSERT INTO w VALUES (1, 1)",
          "ALTER TABLE w RENAME a TO b",
          "INSERT INTO w VALUES (2, 2)");
      changes.readToEnd();
      List<String> lines = changes.allLines();
      assertThat(lines).hasSize(6);
      assertThat(lines.get(0)).isEqualTo("INSERT v is [1, 2]");
      assertThat(lines.get(2)).startsWith("LOST v").contains("column g were generated anew");
      assertThat(lines.subList(3, 6))
          .containsExactly(
              "INSERT w is [1, 1, 2]",
              "ColumnsChanged w: ALTER TABLE \"public\".\"w\" RENAME COLUMN \"a\" TO \"b\"",
              "INSERT w is [2, 2, 3]");
    }
  }

  @Test
  void without_capture_of_definitions_rows_keep_the_columns_that_they_had() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, a int)");
    try (CapturedChanges changes = capture("CaptureDdls", "false")) {
      databases.inSource(
          "INSERT INTO t VALUES (1, 1)",
          "ALTER TABLE t DROP a",
          "ALTER TABLE t ADD b int",
          "INSERT INTO t VALUES (2, 2)");
      assertThat(changes.lines(2)).containsExactly("INSERT t is [1, 1]", "INSERT t is [2, ?]");
    }
  }

  @Test
  void tables_that_come_go_and_move_are_told_at_a_place_of_the_log() throws Exception {
    databases.inSource(
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE b (id int PRIMARY KEY)",
        "CREATE TABLE c (id int PRIMARY KEY)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "CREATE TABLE d (id int PRIMARY KEY, v text)",
          "CREATE TABLE x (id int PRIMARY KEY)",
          "DROP TABLE a",
          "ALTER TABLE b RENAME TO e",
          "INSERT INTO c VALUES (1)",
          "ALTER TABLE c RENAME TO f",
          "INSERT INTO f VALUES (2)");
      assertThat(changes.lines(6))
          .containsExactlyInAnyOrder(
              "INSERT c is [1]",
              "TableRenamed c: ALTER TABLE \"public\".\"c\" RENAME TO \"f\"",
              "INSERT f is [2]",
              "TableCreated d: CREATE TABLE \"public\".\"d\" (...)",
              "TableDropped a: DROP TABLE \"public\".\"a\"",
              "TableRenamed b: ALTER TABLE \"public\".\"b\" RENAME TO \"e\"");
      databases.inSource("INSERT INTO d VALUES (1, 'x')", "INSERT INTO e VALUES (1)");
      assertThat(changes.lines(2)).containsExactly("INSERT d is [1, x]", "INSERT e is [1]");
      ChangeEvent created =
          changes.parts.stream()
              .flatMap(part -> part.events().stream())
              .filter(TableCreated.class::isInstance)
              .findFirst()
              .orElseThrow();
      assertThat(((TableCreated) created).created())
          .isEqualTo(databases.sourceTable("public", "d"));
    }
  }

  @Test
  void a_table_that_loses_its_key_is_given_up_and_the_source_goes_on_to_take_its_updates()
      throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, v int)",
        "CREATE TABLE u (id int PRIMARY KEY)",
        "INSERT INTO t VALUES (1, 1)");
    try (CapturedChanges changes = capture()) {
      databases.inSource("ALTER TABLE t DROP CONSTRAINT t_pkey");
      assertThat(changes.lines(1).getFirst())
          .startsWith("LOST t:")
          .contains("ALTER TABLE \"public\".\"t\" REPLICA IDENTITY FULL");
      databases.inSource("UPDATE t SET v = 2", "INSERT INTO u VALUES (1)");
      assertThat(changes.lines(1)).containsExactly("INSERT u is [1]");
      databases.inSource("ALTER TABLE t REPLICA IDENTITY FULL");
      changes.lines(0);
    }
  }

  @Test
  void keys_of_other_kinds_are_those_of_the_catalogue() throws Exception {
    databases.inSource(
        "CREATE TABLE t (a int NOT NULL, b int NOT NULL, c text)",
        "CREATE UNIQUE INDEX t_b ON t (b)",
        "ALTER TABLE t REPLICA IDENTITY USING INDEX t_b");
    TableSchema table = databases.sourceTable("public", "t");
    assertThat(table.key()).contains(new Key(false, List.of(1)));
    assertThat(table.columns()).extracting(Column::name).containsExactly("a", "b", "c");
    try (CapturedChanges changes = capture()) {
      assertThat(changes.start.refused()).isEmpty();
      databases.inSource(
          "INSERT INTO t VALUES (1, 2, 'x')",
          "UPDATE t SET b = 3",
          "UPDATE t SET a = 4",
          "DELETE FROM t");
      assertThat(changes.lines(4))
          .containsExactly(
              "INSERT t is [1, 2, x]",
              "UPDATE t was [?, 2, ?] is [1, 3, x]",
              "UPDATE t is [4, 3, x]",
              "DELETE t was [?, 3, ?]");
    }
  }
}
