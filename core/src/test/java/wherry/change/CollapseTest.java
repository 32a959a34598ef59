package wherry.change;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import wherry.change.RowChange.Operation;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.TableSchema;
import wherry.schema.TestTables;
import wherry.testing.Seed;

/** What a window of changes comes down to, key by key. */
class CollapseTest {
  private static final TableSchema TABLE = TestTables.table("app.t", "id:INT4", "name", "note");
  private static final List<Integer> KEY = List.of(0);

  /** In place of a cell that the log does not carry. */
  private static final String ABSENT = "(absent)";

  private final List<RowChange> changes = new ArrayList<>();

  private void insert(@Nullable String... row) {
    changes.add(change(Operation.INSERT, null, row));
  }

  private void update(@Nullable String... row) {
    changes.add(change(Operation.UPDATE, null, row));
  }

  private void move(String from, @Nullable String... row) {
    changes.add(change(Operation.UPDATE, new String[] {from, ABSENT, ABSENT}, row));
  }

  private void delete(String key) {
    changes.add(change(Operation.DELETE, new String[] {key, ABSENT, ABSENT}, null));
  }

  private static RowChange change(
      Operation operation,
      @Nullable String @Nullable [] before,
      @Nullable String @Nullable [] after) {
    RowBatchBuilder rows = new RowBatchBuilder(TABLE);
    int beforeRow = add(rows, before);
    int afterRow = add(rows, after);
    return new RowChange(operation, rows.build(), beforeRow, afterRow);
  }

  private static int add(RowBatchBuilder rows, @Nullable String @Nullable [] cells) {
    if (cells == null) {
      return RowChange.NONE;
    }
    for (String cell : cells) {
      if (ABSENT.equals(cell)) {
        rows.addAbsent();
      } else {
        rows.add(cell);
      }
    }
    rows.endRow();
    return rows.rows() - 1;
  }

  private String net() {
    return said(Collapse.of(changes, KEY));
  }

  private String lenient() {
    return said(Collapse.lenient(changes, KEY));
  }

  private static String said(Optional<NetChanges> collapsed) {
    if (collapsed.isEmpty()) {
      return "one by one";
    }
    NetChanges net = collapsed.get();
    List<String> words = new ArrayList<>();
    rows(net.deletes()).forEach(row -> words.add("delete " + row.getFirst()));
    net.updates()
        .forEach(u -> rows(u.rows()).forEach(row -> words.add("update " + u.columns() + row)));
    rows(net.inserts()).forEach(row -> words.add("insert " + row));
    return String.join(", ", words);
  }

  private static List<List<@Nullable String>> rows(RowSet set) {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (int i = 0; i < set.count(); i++) {
      List<@Nullable String> row = new ArrayList<>();
      for (int column = 0; column < TABLE.columns().size(); column++) {
        RowBatch batch = set.batch(i);
        row.add(batch.isAbsent(set.row(i), column) ? ABSENT : batch.text(set.row(i), column));
      }
      rows.add(row);
    }
    return rows;
  }

  @Test
  void an_insert_and_its_updates_are_one_insert() {
    insert("1", "a", "x");
    update("1", "b", "x");
    update("1", "c", ABSENT);

    assertThat(net()).isEqualTo("insert [1, c, x]");
  }

  @Test
  void an_insert_that_is_deleted_is_nothing() {
    insert("1", "a", "x");
    delete("1");

    assertThat(net()).isEmpty();
  }

  @Test
  void a_delete_and_an_insert_are_both() {
    delete("1");
    insert("1", "b", null);
    update("1", "c", "y");

    assertThat(net()).isEqualTo("delete 1, insert [1, c, y]");
  }

  @Test
  void updates_of_one_row_are_one_update_that_leaves_absent_cells_alone() {
    update("1", "a", "x");
    update("1", "b", ABSENT);
    update("2", "c", ABSENT);

    assertThat(net()).isEqualTo("update [1, 2][1, b, x], update [1][2, c, (absent)]");
  }

  @Test
  void an_updated_row_that_is_deleted_is_a_delete() {
    update("1", "a", "x");
    delete("1");

    assertThat(net()).isEqualTo("delete 1");
  }

  @Test
  void a_new_key_is_a_delete_of_the_old_and_an_insert_of_the_new() {
    move("1", "2", "a", "x");

    assertThat(net()).isEqualTo("delete 1, insert [2, a, x]");
  }

  @Test
  void keys_that_change_places_within_a_window_end_right() {
    move("1", "9", "one", "x");
    move("2", "1", "two", "y");
    move("9", "2", "one", "x");

    assertThat(net()).isEqualTo("delete 1, delete 2, insert [1, two, y], insert [2, one, x]");
  }

  @Test
  void a_new_key_takes_absent_cells_from_what_the_window_knows_of_the_row() {
    insert("1", "a", "x");
    move("1", "2", "b", ABSENT);

    assertThat(net()).isEqualTo("insert [2, b, x]");
  }

  @Test
  void a_new_key_of_a_row_whose_values_are_not_known_goes_one_by_one() {
    move("1", "2", "b", ABSENT);

    assertThat(net()).isEqualTo("one by one");
  }

  @Test
  void changes_that_contradict_each_other_go_one_by_one() {
    insert("1", "a", "x");
    insert("1", "b", "x");

    assertThat(net()).isEqualTo("one by one");
  }

  @Test
  void where_the_target_may_have_the_changes_already_rows_are_overwritten() {
    insert("1", "a", "x");
    update("2", "b", "y");
    update("3", "c", ABSENT);
    delete("4");

    assertThat(lenient())
        .isEqualTo(
            "delete 1, delete 2, delete 4, update [1][3, c, (absent)], insert [1, a, x], insert [2, b, y]");
  }

  @Test
  void any_window_gives_the_rows_that_its_changes_give_one_by_one() {
    Random random = Seed.random("any_window_gives_the_rows_that_its_changes_give_one_by_one");
    for (int round = 0; round < 2_000; round++) {
      changes.clear();
      Map<String, List<@Nullable String>> start = someRows(random);
      Map<String, List<@Nullable String>> expected = someChanges(random, new TreeMap<>(start));
      Optional<NetChanges> net = Collapse.of(changes, KEY);
      if (net.isPresent()) { // Else a new key of a row with absent cells is among them.
        assertThat(applied(net.get(), new TreeMap<>(start)))
            .as("round %s: %s", round, said(net))
            .isEqualTo(expected);
      }
      Optional<NetChanges> overwriting = Collapse.lenient(changes, KEY);
      overwriting.ifPresent(o -> {
        assertThat(applied(o, new TreeMap<>(start))).isEqualTo(expected);
        assertThat(applied(o, new TreeMap<>(expected))).as("applied again").isEqualTo(expected);
      });
    }
  }

  private static Map<String, List<@Nullable String>> someRows(Random random) {
    Map<String, List<@Nullable String>> rows = new TreeMap<>();
    for (int i = 0; i < random.nextInt(6); i++) {
      String key = "" + random.nextInt(8);
      rows.put(key, Arrays.asList(key, "start", "kept" + i));
    }
    return rows;
  }

  /** Makes changes that a source could make to these rows, and makes them to the rows. */
  private Map<String, List<@Nullable String>> someChanges(
      Random random, Map<String, List<@Nullable String>> rows) {
    for (int i = 0; i < 1 + random.nextInt(12); i++) {
      String key = "" + random.nextInt(8);
      List<@Nullable String> row = rows.get(key);
      String value = "v" + i;
      if (row == null) {
        insert(key, value, null);
        rows.put(key, Arrays.asList(key, value, null));
        continue;
      }
      String other = "" + random.nextInt(8);
      boolean absent = random.nextBoolean();
      String note = absent ? row.get(2) : "n" + i;
      switch (random.nextInt(3)) {
        case 0 -> {
          delete(key);
          rows.remove(key);
        }
        case 1 -> {
          update(key, value, absent ? ABSENT : note);
          rows.put(key, Arrays.asList(key, value, note));
        }
        default -> {
          if (!rows.containsKey(other)) {
            move(key, other, value, absent ? ABSENT : note);
            rows.remove(key);
            rows.put(other, Arrays.asList(other, value, note));
          }
        }
      }
    }
    return rows;
  }

  /** Deletes, then updates, then inserts, as a target does. */
  private static Map<String, List<@Nullable String>> applied(
      NetChanges net, Map<String, List<@Nullable String>> rows) {
    rows(net.deletes()).forEach(row -> rows.remove(row.getFirst()));
    for (NetChanges.Update update : net.updates()) {
      for (List<@Nullable String> row : rows(update.rows())) {
        List<@Nullable String> there = new ArrayList<>(rows.get(row.getFirst()));
        update.columns().forEach(column -> there.set(column, row.get(column)));
        rows.put(row.getFirst(), there);
      }
    }
    rows(net.inserts())
        .forEach(row -> assertThat(rows.put(row.getFirst(), row)).as("a row in the way").isNull());
    return rows;
  }
}
