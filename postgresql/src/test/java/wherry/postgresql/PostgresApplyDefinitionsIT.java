package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static wherry.postgresql.Changes.insert;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.change.Checkpoint;
import wherry.change.SchemaChange.ColumnChange;
import wherry.change.SchemaChange.ColumnChange.Added;
import wherry.change.SchemaChange.ColumnChange.Dropped;
import wherry.change.SchemaChange.ColumnChange.Renamed;
import wherry.change.SchemaChange.ColumnChange.Retyped;
import wherry.connector.ChangeWriter;
import wherry.connector.TableRoute;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** How a target's tables follow the definitions of the source, in the transaction of the rows. */
class PostgresApplyDefinitionsIT {
  private static final Databases databases = new Databases();
  private static final Checkpoint CHECKPOINT =
      new Checkpoint("0/1", Instant.EPOCH, "0/1", List.of(), "log");
  private static final TableId T = new TableId("public", "t");

  @AfterEach
  void clear() {
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  private static TableSchema source(String definition) {
    databases.inSource("DROP TABLE IF EXISTS t", definition);
    return databases.sourceTable("public", "t");
  }

  private static Column column(TableSchema table, String name) {
    return table.columns().stream()
        .filter(column -> column.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> targetColumns() {
    return databases.targetRows(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid ="
            + " 't'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum");
  }

  @Test
  void columns_are_added_dropped_renamed_and_retyped_and_repeating_it_changes_nothing()
      throws Exception {
    TableSchema before =
        source("CREATE TABLE t (id int PRIMARY KEY, gone int, old text, size varchar(4), n text)");
    databases.inTarget(
        "CREATE TABLE t (id int PRIMARY KEY, gone int, old text, size varchar(4), n text, extra"
            + " int DEFAULT 7)",
        "INSERT INTO t VALUES (1, 1, 'a', 'b', '12')");
    TableSchema after =
        source(
            "CREATE TABLE t (id int PRIMARY KEY, young text, size varchar(9), n int, day date NOT"
                + " NULL DEFAULT now())");
    List<ColumnChange> changes =
        List.of(
            new Dropped("gone"),
            new Renamed("old", column(after, "young")),
            new Retyped(column(after, "size")),
            new Retyped(column(after, "n")),
            new Added(column(after, "day")));
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      TableRoute old = Changes.route(target, before);
      fillAStage(writer, old);
      writer.savepoint();
      writer.alter(old.target(), after, changes);
      TableSchema altered = writer.describe(after);
      assertThat(altered.columns())
          .extracting(Column::name)
          .isEqualTo(after.columns().stream().map(Column::name).toList());
      writer.alter(altered, after, changes);
      assertThat(writer.describe(after)).isEqualTo(altered);

      TableRoute route = new TableRoute(T, after, altered, List.of(0));
      writer.apply(route, insert(route, "2", "y", "eightchr", "2", "2024-02-29"));
      fillAStage(writer, route);
      writer.commit(CHECKPOINT);
    }
    assertThat(targetColumns())
        .containsExactly(
            "id|integer",
            "young|text",
            "size|character varying(9)",
            "n|integer",
            "extra|integer",
            "day|date");
    assertThat(databases.targetRows("SELECT * FROM t ORDER BY id"))
        .containsExactly("1|a|b|12|7|null", "2|y|eightchr|2|7|2024-02-29");
  }

  /** Deletes of rows that are not there, so many that they go through a stage. */
  private static void fillAStage(ChangeWriter writer, TableRoute route) throws Exception {
    List<String[]> rows =
        IntStream.range(1000, 1200)
            .mapToObj(i -> {
              String[] row = new String[route.rows().columns().size()];
              row[0] = "" + i;
              return row;
            })
            .toList();
    assertThat(writer.apply(route, Changes.deletes(route, rows)).deleted()).isZero();
  }

  @Test
  void a_type_change_that_would_shorten_values_is_refused_and_undone() {
    TableSchema before = source("CREATE TABLE t (id int PRIMARY KEY, v varchar(9))");
    databases.inTarget(
        "CREATE TABLE t (id int PRIMARY KEY, v varchar(9))",
        "INSERT INTO t VALUES (1, 'too long')");
    TableSchema after = source("CREATE TABLE t (id int PRIMARY KEY, v varchar(3))");
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      TableSchema described = target.describe(before);
      writer.savepoint();
      assertThatThrownBy(
              () -> writer.alter(described, after, List.of(new Retyped(column(after, "v")))))
          .isInstanceOfSatisfying(
              DmsException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.TARGET_TABLE_FAILED);
                assertThat(e.table()).contains(T);
                assertThat(e).hasMessageContaining("value too long");
              });
      writer.rollBackToSavepoint();
      writer.commit(CHECKPOINT);
    }
    assertThat(targetColumns()).contains("v|character varying(9)");
  }

  @Test
  void definitions_commit_with_the_rows_or_not_at_all() throws Exception {
    TableSchema table = source("CREATE TABLE t (id int PRIMARY KEY)");
    databases.inTarget("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    TableId elsewhere = new TableId("archive", "old t");
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      assertThat(writer.definitionsCommit()).isFalse();
      TableSchema described = target.describe(table);
      writer.truncate(described);
      writer.rename(described, elsewhere);
      writer.rollBack();
      assertThat(databases.targetRows("SELECT * FROM t")).containsExactly("1");

      writer.rename(described, elsewhere);
      writer.rename(described, elsewhere);
      writer.commit(CHECKPOINT);
      assertThat(databases.targetRows("SELECT * FROM archive.\"old t\"")).containsExactly("1");

      writer.drop(described.withId(elsewhere));
      writer.drop(described.withId(elsewhere));
      writer.commit(CHECKPOINT);
    }
    assertThat(databases.targetRows("SELECT to_regclass('archive.\"old t\"')"))
        .containsExactly("null");
  }

  @Test
  void a_table_that_others_reference_is_emptied_too() {
    TableSchema table = source("CREATE TABLE t (id int PRIMARY KEY)");
    databases.inTarget(
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE child (id int REFERENCES t)",
        "INSERT INTO t VALUES (1)");
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      writer.truncate(target.describe(table));
      writer.commit(CHECKPOINT);
    }
    assertThat(databases.targetRows("SELECT * FROM t")).isEmpty();
  }
}
