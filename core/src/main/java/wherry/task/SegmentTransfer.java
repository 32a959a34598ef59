package wherry.task;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import wherry.connector.LoadCounts;
import wherry.connector.LoadLedger;
import wherry.connector.Resource;
import wherry.connector.RowReader;
import wherry.connector.RowWriter;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.flow.ByteBudget;
import wherry.flow.Handoff;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;

/**
 * Moves one segment: a reading thread of its own, a {@link Handoff}, and the calling thread, which
 * writes. The rows, the kept rejections and the ledger's entry commit together, and only when the
 * books balance. Reading may begin before somebody writes; then a first batch waits for him.
 */
final class SegmentTransfer implements Resource {
  private static final int BATCHES_MAX = 4;
  private static final long BYTES_MAX = 4L << 20;

  /**
   * Batches beyond this are wide: they are read only when the heap has room for all copies of them.
   */
  private static final long WIDE_BYTES = 4L << 20;

  /**
   * Of a batch that is read, one that waits and one that is written, with the buffers of both
   * drivers and the encoder.
   */
  private static final int COPIES = 10;

  private final TableLoad table;
  private final Segment segment;
  private final Snapshot snapshot;
  private final String cut;
  private final Target target;
  private final TaskDefinition definition;
  private final ByteBudget heap;
  private final BooleanSupplier cancelled;
  private final RowFormat format;
  private final Runnable whenRead;
  private final Thread reading;
  private final CountDownLatch written = new CountDownLatch(1);
  private final Handoff<Rows> handoff = new Handoff<>(BATCHES_MAX, BYTES_MAX);
  private final @Nullable LobLimit lobLimit;
  private final LoadTransform transform;

  private volatile @Nullable RowWriter writing;
  private volatile boolean aborted;

  /** Owned by the reading thread; by the writing one after it has seen that thread end. */
  private long reservedBytes;

  /**
   * @param name of the reading thread
   * @param whenRead called on the reading thread when all is read and the reader is free, though
   *     not all is written
   */
  SegmentTransfer(
      String name,
      TableLoad table,
      Segment segment,
      Snapshot snapshot,
      String cut,
      Target target,
      TaskDefinition definition,
      ByteBudget heap,
      RowFormat format,
      BooleanSupplier cancelled,
      Runnable whenRead) {
    this.table = table;
    this.segment = segment;
    this.snapshot = snapshot;
    this.cut = cut;
    this.target = target;
    this.definition = definition;
    this.heap = heap;
    this.cancelled = cancelled;
    OptionalInt lobBytesMax = definition.settings().lobBytesMax(table.mapped());
    this.lobLimit =
        lobBytesMax.isPresent()
            ? new LobLimit(table.mapped().source(), lobBytesMax.getAsInt())
            : null;
    this.transform = new LoadTransform(table.mapped(), definition.settings().characters());
    this.format = format;
    this.whenRead = whenRead;
    this.reading = new Thread(this::readAll, name);
  }

  /** Begins to read; who has begun it closes it. */
  void begin() {
    reading.setDaemon(true);
    reading.start();
  }

  /**
   * Loads the segment, of which reading has begun.
   *
   * @return what is now committed; empty when the load was cancelled, and nothing is
   */
  Optional<LoadLedger.Done> run() throws InterruptedException {
    written.countDown();
    long read = 0;
    boolean committed = false;
    try (RowWriter writer = target.load(request())) {
      writing = writer;
      if (aborted || cancelled.getAsBoolean()) {
        return Optional.empty();
      }
      for (Optional<Rows> next = handoff.take(); next.isPresent(); next = handoff.take()) {
        if (cancelled.getAsBoolean()) {
          return Optional.empty();
        }
        Rows batch = next.get();
        writer.write(batch instanceof RowBatch cells ? mapped(cells, writer) : batch);
        read += batch.count();
        table.sent(batch.count());
      }
      LoadLedger.Done done = balanced(read, writer.finish());
      if (cancelled.getAsBoolean()) {
        return Optional.empty();
      }
      writer.commit(done); // D1: rows, rejections and ledger become durable together.
      committed = true;
      return Optional.of(done);
    } catch (OutOfMemoryError e) {
      throw heapFull(e);
    } catch (Handoff.HandoffClosed e) {
      throw e.getCause() instanceof DmsException failure ? failure : internal(e);
    } finally {
      if (!committed) {
        table.takenBack(read);
      }
    }
  }

  /** Ends the reading, wherever it is, and gives back what it has taken. */
  @Override
  public void close() {
    handoff.fail(new InterruptedException("The writer has ended"));
    reading.interrupt();
    awaitEnd(reading);
    transform.close();
    heap.release(reservedBytes);
    reservedBytes = 0;
  }

  RowFormat format() {
    return format;
  }

  /** Ends the transfer even when the target does not answer; from any thread. */
  void abort() {
    aborted = true;
    RowWriter writer = writing;
    if (writer != null) {
      writer.abort();
    }
  }

  /** The rows as the target shall have them; those that have no such form are rejected. */
  private RowBatch mapped(RowBatch cells, RowWriter writer) throws InterruptedException {
    RowBatch whole = lobLimit == null ? cells : lobLimit.apply(cells);
    return transform.apply(whole, writer);
  }

  /**
   * Waits for the reader even when interrupted: it uses the snapshot, and its batches hold a part
   * of the heap's budget.
   */
  private static void awaitEnd(Thread reading) {
    boolean interrupted = false;
    while (reading.isAlive()) {
      try {
        reading.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Target.LoadRequest request() {
    return new Target.LoadRequest(
        definition.name(),
        definition.settings().controlSchema(),
        table.mapped().rows(),
        table.target(),
        format,
        table.dataErrors());
  }

  private void readAll() {
    try {
      readToEnd();
      handoff.finish();
      written.await();
      whenRead.run();
    } catch (
        Throwable e) { // Whatever ends the reader must reach the writer, or it would wait for ever.
      handoff.fail(e);
    }
  }

  private void readToEnd() throws InterruptedException {
    try (RowReader reader =
        snapshot.read(
            table.mapped().source(),
            table.mapped().filter(),
            segment,
            format,
            definition.settings().commitRate())) {
      reserve();
      for (Optional<Rows> rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        table.sawBatch(rows.get().bytes());
        handoff.put(rows.get(), rows.get().bytes());
        reserve();
        written.await(); // One batch waits for its writer; more would take others' memory.
      }
    }
  }

  /**
   * Takes the part of the heap that the table's batches need, as far as is known by now, and gives
   * back what they do not. The transfer keeps it to its end: drivers and encoders keep their
   * buffers, too. Never waits while it holds a part.
   */
  private void reserve() throws InterruptedException {
    long needed = bytesNeeded();
    if (needed > reservedBytes) {
      heap.release(reservedBytes);
      reservedBytes = 0;
      reservedBytes = heap.acquire(needed);
    } else if (needed < reservedBytes) {
      long kept = heap.wholePermits(needed);
      heap.release(reservedBytes - kept);
      reservedBytes = kept;
    }
  }

  /**
   * 0 for tables whose batches are small; all of the heap's budget for one that may be wide and has
   * shown nothing yet.
   */
  private long bytesNeeded() {
    long widest = table.widestBatchBytes();
    if (widest == 0 && table.mayBeWide()) {
      return heap.totalBytes();
    }
    return widest > WIDE_BYTES ? COPIES * widest : 0;
  }

  /** D3: each row read is loaded, filtered or rejected; the target's own count decides. */
  private LoadLedger.Done balanced(long read, LoadCounts counts) {
    if (read != counts.loaded() + counts.rejected()) {
      throw new DmsException(
          ErrorCode.BOOKS_DO_NOT_BALANCE,
          table.id(),
          "Table "
              + table.id()
              + ", segment "
              + segment.number()
              + ": "
              + read
              + " rows were read, but the target has taken "
              + counts.loaded()
              + " and rejected "
              + counts.rejected()
              + ". Nothing of the segment is committed. A trigger or rule on the target table may swallow rows; disable it and resume the task.",
          null);
    }
    long shortened = lobLimit == null ? 0 : lobLimit.total();
    return new LoadLedger.Done(
        table.id(), segment.number(), read, 0, counts.loaded(), counts.rejected(), shortened, cut);
  }

  private DmsException internal(Handoff.HandoffClosed e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    if (cause instanceof OutOfMemoryError full) {
      return heapFull(full);
    }
    return new DmsException(
        ErrorCode.INTERNAL,
        table.id(),
        "Reading table "
            + table.id()
            + ", segment "
            + segment.number()
            + " ended unexpectedly: "
            + cause
            + ". This is a defect in Wherry; the log of the service has the stack. Resume the task to try again.",
        cause);
  }

  /** Worth another attempt: from now on the table's batches go alone. */
  private DmsException heapFull(OutOfMemoryError cause) {
    table.sawBatch(heap.totalBytes());
    return new DmsException(
        ErrorCode.RESOURCES_EXHAUSTED,
        table.id(),
        "Rows of table "
            + table.id()
            + " did not fit into the service's heap of "
            + (Runtime.getRuntime().maxMemory() >> 20)
            + " MB beside the others; a row needs about "
            + COPIES
            + " times its size. The next attempt takes them one at a time."
            + " Should that not be enough either, start the service with more, for example WHERRY_JAVA_OPTIONS=-Xmx2g.",
        cause);
  }
}
