package wherry.task;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import wherry.change.Cut;
import wherry.connector.LoadLedger;
import wherry.connector.PrepareMode;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.flow.ByteBudget;
import wherry.mapping.MappedTable;
import wherry.row.RowFormat;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/**
 * Loads tables under one snapshot: MaxFullLoadSubTasks workers share the segments of all tables. A
 * table that fails is put into error and the others go on, as TableErrorPolicy says; anything else
 * ends the load for all.
 */
final class FullLoad {
  private final TaskDefinition definition;
  private final Snapshot snapshot;
  private final String cut;
  private final Target target;
  private final LoadLedger ledger;
  private final TaskListener listener;
  private final List<TableLoad> tables;
  private final LoadPlan plan;
  private final Map<TableId, LoadLedger.TableLoad> resumed = new HashMap<>();
  private final AtomicInteger tableErrors;
  private final ByteBudget heap;
  private final List<Thread> workers = new ArrayList<>();
  private final Set<SegmentTransfer> transfers = ConcurrentHashMap.newKeySet();

  /**
   * @param tables to load, in order
   * @param resumed segments in the ledger that are to be kept
   * @param heap what wide rows may take
   * @param tableErrors failed tables of the whole run so far
   */
  FullLoad(
      TaskDefinition definition,
      Collection<TableLoad> tables,
      List<LoadLedger.TableLoad> resumed,
      Snapshot snapshot,
      Target target,
      LoadLedger ledger,
      TaskListener listener,
      ByteBudget heap,
      AtomicInteger tableErrors) {
    this.definition = definition;
    this.snapshot = snapshot;
    this.cut = snapshot.cut().map(Cut::text).orElse("");
    this.target = target;
    this.ledger = ledger;
    this.listener = listener;
    this.tables = List.copyOf(tables);
    this.plan = new LoadPlan(tables);
    this.heap = heap;
    this.tableErrors = tableErrors;
    resumed.forEach(load -> this.resumed.put(load.table(), load));
  }

  /**
   * Loads all, and returns when every worker has ended.
   *
   * @throws DmsException what ended the load before its end
   */
  void run() throws InterruptedException {
    tables.forEach(this::estimate);
    for (int i = 1; i <= definition.settings().subTasksMax(); i++) {
      Thread worker = new Thread(new Worker(), "t-" + definition.name() + "/load/" + i);
      worker.setDaemon(true);
      workers.add(worker);
      worker.start();
    }
    try {
      awaitWorkers();
    } catch (InterruptedException e) {
      stop();
      awaitWorkers();
      throw e;
    }
    Optional<DmsException> failure = plan.failure();
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  private void awaitWorkers() throws InterruptedException {
    for (Thread worker : workers) {
      worker.join();
    }
  }

  private void estimate(TableLoad table) {
    try {
      table.expect(snapshot.estimatedRows(table.mapped().source()));
    } catch (DmsException e) {
      tableFailed(table, e);
    }
  }

  /** Ends the load as soon as each worker has noticed; what is not committed is rolled back. */
  void stop() {
    plan.stop();
    workers.forEach(Thread::interrupt);
    // Who waits for a silent server notices no interrupt, only that the session is gone. On threads
    // of their own, because the caller holds the run's lock and one server may answer, the other
    // not.
    Thread.Builder ending = Thread.ofVirtual().name("t-" + definition.name() + "/stop");
    ending.start(snapshot::close);
    transfers.forEach(transfer -> ending.start(transfer::abort));
  }

  private void prepare(TableLoad table) {
    List<Segment> segments = List.of();
    try {
      segments = prepareTable(table);
      listener.tableChanged(table.statistics());
    } catch (DmsException e) {
      tableFailed(table, e);
    } finally {
      plan.prepared(table, segments);
    }
    if (segments.isEmpty() && table.state() == TableState.FULL_LOAD) {
      complete(table); // A resumed table whose last segment was committed just before the crash.
    }
  }

  private List<Segment> prepareTable(TableLoad table) {
    TableSegments division =
        new TableSegments(
            table.mapped(),
            table.found(),
            snapshot,
            note -> log(Component.TABLES_MANAGER, Severity.WARNING, note));
    Optional<LoadLedger.TableLoad> earlier = Optional.ofNullable(resumed.get(table.id()));
    Optional<List<Segment>> remaining =
        earlier
            .filter(load -> !load.done().isEmpty() && division.stands(load.plan()))
            .flatMap(TableLoad::resumable);
    if (earlier.isPresent() && remaining.isPresent()) {
      log(
          Component.TABLES_MANAGER,
          Severity.INFO,
          "Table "
              + table.id()
              + " goes on: "
              + earlier.get().done().size()
              + " of "
              + earlier.get().plan().size()
              + " segments are loaded");
      table.prepared(
          target.describe(table.mapped().target()),
          earlier.get().keyDeferred(),
          remaining.get(),
          earlier.get().done());
      return remaining.get();
    }
    earlier.filter(load -> !load.done().isEmpty()).ifPresent(load -> refuseToAddAgain(table));
    List<Segment> segments = division.plan(); // A rule that does not fit must not cost the target.
    // Written first, so that who finds a table without its key after a crash knows why.
    boolean deferKey =
        keyAfterLoad(definition.settings(), table.mapped(), target)
            || earlier.map(LoadLedger.TableLoad::keyDeferred).orElse(false);
    ledger.plan(table.id(), segments, deferKey);
    if (table.isReloaded()) {
      table.begin(TableState.BEING_RELOADED, true);
      listener.tableChanged(table.statistics());
    }
    TableSchema prepared =
        target.prepare(table.mapped().target(), definition.settings().prepareMode(), deferKey);
    table.prepared(prepared, deferKey, segments, List.of());
    return segments;
  }

  /**
   * With DO_NOTHING nobody empties the table, so loading it again would add the same rows twice.
   */
  private void refuseToAddAgain(TableLoad table) {
    if (definition.settings().prepareMode() == PrepareMode.DO_NOTHING) {
      throw new DmsException(
          ErrorCode.TARGET_TABLE_FAILED,
          table.id(),
          "Table "
              + table.id()
              + " was loaded in part and cannot go on from there: its columns or names have changed since, or its"
              + " pieces are known by physical place only; and TargetTablePrepMode is DO_NOTHING. Loading it again would double rows. Empty "
              + table.mapped().target().id()
              + " on the target and start the task with reload-target.",
          null);
    }
  }

  /**
   * One of those who share the work. When all of a segment is read, though not yet written and
   * committed, the session that has read it begins with the next one of the table, so that the
   * target need not wait for its first rows.
   */
  private final class Worker implements Runnable {
    /** A segment whose first batch is read ahead of its turn. */
    private record Ahead(LoadPlan.Load load, SegmentTransfer transfer) {}

    /** Set by a reading thread, and looked at when it has ended. */
    private @Nullable Ahead ahead;

    @Override
    public void run() {
      try {
        boolean more = true;
        while (more) {
          more = loadAhead() || next();
        }
      } catch (InterruptedException e) {
        plan.stop();
      } catch (DmsException e) {
        plan.fail(e);
      } catch (RuntimeException | Error e) {
        plan.fail(
            new DmsException(
                ErrorCode.INTERNAL,
                "The load ended unexpectedly: "
                    + e
                    + ". This is a defect in Wherry; resume the task to try again.",
                e));
      } finally {
        leaveAhead();
      }
    }

    private boolean loadAhead() throws InterruptedException {
      Ahead begun = ahead;
      ahead = null;
      if (begun == null) {
        return false;
      }
      load(begun.load(), begun.transfer());
      return true;
    }

    private boolean next() throws InterruptedException {
      Optional<LoadPlan.Work> work = plan.next();
      if (work.isPresent()) {
        switch (work.get()) {
          case LoadPlan.Prepare prepare -> prepare(prepare.table());
          case LoadPlan.Load load -> load(load, begin(load, agreedFormat(load.table())));
        }
      }
      return work.isPresent();
    }

    private SegmentTransfer begin(LoadPlan.Load load, RowFormat format) {
      TableLoad table = load.table();
      SegmentTransfer transfer =
          new SegmentTransfer(
              "t-" + definition.name() + "/read",
              table,
              load.segment(),
              snapshot,
              cut,
              target,
              definition,
              heap,
              format,
              () -> plan.isOver() || table.state() != TableState.FULL_LOAD,
              () -> readAhead(table));
      transfers.add(transfer);
      transfer.begin();
      return transfer;
    }

    private void readAhead(TableLoad table) {
      plan.another(table)
          .ifPresent(load -> ahead = new Ahead(load, begin(load, agreedFormat(table))));
    }

    /** Whoever is ready first may have it; what was read is read again. */
    private void leaveAhead() {
      Ahead begun = ahead;
      ahead = null;
      if (begun != null) {
        end(begun.transfer());
        plan.putBack(begun.load());
      }
    }

    private void end(SegmentTransfer transfer) {
      transfer.close();
      transfers.remove(transfer);
    }

    private void load(LoadPlan.Load load, SegmentTransfer transfer) throws InterruptedException {
      TableLoad table = load.table();
      if (table.state() != TableState.FULL_LOAD) {
        end(transfer);
        return;
      }
      try {
        Optional<LoadLedger.Done> done = transfer(load, transfer);
        if (done.isPresent()) {
          boolean last = table.committed(done.get());
          listener.tableChanged(table.statistics());
          if (last) {
            complete(table);
          }
        }
      } catch (DmsException e) {
        tableFailed(table, e);
      }
    }

    private Optional<LoadLedger.Done> transfer(LoadPlan.Load load, SegmentTransfer transfer)
        throws InterruptedException {
      try {
        return transfer.run();
      } catch (DmsException e) {
        if (e.code() != ErrorCode.ROWS_REFUSED || transfer.format().equals(RowFormat.CELLS)) {
          throw e;
        }
        log(
            Component.TARGET_LOAD,
            Severity.WARNING,
            "Table "
                + load.table().id()
                + ", segment "
                + load.segment().number()
                + ": the target refused rows of the encoded stream ("
                + e.getMessage()
                + "); the segment is read again cell by cell to find them");
      } finally {
        end(transfer);
      }
      leaveAhead(); // It has the session that is needed now.
      return transfer(load, begin(load, RowFormat.CELLS));
    }
  }

  /** The best format that both ends speak; cells when a value may have to be cut or changed. */
  private RowFormat agreedFormat(TableLoad table) {
    TableSchema source = table.mapped().source();
    boolean lobsMayBeCut =
        definition.settings().lobBytesMax(table.mapped()).isPresent()
            && source.columns().stream().anyMatch(c -> c.type().isLob());
    if (lobsMayBeCut
        || !table.mapped().isPlain()
        || definition.settings().characters().concerns(source)) {
      return RowFormat.CELLS;
    }
    List<RowFormat> taken = target.formats(source, table.target());
    return snapshot.formats(source).stream()
        .filter(taken::contains)
        .findFirst()
        .orElse(RowFormat.CELLS);
  }

  /**
   * Asked for, or cheaper and of no difference: the table is new, and rows that were unique on the
   * source are so here. Not where values may be cut or changed, for that can make two keys equal.
   */
  static boolean keyAfterLoad(TaskSettings settings, MappedTable table, Target target) {
    return settings.keyAfterLoad()
        || (settings.prepareMode() == PrepareMode.DROP_AND_CREATE
            && settings.lobBytesMax(table).isEmpty()
            && table.keepsKeyValues()
            && !settings.characters().concerns(table.source())
            && target.buildsKeysFasterAfterLoad());
  }

  private void complete(TableLoad table) {
    try {
      if (table.keyDeferred()) {
        target.createKey(table.mapped().target());
      }
      if (definition.settings().indexesAfterLoad()) {
        target
            .createIndexes(table.mapped().target())
            .forEach(note -> log(Component.TARGET_LOAD, Severity.WARNING, note));
      }
    } catch (DmsException e) {
      tableFailed(table, e);
      return;
    }
    table.end(TableState.COMPLETED, "");
    TableStatistics result = table.statistics();
    log(
        Component.TABLES_MANAGER,
        Severity.INFO,
        "Table "
            + table.id()
            + " is loaded: "
            + result.read()
            + " rows read = "
            + result.loaded()
            + " loaded + "
            + result.filtered()
            + " filtered + "
            + result.rejected()
            + " rejected"
            + (table.mapped().filter().isEveryRow()
                ? ""
                : "; the source has applied the filter, to about "
                    + result.estimatedRows()
                    + " rows by its own estimate"));
    if (result.shortened() > 0) {
      log(
          Component.SOURCE_UNLOAD,
          Severity.WARNING,
          "Table "
              + table.id()
              + ": "
              + result.shortened()
              + " LOB values were truncated to length "
              + definition.settings().lobBytesMax(table.mapped()).orElse(0)
              + ", as LobMaxSize or the table's lob-settings say");
    }
    listener.tableChanged(result);
  }

  /**
   * One table cannot go on: into error with it, or the end of the load, as the error and the policy
   * say.
   */
  private void tableFailed(TableLoad table, DmsException failure) {
    if (plan.isStopped()) {
      return; // The stop itself cuts sessions; what is not committed is rolled back either way.
    }
    if (failure.code().kind() != ErrorCode.Kind.TABLE) {
      plan.fail(failure);
      return;
    }
    plan.drop(table);
    if (!table.end(TableState.ERROR, String.valueOf(failure.getMessage()))) {
      return; // Another of its segments has failed before.
    }
    log(
        Component.TABLES_MANAGER,
        Severity.ERROR,
        "Table " + table.id() + " is in error: " + failure.getMessage());
    listener.tableChanged(table.statistics());
    int errors = tableErrors.incrementAndGet();
    TaskSettings.ErrorBehavior policy = definition.settings().errors();
    if (policy.tableStopsTask()
        || (policy.tableEscalationCount() > 0 && errors >= policy.tableEscalationCount())) {
      String because =
          policy.tableStopsTask()
              ? "TableErrorPolicy is STOP_TASK."
              : errors
                  + " tables are in error and TableErrorEscalationCount is "
                  + policy.tableEscalationCount()
                  + ".";
      plan.fail(
          new DmsException(
              ErrorCode.TASK_STOPPED_BY_POLICY,
              table.id(),
              failure.getMessage() + " " + because,
              failure));
    }
  }

  private void log(Component component, Severity severity, String message) {
    listener.log(component, severity, message);
  }
}
