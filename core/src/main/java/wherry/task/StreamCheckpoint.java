package wherry.task;

import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import wherry.change.Checkpoint;
import wherry.change.Position;
import wherry.change.SourceTransaction;
import wherry.connector.ChangeLog;
import wherry.connector.ChangeWriter;
import wherry.schema.TableId;

/**
 * How far the changes are on the target, and which tables lag behind the others. While tables are
 * loaded, the position stands still at a place before their snapshot and only {@code ahead} moves:
 * so the log keeps what they will need, and a crash finds the way back. Owned by the thread that
 * applies.
 */
final class StreamCheckpoint {
  private static final long POSITION_ONLY_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final String identity;
  private final TaskListener listener;
  private final TableNotes notes;
  private final Set<TableId> behind = new LinkedHashSet<>();
  private Position position;
  private Position ahead;
  private Instant committedAt;
  private List<TableId> suspended;
  private @Nullable Supplier<List<TableId>> notFollowed;
  private boolean loading;
  private long commits;
  private long lastCommitNanos = System.nanoTime();

  StreamCheckpoint(Checkpoint from, ChangeLog log, TaskListener listener) {
    this.identity = from.identity();
    this.listener = listener;
    this.position = log.position(from.position());
    this.ahead = log.position(from.ahead());
    this.committedAt = from.committedAt();
    this.behind.addAll(from.behind());
    this.suspended = from.suspended();
    this.notes = TableNotes.of(from.notes(), from.partitions());
  }

  /** What commits with each checkpoint. */
  TableNotes notes() {
    return notes;
  }

  /** Where reading goes on. */
  Position position() {
    return position;
  }

  /** When the source committed the last transaction that is applied. */
  Instant committedAt() {
    return committedAt;
  }

  long commits() {
    return commits;
  }

  boolean hasBehind() {
    return !behind.isEmpty();
  }

  /** The place up to which the target has a table's changes. */
  Position reached(TableId table) {
    return behind.contains(table) ? position : ahead;
  }

  /** Whether the transaction is still to be applied to the table. */
  boolean isDue(TableId table, SourceTransaction transaction) {
    return isDue(table, transaction.at());
  }

  /** Whether what is at a place is still to be applied to the table. */
  boolean isDue(TableId table, Position at) {
    if (behind.contains(table)) {
      return !loading && at.compareTo(position) >= 0;
    }
    return at.compareTo(ahead) >= 0;
  }

  /** Whether it is time to keep the place in the log although nothing of it concerns the task. */
  boolean isDue(ChangeWindow window) {
    Position end = window.end();
    return end != null
        && end.compareTo(position) > 0
        && System.nanoTime() - lastCommitNanos >= POSITION_ONLY_NANOS;
  }

  /** Commits what the writer has applied, with the place behind it. */
  void commit(ChangeWindow window, ChangeWriter writer) {
    Position end = window.end();
    if (window.committedAt() != null) {
      committedAt = window.committedAt();
    }
    if (end != null) {
      advance(end);
    }
    write(writer);
  }

  private void advance(Position end) {
    if (!loading && end.compareTo(position) > 0) {
      position = end;
    }
    if (end.compareTo(ahead) > 0) {
      ahead = end;
    }
    if (!loading && position.compareTo(ahead) >= 0) {
      behind.clear();
    }
  }

  /**
   * These tables are loaded from now on, while the others go on.
   *
   * @param partitions that they have now
   */
  void loads(Collection<TableId> tables, Map<TableId, String> partitions, ChangeWriter writer) {
    behind.addAll(tables);
    notes.loaded(tables, partitions);
    loading = true;
    write(writer);
  }

  /** The tables are loaded and will catch up, from {@link #position} on; those not named do not. */
  void loaded(Collection<TableId> tables, ChangeWriter writer) {
    behind.retainAll(tables);
    loading = false;
    if (behind.isEmpty()) {
      position = ahead;
    }
    write(writer);
  }

  /**
   * From now on changes are applied, but for those of the tables not followed: each commit says
   * which these are, so that no later run takes them for complete.
   */
  void streams(Supplier<List<TableId>> tablesNotFollowed) {
    notFollowed = tablesNotFollowed;
  }

  private void write(ChangeWriter writer) {
    Checkpoint checkpoint = checkpoint();
    writer.commit(checkpoint);
    commits++;
    lastCommitNanos = System.nanoTime();
    listener.checkpointed(checkpoint);
  }

  Checkpoint checkpoint() {
    if (notFollowed != null) {
      suspended = notFollowed.get().stream().filter(id -> !behind.contains(id)).toList();
    }
    return new Checkpoint(
        position.text(),
        committedAt,
        ahead.text(),
        List.copyOf(behind),
        suspended,
        identity,
        notes.text(),
        notes.partitionsText());
  }
}
