package wherry.task;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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
import org.jspecify.annotations.Nullable;
import wherry.connector.LoadLedger;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.flow.ByteBudget;
import wherry.mapping.MappedTable;
import wherry.mapping.TableMapping;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/**
 * One run of a full-load task. {@link #run} blocks its thread until the run ends; everything else may be called from any
 * thread. A run lingers after its load until it is released, so that tables can still be reloaded.
 */
public final class ReplicationTask {
  /** Why a run ended, in the words after "Stop Reason". */
  public enum End {
    NORMAL,
    FULL_LOAD_ONLY_FINISHED
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
  private boolean stopping;
  private boolean released;

  /**
   * @param heap what wide rows may take, shared by all runs of the process
   */
  public ReplicationTask(
      TaskDefinition definition, Source source, Target target, TaskListener listener, ByteBudget heap) {
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
    boolean resume = definition.start() == TaskDefinition.Start.RESUME;
    while (true) {
      long committedBefore = committedRows();
      try {
        return attempt(resume);
      } catch (DmsException e) {
        if (committedRows() > committedBefore) {
          retries.reset();
        }
        OptionalInt wait = e.code().kind() == ErrorCode.Kind.RECOVERABLE ? retries.next() : OptionalInt.empty();
        if (wait.isEmpty()) {
          throw withAttempts(e, retries.attempts());
        }
        listener.retrying(e, retries.attempts(), wait.getAsInt());
        if (!pause(wait.getAsInt())) {
          return End.NORMAL;
        }
        resume = true;
      }
    }
  }

  private static DmsException withAttempts(DmsException e, int attempts) {
    return attempts == 0
        ? e
        : new DmsException(
            e.code(), e.table().orElse(null), e.getMessage() + " The task gave up after " + attempts + " recovery attempts.", e);
  }

  /** Ends the run; what is not committed is rolled back, tables that were loading are cancelled. */
  public void stop() {
    locked(
        () -> {
          stopping = true;
          changed.signalAll();
          if (loading != null) {
            loading.stop();
          }
        });
  }

  /** Lets the run end once everything that was asked for is loaded. */
  public void release() {
    locked(
        () -> {
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
      List<TableStatistics> all = new ArrayList<>(tables.values().stream().map(TableLoad::statistics).toList());
      all.addAll(missing);
      return all;
    } finally {
      lock.unlock();
    }
  }

  private End attempt(boolean resume) {
    try (LoadLedger ledger = target.ledger(definition.name(), definition.settings().controlSchema())) {
      findTables();
      ledger.open();
      Map<TableId, LoadLedger.TableLoad> kept = new HashMap<>();
      if (resume) {
        ledger.loads().forEach(load -> kept.put(load.table(), load));
        adoptEarlier(kept);
      } else {
        ledger.forget();
        adoptEarlier(Map.of());
      }
      List<TableLoad> toLoad = tables.values().stream().filter(t -> t.state() != TableState.COMPLETED).toList();
      toLoad.forEach(table -> table.begin(TableState.BEFORE_LOAD, false));
      statistics().forEach(listener::tableChanged);
      listener.running();
      load(toLoad, new ArrayList<>(kept.values()), ledger, false);
      return linger(ledger);
    } catch (InterruptedException e) {
      return stopped();
    }
  }

  /** Chooses and maps the tables; once in a run, so that an attempt after an error goes on with what is known. */
  private void findTables() {
    TableMapping mapping = definition.mapping();
    TaskSettings settings = definition.settings();
    boolean ignoreCase = source.ignoresCaseOfNames();
    List<TableSchema> found = source.tables((id, kind) -> mapping.selects(id, kind, ignoreCase));
    if (found.isEmpty() && settings.failOnNoTables()) {
      throw new DmsException(
          ErrorCode.NO_TABLES,
          "No tables were found at task initialization. Either the selected table(s) or schemas(s) no longer exist or no match was"
              + " found for the table selection pattern(s). If you would like to start a Task that does not initially capture any"
              + " tables, set Task Setting FailOnNoTablesCaptured to false and restart task.");
    }
    List<MappedTable> mapped =
        mapping.map(
            found,
            settings.targetSchema(),
            column -> settings.supportLobs() || !column.type().isLob(),
            new TableMapping.NameCase(ignoreCase, source.ignoresCaseOfColumns()),
            target.ignoresCaseOfNames());
    mapped.forEach(table -> table.notes().forEach(note -> log(Component.TRANSFORMATION, Severity.WARNING, note)));
    dropped(found, mapped);
    locked(
        () -> {
          for (MappedTable table : mapped) {
            tables.computeIfAbsent(
                table.source().id(),
                id -> new TableLoad(table, new DataErrors(id, settings.errors(), listener)));
          }
          missing.clear();
          mapping.named().stream()
              .filter(id -> found.stream().noneMatch(t -> sameName(t.id(), id, ignoreCase)))
              .forEach(id -> missing.add(absent(id)));
        });
    log(Component.METADATA_MANAGER, Severity.INFO, mapped.size() + " tables are selected");
  }

  private void dropped(List<TableSchema> found, List<MappedTable> mapped) {
    if (definition.settings().supportLobs()) {
      return;
    }
    for (TableSchema table : found) {
      List<String> lobs = table.columns().stream().filter(c -> c.type().isLob()).map(Column::name).toList();
      if (!lobs.isEmpty() && mapped.stream().anyMatch(m -> m.source().id().equals(table.id()))) {
        log(Component.METADATA_MANAGER, Severity.WARNING,
            "Table " + table.id() + ": columns " + lobs + " are LOBs and are not migrated, as SupportLobs is false");
      }
    }
  }

  private static boolean sameName(TableId one, TableId other, boolean ignoreCase) {
    return ignoreCase ? one.toString().equalsIgnoreCase(other.toString()) : one.equals(other);
  }

  private static TableStatistics absent(TableId id) {
    return new TableStatistics(
        id, id, TableState.DOES_NOT_EXIST, 0, 0, 0, 0, 0, 0, 0, null, null, false, java.time.Instant.now(), "",
        "The source has no table or view " + id + ", or its user may not see it.");
  }

  /** Takes over tables that earlier runs have completed, and forgets ledger entries made under other rules. */
  private void adoptEarlier(Map<TableId, LoadLedger.TableLoad> ledger) {
    if (definition.start() == TaskDefinition.Start.FRESH) {
      return;
    }
    for (TableStatistics earlier : definition.earlier()) {
      TableLoad table = tables.get(earlier.table());
      if (table == null || table.state() == TableState.COMPLETED) {
        continue;
      }
      if (earlier.state() == TableState.COMPLETED) {
        table.adopt(earlier);
      } else if (!earlier.mapping().equals(table.fingerprint()) && ledger.remove(earlier.table()) != null) {
        log(Component.TABLES_MANAGER, Severity.INFO,
            "Table " + earlier.table() + " starts again: its columns or names have changed since it was loaded in part");
      }
    }
  }

  private void load(Collection<TableLoad> toLoad, List<LoadLedger.TableLoad> kept, LoadLedger ledger, boolean reload)
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
      FullLoad load =
          new FullLoad(definition, toLoad, kept, snapshot, target, ledger, listener, heap, reload, tableErrors);
      locked(
          () -> {
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
      List<TableLoad> again = new ArrayList<>();
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
        reloads.forEach(id -> again.add(known(id)));
        reloads.clear();
      } finally {
        lock.unlock();
      }
      log(Component.TABLES_MANAGER, Severity.INFO, "Reloading " + again.stream().map(TableLoad::id).toList());
      load(again, List.of(), ledger, true);
    }
  }

  private boolean allOver() {
    return tables.values().stream().allMatch(table -> table.state().isOver());
  }

  private End stopped() {
    for (TableLoad table : tables.values()) {
      if (!table.state().isOver()) {
        table.end(TableState.CANCELLED, "The task was stopped before the table was loaded; resume-processing goes on with it.");
        listener.tableChanged(table.statistics());
      }
    }
    return End.NORMAL;
  }

  private TableLoad known(TableId id) {
    TableLoad table = tables.get(id);
    if (table == null) {
      throw new IllegalArgumentException("Table " + id + " is not part of the task");
    }
    return table;
  }

  private long committedRows() {
    return statistics().stream().mapToLong(TableStatistics::read).sum();
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
