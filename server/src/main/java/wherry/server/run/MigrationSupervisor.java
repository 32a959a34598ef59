package wherry.server.run;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import wherry.connector.Endpoint;
import wherry.error.DmsException;
import wherry.flow.ByteBudget;
import wherry.server.store.Event;
import wherry.server.store.Store;
import wherry.task.ChangeProgress;
import wherry.task.MigrationType;
import wherry.task.ReplicationTask;
import wherry.task.TableState;
import wherry.task.TableStatistics;
import wherry.task.TaskDefinition;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

/**
 * Runs data migrations as {@link TaskSupervisor} runs tasks: a request writes the status that is
 * wanted, a run on a thread of its own writes what became of it, and after a restart of the service
 * each goes on by itself. Safe for all threads.
 */
public final class MigrationSupervisor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MigrationSupervisor.class);

  private final Store store;
  private final MigrationRecords migrations;
  private final TaskRecords runs;
  private final Engines engines;
  private final ProviderSettings providers;
  private final TaskTraces traces;
  private final Path logDirectory;
  private final ByteBudget heap;
  private final Runs<MigrationRun> running = new Runs<>("data migration", MigrationRun::stop);

  /**
   * @param logDirectory where the logs are
   * @param heap what wide rows of all runs of the process may take together
   */
  public MigrationSupervisor(Store store, Engines engines, Path logDirectory, ByteBudget heap) {
    this.store = store;
    this.migrations = new MigrationRecords(store);
    this.runs = new TaskRecords(store);
    this.engines = engines;
    this.providers = new ProviderSettings(store);
    this.traces = new TaskTraces(engines);
    this.logDirectory = logDirectory;
    this.heap = heap;
  }

  public MigrationRecords records() {
    return migrations;
  }

  /** What is remembered of a run. */
  public TaskRun run(String arn) {
    return runs.run(arn);
  }

  /** Carries on with what was running when the service ended. Called once. */
  public void carryOn() {
    for (DataMigration migration : migrations.list()) {
      String arn = migration.dataMigrationArn();
      switch (MigrationStatus.of(migration)) {
        case STARTING,
            LOAD_RUNNING,
            LOAD_COMPLETE_REPLICATION_ONGOING,
            REPLICATION_ONGOING,
            STOPPING ->
            launch(arn, runs.run(arn).afterRestart(), MigrationStatus.LOAD_RUNNING);
        case RELOADING_TARGET ->
            launch(arn, runs.run(arn).afterRestart(), MigrationStatus.RELOADING_TARGET);
        case DELETING -> delete(migration);
        case CREATING, READY, STOPPED, FAILED -> {}
      }
    }
  }

  /**
   * The databases of a project, so that a start can refuse what it would fail with.
   *
   * @throws DmsException SETTING_INVALID
   */
  public void checkProviders(DataMigration migration) {
    ProviderSettings.requireHomogeneous(
        providers.source(migration.migrationProjectArn()).engine(),
        providers.target(migration.migrationProjectArn()).engine());
  }

  /**
   * Runs a migration whose status was set to starting.
   *
   * @param reload whether it starts over
   */
  public synchronized void start(String arn, TaskDefinition.Start how, boolean reload) {
    if (!isWanted(arn)) {
      return;
    }
    runs.changeRun(arn, run -> run.started(how, Instant.now()));
    if (how == TaskDefinition.Start.FRESH) {
      runs.forgetTables(arn);
    }
    event(arn, "state change", "Data migration started.");
    launch(arn, how, reload ? MigrationStatus.RELOADING_TARGET : MigrationStatus.LOAD_RUNNING);
  }

  /** Ends a migration whose status was set to stopping. */
  public synchronized void stop(String arn) {
    Optional<MigrationRun> run = running.find(arn);
    if (run.isEmpty()) {
      ended(arn, MigrationStatus.STOPPED, "Stop Reason NORMAL.", "", false);
    } else {
      // Not on the caller's thread: servers may be slow to let go.
      Thread.ofVirtual().name("stop-" + TaskRecords.resourceId(arn)).start(run.get()::stop);
    }
  }

  /** The tables of a migration: live when it runs, else as they were left. */
  public List<TableStatistics> statistics(String arn) {
    List<TableStatistics> live =
        running.find(arn).map(run -> run.running().statistics()).orElse(List.of());
    return live.isEmpty() ? runs.tables(arn) : live;
  }

  /** How the changes of a running migration stand; empty while none are processed. */
  public Optional<ChangeProgress> progress(String arn) {
    return running.find(arn).flatMap(run -> run.running().gauges().progress());
  }

  /** What a running migration has against it now; empty when all is well. */
  public String trouble(String arn) {
    return running
        .find(arn)
        .map(run -> (run.running().trouble() + tablesInError(arn)).strip())
        .orElse("");
  }

  private String tablesInError(String arn) {
    return CarriedObjects.counted(
        "Tables in error",
        statistics(arn).stream()
            .filter(table -> table.state() == TableState.ERROR)
            .map(table -> table.table() + " (" + table.message() + ")")
            .toList());
  }

  /**
   * Deletes a migration whose status was set to deleting, with what it keeps in its databases; does
   * not wait for it.
   */
  public void delete(DataMigration migration) {
    String arn = migration.dataMigrationArn();
    Thread.ofVirtual()
        .name("delete-" + TaskRecords.resourceId(arn))
        .start(() -> {
          if (runs.run(arn).everStarted()) {
            removeTraces(migration);
          }
          TaskLog.delete(logFile(arn));
          event(arn, "deletion", "Data migration deleted.");
          store.resources().delete(arn);
        });
  }

  private void removeTraces(DataMigration migration) {
    String arn = migration.dataMigrationArn();
    try {
      boolean captures =
          MigrationType.ofWire(migration.dataMigrationTypeAsString()).capturesChanges();
      traces
          .remove(
              TaskRecords.resourceId(arn),
              () -> providers.source(migration.migrationProjectArn()),
              () -> providers.target(migration.migrationProjectArn()),
              captures,
              MigrationRun.settings(migration))
          .forEach(failure -> event(arn, "failure", "Clean-up failed. " + failure));
    } catch (RuntimeException e) {
      LOG.error("data migration {} is not cleaned up", arn, e);
    }
  }

  private Path logFile(String arn) {
    return logDirectory
        .resolve("dms-data-migrations")
        .resolve("dms-data-migration-" + TaskRecords.resourceId(arn) + ".log");
  }

  private void event(String arn, String category, String message) {
    String name = migrations.find(arn).map(DataMigration::dataMigrationName).orElse(arn);
    store
        .events()
        .add(new Event("data-migration", name, List.of(category), message, Instant.now()));
  }

  /** Not when a stop has come and gone between the request to start and the start. */
  private boolean isWanted(String arn) {
    MigrationStatus status = status(arn);
    return status.isRunning() || status == MigrationStatus.STOPPING;
  }

  private MigrationStatus status(String arn) {
    return MigrationStatus.of(migrations.find(arn).orElseThrow());
  }

  private synchronized void launch(String arn, TaskDefinition.Start how, MigrationStatus loading) {
    if (!isWanted(arn)) {
      return;
    }
    DataMigration migration = migrations.find(arn).orElseThrow();
    TaskLog log = new TaskLog(logFile(arn), true, Map.of());
    RunningTask told = new RunningTask(arn, runs, log, Duration.ZERO, running.timer(), () -> {});
    MigrationRun run =
        new MigrationRun(
            migration,
            migrations.rules(arn),
            runs,
            told,
            heap,
            running::isClosing,
            loading,
            status -> becomes(arn, status));
    if (status(arn) == MigrationStatus.STOPPING) {
      run.stop();
    }
    running.launch(
        arn, run, () -> run(migration, how, run), failure -> failed(migration, run, failure));
  }

  private void becomes(String arn, MigrationStatus status) {
    migrations.transition(
        arn,
        MigrationStatus::isRunning,
        m -> m.toBuilder().dataMigrationStatus(status.wire()).build());
    LOG.info("data migration {} {}", TaskRecords.resourceId(arn), status.wire());
  }

  private void run(DataMigration migration, TaskDefinition.Start how, MigrationRun run) {
    Endpoint from = providers.source(migration.migrationProjectArn());
    Endpoint to = providers.target(migration.migrationProjectArn());
    ReplicationTask.End end = run.run(engines, from, to, how);
    finish(
        migration,
        run,
        MigrationStatus.STOPPED,
        "Stop Reason " + end + ".",
        run.trouble(),
        end != ReplicationTask.End.NORMAL);
  }

  private void failed(DataMigration migration, MigrationRun run, DmsException e) {
    String text = "Last Error  " + e.getMessage() + " [" + e.code() + "]";
    run.running().log(Component.TASK_MANAGER, Severity.ERROR, text);
    finish(migration, run, MigrationStatus.FAILED, text, text, false);
  }

  private void finish(
      DataMigration migration,
      MigrationRun run,
      MigrationStatus status,
      String stopReason,
      String failure,
      boolean byItself) {
    String arn = migration.dataMigrationArn();
    run.running().ended();
    if (running.isClosing() && status == MigrationStatus.STOPPED && !byItself) {
      return; // The service goes down, the wish stays: the next start carries on.
    }
    String told = stopReason + runs.run(arn).objects().summary() + tablesInError(arn) + run.kept();
    run.running().log(Component.TASK_MANAGER, Severity.INFO, "Ended: " + told);
    ended(arn, status, told, failure, byItself);
    running.ended(arn, run);
  }

  private void ended(
      String arn, MigrationStatus status, String stopReason, String failure, boolean byItself) {
    Instant now = Instant.now();
    runs.changeRun(arn, run -> run.stopped(now, byItself));
    migrations.transition(
        arn,
        from -> from.isRunning() || from == MigrationStatus.STOPPING,
        m ->
            m.toBuilder()
                .dataMigrationStatus(status.wire())
                .dataMigrationEndTime(now)
                .stopReason(stopReason)
                .lastFailureMessage(failure.isEmpty() ? null : failure)
                .build());
    event(
        arn,
        status == MigrationStatus.FAILED ? "failure" : "state change",
        status == MigrationStatus.FAILED
            ? "Data migration failed. " + failure
            : "Data migration stopped. " + stopReason);
    LOG.info("data migration {} {}: {}", TaskRecords.resourceId(arn), status.wire(), stopReason);
  }

  /** Ends all runs; they go on with the next start of the service. */
  @Override
  public void close() {
    running.close();
  }
}
