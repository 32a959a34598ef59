package wherry.task;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import wherry.connector.LoadLedger;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.flow.ByteBudget;
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

  private static final int STOP_GRACE_SECONDS = 1;

  private final TaskDefinition definition;
  private final Source source;
  private final Target target;
  private final TaskListener listener;
  private final ByteBudget heap;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final CountDownLatch over = new CountDownLatch(1);
  private final TaskTables tables;
  private final AtomicInteger tableErrors = new AtomicInteger();
  private final RefusedTables refusals;
  private @Nullable FullLoad loading;
  private volatile @Nullable ChangePhase following;
  private long changeCommits;
  private boolean begun;
  private boolean loadOnly;
  private boolean stopping;
  private boolean released;
  private boolean running;

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
    this.tables = new TaskTables(definition, source, target, listener);
    this.refusals = new RefusedTables(definition, target, tables, listener, tableErrors);
  }

  /**
   * As {@link #run}, and ends before changes are applied where they are captured: with
   * STOPPED_AFTER_FULL_LOAD, whether there was anything left to load or not.
   */
  public End load() {
    loadOnly = true;
    return run();
  }

  /**
   * Runs until all is loaded and the run is released, or until it is stopped.
   *
   * @throws DmsException what failed, once; everything that could be tried again has been
   */
  public End run() {
    locked(() -> running = true);
    try {
      return attempts();
    } finally {
      over.countDown();
    }
  }

  private End attempts() {
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
          tables.cancelUnfinished(
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
      if (running) {
        Thread.ofVirtual().name("t-" + definition.name() + "/stop").start(this::abandonWaits);
      }
    });
  }

  /**
   * Who waits for a lock on a table, or for the end of others' transactions, notices no interrupt,
   * and may begin to wait a moment later.
   */
  private void abandonWaits() {
    try {
      while (!over.await(STOP_GRACE_SECONDS, TimeUnit.SECONDS)) {
        target.abandonDefinitions();
        ChangePhase changes = following;
        if (changes != null) {
          changes.abandon();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
    List<TableId> unknown = tables.reload(wanted);
    locked(changed::signalAll);
    return unknown;
  }

  /** All tables of the run, as they are now. */
  public List<TableStatistics> statistics() {
    return tables.statistics();
  }

  private End attempt() {
    try (LoadLedger ledger =
        target.ledger(definition.name(), definition.settings().controlSchema())) {
      if (definition.type().capturesChanges()) {
        return follow(ledger);
      }
      tables.find();
      ledger.open();
      if (!begun) {
        tables.begin(ledger, List.of());
        begun = true;
      }
      loadAll(ledger);
      return linger(ledger);
    } catch (InterruptedException e) {
      return stopped();
    } finally {
      tables.tellChanges();
    }
  }

  /** Loads what is not loaded yet; tells whether there was anything. */
  private boolean loadAll(LoadLedger ledger) throws InterruptedException {
    tables.takeReloads(ledger);
    List<LoadLedger.TableLoad> kept = tables.kept(ledger);
    List<TableLoad> toLoad = tables.toLoad(kept);
    statistics().forEach(listener::tableChanged);
    listener.running();
    load(toLoad, kept, ledger);
    return !toLoad.isEmpty();
  }

  /** Loads, and then applies what changes; for tasks that do. */
  private End follow(LoadLedger ledger) throws InterruptedException {
    try (ChangePhase changes = new ChangePhase(definition, source, target, listener, tableErrors)) {
      following = changes;
      changes.tablesAreNext();
      tables.find();
      ledger.open();
      boolean fresh =
          !begun
              && (definition.start() == TaskDefinition.Start.FRESH || isUntouched(changes, ledger));
      List<DmsException> refused = changes.open(tables.all(), fresh);
      if (!begun) {
        tables.begin(ledger, changes.suspended());
        begun = true;
      }
      changes.recall(tables.all()).forEach(refusals::refuse);
      refused.forEach(refusals::refuse);
      changes.joined().forEach(refusals::refuseReplaced);
      if (fresh && !definition.type().loads()) {
        tables.all().forEach(refusals::followUnloaded);
      }
      changes.lookAtPartitions(tables.all(), TaskTables.begun(ledger));
      boolean loaded = loadAll(ledger);
      if (isStopping()) {
        return stopped();
      }
      if (loadOnly || loaded && definition.settings().changes().stopBeforeCached()) {
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
      return tables.all();
    }

    @Override
    public void add(TableSchema created) {
      tables.add(created);
    }

    @Override
    public void refuse(TableId table, String why) {
      tables.refuse(table, why).ifPresent(message -> refusals.failed(table, message));
    }

    @Override
    public void gone(TableId table) {
      tables.gone(table);
    }

    @Override
    public boolean hasReloads() {
      return tables.hasReloads();
    }

    @Override
    public BackgroundLoad reload(Function<Collection<TableLoad>, List<DmsException>> carry) {
      List<TableLoad> again = takeReloads(ledger);
      carry.apply(again).forEach(refusals::refuse);
      return new BackgroundLoad(
          "t-" + definition.name() + "/reload",
          again.stream().filter(table -> table.state() != TableState.ERROR).toList(),
          toLoad -> load(toLoad, List.of(), ledger));
    }
  }

  private void load(
      Collection<TableLoad> toLoad, List<LoadLedger.TableLoad> kept, LoadLedger ledger)
      throws InterruptedException {
    List<TableLoad> fit = new ArrayList<>(toLoad);
    Set<TableId> redefined = new HashSet<>();
    Optional<Snapshot> taken = tables.snapshot(fit, redefined, refusals::refuse);
    if (taken.isEmpty()) {
      return;
    }
    try (Snapshot snapshot = taken.get()) {
      String position = snapshot.position().map(p -> p.text()).orElse("");
      if (!position.isEmpty()) {
        listener.snapshotTaken(position);
      }
      snapshot
          .exceptions(TaskTables.sources(fit))
          .forEach(table -> log(Component.SOURCE_UNLOAD, Severity.WARNING, table));
      List<LoadLedger.TableLoad> goingOn =
          kept.stream()
              .map(entry -> redefined.contains(entry.table()) ? TaskTables.anew(entry) : entry)
              .toList();
      FullLoad load =
          new FullLoad(
              definition, fit, goingOn, snapshot, target, ledger, listener, heap, tableErrors);
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
        if (stopping && !tables.allOver()) {
          return stopped();
        }
        if (!tables.hasReloads() && !released && !stopping) {
          listener.loaded();
        }
        while (!tables.hasReloads() && !released && !stopping) {
          changed.await();
        }
        if (!tables.hasReloads() || stopping) {
          return stopping && !tables.allOver() ? stopped() : End.FULL_LOAD_ONLY_FINISHED;
        }
      } finally {
        lock.unlock();
      }
      load(takeReloads(ledger), List.of(), ledger);
    }
  }

  private List<TableLoad> takeReloads(LoadLedger ledger) {
    List<TableLoad> again = tables.takeReloads(ledger);
    log(
        Component.TABLES_MANAGER,
        Severity.INFO,
        "Reloading " + again.stream().map(TableLoad::id).toList());
    return again;
  }

  private End stopped() {
    tables.cancelUnfinished(
        "The task was stopped before the table was loaded; resume-processing goes on with it.");
    return End.NORMAL;
  }

  private long committedSegments() {
    return changeCommits + tables.commits();
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
