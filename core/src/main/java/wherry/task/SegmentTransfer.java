package wherry.task;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import wherry.connector.LoadCounts;
import wherry.connector.LoadLedger;
import wherry.connector.RowReader;
import wherry.connector.RowWriter;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.flow.Handoff;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;

/**
 * Moves one segment: a reading thread of its own, a {@link Handoff}, and the calling thread, which writes. The rows, the kept
 * rejections and the ledger's entry commit together, and only when the books balance.
 */
final class SegmentTransfer {
  private static final int BATCHES_MAX = 4;
  private static final long BYTES_MAX = 4L << 20;

  private final TableLoad table;
  private final Segment segment;
  private final Snapshot snapshot;
  private final Target target;
  private final TaskDefinition definition;
  private final BooleanSupplier cancelled;
  private final Handoff<Rows> handoff = new Handoff<>(BATCHES_MAX, BYTES_MAX);
  private final @Nullable LobLimit lobLimit;

  SegmentTransfer(
      TableLoad table,
      Segment segment,
      Snapshot snapshot,
      Target target,
      TaskDefinition definition,
      BooleanSupplier cancelled) {
    this.table = table;
    this.segment = segment;
    this.snapshot = snapshot;
    this.target = target;
    this.definition = definition;
    this.cancelled = cancelled;
    this.lobLimit =
        definition.settings().lobBytesMax().isPresent()
            ? new LobLimit(table.mapped().source(), definition.settings().lobBytesMax().getAsInt())
            : null;
  }

  /**
   * Loads the segment.
   *
   * @return what is now committed; empty when the load was cancelled, and nothing is
   */
  Optional<LoadLedger.Done> run(RowFormat format) throws InterruptedException {
    Thread reading = new Thread(() -> readAll(format), Thread.currentThread().getName() + "/read");
    reading.setDaemon(true);
    reading.start();
    long counted = 0;
    try (RowWriter writer = target.load(request(format))) {
      long read = 0;
      for (Optional<Rows> rows = handoff.take(); rows.isPresent(); rows = handoff.take()) {
        if (cancelled.getAsBoolean()) {
          return Optional.empty();
        }
        Rows batch = rows.get();
        writer.write(lobLimit != null && batch instanceof RowBatch cells ? lobLimit.apply(cells) : batch);
        read += batch.count();
        counted += batch.count();
        table.inFlight().addAndGet(batch.count());
      }
      LoadLedger.Done done = balanced(read, writer.finish());
      if (cancelled.getAsBoolean()) {
        return Optional.empty();
      }
      writer.commit(done); // D1: rows, rejections and ledger become durable together.
      return Optional.of(done);
    } catch (Handoff.HandoffClosed e) {
      throw e.getCause() instanceof DmsException failure ? failure : internal(e);
    } finally {
      table.inFlight().addAndGet(-counted);
      handoff.fail(new InterruptedException("The writer has ended"));
      reading.interrupt();
      reading.join();
    }
  }

  private Target.LoadRequest request(RowFormat format) {
    return new Target.LoadRequest(
        definition.name(),
        definition.settings().controlSchema(),
        table.mapped().source(),
        table.target(),
        format,
        table.dataErrors(),
        definition.settings().keyAfterLoad());
  }

  private void readAll(RowFormat format) {
    try (RowReader reader =
        snapshot.read(table.mapped().source(), segment, format, definition.settings().commitRate())) {
      for (Optional<Rows> rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        handoff.put(rows.get(), rows.get().bytes());
      }
      handoff.finish();
    } catch (Throwable e) { // Whatever ends the reader must reach the writer, or it would wait for ever.
      handoff.fail(e);
    }
  }

  /** D3: each row read is loaded, filtered or rejected; the target's own count decides. */
  private LoadLedger.Done balanced(long read, LoadCounts counts) {
    if (read != counts.loaded() + counts.rejected()) {
      throw new DmsException(
          ErrorCode.BOOKS_DO_NOT_BALANCE,
          table.id(),
          "Table " + table.id() + ", segment " + segment.number() + ": " + read + " rows were read, but the target has taken "
              + counts.loaded() + " and rejected " + counts.rejected()
              + ". Nothing of the segment is committed. A trigger or rule on the target table may swallow rows; disable it and resume the task.",
          null);
    }
    long shortened = lobLimit == null ? 0 : Arrays.stream(lobLimit.cuts()).sum();
    return new LoadLedger.Done(table.id(), segment.number(), read, 0, counts.loaded(), counts.rejected(), shortened);
  }

  private DmsException internal(Handoff.HandoffClosed e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new DmsException(
        ErrorCode.INTERNAL,
        table.id(),
        "Reading table " + table.id() + ", segment " + segment.number() + " ended unexpectedly: " + cause
            + ". This is a defect in Wherry; the log of the service has the stack. Resume the task to try again.",
        cause);
  }
}
