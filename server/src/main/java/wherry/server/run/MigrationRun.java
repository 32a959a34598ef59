package wherry.server.run;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.SourceDataSetting;
import tools.jackson.databind.node.ObjectNode;
import wherry.connector.ChangeLog;
import wherry.connector.Connector;
import wherry.connector.Endpoint;
import wherry.connector.ObjectCarrier;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectRequest;
import wherry.connector.PrepareMode;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.flow.ByteBudget;
import wherry.mapping.TableMapping;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.task.CdcStart;
import wherry.task.CdcStop;
import wherry.task.MigrationType;
import wherry.task.ReplicationTask;
import wherry.task.SettingsDocument;
import wherry.task.TaskDefinition;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;
import wherry.task.TaskSettings;

/**
 * One run of a data migration: what rows need, the rows, what would have slowed them, the changes,
 * and at the end the counters once more. Rows and changes are moved by {@link ReplicationTask}, in
 * two runs of one task so that keys are there before changes are applied. {@link #stop} may be
 * called from any thread.
 */
final class MigrationRun {
  private static final int JOBS_BY_DEFAULT = 8;

  private final DataMigration migration;
  private final SelectionRules rules;
  private final TaskRecords records;
  private final RunningTask running;
  private final ByteBudget heap;
  private final BooleanSupplier closing;
  private final MigrationStatus loading;
  private final Consumer<MigrationStatus> status;
  private final MigrationType type;
  private volatile @Nullable ObjectCarrier carrier;
  private volatile boolean stopWanted;
  private volatile boolean cuttingOver;
  private String trouble = "";
  private String kept = "";

  /**
   * @param running what is kept of the run
   * @param closing whether a stop is the service's own end, so that nothing is cut over
   * @param loading what its status is while it loads
   * @param status told whenever it becomes another
   */
  MigrationRun(
      DataMigration migration,
      SelectionRules rules,
      TaskRecords records,
      RunningTask running,
      ByteBudget heap,
      BooleanSupplier closing,
      MigrationStatus loading,
      Consumer<MigrationStatus> status) {
    this.migration = migration;
    this.rules = rules;
    this.records = records;
    this.running = running;
    this.heap = heap;
    this.closing = closing;
    this.loading = loading;
    this.status = status;
    this.type = MigrationType.ofWire(migration.dataMigrationTypeAsString());
  }

  /** The databases of a run and the connector of both. */
  private record Ends(
      Connector connector, Endpoint from, Endpoint to, Source source, Target target) {}

  RunningTask running() {
    return running;
  }

  /** What went wrong after the migration had reached its end; empty when nothing did. */
  String trouble() {
    return trouble;
  }

  /** What the source keeps for a run that goes on from here; empty when it keeps nothing. */
  String kept() {
    return kept;
  }

  /** A cutover is cut short by nothing but the end of the service, which does it again. */
  void stop() {
    stopWanted = true;
    stopObjects();
    running.stop();
  }

  private void stopObjects() {
    ObjectCarrier open = carrier;
    if (open != null && (!cuttingOver || closing.getAsBoolean())) {
      open.stop();
    }
  }

  /**
   * Blocks until the migration is done, or stopped. Of one that was stopped before, when the
   * service ended, only the cutover is done.
   *
   * @throws DmsException what failed
   */
  ReplicationTask.End run(Engines engines, Endpoint from, Endpoint to, TaskDefinition.Start how) {
    Endpoint reading = withSlot(from);
    Connector connector = engines.of(from.engine());
    try (Source source = connector.source(reading);
        Target target = connector.target(with(to, Target.FOREIGN_KEYS_ACT, "true"))) {
      Ends ends = new Ends(connector, reading, to, source, target);
      try {
        return move(ends, how);
      } finally {
        tellKept(source);
      }
    } catch (InterruptedException e) {
      return ReplicationTask.End.NORMAL;
    }
  }

  private ReplicationTask.End move(Ends ends, TaskDefinition.Start how)
      throws InterruptedException {
    ReplicationTask.End end = type.loads() ? load(ends, how) : ReplicationTask.End.NORMAL;
    if (!type.capturesChanges()) {
      return end;
    }
    if (!stopWanted) {
      end = follow(ends, type.loads() ? TaskDefinition.Start.RESUME : how);
    }
    if (closing.getAsBoolean()) {
      return ReplicationTask.End.NORMAL;
    }
    if (isMoved()) {
      cutOver(ends);
    }
    return stopWanted ? ReplicationTask.End.NORMAL : end;
  }

  private void tellKept(Source source) {
    if (!type.capturesChanges() || closing.getAsBoolean()) {
      return;
    }
    try (ChangeLog log = source.changeLog(TaskRecords.resourceId(migration.dataMigrationArn()))) {
      kept =
          log.keptBy()
              .map(keeper -> " The source keeps its log for resume-processing: " + keeper + ".")
              .orElse("");
    } catch (DmsException e) {
      kept =
          " Whether the source keeps its log for resume-processing is unknown: " + e.getMessage();
    }
  }

  private Endpoint withSlot(Endpoint from) {
    String slot = sourceSetting().map(SourceDataSetting::slotName).orElse("");
    return slot == null || slot.isEmpty() ? from : with(from, "SlotName", slot);
  }

  private static Endpoint with(Endpoint endpoint, String setting, String value) {
    var settings = new TreeMap<>(endpoint.settings());
    settings.put(setting, value);
    return new Endpoint(endpoint.arn(), endpoint.engine(), settings);
  }

  private Optional<SourceDataSetting> sourceSetting() {
    return migration.sourceDataSettings().stream().findFirst();
  }

  /** Rows, and all around them; returns NORMAL when it was stopped before its end. */
  private ReplicationTask.End load(Ends ends, TaskDefinition.Start how)
      throws InterruptedException {
    if (done(CarriedObjects.Step.AFTER_ROWS)) {
      return ReplicationTask.End.FULL_LOAD_ONLY_FINISHED;
    }
    if (stopWanted) {
      return ReplicationTask.End.NORMAL;
    }
    status.accept(loading);
    try (ObjectCarrier objects = open(ends, preparation(migration))) {
      if (!done(CarriedObjects.Step.BEFORE_ROWS)) {
        keep(CarriedObjects.Step.BEFORE_ROWS, objects.beforeRows());
      }
      if (!done(CarriedObjects.Step.ROWS)) {
        ReplicationTask.End end = task(ends, how, objects.computedColumns()).load();
        if (end == ReplicationTask.End.NORMAL) {
          return end;
        }
        keep(CarriedObjects.Step.ROWS, List.of());
      }
      keep(CarriedObjects.Step.AFTER_ROWS, objects.afterRows());
      return ReplicationTask.End.FULL_LOAD_ONLY_FINISHED;
    }
  }

  private ObjectCarrier open(Ends ends, PrepareMode preparation) {
    ObjectCarrier opened =
        ends.connector()
            .objects(
                new ObjectRequest(
                    ends.from(),
                    ends.to(),
                    rules.objects(ends.source().ignoresCaseOfNames()),
                    preparation,
                    rules.grants(),
                    type.capturesChanges(),
                    jobs(migration)));
    carrier = opened;
    if (stopWanted) {
      stopObjects();
    }
    return opened;
  }

  /** As AWS: what is not said is destructive, though only for what the selection names. */
  private static PrepareMode preparation(DataMigration migration) {
    String mode =
        migration.targetDataSettings().stream()
            .findFirst()
            .map(setting -> setting.tablePreparationModeAsString())
            .orElse("drop-tables-on-target");
    return switch (mode) {
      case "truncate" -> PrepareMode.TRUNCATE_BEFORE_LOAD;
      case "do-nothing" -> PrepareMode.DO_NOTHING;
      default -> PrepareMode.DROP_AND_CREATE;
    };
  }

  private static int jobs(DataMigration migration) {
    Integer given = migration.dataMigrationSettings().numberOfJobs();
    return given == null ? JOBS_BY_DEFAULT : given;
  }

  private boolean done(CarriedObjects.Step step) {
    return carried().hasDone(step);
  }

  private CarriedObjects carried() {
    return records.run(migration.dataMigrationArn()).objects();
  }

  /** Whether the target has become what the source was, so that it may take over. */
  private boolean isMoved() {
    return type.loads()
        ? done(CarriedObjects.Step.AFTER_ROWS)
        : records.run(migration.dataMigrationArn()).begun();
  }

  private void keep(CarriedObjects.Step step, List<ObjectReport> reports) {
    for (ObjectReport report : reports) {
      boolean left = report.outcome() == ObjectReport.Outcome.LEFT;
      running.log(
          Component.METADATA_MANAGER, left ? Severity.WARNING : Severity.INFO, report.toString());
    }
    records.changeRun(
        migration.dataMigrationArn(), run -> run.carried(run.objects().done(step, reports)));
  }

  private ReplicationTask.End follow(Ends ends, TaskDefinition.Start how)
      throws InterruptedException {
    Map<TableId, Set<String>> computed;
    try (ObjectCarrier objects = open(ends, PrepareMode.DO_NOTHING)) {
      computed = objects.computedColumns();
      if (how == TaskDefinition.Start.FRESH) {
        requireTables(ends, computed);
      }
      status.accept(MigrationStatus.replicating(type));
      keep(carried().step(), objects.beforeChanges());
    }
    return task(ends, how, computed).run();
  }

  /** Without its definition a table cannot be carried row by row either. */
  private void requireTables(Ends ends, Map<TableId, Set<String>> computed) {
    boolean ignoreCase = ends.source().ignoresCaseOfNames();
    List<String> missing =
        ends
            .source()
            .tables((id, kind) ->
                kind == TableSchema.Kind.TABLE && rules.mapping().selects(id, kind, ignoreCase))
            .stream()
            .map(table -> without(computed.getOrDefault(table.id(), Set.of()), table))
            .flatMap(table -> missing(ends.target(), table).stream())
            .toList();
    if (!missing.isEmpty()) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "A data migration of type cdc needs the tables on the target, with the rows of its start"
              + " position: "
              + String.join(" ", missing)
              + " Create them, or use the type full-load-and-cdc.");
    }
  }

  private static TableSchema without(Set<String> columns, TableSchema table) {
    return table.keepColumns(i -> !columns.contains(table.columns().get(i).name()));
  }

  private static Optional<String> missing(Target target, TableSchema table) {
    try {
      target.describe(table);
      return Optional.empty();
    } catch (DmsException e) {
      if (e.code().kind() != ErrorCode.Kind.TABLE) {
        throw e;
      }
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private ReplicationTask task(
      Ends ends, TaskDefinition.Start how, Map<TableId, Set<String>> computed) {
    String arn = migration.dataMigrationArn();
    running.flush();
    TaskDefinition definition =
        new TaskDefinition(
            TaskRecords.resourceId(arn),
            mapping(ends.source(), computed),
            settings(migration),
            how,
            how == TaskDefinition.Start.RESUME ? records.tables(arn) : List.of(),
            type,
            cdcStart(),
            cdcStop(),
            migration.dataMigrationName());
    ReplicationTask task =
        new ReplicationTask(definition, ends.source(), ends.target(), running, heap);
    running.runs(task);
    return task;
  }

  /** Without the tables whose definition the target did not take, and what it computes itself. */
  private TableMapping mapping(Source source, Map<TableId, Set<String>> computed) {
    Set<String> left = Set.copyOf(carried().leftTables());
    List<TableId> tables =
        left.isEmpty()
            ? List.of()
            : source.tables((id, kind) -> left.contains(id.toString())).stream()
                .map(TableSchema::id)
                .toList();
    return rules.without(tables, computed);
  }

  /** The settings of the task that moves rows and changes. */
  static TaskSettings settings(DataMigration migration) {
    ObjectNode given = SettingsDocument.parse("{}");
    given
        .withObjectProperty("FullLoadSettings")
        .put(
            "TargetTablePrepMode",
            preparation(migration) == PrepareMode.DROP_AND_CREATE
                ? "TRUNCATE_BEFORE_LOAD" // They were created a moment ago; a resumed load may have
                // begun them.
                : "DO_NOTHING")
        .put("MaxFullLoadSubTasks", jobs(migration));
    given.withObjectProperty("Logging").put("EnableLogging", true);
    return TaskSettings.of(SettingsDocument.merge(SettingsDocument.defaults(), given), given);
  }

  private CdcStart cdcStart() {
    return sourceSetting()
        .<CdcStart>map(setting ->
            setting.cdcStartTime() != null
                ? new CdcStart.FromTime(setting.cdcStartTime())
                : CdcStart.of(Optional.ofNullable(setting.cdcStartPosition()).orElse("")))
        .orElseGet(CdcStart.FromNow::new);
  }

  private CdcStop cdcStop() {
    return sourceSetting()
        .flatMap(setting -> Optional.ofNullable(setting.cdcStopTime()))
        .<CdcStop>map(CdcStop.ServerTime::new)
        .orElseGet(CdcStop.Never::new);
  }

  /** The migration has ended as it was asked to, whatever becomes of this. */
  private void cutOver(Ends ends) throws InterruptedException {
    cuttingOver = true;
    try (ObjectCarrier objects = open(ends, PrepareMode.DO_NOTHING)) {
      keep(carried().step(), objects.atCutover());
    } catch (DmsException e) {
      trouble =
          "Sequences and AUTO_INCREMENT were not moved forward, so inserts on the target may"
              + " collide: "
              + e.getMessage()
              + " Start with resume-processing and stop again when the cause is gone.";
      running.log(Component.TASK_MANAGER, Severity.ERROR, trouble);
    }
  }
}
