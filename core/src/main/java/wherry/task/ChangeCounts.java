package wherry.task;

import java.util.List;

/**
 * Changes of a table since the task's first start. The books: inserts + updates + deletes = applied
 * ones + filtered + ignored + kept.
 *
 * @param inserts captured
 * @param updates captured
 * @param deletes captured
 * @param ddls captured, TRUNCATE among them
 * @param appliedInserts on the target
 * @param appliedUpdates on the target
 * @param appliedDeletes on the target
 * @param appliedDdls done on the target
 * @param filtered left out by a rule
 * @param ignored not applied, as IGNORE_RECORD says
 * @param kept not applied and kept in awsdms_apply_exceptions
 */
public record ChangeCounts(
    long inserts,
    long updates,
    long deletes,
    long ddls,
    long appliedInserts,
    long appliedUpdates,
    long appliedDeletes,
    long appliedDdls,
    long filtered,
    long ignored,
    long kept) {
  public static final ChangeCounts NONE = new ChangeCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  ChangeCounts plus(ChangeCounts more) {
    return new ChangeCounts(
        inserts + more.inserts,
        updates + more.updates,
        deletes + more.deletes,
        ddls + more.ddls,
        appliedInserts + more.appliedInserts,
        appliedUpdates + more.appliedUpdates,
        appliedDeletes + more.appliedDeletes,
        appliedDdls + more.appliedDdls,
        filtered + more.filtered,
        ignored + more.ignored,
        kept + more.kept);
  }

  /** Row changes captured. */
  public long captured() {
    return inserts + updates + deletes;
  }

  /** Row changes applied. */
  public long applied() {
    return appliedInserts + appliedUpdates + appliedDeletes;
  }

  /** In the order of the record. */
  List<Long> all() {
    return List.of(
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

  static ChangeCounts of(List<Long> all) {
    return new ChangeCounts(
        all.get(0),
        all.get(1),
        all.get(2),
        all.get(3),
        all.get(4),
        all.get(5),
        all.get(6),
        all.get(7),
        all.get(8),
        all.get(9),
        all.get(10));
  }
}
