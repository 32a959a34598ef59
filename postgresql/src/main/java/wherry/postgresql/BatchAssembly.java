package wherry.postgresql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

/**
 * Collects changes into a {@link ChangeBatch}: the rows of a table in one builder, the changes as
 * numbers until the rows are built.
 *
 * <p>Owned by one thread; empty again after {@link #build}.
 */
final class BatchAssembly {
  private static final int BYTES_MAX = 1 << 20;

  /** Each table's builder takes room before it has rows. */
  private static final int TABLES_MAX = 100;

  /** What a change takes as an object, beside its rows. */
  private static final int CHANGE_BYTES = 64;

  private static final Operation[] OPERATIONS = Operation.values();
  private static final int OTHER_EVENT = -1;

  private final Map<CapturedTable, Integer> tables = new HashMap<>();
  private final List<RowBatchBuilder> builders = new ArrayList<>();
  private final List<ChangeEvent> others = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private int[] drafts = new int[4 * 1024];
  private int count;
  private int firstOfPart;
  private @Nullable SourceTransaction open;

  /** A part whose changes are the drafts up to {@code to}. */
  private record Part(SourceTransaction transaction, int from, int to, Optional<Position> end) {}

  void begin(SourceTransaction transaction) {
    open = transaction;
    firstOfPart = count;
  }

  boolean isInTransaction() {
    return open != null;
  }

  /** A transaction that did nothing for the task is kept only when it is the last of the batch. */
  void end(Position end) {
    SourceTransaction transaction = transaction();
    int last = parts.size() - 1;
    if (last >= 0 && parts.get(last).from() == parts.get(last).to() && isWhole(last)) {
      parts.remove(last);
    }
    parts.add(new Part(transaction, firstOfPart, count, Optional.of(end)));
    open = null;
  }

  /** Whether the part is not the rest of a transaction whose beginning was handed on already. */
  private boolean isWhole(int part) {
    return !parts.get(part).transaction().equals(goesOn);
  }

  private @Nullable SourceTransaction goesOn;

  /** Where the rows of the table are collected. */
  RowBatchBuilder rows(CapturedTable table) {
    return builders.get(slot(table));
  }

  private int slot(CapturedTable table) {
    return tables.computeIfAbsent(
        table,
        added -> {
          builders.add(new RowBatchBuilder(added.schema()));
          return builders.size() - 1;
        });
  }

  void change(Operation operation, CapturedTable table, int before, int after) {
    draft(operation.ordinal(), slot(table), before, after);
  }

  void event(ChangeEvent event) {
    others.add(event);
    draft(OTHER_EVENT, others.size() - 1, 0, 0);
  }

  private void draft(int kind, int place, int before, int after) {
    if (4 * count == drafts.length) {
      drafts = Arrays.copyOf(drafts, 2 * drafts.length);
    }
    drafts[4 * count] = kind;
    drafts[4 * count + 1] = place;
    drafts[4 * count + 2] = before;
    drafts[4 * count + 3] = after;
    count++;
  }

  boolean isFull() {
    return bytes() >= BYTES_MAX || builders.size() >= TABLES_MAX;
  }

  boolean isEmpty() {
    return parts.isEmpty() && count == 0;
  }

  private long bytes() {
    long bytes = (long) CHANGE_BYTES * count;
    for (RowBatchBuilder builder : builders) {
      bytes += builder.bytes();
    }
    return bytes;
  }

  /** What was collected; an open transaction goes on in the next batch. */
  ChangeBatch build(Position reached) {
    if (open != null && count > firstOfPart) {
      parts.add(new Part(open, firstOfPart, count, Optional.empty()));
    }
    List<RowBatch> batches = builders.stream().map(RowBatchBuilder::build).toList();
    List<TransactionPart> built = new ArrayList<>(parts.size());
    for (Part part : parts) {
      List<ChangeEvent> events = new ArrayList<>(part.to() - part.from());
      for (int i = part.from(); i < part.to(); i++) {
        events.add(event(i, batches));
      }
      built.add(new TransactionPart(part.transaction(), events, part.end()));
    }
    long bytes = batches.stream().mapToLong(RowBatch::bytes).sum() + (long) CHANGE_BYTES * count;
    clear();
    return new ChangeBatch(built, reached, bytes);
  }

  private ChangeEvent event(int draft, List<RowBatch> batches) {
    int kind = drafts[4 * draft];
    int place = drafts[4 * draft + 1];
    return kind == OTHER_EVENT
        ? others.get(place)
        : new RowChange(
            OPERATIONS[kind], batches.get(place), drafts[4 * draft + 2], drafts[4 * draft + 3]);
  }

  private void clear() {
    goesOn = open;
    tables.clear();
    builders.clear();
    others.clear();
    parts.clear();
    count = 0;
    firstOfPart = 0;
  }

  private SourceTransaction transaction() {
    if (open == null) {
      throw new IllegalStateException("A commit in the log without its beginning");
    }
    return open;
  }
}
