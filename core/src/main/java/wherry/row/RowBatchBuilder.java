package wherry.row;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import wherry.schema.TableSchema;

/**
 * Collects cells row by row into a {@link RowBatch}. Also gives direct access to the slab, so that
 * a decoder can write a cell in place: {@link #reserve}, write, {@link #commit}.
 *
 * <p>Not thread-safe. After {@link #build} the builder is empty and may be used again; the built
 * batch keeps the arrays.
 */
public final class RowBatchBuilder {
  private static final int FIRST_SLAB_BYTES = 64 * 1024;
  private static final int FIRST_CELLS = 1024;

  private final TableSchema schema;
  private final int width;
  private byte[] slab;
  private int[] ends;
  private int used;
  private int cells;
  private int rows;
  private @Nullable BitSet absent;

  /**
   * @param schema whose columns each row has
   */
  public RowBatchBuilder(TableSchema schema) {
    this.schema = schema;
    this.width = schema.columns().size();
    this.slab = new byte[FIRST_SLAB_BYTES];
    this.ends = new int[Math.max(FIRST_CELLS, width)];
  }

  /** Adds a cell from bytes. */
  public void add(byte[] source, int offset, int length) {
    reserve(length);
    ShortCopy.copy(source, offset, slab, used, length);
    commit(length);
  }

  /** Adds a cell from all of the bytes. */
  public void add(byte[] cell) {
    add(cell, 0, cell.length);
  }

  /** Adds a cell from text; null adds NULL. For tests and rare types. */
  public void add(@Nullable String text) {
    if (text == null) {
      addNull();
    } else {
      add(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Adds a cell that is NULL. */
  public void addNull() {
    mark(~used);
  }

  /** Adds a cell whose value is not in the log. */
  public void addAbsent() {
    if (absent == null) {
      absent = new BitSet();
    }
    absent.set(cells);
    addNull();
  }

  /** Adds a cell as it is in another batch: value, NULL or absent. */
  public void copy(RowBatch from, int row, int column) {
    if (from.isAbsent(row, column)) {
      addAbsent();
    } else if (from.isNull(row, column)) {
      addNull();
    } else {
      int start = from.start(row, column);
      add(from.slab(), start, from.end(row, column) - start);
    }
  }

  /**
   * Adds neighbouring cells of a row of another batch, absent ones too, all their bytes at once.
   */
  public void addCells(RowBatch from, int row, int firstColumn, int count) {
    int start = from.start(row, firstColumn);
    int end = from.end(row, firstColumn + count - 1);
    reserve(end - start);
    System.arraycopy(from.slab(), start, slab, used, end - start);
    int moved = used - start;
    for (int column = firstColumn; column < firstColumn + count; column++) {
      used = from.end(row, column) + moved;
      if (from.isAbsent(row, column)) {
        addAbsent();
      } else {
        mark(from.isNull(row, column) ? ~used : used);
      }
    }
  }

  /** Makes room for {@code length} more bytes; they go into {@link #slab} from {@link #used} on. */
  public void reserve(int length) {
    long needed = (long) used + length;
    if (needed > slab.length) {
      if (needed > Integer.MAX_VALUE - 16) {
        throw new IllegalStateException(
            "A batch cannot hold more than 2 GiB; rows of " + schema.id() + " are too wide");
      }
      slab =
          Arrays.copyOf(
              slab, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(needed, 2L * slab.length)));
    }
  }

  /** The cells' bytes, to write the next cell in place; another array after a reserve. */
  public byte[] slab() {
    return slab;
  }

  /** Where in the slab the next cell begins. */
  public int used() {
    return used;
  }

  /** Ends a cell whose {@code length} bytes were written in place. */
  public void commit(int length) {
    used += length;
    mark(used);
  }

  private void mark(int end) {
    if (cells == ends.length) {
      ends = Arrays.copyOf(ends, 2 * ends.length);
    }
    ends[cells++] = end;
  }

  /** Ends a row; it must have exactly the table's columns. */
  public void endRow() {
    rows++;
    if (cells != rows * width) {
      throw new IllegalStateException(
          "Row "
              + rows
              + " of "
              + schema.id()
              + " has "
              + (cells - (rows - 1) * width)
              + " cells, the table "
              + width);
    }
  }

  /** Rows that were ended since the last batch. */
  public int rows() {
    return rows;
  }

  /** Bytes of cells so far. */
  public int bytes() {
    return used;
  }

  /** The rows so far as a batch of its own; the builder is empty then and may go on. */
  public RowBatch build() {
    RowBatch batch =
        new RowBatch(schema, Arrays.copyOf(slab, used), Arrays.copyOf(ends, cells), rows, absent);
    absent = null;
    if (slab.length > 16 * FIRST_SLAB_BYTES) {
      slab = new byte[FIRST_SLAB_BYTES];
    }
    used = 0;
    cells = 0;
    rows = 0;
    return batch;
  }
}
