package wherry.task;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import wherry.change.ChangeBatch;
import wherry.change.RowChange;
import wherry.change.TransactionPart;

/**
 * Counts what flows from capture to apply, and tells about once a second how far they are behind
 * the source. {@link #captured} belongs to the capturing thread, the rest to the applying one.
 */
final class StreamProgress {
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final TaskListener listener;
  private final AtomicLong captured = new AtomicLong();
  private long applied;
  private long handled;
  private long toldNanos = System.nanoTime() - TELL_NANOS;
  private volatile Instant lastCaptured = Instant.EPOCH;
  private volatile boolean readToTheEnd;

  StreamProgress(TaskListener listener) {
    this.listener = listener;
  }

  void captured(ChangeBatch batch) {
    readToTheEnd = batch.parts().isEmpty();
    for (TransactionPart part : batch.parts()) {
      long rows = 0;
      for (var event : part.events()) {
        if (event instanceof RowChange) {
          rows++;
        }
      }
      captured.addAndGet(rows);
      lastCaptured = part.transaction().committedAt();
    }
  }

  /** These row changes were taken from the stream; they are applied or need not be. */
  void handled(long rowChanges) {
    handled += rowChanges;
  }

  /** Row changes that are captured and not yet taken from the stream. */
  long waiting() {
    return Math.max(0, captured.get() - handled);
  }

  /** What the tables have counted is committed. */
  void committed(Collection<StreamTable> tables) {
    for (StreamTable table : tables) {
      ChangeCounts counts = table.tally().take();
      if (!counts.equals(ChangeCounts.NONE)) {
        applied += counts.applied();
        table.load().changed(counts);
        listener.tableChanged(table.load().statistics());
      }
    }
  }

  /** Tells, when the last time is a second ago. */
  void tell(StreamCheckpoint checkpoint, ChangeWindow window, long waitingBytes) {
    if (System.nanoTime() - toldNanos < TELL_NANOS) {
      return;
    }
    toldNanos = System.nanoTime();
    Instant now = Instant.now();
    boolean allApplied =
        readToTheEnd && window.changes() == 0 && !window.isUncommitted() && waitingBytes == 0;
    listener.progress(
        new ChangeProgress(
            checkpoint.position().text(),
            captured.get(),
            applied,
            waiting() + window.changes(),
            waitingBytes + window.bytes(),
            readToTheEnd ? Duration.ZERO : since(lastCaptured, now),
            allApplied ? Duration.ZERO : since(checkpoint.committedAt(), now),
            checkpoint.commits()));
  }

  private static Duration since(Instant then, Instant now) {
    return then.equals(Instant.EPOCH) || then.isAfter(now)
        ? Duration.ZERO
        : Duration.between(then, now);
  }
}
