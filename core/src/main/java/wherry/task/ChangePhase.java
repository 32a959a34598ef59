package wherry.task;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import wherry.change.Checkpoint;
import wherry.change.Cut;
import wherry.change.Position;
import wherry.connector.ChangeLog;
import wherry.connector.ChangeReader;
import wherry.connector.ChangeWriter;
import wherry.connector.ControlRow;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.connector.Target.ControlTable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.MappedTable;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/**
 * The part of a run that follows the source's changes. Opened before anything is loaded, so that
 * the log is kept from before the load's snapshot on; run when the load is done. Owned by the run's
 * thread.
 */
final class ChangePhase implements AutoCloseable {
  /** The rest of the run, as far as this part needs it. */
  interface Run extends DefinitionChanges.NewTables {
    boolean isStopping();

    /** The tables as they are now, new ones included. */
    Collection<TableLoad> tables();

    /** Whether tables ask to be loaded. */
    boolean hasReloads();

    /**
     * Begins to load them on another thread; the changes of others go on meanwhile.
     *
     * @param carry makes sure that the log has tables from now on, and tells which it does not
     *     carry; these are not loaded
     */
    BackgroundLoad reload(Function<Collection<TableLoad>, List<DmsException>> carry);
  }

  private final TaskDefinition definition;
  private final TaskMapping mapping;
  private final TaskListener listener;
  private final AtomicInteger tableErrors;
  private final ChangeLog log;
  private final ChangeWriter writer;
  private final ControlReport report;
  private Set<TableId> joined = Set.of();
  private List<TableId> suspended = List.of();
  private Optional<Position> beforeTables = Optional.empty();
  private @Nullable StreamCheckpoint checkpoint;
  private @Nullable BackgroundLoad loading;
  private volatile @Nullable TargetWatch watching;

  ChangePhase(
      TaskDefinition definition,
      Source source,
      Target target,
      TaskListener listener,
      AtomicInteger tableErrors) {
    this.definition = definition;
    this.mapping = TaskMapping.of(definition, source, target);
    this.listener = listener;
    this.tableErrors = tableErrors;
    this.log = source.changeLog(definition.name());
    try {
      this.writer = target.changes(definition.changeRequest());
    } catch (RuntimeException e) {
      log.close();
      throw e;
    }
    this.report = new ControlReport(definition, writer);
  }

  /**
   * To be called before the tables of the run are found. One that comes to be or gets another name
   * while they are is told by the log from here on, where it tells every statement; else it would
   * be neither found nor told.
   */
  void tablesAreNext() {
    beforeTables = log.tellsStatements() ? Optional.of(log.now()) : Optional.empty();
  }

  /**
   * Makes sure that the log is kept, and finds or, for a fresh run, sets the place to go on from.
   *
   * @param fresh whether the task begins anew
   * @return tables whose changes the log does not carry, each with the reason
   */
  List<DmsException> open(Collection<TableLoad> tables, boolean fresh) {
    Optional<Checkpoint> kept = fresh ? Optional.empty() : writer.checkpoint();
    if (!fresh && kept.isEmpty()) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "The target has no checkpoint of this task in awsdms_txn_state, so nobody knows which changes it holds. Start the"
              + " task with reload-target, or a cdc task with a CdcStartPosition.");
    }
    kept = kept.map(checkpoint -> suspendJoining(tables, checkpoint));
    ChangeLog.Start start = log.open(needed(tables), kept.map(Checkpoint::identity).orElse(""));
    Checkpoint from =
        kept.orElseGet(() -> {
          String position = firstPosition(start).text();
          return new Checkpoint(position, Instant.EPOCH, position, List.of(), start.identity());
        });
    StreamCheckpoint reached = new StreamCheckpoint(from, log, listener);
    checkpoint = reached;
    tables.forEach(table -> table.reached(reached.reached(table.id())));
    report.loading();
    writer.commit(from);
    listener.checkpointed(from);
    List<DmsException> refused = new ArrayList<>(start.refused());
    refused.addAll(LogNeeds.unmet(tables, log));
    return refused;
  }

  /**
   * Says durably which tables the log will carry only from now on, before it does: after a crash it
   * would look as if it always had.
   */
  private Checkpoint suspendJoining(Collection<TableLoad> tables, Checkpoint kept) {
    suspended = kept.suspended();
    joined = log.uncarried(needed(tables), kept.identity());
    if (joined.isEmpty()) {
      return kept;
    }
    Checkpoint known = kept.suspending(joined);
    writer.commit(known);
    return known;
  }

  /**
   * Looks at the partitions of tables that are about to be loaded, before they are, so that what
   * happens to one from then on is noticed, also by later runs. What an earlier run knows of the
   * others stays.
   *
   * @param begun tables of which rows are loaded
   */
  void lookAtPartitions(Collection<TableLoad> tables, Set<TableId> begun) {
    TableNotes notes = checkpoint().notes();
    Set<TableId> anew = new HashSet<>();
    for (TableLoad table : tables) {
      if (!table.state().isOver()) {
        notes.foundAnew(table.id());
      }
      if (definition.type().loads() && !table.state().isOver() && !begun.contains(table.id())) {
        anew.add(table.id());
      }
    }
    log.partitions(needed(tables))
        .forEach((table, partitions) -> {
          if (anew.contains(table) || !notes.partitions().containsKey(table)) {
            notes.partitions(table, partitions);
          }
        });
    writer.commit(checkpoint().checkpoint());
  }

  /**
   * What became of the tables, where the target knows it better than the service.
   *
   * @return tables whose columns have changed since the task last ran, as nothing will tell
   */
  List<DmsException> recall(Collection<TableLoad> tables) {
    return new TableRecall(definition, mapping, log, writer, checkpoint().notes()).recall(tables);
  }

  /** Tables that have missed changes, as the target knows; only a load heals them. */
  List<TableId> suspended() {
    return suspended;
  }

  /**
   * Tables that the log carries only since the run has opened it, and not from its checkpoint on.
   */
  Set<TableId> joined() {
    return joined;
  }

  /** Whether the target knows how far the task has come. */
  boolean hasCheckpoint() {
    return writer.checkpoint().isPresent();
  }

  private Position firstPosition(ChangeLog.Start start) {
    Position first = beforeTables.orElse(start.position());
    if (definition.type().loads()) {
      return first;
    }
    return switch (definition.cdcStart()) {
      case CdcStart.FromNow now -> first;
      case CdcStart.FromPosition position -> log.given(position.nativeText());
      case CdcStart.FromTime(Instant time) -> log.at(time);
    };
  }

  /** Without the columns that nobody reads, so that the log need not carry them. */
  private static TableSchema needed(MappedTable mapped, TableSchema found) {
    Set<String> read = new HashSet<>(mapped.neededBeforeChanges(found));
    mapped.source().columns().forEach(column -> read.add(column.name()));
    return found.keepColumns(
        i -> found.isKeyColumn(i) || read.contains(found.columns().get(i).name()));
  }

  private static List<TableSchema> needed(Collection<TableLoad> tables) {
    return tables.stream().map(table -> needed(table.mapped(), table.found())).toList();
  }

  private static List<TableSchema> schemas(Collection<TableLoad> tables) {
    return tables.stream().map(TableLoad::found).toList();
  }

  private StreamCheckpoint checkpoint() {
    if (checkpoint == null) {
      throw new IllegalStateException("The change log is not open");
    }
    return checkpoint;
  }

  /** Ends the wait for what others do in the source or on the target. From any thread. */
  void abandon() {
    log.abandon();
    TargetWatch watch = watching;
    if (watch != null) {
      watch.abandon();
    }
  }

  /** Transactions of the target that were committed. */
  long commits() {
    return checkpoint == null ? 0 : checkpoint.commits();
  }

  /**
   * Follows the changes until the task is stopped or comes to the end that it was given.
   *
   * @param loaded whether the run has loaded tables, so that StopTaskCachedChangesApplied counts
   */
  ReplicationTask.End run(Run run, boolean loaded) throws InterruptedException {
    checkpoint()
        .streams(() ->
            run.tables().stream().filter(table -> !table.isFollowed()).map(TableLoad::id).toList());
    Optional<Position> stopAt =
        loaded && definition.settings().changes().stopAfterCached()
            ? Optional.of(log.now())
            : Optional.empty();
    ChangeStream.End end = stream(run, stopAt);
    while (end == ChangeStream.End.INTERRUPTED) {
      takeLoaded();
      end = stream(run, stopAt);
    }
    report.ended(checkpoint());
    writer.commit(checkpoint().checkpoint());
    return switch (end) {
      case STOPPED, INTERRUPTED -> ReplicationTask.End.NORMAL;
      case AT_SERVER_TIME -> ReplicationTask.End.STOPPED_AT_SERVER_TIME;
      case AT_COMMIT_TIME -> ReplicationTask.End.STOPPED_AT_COMMIT_TIME;
      case AT_POSITION -> ReplicationTask.End.STOPPED_AFTER_CACHED_EVENTS;
    };
  }

  private ChangeStream.End stream(Run run, Optional<Position> stopAt) throws InterruptedException {
    StreamErrors errors = new StreamErrors(definition, writer, listener, tableErrors);
    StreamCheckpoint from = checkpoint();
    ChangeLog.Request request =
        new ChangeLog.Request(
            schemas(run.tables()),
            mapping::selects,
            table -> needed(mapping.map(table), table),
            from.position(),
            from.checkpoint().identity(),
            from.notes().partitions());
    Map<TableId, StreamTable> tables = streamTables(run.tables());
    try (ChangeReader reader = log.read(request);
        TargetWatch watch =
            new TargetWatch("t-" + definition.name() + "/watch", writer, listener)) {
      watching = watch;
      listener.streaming(from.position().text());
      ChangeStream stream =
          new ChangeStream(
              definition,
              tables,
              reader,
              writer,
              from,
              new ChangeApply(writer, listener, errors),
              new DefinitionChanges(mapping, writer, listener, errors, run),
              errors,
              report,
              watch,
              new StreamProgress(listener),
              (applied, all) -> course(run, stopAt, applied, all));
      return stream.run();
    } finally {
      tables.values().forEach(StreamTable::close);
      writer.rollBack();
    }
  }

  private Map<TableId, StreamTable> streamTables(Collection<TableLoad> tables) {
    Map<TableId, StreamTable> all = new LinkedHashMap<>();
    Map<TableId, List<Cut>> loaded = new HashMap<>();
    for (TableLoad table : tables) {
      List<Cut> cuts = new ArrayList<>();
      for (String cut : table.cuts()) {
        if (cut.isEmpty()) {
          table.suspend(
              "The place of the load's snapshot in the log is unknown, so it cannot be said which changes the table holds."
                  + " Give the task's user the right to lock tables for a moment (see the log of the load) and reload the"
                  + " table.");
          listener.tableChanged(table.statistics());
        } else {
          cuts.add(log.cut(cut));
        }
      }
      if (table.isFollowed() && !cuts.isEmpty()) {
        loaded.put(table.id(), cuts);
      }
      all.put(
          table.id(),
          new StreamTable(table, cuts, checkpoint().notes().columns(table.id()), mapping, writer));
      tellLobLimit(table);
    }
    Set<TableId> interrupted = log.interrupted(loaded);
    tables.stream()
        .filter(table -> interrupted.contains(table.id()))
        .forEach(this::suspendInterrupted);
    return all;
  }

  private void suspendInterrupted(TableLoad table) {
    String why =
        "The source's log has not carried table "
            + table.id()
            + " all the time since it was loaded: somebody has taken it out of the publication and"
            + " put it back, and what was written to it in between is in no log. Reload the table.";
    table.suspend(why);
    listener.log(Component.TABLES_MANAGER, Severity.ERROR, why);
    listener.tableChanged(table.statistics());
    tableErrors.incrementAndGet();
  }

  private void tellLobLimit(TableLoad table) {
    OptionalInt lobBytesMax = definition.settings().lobBytesMax(table.mapped());
    if (lobBytesMax.isPresent() && table.mayBeWide()) {
      listener.log(
          Component.TARGET_APPLY,
          Severity.WARNING,
          "Table "
              + table.id()
              + ": LOB values of its changes are truncated to length "
              + lobBytesMax.getAsInt()
              + " where they are longer, as LobMaxSize or the table's lob-settings say");
    }
  }

  /** Between two windows: whether the stream goes on. */
  private Optional<ChangeStream.End> course(
      Run run, Optional<Position> stopAt, Position applied, boolean all) {
    if (run.isStopping()) {
      return Optional.of(ChangeStream.End.STOPPED);
    }
    if (stopAt.isPresent() && applied.compareTo(stopAt.get()) >= 0) {
      return Optional.of(ChangeStream.End.AT_POSITION);
    }
    if (loading != null) {
      return loading.isOver() ? Optional.of(ChangeStream.End.INTERRUPTED) : Optional.empty();
    }
    // What waits to be applied must not come to a table when that has been loaded meanwhile.
    if (all && run.hasReloads() && !checkpoint().hasBehind()) {
      BackgroundLoad begun = run.reload(this::carry);
      checkpoint()
          .loads(
              begun.tables().stream().map(TableLoad::id).toList(),
              log.partitions(needed(begun.tables())),
              writer);
      begun.start();
      loading = begun;
    }
    return Optional.empty();
  }

  /**
   * Makes sure that the log has the tables that are about to be loaded from before their snapshot
   * on; one that had lost its key was taken out of it.
   *
   * @return tables whose changes it does not carry
   */
  private List<DmsException> carry(Collection<TableLoad> tables) {
    List<DmsException> refused =
        new ArrayList<>(log.carry(needed(tables), checkpoint().checkpoint().identity()));
    refused.addAll(LogNeeds.unmet(tables, log));
    return refused;
  }

  /** The tables are loaded; the stream is opened again from before their snapshot. */
  private void takeLoaded() throws InterruptedException {
    BackgroundLoad over = awaitLoading();
    if (over == null) {
      return;
    }
    List<TableLoad> loaded =
        over.tables().stream().filter(t -> t.state() == TableState.COMPLETED).toList();
    if (definition.settings().changes().controlTables().contains(ControlTable.SUSPENDED_TABLES)) {
      loaded.forEach(t ->
          writer.write(new ControlRow.Healed(definition.serverName(), t.mapped().target().id())));
    }
    checkpoint().loaded(loaded.stream().map(TableLoad::id).toList(), writer);
    if (!loaded.isEmpty()) {
      listener.log(
          Component.TARGET_APPLY,
          Severity.INFO,
          "Tables "
              + loaded.stream().map(TableLoad::id).toList()
              + " are loaded and catch up from "
              + checkpoint().position().text());
    }
  }

  private @Nullable BackgroundLoad awaitLoading() throws InterruptedException {
    BackgroundLoad over = loading;
    loading = null;
    if (over != null) {
      over.await();
    }
    return over;
  }

  /** Ends what the target does for us or lets us wait for; from any thread. */
  void cancel() {
    writer.cancel();
  }

  @Override
  public void close() {
    try {
      if (loading != null) {
        loading.stop();
      }
    } finally {
      try {
        writer.close();
      } finally {
        log.close();
      }
    }
  }
}
