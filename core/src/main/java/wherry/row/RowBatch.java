package wherry.row;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import wherry.schema.TableSchema;

/**
 * Rows as cells: one slab of bytes and the end of each cell in it, row by row. A cell is canonical
 * text or raw bytes, as {@link wherry.schema.DataType} defines. An end that is negative marks NULL
 * and is the complement of the true end, so a cell's start is always known from the end before it.
 *
 * <p>Rows of a change log may lack cells: a value that is not in the log, because it is unchanged
 * or not part of the image. Such a cell is absent, and also reads as NULL; whoever writes changes
 * asks {@link #isAbsent} first. Rows of a load are always whole.
 *
 * <p>Immutable by agreement: nobody changes the arrays after the batch is built.
 */
public final class RowBatch implements Rows {
  private final TableSchema schema;
  private final byte[] slab;
  private final int[] ends;
  private final int count;
  private final int width;
  private final @Nullable BitSet absent;

  RowBatch(TableSchema schema, byte[] slab, int[] ends, int count, @Nullable BitSet absent) {
    this.schema = schema;
    this.slab = slab;
    this.ends = ends;
    this.count = count;
    this.width = schema.columns().size();
    this.absent = absent;
  }

  /** The table whose columns the cells are. */
  public TableSchema schema() {
    return schema;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public long bytes() {
    return slab.length + 4L * ends.length;
  }

  /** The bytes that {@link #start} and {@link #end} point into. */
  public byte[] slab() {
    return slab;
  }

  public boolean isNull(int row, int column) {
    return ends[row * width + column] < 0;
  }

  /** Whether the log does not tell the cell's value. */
  public boolean isAbsent(int row, int column) {
    return absent != null && absent.get(row * width + column);
  }

  /** Whether any cell of the batch is absent. */
  public boolean hasAbsent() {
    return absent != null;
  }

  /** Where the cell begins in the slab. */
  public int start(int row, int column) {
    int cell = row * width + column;
    return cell == 0 ? 0 : place(ends[cell - 1]);
  }

  /** Where the cell ends in the slab, exclusive. */
  public int end(int row, int column) {
    return place(ends[row * width + column]);
  }

  /**
   * The cell as text, null when NULL: for keys in messages and for tests, never for the hot path.
   */
  public @Nullable String text(int row, int column) {
    if (isNull(row, column)) {
      return null;
    }
    int start = start(row, column);
    return new String(slab, start, end(row, column) - start, StandardCharsets.UTF_8);
  }

  /**
   * The same rows under another table's names; the columns' order and the cells stay.
   *
   * @param renamed with as many columns
   */
  public RowBatch as(TableSchema renamed) {
    if (renamed.columns().size() != width) {
      throw new IllegalArgumentException(
          renamed.id() + " has " + renamed.columns().size() + " columns, the rows " + width);
    }
    return new RowBatch(renamed, slab, ends, count, absent);
  }

  /** The batch without some of its rows. */
  public RowBatch without(BitSet rows) {
    RowBatchBuilder rest = new RowBatchBuilder(schema);
    for (int row = rows.nextClearBit(0); row < count; row = rows.nextClearBit(row + 1)) {
      rest.addCells(this, row, 0, width);
      rest.endRow();
    }
    return rest.build();
  }

  private static int place(int end) {
    return end < 0 ? ~end : end;
  }
}
