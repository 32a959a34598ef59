package wherry.task;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import wherry.change.Position;
import wherry.change.RowChange;
import wherry.change.SourceTransaction;
import wherry.connector.TableRoute;

/**
 * Changes that are applied together, in one transaction of the target: whole transactions of the
 * source, but for a large one that goes on. Owned by the thread that applies.
 */
final class ChangeWindow {
  /**
   * Changes of one table that can be applied as one set.
   *
   * @param lenient whether the target may have some of them already
   */
  record Run(StreamTable table, TableRoute route, boolean lenient, List<RowChange> changes) {}

  private final boolean inOrder;
  private final List<Run> runs = new ArrayList<>();
  private final Map<StreamTable, Run> open = new HashMap<>();
  private @Nullable Run last;
  private long changes;
  private long bytes;
  private long sinceNanos;
  private boolean inTransaction;
  private boolean uncommitted;
  private @Nullable Position end;
  private @Nullable Instant committedAt;

  /**
   * @param inOrder whether the order across tables is kept
   */
  ChangeWindow(boolean inOrder) {
    this.inOrder = inOrder;
  }

  void add(StreamTable table, TableRoute route, boolean lenient, RowChange change) {
    Run run = inOrder ? last : open.get(table);
    if (run == null || run.table() != table || run.route() != route || run.lenient() != lenient) {
      run = new Run(table, route, lenient, new ArrayList<>());
      runs.add(run);
      open.put(table, run);
      last = run;
    }
    run.changes().add(change);
    begun();
    changes++;
  }

  private void begun() {
    if (changes == 0) {
      sinceNanos = System.nanoTime();
    }
  }

  /** Changes of the transaction follow. */
  void transactionBegins() {
    inTransaction = true;
  }

  /** The transaction is complete; reading would go on at {@code behind}. */
  void transactionEnds(SourceTransaction transaction, Position behind) {
    inTransaction = false;
    end = behind;
    committedAt = transaction.committedAt();
  }

  /** The log was read up to here, and holds nothing more for the task before it. */
  void reached(Position position) {
    if (!inTransaction && (end == null || position.compareTo(end) > 0)) {
      end = position;
    }
  }

  /** What the rows behind the changes take of memory. */
  void holds(long moreBytes) {
    bytes += moreBytes;
  }

  List<Run> runs() {
    return runs;
  }

  long changes() {
    return changes;
  }

  long bytes() {
    return bytes;
  }

  /** How long the oldest change waits. */
  long ageNanos() {
    return changes == 0 ? 0 : System.nanoTime() - sinceNanos;
  }

  /** How long ago the source committed the newest transaction, as far as its clock tells. */
  long lagNanos() {
    return committedAt == null ? 0 : Duration.between(committedAt, Instant.now()).toNanos();
  }

  /** Whether a transaction of the source is in it in part, so that it must not be committed yet. */
  boolean isInTransaction() {
    return inTransaction;
  }

  /** Where reading goes on once this is committed; null when nothing was read yet. */
  @Nullable Position end() {
    return end;
  }

  /** When the source committed the last transaction in it; null when there was none. */
  @Nullable Instant committedAt() {
    return committedAt;
  }

  /** Whether something is applied and not committed. */
  boolean isUncommitted() {
    return uncommitted;
  }

  void committed() {
    uncommitted = false;
  }

  /**
   * A definition is applied; on targets where it does not commit it locks out who reads the table.
   */
  void defined() {
    uncommitted = true;
  }

  /** The changes are applied; what follows comes on top of them. */
  void applied() {
    uncommitted |= changes > 0;
    runs.clear();
    open.clear();
    last = null;
    changes = 0;
    bytes = 0;
  }
}
