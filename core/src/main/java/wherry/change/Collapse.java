package wherry.change;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.TableSchema;

/**
 * Collapses a window of changes of one table to what remains of them per key: insert and update
 * become one insert, insert and delete nothing, two updates one, update and delete a delete, delete
 * and insert a delete and an insert; an update that changes the key is a delete of the old one and
 * an insert of the new.
 */
public final class Collapse {
  /** What the window has made of a key so far. */
  private static final byte UNKNOWN = 0;

  /** Not there before, there now. */
  private static final byte INSERTED = 1;

  /** There before, with new values now. */
  private static final byte UPDATED = 2;

  /** There before, deleted, and inserted again. */
  private static final byte REPLACED = 3;

  /** There before, gone now. */
  private static final byte DELETED = 4;

  /** Not there before, nor now. */
  private static final byte VANISHED = 5;

  private final List<RowChange> changes;
  private final List<Integer> key;
  private final KeyTable keys;
  private byte[] states;
  private RowBatch[] batches;
  private int[] rows;
  private @Nullable RowBatchBuilder merging;

  private Collapse(List<RowChange> changes, List<Integer> key) {
    this.changes = changes;
    this.key = key;
    this.keys = new KeyTable(key, changes.size());
    this.states = new byte[changes.size()];
    this.batches = new RowBatch[changes.size()];
    this.rows = new int[changes.size()];
  }

  /**
   * The net changes, or empty when the window cannot be said as such: the changes contradict each
   * other (a key inserted twice, a deleted row updated), or a row gets a new key while the log does
   * not carry all of its values. They have to go one by one then.
   *
   * @param changes of one table and one schema, in log order
   * @param key indexes of the columns that identify a row; not empty
   */
  public static Optional<NetChanges> of(List<RowChange> changes, List<Integer> key) {
    Collapse collapse = new Collapse(changes, key);
    return collapse.takeAll() ? Optional.of(collapse.strict()) : Optional.empty();
  }

  /**
   * The same for rows of which the target may or may not have seen the changes already: whatever is
   * there with the key is deleted, and the row as it is now inserted. Only updates of which the log
   * does not carry all values remain updates.
   */
  public static Optional<NetChanges> lenient(List<RowChange> changes, List<Integer> key) {
    Collapse collapse = new Collapse(changes, key);
    return collapse.takeAll() ? Optional.of(collapse.overwriting()) : Optional.empty();
  }

  private boolean takeAll() {
    for (RowChange change : changes) {
      if (!take(change)) {
        return false;
      }
    }
    return true;
  }

  private boolean take(RowChange change) {
    RowBatch batch = change.rows();
    return switch (change.operation()) {
      case INSERT -> insert(batch, change.after());
      case DELETE -> delete(batch, change.before());
      case UPDATE ->
          change.before() == RowChange.NONE
                  || keys.sameKey(batch, change.before(), batch, change.after())
              ? update(batch, change.after())
              : move(batch, change.before(), change.after());
    };
  }

  private int slot(RowBatch batch, int row) {
    int slot = keys.number(batch, row);
    if (slot >= states.length) {
      int length = Math.max(16, 2 * states.length);
      states = Arrays.copyOf(states, length);
      batches = Arrays.copyOf(batches, length);
      rows = Arrays.copyOf(rows, length);
    }
    return slot;
  }

  private boolean insert(RowBatch batch, int row) {
    int slot = slot(batch, row);
    switch (states[slot]) {
      case UNKNOWN, VANISHED -> put(slot, INSERTED, batch, row);
      case DELETED -> put(slot, REPLACED, batch, row);
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean update(RowBatch batch, int row) {
    int slot = slot(batch, row);
    switch (states[slot]) {
      case UNKNOWN -> put(slot, UPDATED, batch, row);
      case INSERTED, UPDATED, REPLACED -> merge(slot, batch, row);
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean delete(RowBatch batch, int row) {
    int slot = slot(batch, row);
    switch (states[slot]) {
      case UNKNOWN, UPDATED, REPLACED -> put(slot, DELETED, batch, row);
      case INSERTED -> put(slot, VANISHED, batch, row);
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean move(RowBatch batch, int before, int after) {
    int old = slot(batch, before);
    RowBatch whole = batch;
    int wholeRow = after;
    if (hasAbsent(batch, after)) {
      RowBatch former = batches[old] == null || states[old] == DELETED ? batch : batches[old];
      int formerRow = former == batch ? before : rows[old];
      whole = merged(former, formerRow, batch, after);
      wholeRow = 0;
      if (hasAbsent(whole, 0)) {
        return false;
      }
    }
    return delete(batch, before) && insert(whole, wholeRow);
  }

  private void put(int slot, byte state, RowBatch batch, int row) {
    states[slot] = state;
    batches[slot] = batch;
    rows[slot] = row;
  }

  private void merge(int slot, RowBatch batch, int row) {
    if (hasAbsent(batch, row)) {
      batches[slot] = merged(batches[slot], rows[slot], batch, row);
      rows[slot] = 0;
    } else {
      batches[slot] = batch;
      rows[slot] = row;
    }
  }

  /** The newer row, its absent cells taken from the older one where that has them. */
  private RowBatch merged(RowBatch older, int olderRow, RowBatch newer, int newerRow) {
    if (merging == null) {
      merging = new RowBatchBuilder(newer.schema());
    }
    RowBatchBuilder builder = merging;
    for (int column = 0; column < newer.schema().columns().size(); column++) {
      if (newer.isAbsent(newerRow, column)) {
        builder.copy(older, olderRow, column);
      } else {
        builder.copy(newer, newerRow, column);
      }
    }
    builder.endRow();
    return builder.build();
  }

  private static boolean hasAbsent(RowBatch batch, int row) {
    if (!batch.hasAbsent()) {
      return false;
    }
    for (int column = 0; column < batch.schema().columns().size(); column++) {
      if (batch.isAbsent(row, column)) {
        return true;
      }
    }
    return false;
  }

  private NetChanges strict() {
    RowSet deletes = new RowSet();
    RowSet inserts = new RowSet();
    Map<BitSet, RowSet> updates = new LinkedHashMap<>();
    for (int slot = 0; slot < keys.count(); slot++) {
      switch (states[slot]) {
        case INSERTED -> inserts.add(batches[slot], rows[slot]);
        case UPDATED -> addUpdate(updates, slot);
        case REPLACED -> {
          deletes.add(batches[slot], rows[slot]);
          inserts.add(batches[slot], rows[slot]);
        }
        case DELETED -> deletes.add(batches[slot], rows[slot]);
        default -> {} // VANISHED: nothing was there before, nothing is to be there.
      }
    }
    return new NetChanges(deletes, updates(updates), inserts);
  }

  private NetChanges overwriting() {
    RowSet deletes = new RowSet();
    RowSet inserts = new RowSet();
    Map<BitSet, RowSet> updates = new LinkedHashMap<>();
    for (int slot = 0; slot < keys.count(); slot++) {
      if (states[slot] == UPDATED && hasAbsent(batches[slot], rows[slot])) {
        addUpdate(updates, slot);
        continue;
      }
      deletes.add(batches[slot], rows[slot]);
      if (states[slot] != DELETED && states[slot] != VANISHED) {
        inserts.add(batches[slot], rows[slot]);
      }
    }
    return new NetChanges(deletes, updates(updates), inserts);
  }

  private void addUpdate(Map<BitSet, RowSet> updates, int slot) {
    BitSet absent = new BitSet();
    if (batches[slot].hasAbsent()) {
      for (int column = 0; column < batches[slot].schema().columns().size(); column++) {
        absent.set(column, batches[slot].isAbsent(rows[slot], column));
      }
    }
    updates.computeIfAbsent(absent, columns -> new RowSet()).add(batches[slot], rows[slot]);
  }

  private List<NetChanges.Update> updates(Map<BitSet, RowSet> byAbsent) {
    List<NetChanges.Update> updates = new ArrayList<>();
    byAbsent.forEach((absent, set) -> {
      List<Integer> columns = settable(absent);
      if (!columns.isEmpty()) { // A row that is all key, updated to itself, stays as it is.
        updates.add(new NetChanges.Update(columns, set));
      }
    });
    return updates;
  }

  private List<Integer> settable(BitSet absent) {
    TableSchema schema = changes.getFirst().rows().schema();
    List<Integer> columns = new ArrayList<>();
    for (int column = 0; column < schema.columns().size(); column++) {
      if (!absent.get(column) && !key.contains(column)) {
        columns.add(column);
      }
    }
    return columns;
  }
}
