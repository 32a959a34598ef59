package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static wherry.postgresql.Changes.ABSENT;
import static wherry.postgresql.Changes.delete;
import static wherry.postgresql.Changes.insert;
import static wherry.postgresql.Changes.row;
import static wherry.postgresql.Changes.update;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wherry.change.Checkpoint;
import wherry.change.NetChanges;
import wherry.change.RowSet;
import wherry.connector.ChangeRefused;
import wherry.connector.ChangeWriter;
import wherry.connector.ChangeWriter.NetCounts;
import wherry.connector.TableRoute;
import wherry.connector.Target;

/** What becomes of changes: applied as sets or one by one, refused with the reason, undone. */
class PostgresApplyIT {
  private static final Databases databases = new Databases();
  private static final Checkpoint CHECKPOINT =
      new Checkpoint("0/16B3748", Instant.EPOCH, "0/16B3748", List.of(), "log");

  @AfterEach
  void clear() {
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  /** What a test does with a table t that is the same in source and target. */
  @FunctionalInterface
  private interface Apply {
    void with(ChangeWriter writer, TableRoute route) throws Exception;
  }

  private static void apply(String definition, Apply apply) throws Exception {
    databases.inSource(definition);
    databases.inTarget(definition);
    applyToExisting(apply);
  }

  private static void applyToExisting(Apply apply) throws Exception {
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      apply.with(writer, Changes.route(target, databases.sourceTable("public", "t")));
    }
  }

  private static List<String> targetTable() {
    return databases.targetRows("SELECT * FROM t ORDER BY 1, 2");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 30, 1000})
  void sets_of_any_size_delete_update_and_insert(int size) throws Exception {
    apply(
        "CREATE TABLE t (id int PRIMARY KEY, v text, w int)",
        (writer, route) -> {
          databases.inTarget(
              "INSERT INTO t SELECT i, 'old', i FROM generate_series(1, %d) i".formatted(3 * size));
          List<String[]> deletes =
              IntStream.rangeClosed(1, size)
                  .mapToObj(i -> row(Integer.toString(i), ABSENT, ABSENT))
                  .toList();
          List<String[]> updates =
              IntStream.rangeClosed(size + 1, 2 * size)
                  .mapToObj(i -> row(Integer.toString(i), "new", ABSENT))
                  .toList();
          List<String[]> inserts =
              IntStream.rangeClosed(1, size)
                  .mapToObj(i -> row(Integer.toString(i), "again", null))
                  .toList();

          NetCounts counts =
              writer.apply(
                  route,
                  new NetChanges(
                      Changes.set(route, deletes),
                      List.of(new NetChanges.Update(List.of(1), Changes.set(route, updates))),
                      Changes.set(route, inserts)));
          writer.commit(CHECKPOINT);

          assertThat(counts).isEqualTo(new NetCounts(size, size, size));
        });
    assertThat(databases.targetRows("SELECT v, count(*), sum(w) FROM t GROUP BY v ORDER BY v"))
        .containsExactly(
            "again|%d|null".formatted(size),
            "new|%d|%d".formatted(size, sum(size + 1, 2 * size)),
            "old|%d|%d".formatted(size, sum(2 * size + 1, 3 * size)));
  }

  private static long sum(int from, int to) {
    return IntStream.rangeClosed(from, to).asLongStream().sum();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 200})
  void rows_that_are_not_there_are_not_counted(int size) throws Exception {
    apply(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        (writer, route) -> {
          databases.inTarget("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
          List<String[]> rows =
              IntStream.rangeClosed(2, size + 1)
                  .mapToObj(i -> row(Integer.toString(i), "b"))
                  .toList();
          assertThat(writer.apply(route, Changes.updates(route, List.of(1), rows)).updated())
              .as("a row that is updated to what it was is found")
              .isEqualTo(1);
          assertThat(writer.apply(route, Changes.deletes(route, rows)).deleted()).isEqualTo(1);
          writer.commit(CHECKPOINT);
        });
    assertThat(targetTable()).containsExactly("1|a");
  }

  @Test
  void a_set_reads_the_rows_that_it_changes_and_not_all_of_a_large_table() throws Exception {
    apply(
        "CREATE TABLE t (region text, id int, v int, PRIMARY KEY (region, id))",
        (writer, route) -> {
          databases.inTarget(
              "INSERT INTO t SELECT 'r' || i % 10, i, 0 FROM generate_series(1, 100000) i",
              "VACUUM (ANALYZE) t");
          List<String[]> rows =
              IntStream.rangeClosed(1, 20_000)
                  .mapToObj(i -> row("r" + i * 5 % 10, "" + i * 5, "1"))
                  .toList();
          writer.apply(route, Changes.updates(route, List.of(2), rows));
          writer.apply(route, Changes.deletes(route, rows));
          writer.commit(CHECKPOINT);
        });
    String scans =
        "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 't' AND"
            + " idx_tup_fetch >= 40000";
    await().untilAsserted(() -> assertThat(databases.targetRows(scans)).containsExactly("0|40000"));
    assertThat(databases.targetRows("SELECT count(*), max(v) FROM t")).containsExactly("80000|0");
  }

  @Test
  void several_groups_of_updates_of_one_table_do_not_meet() throws Exception {
    apply(
        "CREATE TABLE t (id int PRIMARY KEY, v text, w text)",
        (writer, route) -> {
          databases.inTarget("INSERT INTO t SELECT i, 'v', 'w' FROM generate_series(1, 300) i");
          RowSet first =
              Changes.set(
                  route,
                  IntStream.rangeClosed(1, 100).mapToObj(i -> row("" + i, "x", ABSENT)).toList());
          RowSet second =
              Changes.set(
                  route,
                  IntStream.rangeClosed(101, 250).mapToObj(i -> row("" + i, ABSENT, "y")).toList());
          NetCounts counts =
              writer.apply(
                  route,
                  new NetChanges(
                      new RowSet(),
                      List.of(
                          new NetChanges.Update(List.of(1), first),
                          new NetChanges.Update(List.of(2), second)),
                      new RowSet()));
          assertThat(counts).isEqualTo(new NetCounts(0, 250, 0));
          writer.commit(CHECKPOINT);
        });
    assertThat(databases.targetRows("SELECT v, w, count(*) FROM t GROUP BY v, w ORDER BY v, w"))
        .containsExactly("v|w|50", "v|y|150", "x|w|100");
  }

  @Test
  void single_changes_set_what_the_log_tells_and_nothing_else() throws Exception {
    apply(
        "CREATE TABLE t (id int PRIMARY KEY, big text, w int)",
        (writer, route) -> {
          databases.inTarget(
              "INSERT INTO t VALUES (1, repeat('x', 10000), 1), (2, 'b', 2), (3, 'c', 3)");
          assertThat(writer.apply(route, update(route, "1", ABSENT, "10"))).isEqualTo(1);
          assertThat(
                  writer.apply(
                      route, update(route, row("2", ABSENT, ABSENT), row("20", ABSENT, "2"))))
              .isEqualTo(1);
          assertThat(writer.apply(route, update(route, "3", ABSENT, ABSENT))).isEqualTo(1);
          assertThat(writer.apply(route, delete(route, "3", ABSENT, ABSENT))).isEqualTo(1);
          assertThat(writer.apply(route, delete(route, "3", ABSENT, ABSENT))).isZero();
          assertThat(writer.apply(route, update(route, "3", "no", "0"))).isZero();
          assertThat(writer.apply(route, update(route, "3", ABSENT, ABSENT))).isZero();
          assertThat(writer.apply(route, insert(route, "4", null, "4"))).isEqualTo(1);
          writer.commit(CHECKPOINT);
        });
    assertThat(databases.targetRows("SELECT id, md5(big), w FROM t ORDER BY id"))
        .isEqualTo(
            databases.targetRows(
                "SELECT * FROM (VALUES (1, md5(repeat('x', 10000)), 10), (4, NULL, 4), (20,"
                    + " md5('b'), 2)) v ORDER BY 1"));
  }

  @Test
  void of_equal_rows_without_key_one_is_changed() throws Exception {
    apply(
        "CREATE TABLE t (a int, b text, j json, p point, x xml)",
        (writer, route) -> {
          databases.inTarget(
              "INSERT INTO t SELECT 1, NULL, '{\"k\":  1}', '(1,2)', '<a/>' FROM"
                  + " generate_series(1, 3)",
              "INSERT INTO t VALUES (1, '', '{\"k\":  1}', '(1,2)', '<a/>')");
          String[] row = row("1", null, "{\"k\":  1}", "(1,2)", "<a/>");
          assertThat(writer.apply(route, delete(route, row))).isEqualTo(1);
          assertThat(
                  writer.apply(
                      route, update(route, row, row("2", null, "{\"k\":  1}", "(1,2)", "<a/>"))))
              .isEqualTo(1);
          assertThat(
                  writer.apply(route, delete(route, "1", "other", "{\"k\":  1}", "(1,2)", "<a/>")))
              .isZero();
          writer.commit(CHECKPOINT);
        });
    assertThat(databases.targetRows("SELECT a, b FROM t ORDER BY a, b"))
        .containsExactly("1|", "1|null", "2|null");
  }

  @Test
  void a_refused_set_is_undone_to_the_savepoint_and_the_rest_commits() throws Exception {
    apply(
        "CREATE TABLE t (id int PRIMARY KEY, v varchar(3) NOT NULL CHECK (v <> 'no'))",
        (writer, route) -> {
          writer.apply(route, Changes.inserts(route, List.<String[]>of(row("1", "a"))));
          writer.savepoint();
          refused(
              ChangeRefused.Kind.DUPLICATE_KEY,
              "23505",
              "(id)=(1) already exists",
              () -> writer.apply(route, Changes.inserts(route, twice("2", "b", "1", "c"))));
          writer.rollBackToSavepoint();
          refused(
              ChangeRefused.Kind.DATA,
              "23514",
              "t_v_check",
              () -> writer.apply(route, Changes.updates(route, List.of(1), twice("1", "no"))));
          writer.rollBackToSavepoint();
          refused(
              ChangeRefused.Kind.TRUNCATION,
              "22001",
              "column v: 4 characters do not fit into 3",
              () -> writer.apply(route, Changes.inserts(route, twice("3", "long"))));
          writer.rollBackToSavepoint();
          refused(
              ChangeRefused.Kind.DATA,
              "23502",
              "column v: ",
              () -> writer.apply(route, insert(route, "3", null)));
          writer.rollBackToSavepoint();
          refused(
              ChangeRefused.Kind.DATA,
              "22000",
              "column v: the source's log does not hold its value",
              () -> writer.apply(route, insert(route, "3", ABSENT)));
          writer.rollBackToSavepoint();
          writer.apply(route, insert(route, "4", "d"));
          writer.commit(CHECKPOINT);
        });
    assertThat(targetTable()).containsExactly("1|a", "4|d");
  }

  private static List<String[]> twice(String... cells) {
    return IntStream.range(0, cells.length / 2)
        .mapToObj(i -> row(cells[2 * i], cells[2 * i + 1]))
        .toList();
  }

  private static void refused(
      ChangeRefused.Kind kind, String state, String words, ThrowingCallable apply) {
    assertThatThrownBy(apply)
        .isInstanceOfSatisfying(
            ChangeRefused.class,
            e -> {
              assertThat(e.kind()).isEqualTo(kind);
              assertThat(e.sqlState()).isEqualTo(state);
              assertThat(e).hasMessageContaining(words);
            });
  }
}
