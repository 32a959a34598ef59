package wherry.task;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import wherry.connector.LoadLedger;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.MappedTable;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/**
 * The tables of a run: which they are, what earlier runs have done of them, and which are to be
 * loaded again. Safe for all threads; a table once known stays known while it is there.
 */
final class TaskTables {
  private final TaskDefinition definition;
  private final Source source;
  private final Target target;
  private final TaskListener listener;
  private final Map<TableId, TableLoad> tables = new LinkedHashMap<>();
  private final List<TableStatistics> missing = new ArrayList<>();
  private final Set<TableId> reloads = new LinkedHashSet<>();

  TaskTables(TaskDefinition definition, Source source, Target target, TaskListener listener) {
    this.definition = definition;
    this.source = source;
    this.target = target;
    this.listener = listener;
  }

  /** Chooses and maps the tables; what an earlier attempt knows of them stays. */
  void find() {
    TableSelection selection = TableSelection.of(definition, source, target, listener);
    synchronized (this) {
      for (MappedTable table : selection.tables()) {
        tables.computeIfAbsent(table.source().id(), id -> load(table, selection.found(id)));
      }
      missing.clear();
      missing.addAll(selection.missing());
      missing.addAll(vanished());
    }
  }

  /** Tables of earlier runs that a rule still selects and that the source has no longer. */
  private List<TableStatistics> vanished() {
    if (definition.start() == TaskDefinition.Start.FRESH) {
      return List.of();
    }
    TaskMapping mapping = TaskMapping.of(definition, source, target);
    return definition.earlier().stream()
        .filter(e -> !tables.containsKey(e.table()))
        .filter(e -> missing.stream().noneMatch(row -> row.table().equals(e.table())))
        .filter(e -> mapping.selects(e.table(), TableSchema.Kind.TABLE))
        .map(e -> e.state() == TableState.DOES_NOT_EXIST ? e : e.gone())
        .toList();
  }

  private TableLoad load(MappedTable mapped, TableSchema found) {
    return new TableLoad(
        mapped,
        found,
        new DataErrors(mapped.source().id(), definition.settings().errors(), listener));
  }

  /**
   * Looks again at tables that are about to be loaded: a statement may have changed them since they
   * were found.
   *
   * @return those that have; one that is gone is left to the load, which tells it
   */
  private Set<TableId> redefine(Collection<TableLoad> toLoad) {
    Map<TableId, TableLoad> byId =
        toLoad.stream().collect(Collectors.toMap(TableLoad::id, table -> table));
    TaskMapping mapping = TaskMapping.of(definition, source, target);
    Set<TableId> changed = new HashSet<>();
    for (TableSchema now : source.tables((id, kind) -> byId.containsKey(id))) {
      TableLoad table = byId.get(now.id());
      if (table != null && !now.equals(table.found())) {
        table.redefine(mapping.map(now), now);
        log("Table " + now.id() + " has another definition than when it was found");
        changed.add(now.id());
      }
    }
    return changed;
  }

  /**
   * A snapshot in which the tables are defined as we know them: else a column that has come since
   * they were found would be without values, and the log, which has it from before, would not tell
   * that it is new.
   *
   * @param toLoad of which those are removed that fail alone, as one that is gone since it was
   *     found
   * @param redefined to which the tables are added that had changed
   * @param refused takes why a table is removed
   * @return empty when no table is left
   */
  Optional<Snapshot> snapshot(
      List<TableLoad> toLoad, Set<TableId> redefined, Consumer<DmsException> refused) {
    while (!toLoad.isEmpty()) {
      try {
        return Optional.of(snapshot(toLoad, redefined));
      } catch (DmsException e) {
        boolean ofOne =
            e.code().kind() == ErrorCode.Kind.TABLE
                && e.table().isPresent()
                && toLoad.removeIf(table -> table.id().equals(e.table().get()));
        if (!ofOne) {
          throw e;
        }
        refused.accept(e);
      }
    }
    return Optional.empty();
  }

  private Snapshot snapshot(Collection<TableLoad> toLoad, Set<TableId> redefined) {
    while (true) {
      Snapshot snapshot = source.snapshot(sources(toLoad), definition.settings().subTasksMax());
      try {
        Set<TableId> changed = redefine(toLoad);
        if (changed.isEmpty()) {
          return snapshot;
        }
        redefined.addAll(changed);
        snapshot.close();
      } catch (RuntimeException e) {
        snapshot.close();
        throw e;
      }
    }
  }

  static List<TableSchema> sources(Collection<TableLoad> tables) {
    return tables.stream().map(table -> table.mapped().source()).toList();
  }

  /** A table that came to be on the source; it asks to be loaded. */
  void add(TableSchema created) {
    MappedTable mapped = TaskMapping.of(definition, source, target).map(created);
    synchronized (this) {
      tables.put(created.id(), load(mapped, created));
      missing.removeIf(row -> row.table().equals(created.id()));
      reloads.add(created.id());
    }
    listener.tableChanged(known(created.id()).statistics());
    log("Table " + created.id() + " is new on the source and will be loaded");
  }

  /**
   * A table that came to be on the source, and whose changes the log cannot carry. One that is
   * about to be loaded is judged by its load.
   *
   * @return what is told of it, when that is new
   */
  Optional<String> refuse(TableId id, String why) {
    String message = why + " Then it is loaded by itself.";
    synchronized (this) {
      TableLoad known = tables.get(id);
      if (known != null && known.state() != TableState.DOES_NOT_EXIST
          || missing.stream()
              .anyMatch(row -> row.table().equals(id) && row.message().equals(message))) {
        return Optional.empty();
      }
      tables.remove(id); // One of the same name was dropped.
      missing.removeIf(row -> row.table().equals(id));
      missing.add(TableStatistics.ofNothing(id, TableState.ERROR, message));
    }
    statistics().stream().filter(row -> row.table().equals(id)).forEach(listener::tableChanged);
    return Optional.of(message);
  }

  /** A table that was refused is no longer on the source. */
  void gone(TableId id) {
    List<TableStatistics> told = new ArrayList<>();
    synchronized (this) {
      missing.replaceAll(row -> {
        if (!row.table().equals(id) || row.state() != TableState.ERROR) {
          return row;
        }
        told.add(row.gone());
        return told.getFirst();
      });
    }
    told.forEach(listener::tableChanged);
  }

  /** As they are now. */
  synchronized List<TableLoad> all() {
    return List.copyOf(tables.values());
  }

  synchronized TableLoad known(TableId id) {
    TableLoad table = tables.get(id);
    if (table == null) {
      throw new IllegalArgumentException("Table " + id + " is not part of the task");
    }
    return table;
  }

  private synchronized boolean has(TableId id) {
    return tables.containsKey(id);
  }

  synchronized List<TableStatistics> statistics() {
    List<TableStatistics> all =
        new ArrayList<>(tables.values().stream().map(TableLoad::statistics).toList());
    all.addAll(missing);
    return all;
  }

  /** Segments that were committed, by all attempts. */
  long commits() {
    return all().stream().mapToLong(TableLoad::commits).sum();
  }

  boolean allOver() {
    return all().stream().allMatch(table -> table.state().isOver());
  }

  /** A run that ends leaves no table that seems to be loading (D8). */
  void cancelUnfinished(String why) {
    for (TableLoad table : all()) {
      if (table.end(TableState.CANCELLED, why)) {
        listener.tableChanged(table.statistics());
      }
    }
  }

  /**
   * Once in a run, however many attempts it takes: a fresh run forgets what earlier ones have
   * loaded, a resumed one takes over what they have completed. Whether they have, the target knows
   * best: what was told of a table may be older than what became of it.
   *
   * @param suspended tables that have missed changes, so that what is loaded of them is void
   */
  void begin(LoadLedger ledger, List<TableId> suspended) {
    switch (definition.start()) {
      case FRESH -> ledger.forget();
      case RESUME -> {
        suspended.stream().filter(this::has).forEach(id -> ledger.plan(id, List.of()));
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
    return definition.earlier().stream().filter(earlier -> has(earlier.table()));
  }

  /** Tables of which rows are loaded. */
  static Set<TableId> begun(LoadLedger ledger) {
    return ledger.loads().stream()
        .filter(load -> !load.done().isEmpty())
        .map(LoadLedger.TableLoad::table)
        .collect(Collectors.toSet());
  }

  /** What of the ledger a load may go on from. */
  List<LoadLedger.TableLoad> kept(LoadLedger ledger) {
    return ledger.loads().stream().map(this::trusted).toList();
  }

  /** A ledger entry; anew when it was made under other columns or names. */
  private LoadLedger.TableLoad trusted(LoadLedger.TableLoad entry) {
    boolean changed = has(entry.table()) && isLoadedUnderOtherRules(known(entry.table()));
    if (!changed) {
      return entry;
    }
    log(
        "Table "
            + entry.table()
            + " starts again: its columns or names have changed since it was loaded in part");
    return anew(entry);
  }

  /** Without the plan, so that nothing goes on from it. */
  static LoadLedger.TableLoad anew(LoadLedger.TableLoad entry) {
    return new LoadLedger.TableLoad(entry.table(), List.of(), entry.keyDeferred(), entry.done());
  }

  private boolean isLoadedUnderOtherRules(TableLoad table) {
    return !table.state().isOver()
        && !table.isPrepared()
        && earlier()
            .anyMatch(
                e -> e.table().equals(table.id()) && !e.mapping().equals(table.fingerprint()));
  }

  /** The tables that are not loaded yet, as they begin; the others take over their cuts. */
  List<TableLoad> toLoad(List<LoadLedger.TableLoad> kept) {
    List<TableLoad> toLoad = all().stream().filter(table -> !table.state().isOver()).toList();
    toLoad.forEach(table -> table.begin(TableState.BEFORE_LOAD, table.isReloaded()));
    kept.stream()
        .filter(entry -> has(entry.table()))
        .filter(entry -> known(entry.table()).state() == TableState.COMPLETED)
        .forEach(entry -> known(entry.table()).adoptCuts(entry.done()));
    return toLoad;
  }

  /**
   * These are to be loaded again.
   *
   * @return those that the task does not have; when there are any, none is reloaded
   */
  synchronized List<TableId> reload(Collection<TableId> wanted) {
    List<TableId> unknown = wanted.stream().filter(id -> !has(id)).toList();
    if (unknown.isEmpty()) {
      for (TableId id : wanted) {
        TableLoad table = known(id);
        if (table.state().isOver()) {
          table.begin(TableState.BEFORE_LOAD, true);
          listener.tableChanged(table.statistics());
        }
      }
      reloads.addAll(wanted);
    }
    return unknown;
  }

  synchronized boolean hasReloads() {
    return !reloads.isEmpty();
  }

  /**
   * The tables to be reloaded. What is loaded of them is forgotten first, so that an attempt after
   * an error reloads them too.
   */
  List<TableLoad> takeReloads(LoadLedger ledger) {
    List<TableLoad> taken;
    synchronized (this) {
      taken = reloads.stream().map(this::known).toList();
    }
    taken.forEach(table -> ledger.plan(table.id(), List.of()));
    synchronized (this) {
      taken.forEach(table -> {
        reloads.remove(table.id());
        table.begin(TableState.BEFORE_LOAD, true);
      });
    }
    return taken;
  }

  /** What became of the changes of each table that had some. */
  void tellChanges() {
    for (TableStatistics table : statistics()) {
      ChangeCounts changes = table.changes();
      if (changes.captured() > 0) {
        log(
            ("Table %s: of %d changes captured since the first start %d were applied, %d filtered,"
                    + " %d ignored and %d kept in awsdms_apply_exceptions")
                .formatted(
                    table.table(),
                    changes.captured(),
                    changes.applied(),
                    changes.filtered(),
                    changes.ignored(),
                    changes.kept()));
      }
    }
  }

  private void log(String message) {
    listener.log(Component.TABLES_MANAGER, Severity.INFO, message);
  }
}
