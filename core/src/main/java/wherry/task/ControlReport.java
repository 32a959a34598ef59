package wherry.task;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import wherry.change.Position;
import wherry.connector.ChangeWriter;
import wherry.connector.ControlRow;
import wherry.connector.Target.ControlTable;

/**
 * Keeps awsdms_status and awsdms_history on the target up to date, where the task's settings ask
 * for them ("Control table task settings", AWS DMS guide). Rows are written into the transaction
 * that is about to be committed. Owned by the thread that applies.
 */
final class ControlReport {
  private static final String FULL_LOAD = "FULL LOAD";
  private static final String CHANGE_PROCESSING = "CHANGE PROCESSING";
  private static final String NOT_RUNNING = "NOT RUNNING";
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final TaskDefinition definition;
  private final ChangeWriter writer;
  private final Duration slot;
  private long writtenNanos = System.nanoTime() - PERIOD_NANOS;
  private @Nullable Instant slotEnd;
  private long slotRecords;
  private long slotBytes;

  ControlReport(TaskDefinition definition, ChangeWriter writer) {
    this.definition = definition;
    this.writer = writer;
    this.slot = Duration.ofMinutes(Math.max(1, definition.settings().changes().historyMinutes()));
  }

  private boolean wants(ControlTable table) {
    return definition.settings().changes().controlTables().contains(table);
  }

  /** Counts what is about to be committed, and writes the rows when it is time. */
  void committing(
      StreamCheckpoint checkpoint, ChangeWindow window, long changes, long bytes, long waiting) {
    Instant now = Instant.now();
    boolean newSlot = slotEnd == null || !now.isBefore(slotEnd);
    if (newSlot) {
      slotEnd = endOfSlot(now);
      slotRecords = 0;
      slotBytes = 0;
    }
    slotRecords += changes;
    slotBytes += bytes;
    if (newSlot || System.nanoTime() - writtenNanos >= PERIOD_NANOS) {
      writtenNanos = System.nanoTime();
      Instant applied =
          window.committedAt() == null ? checkpoint.committedAt() : window.committedAt();
      status(CHANGE_PROCESSING, waiting, window.end(), applied);
      history(now, applied);
    }
  }

  private Instant endOfSlot(Instant now) {
    long seconds = slot.toSeconds();
    return Instant.ofEpochSecond((now.getEpochSecond() / seconds + 1) * seconds);
  }

  private void history(Instant now, Instant applied) {
    if (wants(ControlTable.HISTORY) && slotEnd != null) {
      long latency = applied.equals(Instant.EPOCH) ? 0 : Duration.between(applied, now).toSeconds();
      writer.write(
          new ControlRow.Timeslot(
              definition.serverName(),
              CHANGE_PROCESSING,
              slotEnd,
              (int) slot.toMinutes(),
              Math.max(0, latency),
              slotRecords,
              slotBytes >> 20));
    }
  }

  /** Tables are about to be loaded. */
  void loading() {
    status(FULL_LOAD, 0, null, Instant.EPOCH);
  }

  /** The run ends. */
  void ended(StreamCheckpoint checkpoint) {
    status(NOT_RUNNING, 0, checkpoint.position(), checkpoint.committedAt());
  }

  private void status(String status, long waiting, @Nullable Position position, Instant applied) {
    if (!wants(ControlTable.STATUS)) {
      return;
    }
    String place = position == null ? "" : position.text();
    Instant time = applied.equals(Instant.EPOCH) ? null : applied;
    Runtime heap = Runtime.getRuntime();
    writer.write(
        new ControlRow.Status(
            definition.serverName(),
            status,
            Instant.now(),
            waiting,
            0,
            (heap.totalMemory() - heap.freeMemory()) >> 20,
            place,
            time,
            place,
            time,
            time));
  }
}
