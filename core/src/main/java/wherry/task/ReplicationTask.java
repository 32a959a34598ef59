package wherry.task;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import wherry.connector.LoadLedger;
import wherry.connector.PrepareMode;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.flow.ByteBudget;
import wherry.mapping.MappedTable;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/**
 * One run of a full-load task. {@link #run} blocks its thread until the run ends; everything else
 * may be called from any thread. A run lingers after its load until it is released, so that tables
 * can still be reloaded.
 */
public final class ReplicationTask {
  /** Why a run ended, in the words after "Stop Reason". */
  public enum End {
    NORMAL,
    FULL_LOAD_ONLY_FINISHED,
    STOPPED_AFTER_FULL_LOAD,
    STOPPED_AFTER_CACHED_EVENTS,
    STOPPED_AT_SERVER_TIME,
    STOPPED_AT_COMMIT_TIME
  }

  private final TaskDefinition definition;
  private final Source source;
  private final Target target;
  private final TaskListener listener;
  private final ByteBudget heap;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<TableId, TableLoad> tables = new LinkedHashMap<>();
  private final List<TableStatistics> missing = new ArrayList<>();
  private final Set<TableId> reloads = new LinkedHashSet<>();
  private final AtomicInteger tableErrors = new AtomicInteger();
  private @Nullable FullLoad loading;
  private long changeCommits;
  private boolean begun;
  private boolean stopping;
  private boolean released;

  /**
   * @param heap what wide rows may take, shared by all runs of the process
   */
  public ReplicationTask(
      TaskDefinition definition,
      Source source,
      Target target,
      TaskListener listener,
      ByteBudget heap) {
    this.heap = heap;
    this.definition = definition;
    this.source = source;
    this.target = target;
    this.listener = listener;
  }

  /**
   * Runs until all is loaded and the run is released, or until it is stopped.
   *
   * @throws DmsException what failed, once; everything that could be tried again has been
   */
  public End run() {
    RetrySchedule retries = new RetrySchedule(definition.settings().errors());
    while (true) {
      long committedBefore = committedSegments();
      try {
        return attempt();
      } catch (DmsException e) {
        if (committedSegments() > committedBefore) {
          retries.reset();
        }
        boolean recoverable = e.code().kind() == ErrorCode.Kind.RECOVERABLE;
        if (recoverable && isStopping()) {
          return stopped(); // A connection that is cut while its thread is interrupted is no
          // failure of the environment.
        }
        OptionalInt wait = recoverable ? retries.next() : OptionalInt.empty();
        if (wait.isEmpty()) {
          cancelUnfinished(
              "The task failed before the table was loaded; resume-processing goes on with it.");
          throw withAttempts(e, retries.attempts());
        }
        listener.retrying(e, retries.attempts(), wait.getAsInt());
        if (!pause(wait.getAsInt())) {
          return stopped();
        }
      }
    }
  }

  private static DmsException withAttempts(DmsException e, int attempts) {
    return attempts == 0
        ? e
        : new DmsException(
            e.code(),
            e.table().orElse(null),
            e.getMessage() + " The task gave up after " + attempts + " recovery attempts.",
            e);
  }

  /** Ends the run; what is not committed is rolled back, tables that were loading are cancelled. */
  public void stop() {
    locked(() -> {
      stopping = true;
      changed.signalAll();
      if (loading != null) {
        loading.stop();
      }
    });
  }

  /** Lets the run end once everything that was asked for is loaded. */
  public void release() {
    locked(() -> {
      released = true;
      changed.signalAll();
    });
  }

  /**
   * Loads tables again, from a new snapshot, after what is loading now.
   *
   * @return the tables that this task does not have; when there are any, none is reloaded
   */
  public List<TableId> reload(Collection<TableId> wanted) {
    lock.lock();
    try {
      List<TableId> unknown = wanted.stream().filter(id -> !tables.containsKey(id)).toList();
      if (unknown.isEmpty()) {
        for (TableId id : wanted) {
          TableLoad table = known(id);
          if (table.state().isOver()) {
            table.begin(TableState.BEFORE_LOAD, true);
            listener.tableChanged(table.statistics());
          }
        }
        reloads.addAll(wanted);
        changed.signalAll();
      }
      return unknown;
    } finally {
      lock.unlock();
    }
  }

  /** All tables of the run, as they are now. */
  public List<TableStatistics> statistics() {
    lock.lock();
    try {
      List<TableStatistics> all =
          new ArrayList<>(tables.values().stream().map(TableLoad::statistics).toList());
      all.addAll(missing);
      return all;
    } finally {
      lock.unlock();
    }
  }

  private End attempt() {
    try (LoadLedger ledger =
        target.ledger(definition.name(), definition.settings().controlSchema())) {
      findTables();
      ledger.open();
      if (definition.type().capturesChanges()) {
        return follow(ledger);
      }
      if (!begun) {
        begin(ledger, List.of());
      }
      loadAll(ledger);
      return linger(ledger);
    } catch (InterruptedException e) {
      return stopped();
    }
  }

  /** Loads what is not loaded yet; tells whether there was anything. */
  private boolean loadAll(LoadLedger ledger) throws InterruptedException {
    takeReloads(ledger);
    List<LoadLedger.TableLoad> kept = ledger.loads().stream().map(this::trusted).toList();
    List<TableLoad> toLoad =
        tables.values().stream().filter(table -> !table.state().isOver()).toList();
    toLoad.forEach(table -> table.begin(TableState.BEFORE_LOAD, table.isReloaded()));
    kept.stream()
        .filter(entry -> tables.containsKey(entry.table()))
        .filter(entry -> known(entry.table()).state() == TableState.COMPLETED)
        .forEach(entry -> known(entry.table()).adoptCuts(entry.done()));
    statistics().forEach(listener::tableChanged);
    listener.running();
    load(toLoad, kept, ledger);
    return !toLoad.isEmpty();
  }

  /** Loads, and then applies what changes; for tasks that do. */
  private End follow(LoadLedger ledger) throws InterruptedException {
    try (ChangePhase changes = new ChangePhase(definition, source, target, listener, tableErrors)) {
      boolean fresh =
          !begun
              && (definition.start() == TaskDefinition.Start.FRESH || isUntouched(changes, ledger));
      List<DmsException> refused = changes.open(tables.values(), fresh);
      if (!begun) {
        begin(ledger, changes.suspended());
      }
      refused.forEach(this::refuse);
      if (fresh && !definition.type().loads()) {
        tables.values().forEach(this::followUnloaded);
      }
      boolean loaded = loadAll(ledger);
      if (isStopping()) {
        return stopped();
      }
      if (loaded && definition.settings().changes().stopBeforeCached()) {
        return End.STOPPED_AFTER_FULL_LOAD;
      }
      try {
        End end = changes.run(new Following(ledger), loaded);
        return end == End.NORMAL ? stopped() : end;
      } finally {
        changeCommits += changes.commits();
      }
    }
  }

  /** A run that failed before it did anything is resumed as it was begun. */
  private boolean isUntouched(ChangePhase changes, LoadLedger ledger) {
    return !changes.hasCheckpoint()
        && ledger.loads().isEmpty()
        && definition.earlier().stream().noneMatch(e -> e.state() == TableState.COMPLETED);
  }

  /** The log does not carry the table's changes in full, so it cannot be followed. */
  private void refuse(DmsException why) {
    TableLoad table = known(why.table().orElseThrow());
    if (table.state() == TableState.ERROR) {
      return;
    }
    table.suspend(String.valueOf(why.getMessage()));
    listener.tableChanged(table.statistics());
    log(Component.TABLES_MANAGER, Severity.ERROR, String.valueOf(why.getMessage()));
    tableErrors.incrementAndGet();
    if (definition.settings().errors().tableStopsTask()) {
      throw new DmsException(
          ErrorCode.TASK_STOPPED_BY_POLICY,
          table.id(),
          why.getMessage() + " TableErrorPolicy is STOP_TASK.",
          why);
    }
  }

  /** A task of type cdc creates target tables that are missing, and touches no other. */
  private void followUnloaded(TableLoad table) {
    if (table.state().isOver()) {
      return;
    }
    try {
      target.prepare(table.mapped().target(), PrepareMode.DO_NOTHING, false);
      table.follow();
    } catch (DmsException e) {
      if (e.code().kind() != ErrorCode.Kind.TABLE) {
        throw e;
      }
      refuse(
          e.table().isPresent() && e.table().get().equals(table.id())
              ? e
              : new DmsException(e.code(), table.id(), String.valueOf(e.getMessage()), e));
    }
  }

  /** What the processing of changes needs of the run. */
  private final class Following implements ChangePhase.Run {
    private final LoadLedger ledger;

    Following(LoadLedger ledger) {
      this.ledger = ledger;
    }

    @Override
    public boolean isStopping() {
      return ReplicationTask.this.isStopping();
    }

    @Override
    public Collection<TableLoad> tables() {
      lock.lock();
      try {
        return List.copyOf(tables.values());
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void add(TableSchema created) {
      MappedTable mapped = TaskMapping.of(definition, source, target).map(created);
      locked(() -> {
        tables.put(created.id(), newTable(mapped, created));
        reloads.add(created.id());
      });
      listener.tableChanged(known(created.id()).statistics());
      log(
          Component.TABLES_MANAGER,
          Severity.INFO,
          "Table " + created.id() + " is new on the source and will be loaded");
    }

    @Override
    public boolean hasReloads() {
      lock.lock();
      try {
        return !reloads.isEmpty();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public BackgroundLoad reload() {
      List<TableLoad> again = takeReloads(ledger);
      log(
          Component.TABLES_MANAGER,
          Severity.INFO,
          "Reloading " + again.stream().map(TableLoad::id).toList());
      return new BackgroundLoad(
          "t-" + definition.name() + "/reload", again, tables -> load(tables, List.of(), ledger));
    }
  }

  /**
   * Once in a run, however many attempts it takes: a fresh run forgets what earlier ones have
   * loaded, a resumed one takes over what they have completed. Whether they have, the target knows
   * best: what was told of a table may be older than what became of it.
   *
   * @param suspended tables that have missed changes, so that what is loaded of them is void
   */
  private void begin(LoadLedger ledger, List<TableId> suspended) {
    switch (definition.start()) {
      case FRESH -> ledger.forget();
      case RESUME -> {
        suspended.stream().filter(tables::containsKey).forEach(id -> ledger.plan(id, List.of()));
        Set<TableId> loaded =
            ledger.loads().stream()
                .filter(LoadLedger.TableLoad::isComplete)
                .map(LoadLedger.TableLoad::table)
                .collect(Collectors.toSet());
        earlier()
            .filter(e -> isAdopted(e, suspended, loaded))
            .forEach(e -> known(e.table()).adopt(e));
      }
    }
    begun = true;
  }

  private boolean isAdopted(TableStatistics e, List<TableId> suspended, Set<TableId> loaded) {
    if (definition.type().loads()) {
      return e.state() == TableState.COMPLETED && loaded.contains(e.table());
    }
    // A task that loads nothing cannot heal a table whose changes it has missed.
    return e.state() == TableState.ERROR
        || (e.state() == TableState.COMPLETED && !suspended.contains(e.table()));
  }

  /** What earlier runs have done with tables that are still part of the task. */
  private Stream<TableStatistics> earlier() {
    return definition.earlier().stream().filter(earlier -> tables.containsKey(earlier.table()));
  }

  /**
   * A ledger entry; when it was made under other columns or names, without the plan, so that
   * nothing goes on from it.
   */
  private LoadLedger.TableLoad trusted(LoadLedger.TableLoad entry) {
    TableLoad table = tables.get(entry.table());
    boolean changed =
        table != null
            && !table.state().isOver()
            && !table.isPrepared()
            && earlier()
                .anyMatch(e ->
                    e.table().equals(entry.table()) && !e.mapping().equals(table.fingerprint()));
    if (!changed) {
      return entry;
    }
    log(
        Component.TABLES_MANAGER,
        Severity.INFO,
        "Table "
            + entry.table()
            + " starts again: its columns or names have changed since it was loaded in part");
    return new LoadLedger.TableLoad(entry.table(), List.of(), false, entry.done());
  }

  /** Chooses and maps the tables; what an earlier attempt knows of them stays. */
  private void findTables() {
    TableSelection selection = TableSelection.of(definition, source, target, listener);
    locked(() -> {
      for (MappedTable table : selection.tables()) {
        tables.computeIfAbsent(table.source().id(), id -> newTable(table, selection.found(id)));
      }
      missing.clear();
      missing.addAll(selection.missing());
    });
  }

  private TableLoad newTable(MappedTable mapped, TableSchema found) {
    return new TableLoad(
        mapped,
        found,
        new DataErrors(mapped.source().id(), definition.settings().errors(), listener));
  }

  private void load(
      Collection<TableLoad> toLoad, List<LoadLedger.TableLoad> kept, LoadLedger ledger)
      throws InterruptedException {
    if (toLoad.isEmpty()) {
      return;
    }
    List<TableSchema> schemas = toLoad.stream().map(t -> t.mapped().source()).toList();
    try (Snapshot snapshot = source.snapshot(schemas, definition.settings().subTasksMax())) {
      String position = snapshot.position().map(p -> p.text()).orElse("");
      if (!position.isEmpty()) {
        listener.snapshotTaken(position);
      }
      snapshot
          .exceptions(schemas)
          .forEach(table -> log(Component.SOURCE_UNLOAD, Severity.WARNING, table));
      FullLoad load =
          new FullLoad(
              definition, toLoad, kept, snapshot, target, ledger, listener, heap, tableErrors);
      locked(() -> {
        loading = load;
        if (stopping) {
          load.stop();
        }
      });
      try {
        load.run();
      } finally {
        locked(() -> loading = null);
      }
    }
  }

  /** Waits to be released or stopped; reloads tables meanwhile. */
  private End linger(LoadLedger ledger) throws InterruptedException {
    while (true) {
      lock.lockInterruptibly();
      try {
        if (stopping && !allOver()) {
          return stopped();
        }
        if (reloads.isEmpty() && !released && !stopping) {
          listener.loaded();
        }
        while (reloads.isEmpty() && !released && !stopping) {
          changed.await();
        }
        if (reloads.isEmpty() || stopping) {
          return stopping && !allOver() ? stopped() : End.FULL_LOAD_ONLY_FINISHED;
        }
      } finally {
        lock.unlock();
      }
      List<TableLoad> again = takeReloads(ledger);
      log(
          Component.TABLES_MANAGER,
          Severity.INFO,
          "Reloading " + again.stream().map(TableLoad::id).toList());
      load(again, List.of(), ledger);
    }
  }

  /**
   * The tables to be reloaded. What is loaded of them is forgotten first, so that an attempt after
   * an error reloads them too.
   */
  private List<TableLoad> takeReloads(LoadLedger ledger) {
    List<TableLoad> taken = new ArrayList<>();
    locked(() -> reloads.forEach(id -> taken.add(known(id))));
    taken.forEach(table -> ledger.plan(table.id(), List.of()));
    locked(() ->
        taken.forEach(table -> {
          reloads.remove(table.id());
          table.begin(TableState.BEFORE_LOAD, true);
        }));
    return taken;
  }

  private boolean allOver() {
    return tables.values().stream().allMatch(table -> table.state().isOver());
  }

  private End stopped() {
    cancelUnfinished(
        "The task was stopped before the table was loaded; resume-processing goes on with it.");
    return End.NORMAL;
  }

  private void cancelUnfinished(String why) {
    for (TableLoad table : tables.values()) {
      if (table.end(TableState.CANCELLED, why)) {
        listener.tableChanged(table.statistics());
      }
    }
  }

  private TableLoad known(TableId id) {
    TableLoad table = tables.get(id);
    if (table == null) {
      throw new IllegalArgumentException("Table " + id + " is not part of the task");
    }
    return table;
  }

  private long committedSegments() {
    lock.lock();
    try {
      return changeCommits + tables.values().stream().mapToLong(TableLoad::commits).sum();
    } finally {
      lock.unlock();
    }
  }

  /** Waits, and tells whether the run is still wanted. */
  private boolean pause(int seconds) {
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(seconds);
      while (left > 0 && !stopping) {
        left = changed.awaitNanos(left);
      }
      return !stopping;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private boolean isStopping() {
    lock.lock();
    try {
      return stopping;
    } finally {
      lock.unlock();
    }
  }

  private void locked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  private void log(Component component, Severity severity, String message) {
    listener.log(component, severity, message);
  }
}
