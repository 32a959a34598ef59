package wherry.task;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.Column;
import wherry.schema.TableSchema;

/**
 * Cuts LOB values to LobMaxSize, where the user's settings say so, and counts each cut. Text is cut
 * between characters.
 *
 * <p>Owned by one thread.
 */
final class LobLimit {
  private final int bytesMax;
  private final BitSet lobs = new BitSet();
  private final long[] cuts;

  LobLimit(TableSchema table, int bytesMax) {
    this.bytesMax = bytesMax;
    this.cuts = new long[table.columns().size()];
    List<Column> columns = table.columns();
    for (int i = 0; i < columns.size(); i++) {
      lobs.set(i, columns.get(i).type().isLob());
    }
  }

  /** Cells cut so far, by column. */
  long[] cuts() {
    return cuts;
  }

  /** Cells cut so far. */
  long total() {
    return Arrays.stream(cuts).sum();
  }

  RowBatch apply(RowBatch batch) {
    return exceeds(batch) ? cut(batch) : batch;
  }

  private boolean exceeds(RowBatch batch) {
    for (int row = 0; row < batch.count(); row++) {
      for (int column = lobs.nextSetBit(0); column >= 0; column = lobs.nextSetBit(column + 1)) {
        if (batch.end(row, column) - batch.start(row, column) > bytesMax) {
          return true;
        }
      }
    }
    return false;
  }

  private RowBatch cut(RowBatch batch) {
    RowBatchBuilder result = new RowBatchBuilder(batch.schema());
    List<Column> columns = batch.schema().columns();
    for (int row = 0; row < batch.count(); row++) {
      for (int column = 0; column < columns.size(); column++) {
        int start = batch.start(row, column);
        int length = batch.end(row, column) - start;
        if (!lobs.get(column) || length <= bytesMax) {
          result.copy(batch, row, column);
          continue;
        }
        cuts[column]++;
        result.add(
            batch.slab(),
            start,
            columns.get(column).type().isBinary()
                ? bytesMax
                : wholeCharacters(batch.slab(), start));
      }
      result.endRow();
    }
    return result.build();
  }

  /**
   * The largest length up to the limit that does not split a UTF-8 character: steps back over
   * continuation bytes.
   */
  private int wholeCharacters(byte[] slab, int start) {
    int length = bytesMax;
    while (length > 0 && (slab[start + length] & 0xC0) == 0x80) {
      length--;
    }
    return length;
  }
}
