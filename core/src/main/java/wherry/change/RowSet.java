package wherry.change;

import java.util.Arrays;
import wherry.row.RowBatch;

/** Rows chosen from batches of one table, without copying them. Not thread-safe. */
public final class RowSet {
  private RowBatch[] batches = new RowBatch[16];
  private int[] rows = new int[16];
  private int count;

  public void add(RowBatch batch, int row) {
    if (count == rows.length) {
      batches = Arrays.copyOf(batches, 2 * count);
      rows = Arrays.copyOf(rows, 2 * count);
    }
    batches[count] = batch;
    rows[count++] = row;
  }

  public int count() {
    return count;
  }

  /** The batch that holds row {@code i} of the set. */
  public RowBatch batch(int i) {
    return batches[i];
  }

  /** Where in its batch row {@code i} of the set is. */
  public int row(int i) {
    return rows[i];
  }
}
