package wherry.chaos;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import wherry.chaos.Findings.Kind;
import wherry.chaos.History.Mark;
import wherry.chaos.History.Outcome;

/**
 * Compares what the clients were told with what the source and the target hold once the target has
 * caught up.
 *
 * <p>The source is the judge over transactions whose outcome their client does not know: what it
 * holds was committed.
 */
final class Checker {
  private static final int SHOWN_CHARACTERS = 120;

  private final History history;
  private final Contents source;
  private final Contents target;
  private final Findings findings;

  private Checker(History history, Contents source, Contents target, Findings findings) {
    this.history = history;
    this.source = source;
    this.target = target;
    this.findings = findings;
  }

  /** Adds what is wrong to the findings. */
  static void check(History history, Contents source, Contents target, Findings findings) {
    Checker checker = new Checker(history, source, target, findings);
    checker.checkHistory();
    for (Table table : Table.values()) {
      checker.compare(table);
    }
  }

  /**
   * What the comparison of the rows does not show: a history that the source itself contradicts.
   * Such a run proves nothing.
   */
  private void checkHistory() {
    Map<Mark, Integer> inSource = marks(source);
    for (Mark mark : history.marks(Outcome.ACKNOWLEDGED)) {
      if (inSource.getOrDefault(mark, 0) != 1) {
        findings.add(Kind.BROKEN, "the source has lost acknowledged transaction " + mark);
      }
    }
    Set<Mark> rolledBack = history.marks(Outcome.ROLLED_BACK);
    for (Mark mark : inSource.keySet()) {
      if (rolledBack.contains(mark)) {
        findings.add(Kind.BROKEN, "the source holds rolled-back transaction " + mark);
      }
    }
    for (Mark mark : marks(target).keySet()) {
      if (rolledBack.contains(mark)) {
        findings.add(Kind.DOUBLED, "rolled-back transaction " + mark + " left a trace");
      }
    }
  }

  private static Map<Mark, Integer> marks(Contents contents) {
    Map<Mark, Integer> marks = new HashMap<>();
    contents
        .of(Table.JOURNAL)
        .forEach((row, count) -> {
          String[] cells = row.split("\\|", 3);
          marks.merge(
              new Mark(Integer.parseInt(cells[0]), Integer.parseInt(cells[1])),
              count,
              Integer::sum);
        });
    return marks;
  }

  /** Rows as multisets; a row whose key is on both sides, but not its content, is lost once. */
  private void compare(Table table) {
    Map<String, Integer> wanted = source.of(table);
    Map<String, Integer> found = target.of(table);
    Map<String, String> stale = new HashMap<>();
    wanted.forEach((row, count) -> {
      int missing = count - found.getOrDefault(row, 0);
      if (missing > 0) {
        findings.add(Kind.LOST, "%s: %s, %d of %d".formatted(table, shown(row), missing, count));
        if (table.keyColumns() > 0) {
          stale.put(key(table, row), row);
        }
      }
    });
    found.forEach((row, count) -> {
      int surplus = count - wanted.getOrDefault(row, 0);
      boolean isOld = table.keyColumns() > 0 && stale.containsKey(key(table, row));
      if (surplus > 0 && !isOld) {
        findings.add(Kind.DOUBLED, "%s: %s, %d too many".formatted(table, shown(row), surplus));
      }
    });
  }

  private static String key(Table table, String row) {
    String[] cells = row.split("\\|", table.keyColumns() + 1);
    return String.join("|", Arrays.copyOf(cells, table.keyColumns()));
  }

  private static String shown(String row) {
    return row.length() <= SHOWN_CHARACTERS ? row : row.substring(0, SHOWN_CHARACTERS) + "…";
  }
}
