package wherry.task;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.schema.TableId;

/**
 * What a task has done with a table. The books: once a segment is committed, read = filtered +
 * loaded + rejected.
 *
 * @param table source name
 * @param target name on the target
 * @param state where the load is
 * @param estimatedRows what the source's catalogue expects; 0 when unknown
 * @param read rows of committed segments
 * @param filtered of these, left out by a rule
 * @param loaded of these, on the target
 * @param rejected of these, refused by the target
 * @param shortened values cut because the user's LobMaxSize says so
 * @param inFlight rows sent to the target whose segment is not committed yet
 * @param startedAt of the load; null before
 * @param endedAt of the load; null before
 * @param reloaded whether the content comes from ReloadTables
 * @param updatedAt when this last changed
 * @param mapping fingerprint of columns and names under which it was loaded; a table resumes only
 *     under the same
 * @param definition fingerprint of the columns that the source had by then
 * @param changes what was captured and applied
 * @param message why the table is in error; empty otherwise
 */
public record TableStatistics(
    TableId table,
    TableId target,
    TableState state,
    long estimatedRows,
    long read,
    long filtered,
    long loaded,
    long rejected,
    long shortened,
    long inFlight,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    boolean reloaded,
    Instant updatedAt,
    String mapping,
    String definition,
    ChangeCounts changes,
    String message) {

  /** Of a table of which nothing is loaded, and why. */
  static TableStatistics ofNothing(TableId table, TableState state, String message) {
    return new TableStatistics(
        table,
        table,
        state,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        null,
        null,
        false,
        Instant.now(),
        "",
        "",
        ChangeCounts.NONE,
        message);
  }

  /** Of a table that an earlier run has followed and that the source has no longer. */
  TableStatistics gone() {
    return new TableStatistics(
        table,
        target,
        TableState.DOES_NOT_EXIST,
        estimatedRows,
        read,
        filtered,
        loaded,
        rejected,
        shortened,
        0,
        startedAt,
        endedAt,
        reloaded,
        updatedAt,
        mapping,
        definition,
        changes,
        "The table is no longer on the source; " + target + " stays on the target as it is.");
  }

  /**
   * How far the load of these tables is, 0 to 100: rows read against rows expected. A table whose
   * estimate is too low counts with what was read, so that only finished tables make it 100.
   */
  public static int percent(List<TableStatistics> tables) {
    if (tables.isEmpty()) {
      return 0;
    }
    double expected = 0;
    double seen = 0;
    boolean over = true;
    for (TableStatistics table : tables) {
      long rows = table.read + table.inFlight;
      boolean tableOver = table.state.isOver();
      over &= tableOver;
      expected += tableOver ? rows : Math.max(table.estimatedRows, rows);
      seen += rows;
    }
    if (over) {
      return 100;
    }
    return expected == 0 ? 0 : (int) Math.min(99, 100 * seen / expected);
  }
}
