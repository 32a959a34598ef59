package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.mysql.Applying.ABSENT;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.Collapse;
import wherry.change.NetChanges;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;
import wherry.connector.ChangeWriter;
import wherry.row.RowBatch;

/** Random changes of a table, with changes of keys and cells that the log leaves out. */
class AppliedHistoryIT {
  private static final int WINDOWS = 40;
  private static final int CHANGES_MAX = 300;
  private static final int KEYS = 200;

  /** A row's cells after its key. */
  private record Values(String number, String text) {}

  @ParameterizedTest
  @EnumSource(Engine.class)
  void any_windows_leave_the_rows_that_their_changes_leave_one_by_one(Engine engine)
      throws Exception {
    engine.fresh("dst");
    engine.execute(
        "dst",
        "CREATE TABLE t (a int, b varchar(20), n decimal(20,5), v longtext, PRIMARY KEY (b, a)) CHARACTER SET utf8mb4");
    Applying t = Applying.same(engine, "dst", "t");
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<List<String>, Values> model =
        new TreeMap<>((x, y) -> (x.get(0) + "/" + x.get(1)).compareTo(y.get(0) + "/" + y.get(1)));
    try (ChangeWriter writer = engine.target().changes(Applying.REQUEST)) {
      for (int window = 0; window < WINDOWS; window++) {
        List<RowChange> changes = new ArrayList<>();
        int count = 1 + random.nextInt(CHANGES_MAX);
        for (int i = 0; i < count; i++) {
          changes.add(change(t, model, random));
        }
        if (random.nextBoolean()) {
          NetChanges net = Collapse.of(changes, t.route.key()).orElseThrow();
          long updates = net.updates().stream().mapToLong(update -> update.rows().count()).sum();
          assertThat(writer.apply(t.route, net))
              .as("seed %d", seed)
              .isEqualTo(
                  new ChangeWriter.NetCounts(
                      net.deletes().count(), updates, net.inserts().count()));
        } else {
          for (RowChange change : changes) {
            assertThat(writer.apply(t.route, change)).as("seed %d", seed).isEqualTo(1);
          }
        }
        writer.commit(Applying.checkpoint(Integer.toString(window)));
      }
    }
    List<String> expected = new ArrayList<>();
    model.forEach((key, values) ->
        expected.add(key.get(0) + "|" + key.get(1) + "|" + values.number() + "|" + values.text()));
    assertThat(Applying.query(engine, "SELECT a, b, n, v FROM dst.t"))
        .as("seed %d", seed)
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private static RowChange change(Applying t, Map<List<String>, Values> model, Random random) {
    List<String> key = key(random);
    Values values =
        new Values(random.nextInt(1000) + ".12500", "x'\\\t é".repeat(random.nextInt(9)));
    Values old = model.get(key);
    if (old == null) {
      model.put(key, values);
      RowBatch row = t.batch(row(key, values));
      return new RowChange(Operation.INSERT, row, RowChange.NONE, 0);
    }
    if (random.nextInt(3) == 0) {
      model.remove(key);
      return new RowChange(Operation.DELETE, t.batch(row(key, old)), 0, RowChange.NONE);
    }
    List<String> moved = key(random);
    if (random.nextInt(4) == 0 && !model.containsKey(moved)) {
      model.remove(key);
      model.put(moved, values);
      RowBatch rows = t.batch(row(key, old), row(moved, values));
      return new RowChange(Operation.UPDATE, rows, 0, 1);
    }
    boolean textAbsent = random.nextBoolean();
    model.put(key, textAbsent ? new Values(values.number(), old.text()) : values);
    RowBatch row =
        t.batch(
            new String[] {
              key.get(0), key.get(1), values.number(), textAbsent ? ABSENT : values.text()
            });
    return new RowChange(Operation.UPDATE, row, RowChange.NONE, 0);
  }

  private static List<String> key(Random random) {
    return List.of(Integer.toString(random.nextInt(KEYS) - KEYS / 2), "k" + random.nextInt(3));
  }

  private static String[] row(List<String> key, Values values) {
    return new String[] {key.get(0), key.get(1), values.number(), values.text()};
  }
}
