package wherry.task;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.change.ChangeBatch;
import wherry.change.ChangeEvent;
import wherry.change.PartitionsSeen;
import wherry.change.Position;
import wherry.change.RowChange;
import wherry.change.SchemaChange.TableLost;
import wherry.change.SchemaChange.TableRenamed;
import wherry.change.SourceTransaction;
import wherry.change.TransactionPart;
import wherry.connector.ChangeReader;
import wherry.connector.ChangeWriter;
import wherry.error.DmsException;
import wherry.flow.Handoff;
import wherry.row.RowBatch;
import wherry.schema.TableId;
import wherry.task.CdcStop.CommitTime;
import wherry.task.CdcStop.ServerTime;

/**
 * Reads the log from one place on and applies it, until somebody has another plan. The capture has
 * a thread of its own; {@link #run} is the thread that applies. Between them waits no more than the
 * stream buffers hold.
 */
final class ChangeStream {
  /** Why the stream has ended. */
  enum End {
    STOPPED,
    /** Asked to, so that it can be opened again from another place. */
    INTERRUPTED,
    AT_SERVER_TIME,
    AT_COMMIT_TIME,
    /** Everything up to the position that was asked for is applied. */
    AT_POSITION
  }

  /** What may end the stream, asked between windows. */
  interface Course {
    /**
     * The reason to end now, if there is one.
     *
     * @param all whether everything that was taken from the log is applied
     */
    Optional<End> wanted(Position applied, boolean all);
  }

  private static final Duration CAPTURE_PATIENCE = Duration.ofMillis(200);
  private static final long APPLY_PATIENCE_NANOS = 200_000_000;
  private static final Duration IDLE_BEFORE_COMMIT_TIME_STOP = Duration.ofSeconds(10);
  private static final int BATCHES_WAITING_MAX = 1_024;

  private final TaskDefinition definition;
  private final Map<TableId, StreamTable> tables;
  private final ChangeReader reader;
  private final ChangeWriter writer;
  private final StreamCheckpoint checkpoint;
  private final ChangeApply apply;
  private final DefinitionChanges definitions;
  private final StreamErrors errors;
  private final ControlReport report;
  private final TargetWatch watch;
  private final StreamProgress progress;
  private final Course course;
  private final WindowLimits limits;
  private final Handoff<ChangeBatch> handoff;
  private final ChangeWindow window;
  private final LogContext.ChangeSequence sequence = new LogContext.ChangeSequence();

  /** What the reader tells nothing more of, though nothing that it could not tell was due. */
  private final Map<StreamTable, TableLost> leftByReader = new HashMap<>();

  private final Position begun;

  private @Nullable RowRouting lastRouting;
  private @Nullable Instant idleSince;
  private long changesToCommit;
  private long bytesToCommit;

  /** Where the rows of one batch of the log go, in one transaction. */
  private record RowRouting(
      RowBatch rows, SourceTransaction transaction, @Nullable StreamTable table, boolean lenient) {}

  ChangeStream(
      TaskDefinition definition,
      Map<TableId, StreamTable> tables,
      ChangeReader reader,
      ChangeWriter writer,
      StreamCheckpoint checkpoint,
      ChangeApply apply,
      DefinitionChanges definitions,
      StreamErrors errors,
      ControlReport report,
      TargetWatch watch,
      StreamProgress progress,
      Course course) {
    ChangeSettings settings = definition.settings().changes();
    this.definition = definition;
    this.tables = tables;
    this.reader = reader;
    this.writer = writer;
    this.checkpoint = checkpoint;
    this.apply = apply;
    this.definitions = definitions;
    this.errors = errors;
    this.report = report;
    this.begun = checkpoint.position();
    this.watch = watch;
    this.progress = progress;
    this.course = course;
    this.limits = new WindowLimits(settings);
    this.handoff = new Handoff<>(BATCHES_WAITING_MAX, limits.waitingBytesMax());
    this.window = new ChangeWindow(writer.checksForeignKeys());
  }

  /**
   * Applies until the course says otherwise; what is not committed then is rolled back.
   *
   * @throws DmsException what ends the run
   */
  End run() throws InterruptedException {
    Thread capture = new Thread(this::capture, Thread.currentThread().getName() + "/capture");
    capture.setDaemon(true);
    capture.start();
    try {
      return applyAll();
    } catch (Handoff.HandoffClosed e) {
      throw Failures.of(e.getCause(), "Reading the change log");
    } finally {
      handoff.fail(new InterruptedException("The apply has ended"));
      reader.close();
      capture.interrupt();
      awaitEnd(capture);
    }
  }

  private static void awaitEnd(Thread capture) {
    boolean interrupted = false;
    while (capture.isAlive()) {
      try {
        capture.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void capture() {
    try {
      while (true) {
        ChangeBatch batch = reader.next(CAPTURE_PATIENCE);
        progress.captured(batch);
        handoff.put(batch, batch.bytes());
      }
    } catch (
        Throwable e) { // Whatever ends the capture must reach the apply, or it would wait for ever.
      handoff.fail(e);
    }
  }

  private End applyAll() throws InterruptedException {
    while (true) {
      Optional<ChangeBatch> next = handoff.poll(patience());
      if (next.isPresent()) {
        Optional<End> end = take(next.get());
        if (end.isPresent()) {
          return end.get();
        }
      }
      if (!window.isInTransaction()
          && limits.isDue(window, handoff.waitingBytes(), true, checkpoint.isDue(window))) {
        commit();
      }
      Optional<End> end = ends(next.isPresent() && !next.get().parts().isEmpty());
      if (end.isPresent()) {
        return end.get();
      }
      progress.tell(checkpoint, window, handoff.waitingBytes());
    }
  }

  /** Within a transaction nothing can be due before more of it comes. */
  private long patience() {
    return window.changes() == 0 || window.isInTransaction()
        ? APPLY_PATIENCE_NANOS
        : limits.nanosUntilDue(window);
  }

  private Optional<End> take(ChangeBatch batch) throws InterruptedException {
    LogContext log = new LogContext(batch, sequence);
    for (TransactionPart part : batch.parts()) {
      if (definition.cdcStop() instanceof CommitTime(Instant last)
          && part.transaction().committedAt().isAfter(last)
          && !window.isInTransaction()) {
        commit();
        return Optional.of(End.AT_COMMIT_TIME);
      }
      if (!window.isInTransaction() && needsAnotherReader(part.transaction().at())) {
        return Optional.of(End.INTERRUPTED);
      }
      if (window.end() != null && !window.isInTransaction() && wouldCommit(part)) {
        commit();
      }
      window.transactionBegins();
      progress.handled(part.events().size());
      changesToCommit += part.events().size();
      for (ChangeEvent event : part.events()) {
        take(part.transaction(), event, log);
      }
      if (part.end().isPresent()) {
        window.transactionEnds(part.transaction(), part.end().get());
        Optional<End> end = transactionEnded();
        if (end.isPresent()) {
          return end;
        }
      }
    }
    window.holds(batch.bytes());
    bytesToCommit += batch.bytes();
    if (!window.isInTransaction() && needsAnotherReader(batch.reached())) {
      return Optional.of(End.INTERRUPTED);
    }
    window.reached(batch.reached());
    if (limits.isFull(window)) {
      applyWindow(); // Committed when the transaction that goes on has ended.
    }
    tables.values().forEach(StreamTable::forgetRows);
    lastRouting = null;
    return Optional.empty();
  }

  /**
   * Whether the target commits by itself somewhere in this part. What comes before the transaction
   * is committed first, for a table that is changed and not committed cannot be defined anew.
   */
  private boolean wouldCommit(TransactionPart part) {
    return writer.definitionsCommit()
        && part.events().stream()
            .anyMatch(event -> !(event instanceof RowChange || event instanceof PartitionsSeen));
  }

  /** A busy log is read in pieces that mostly end within a transaction: only here is one over. */
  private Optional<End> transactionEnded() throws InterruptedException {
    if (!limits.isDue(window, handoff.waitingBytes(), false, false)) {
      return Optional.empty();
    }
    commit();
    lastRouting = null;
    return ends(true);
  }

  private void take(SourceTransaction transaction, ChangeEvent event, LogContext log)
      throws InterruptedException {
    if (event instanceof RowChange change) {
      take(transaction, change, log);
      return;
    }
    StreamTable table = tables.get(event.table());
    if (event instanceof PartitionsSeen seen) {
      if (table != null && isDue(table, transaction)) {
        checkpoint.notes().partitions(seen.table(), seen.partitions());
      }
    } else if (table == null || table.load().state() == TableState.DOES_NOT_EXIST) {
      definitions.unknown(event);
    } else if (isOwed(table, transaction)) {
      define(table, event);
    } else if (event instanceof TableLost lost && table.follows()) {
      leftByReader.put(table, lost);
    } else if (event instanceof TableRenamed renamed && !table.follows()) {
      definitions.follow(renamed); // What it is in error for is of its old name.
    }
  }

  /**
   * What the log does not explain was loaded with the table, so that the table is well; but the
   * reader has given it up. One that begins behind it, before the first change that the table may
   * lack, tells its changes again. Where that would begin as this one has, the table is lost.
   *
   * @param next what the reader has come to
   */
  private boolean needsAnotherReader(Position next) throws InterruptedException {
    List<Map.Entry<StreamTable, TableLost>> left =
        leftByReader.entrySet().stream().filter(entry -> mayBeOwed(entry.getKey(), next)).toList();
    if (left.isEmpty()) {
      return false;
    }
    commit();
    if (checkpoint.position().compareTo(begun) > 0) {
      return true;
    }
    for (Map.Entry<StreamTable, TableLost> entry : left) {
      leftByReader.remove(entry.getKey());
      define(entry.getKey(), entry.getValue());
    }
    return false;
  }

  private void take(SourceTransaction transaction, RowChange change, LogContext log) {
    RowRouting routing = lastRouting;
    if (routing == null
        || routing.rows() != change.rows()
        || routing.transaction() != transaction) {
      routing = routing(transaction, change);
      lastRouting = routing;
    }
    StreamTable table = routing.table();
    if (table == null || !table.follows()) {
      return;
    }
    table.tally().captured(change.operation());
    try {
      switch (table.map(change, log)) {
        case MappedChange.Due due ->
            window.add(table, table.route(), routing.lenient(), due.change());
        case MappedChange.Filtered filtered -> table.tally().filtered();
        case MappedChange.Refused refused -> apply.rejected(table, change.operation(), refused);
      }
    } catch (DmsException e) {
      errors.failed(table, e);
    }
  }

  private RowRouting routing(SourceTransaction transaction, RowChange change) {
    StreamTable table = tables.get(change.table());
    if (table == null || !isDue(table, transaction)) {
      return new RowRouting(change.rows(), transaction, null, false);
    }
    return switch (table.standing(transaction)) {
      case HELD -> new RowRouting(change.rows(), transaction, null, false);
      case PERHAPS_HELD -> new RowRouting(change.rows(), transaction, table, true);
      case DUE -> new RowRouting(change.rows(), transaction, table, false);
    };
  }

  /** Not yet applied to this table, as far as the checkpoint tells, and the table takes part. */
  private boolean isDue(StreamTable table, SourceTransaction transaction) {
    return table.follows() && checkpoint.isDue(table.id(), transaction);
  }

  private boolean mayBeOwed(StreamTable table, Position at) {
    return table.follows() && checkpoint.isDue(table.id(), at) && table.mayLack(at);
  }

  private boolean isOwed(StreamTable table, SourceTransaction transaction) {
    return isDue(table, transaction) && table.standing(transaction) != StreamTable.Standing.HELD;
  }

  private void define(StreamTable table, ChangeEvent event) throws InterruptedException {
    applyWindow();
    watch.begins();
    try {
      definitions.of(table, event);
    } finally {
      watch.ends();
    }
    window.defined();
  }

  private void applyWindow() throws InterruptedException {
    watch.begins();
    try {
      apply.apply(window);
    } finally {
      watch.ends();
    }
    window.applied();
  }

  private void commit() throws InterruptedException {
    applyWindow();
    report.committing(checkpoint, window, changesToCommit, bytesToCommit, progress.waiting());
    checkpoint.notes().count(tables.values());
    tables.values().forEach(table -> table.commits(window.end(), checkpoint.notes()));
    watch.begins();
    try {
      checkpoint.commit(window, writer);
    } finally {
      watch.ends();
    }
    changesToCommit = 0;
    bytesToCommit = 0;
    window.committed();
    tables.values().forEach(table -> table.committed(checkpoint));
    reader.acknowledge(checkpoint.position());
    progress.committed(tables.values());
  }

  private Optional<End> ends(boolean busy) throws InterruptedException {
    idleSince = busy ? null : idleSince == null ? Instant.now() : idleSince;
    Instant now = Instant.now();
    switch (definition.cdcStop()) {
      case CdcStop.Never never -> {}
      case ServerTime(Instant time) when now.isAfter(time) && !window.isInTransaction() -> {
        commit();
        return Optional.of(End.AT_SERVER_TIME);
      }
      case CommitTime(Instant time)
          when idleSince != null
              && now.isAfter(time.plus(IDLE_BEFORE_COMMIT_TIME_STOP))
              && idleSince.isBefore(now.minus(IDLE_BEFORE_COMMIT_TIME_STOP)) -> {
        commit();
        return Optional.of(End.AT_COMMIT_TIME);
      }
      case ServerTime later -> {}
      case CommitTime later -> {}
    }
    return window.isInTransaction() || window.isUncommitted()
        ? Optional.empty()
        : course.wanted(checkpoint.position(), window.changes() == 0);
  }
}
