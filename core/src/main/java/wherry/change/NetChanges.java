package wherry.change;

import java.util.List;

/**
 * What remains to be done to one table after a window of changes, each key once; applied in the
 * order delete, update, insert it gives the same rows as the changes one by one.
 *
 * @param deletes rows to delete, by their key cells; the others may be absent
 * @param updates rows to update in place, by their key cells, which stay as they are
 * @param inserts rows to insert, complete
 */
public record NetChanges(RowSet deletes, List<Update> updates, RowSet inserts) {
  /**
   * Rows in which the same columns get new values.
   *
   * @param columns indexes of the columns to set, no key column among them
   * @param rows with the new values; cells of other columns, but for the key, may be absent
   */
  public record Update(List<Integer> columns, RowSet rows) {}

  /** Changes that are all inserts, taken as they are; for tables without a key. */
  public static NetChanges inserting(List<RowChange> inserts) {
    RowSet rows = new RowSet();
    inserts.forEach(insert -> rows.add(insert.rows(), insert.after()));
    return new NetChanges(new RowSet(), List.of(), rows);
  }
}
