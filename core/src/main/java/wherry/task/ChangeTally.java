package wherry.task;

import wherry.change.RowChange;

/**
 * Counts the changes of a table that are in the open transaction of the target; they become part of
 * the table's statistics when it commits, and are forgotten when it does not. Owned by one thread.
 */
final class ChangeTally {
  private long inserts;
  private long updates;
  private long deletes;
  private long ddls;
  private long appliedInserts;
  private long appliedUpdates;
  private long appliedDeletes;
  private long appliedDdls;
  private long filtered;
  private long ignored;
  private long kept;

  void captured(RowChange.Operation operation) {
    switch (operation) {
      case INSERT -> inserts++;
      case UPDATE -> updates++;
      case DELETE -> deletes++;
    }
  }

  void applied(RowChange.Operation operation) {
    switch (operation) {
      case INSERT -> appliedInserts++;
      case UPDATE -> appliedUpdates++;
      case DELETE -> appliedDeletes++;
    }
  }

  void capturedDdl() {
    ddls++;
  }

  void appliedDdl() {
    appliedDdls++;
  }

  /** So many changes that {@link #applied} counts have found no row, and nobody minds. */
  void ignoredInstead(RowChange.Operation operation, long count) {
    ignored += count;
    switch (operation) {
      case INSERT -> appliedInserts -= count;
      case UPDATE -> appliedUpdates -= count;
      case DELETE -> appliedDeletes -= count;
    }
  }

  void filtered() {
    filtered++;
  }

  void ignored() {
    ignored++;
  }

  void kept() {
    kept++;
  }

  /** What was counted since {@link #take} was called. */
  ChangeCounts counted() {
    return new ChangeCounts(
        inserts,
        updates,
        deletes,
        ddls,
        appliedInserts,
        appliedUpdates,
        appliedDeletes,
        appliedDdls,
        filtered,
        ignored,
        kept);
  }

  /** As {@link #counted}, and begins anew. */
  ChangeCounts take() {
    ChangeCounts counts = counted();
    inserts = 0;
    updates = 0;
    deletes = 0;
    ddls = 0;
    appliedInserts = 0;
    appliedUpdates = 0;
    appliedDeletes = 0;
    appliedDdls = 0;
    filtered = 0;
    ignored = 0;
    kept = 0;
    return counts;
  }
}
