package wherry.mysql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.change.ChangeBatch;
import wherry.change.ChangeEvent;
import wherry.change.Position;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;
import wherry.change.SourceTransaction;
import wherry.change.TransactionPart;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.TableSchema;

/**
 * Collects the changes of one batch: all images of a table in one slab, the changes as indexes into
 * it until the slabs are complete. Not thread-safe.
 */
final class ChangeAssembly {
  private static final Operation[] OPERATIONS = Operation.values();

  /** What a change takes of memory beside its images, about. */
  private static final int CHANGE_BYTES = 48;

  /** The images of one table. */
  static final class Images {
    private final RowBatchBuilder rows;
    private @Nullable RowBatch built;

    private Images(TableSchema schema) {
      this.rows = new RowBatchBuilder(schema);
    }

    RowBatchBuilder rows() {
      return rows;
    }
  }

  /** A part of a transaction, as a range of the changes. */
  private record Part(SourceTransaction transaction, int from, int to, Optional<Position> end) {}

  private final Map<TableSchema, Images> images = new IdentityHashMap<>();

  /** The same in a list, as {@link #bytes} is asked for each event. */
  private final List<Images> all = new ArrayList<>();

  private final List<Part> parts = new ArrayList<>();
  private final Map<Integer, ChangeEvent> others = new HashMap<>();
  private Images[] tables = new Images[64];
  private int[] befores = new int[64];
  private int[] afters = new int[64];
  private byte[] operations = new byte[64];
  private boolean[] silent = new boolean[64];
  private int count;
  private int partStart;

  /** Where to add the images of the table that has this very schema. */
  Images images(TableSchema schema) {
    Images known = images.get(schema);
    if (known == null) {
      known = new Images(schema);
      images.put(schema, known);
      all.add(known);
    }
    return known;
  }

  /**
   * @param actsSilently as {@link RowChange#actsSilently}
   */
  void add(Operation operation, Images table, int before, int after, boolean actsSilently) {
    grow();
    silent[count] = actsSilently;
    tables[count] = table;
    operations[count] = (byte) operation.ordinal();
    befores[count] = before;
    afters[count++] = after;
  }

  void add(ChangeEvent event) {
    grow();
    others.put(count++, event);
  }

  private void grow() {
    if (count == befores.length) {
      tables = Arrays.copyOf(tables, 2 * count);
      befores = Arrays.copyOf(befores, 2 * count);
      afters = Arrays.copyOf(afters, 2 * count);
      operations = Arrays.copyOf(operations, 2 * count);
      silent = Arrays.copyOf(silent, 2 * count);
    }
  }

  /** What was added since the last part becomes one. */
  void endPart(SourceTransaction transaction, Optional<Position> end) {
    parts.add(new Part(transaction, partStart, count, end));
    partStart = count;
  }

  /** Whether changes were added that belong to no part yet. */
  boolean hasOpenPart() {
    return count > partStart;
  }

  boolean hasParts() {
    return !parts.isEmpty();
  }

  long bytes() {
    long bytes = (long) CHANGE_BYTES * count;
    for (int i = 0; i < all.size(); i++) {
      RowBatchBuilder rows = all.get(i).rows;
      bytes += rows.bytes() + 4L * rows.rows();
    }
    return bytes;
  }

  /** Everything so far as a batch; the assembly is empty then. */
  ChangeBatch build(Position reached) {
    all.forEach(table -> table.built = table.rows.build());
    List<TransactionPart> built = new ArrayList<>(parts.size());
    for (Part part : parts) {
      List<ChangeEvent> events = new ArrayList<>(part.to - part.from);
      for (int i = part.from; i < part.to; i++) {
        events.add(event(i));
      }
      built.add(new TransactionPart(part.transaction, events, part.end));
    }
    long bytes = (long) CHANGE_BYTES * count;
    for (Images table : all) {
      RowBatch rows = table.built;
      bytes += rows == null ? 0 : rows.bytes();
    }
    clear();
    return new ChangeBatch(built, reached, bytes);
  }

  private ChangeEvent event(int i) {
    Images table = tables[i];
    RowBatch rows = table == null ? null : table.built;
    return rows == null
        ? Objects.requireNonNull(others.get(i))
        : new RowChange(OPERATIONS[operations[i]], rows, befores[i], afters[i], silent[i]);
  }

  private void clear() {
    images.clear();
    all.clear();
    parts.clear();
    others.clear();
    Arrays.fill(tables, 0, count, null);
    count = 0;
    partStart = 0;
  }
}
