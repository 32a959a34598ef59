package wherry.server.run;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.databasemigration.model.ReplicationInstance;
import tools.jackson.databind.node.ObjectNode;
import wherry.connector.Endpoint;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.expression.sqlite.SqliteEvaluator;
import wherry.flow.ByteBudget;
import wherry.mapping.TableMapping;
import wherry.plan.TaskPlan;
import wherry.schema.TableId;
import wherry.server.store.Event;
import wherry.server.store.Store;
import wherry.server.wire.Shapes;
import wherry.task.CdcStart;
import wherry.task.CdcStop;
import wherry.task.MigrationType;
import wherry.task.ReplicationTask;
import wherry.task.SettingsDocument;
import wherry.task.TableStatistics;
import wherry.task.TaskDefinition;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;
import wherry.task.TaskPlanner;
import wherry.task.TaskSettings;
import wherry.task.TaskStatus;

/**
 * Makes wishes true: a request writes the status that is wanted, the supervisor runs the task, on a
 * thread of its own, and writes what became of it. After a restart it carries on with every task
 * that was running; nobody has to ask. The store is the only memory. Safe for all threads.
 */
public final class TaskSupervisor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskSupervisor.class);

  private final Store store;
  private final TaskRecords records;
  private final Engines engines;
  private final Function<String, Endpoint> endpoints;
  private final TaskTraces traces;
  private final Path logDirectory;
  private final Duration dwell;
  private final ByteBudget heap;
  private final Runs<RunningTask> running = new Runs<>("task", RunningTask::stop);
  private final Set<String> restarting = ConcurrentHashMap.newKeySet();

  /**
   * @param endpoints the endpoint of an ARN with its secrets
   * @param logDirectory where task logs are
   * @param dwell grace of a finished load ({@code --compat-dwell})
   * @param heap what wide rows of all runs of the process may take together
   */
  public TaskSupervisor(
      Store store,
      Engines engines,
      Function<String, Endpoint> endpoints,
      Path logDirectory,
      Duration dwell,
      ByteBudget heap) {
    this.store = store;
    this.records = new TaskRecords(store);
    this.engines = engines;
    this.endpoints = endpoints;
    this.traces = new TaskTraces(engines);
    this.logDirectory = logDirectory;
    this.dwell = dwell;
    this.heap = heap;
  }

  public TaskRecords records() {
    return records;
  }

  /**
   * Carries on with what was running when the service ended, in whatever way it did. Called once.
   */
  public void carryOn() {
    for (var task : records.list()) {
      String arn = task.replicationTaskArn();
      switch (TaskRecords.status(task)) {
        case STARTING, RUNNING -> {
          LOG.info("task {} goes on after the restart", TaskRecords.resourceId(arn));
          launch(arn, records.run(arn).afterRestart());
        }
        case STOPPING -> ended(arn, TaskStatus.STOPPED, "Stop Reason NORMAL", "", false);
        case MODIFYING, MOVING, CREATING -> settle(arn);
        case DELETING -> delete(task);
        case READY, STOPPED, FAILED, TESTING, FAILED_MOVE -> {}
      }
    }
  }

  /**
   * A change that was cut short by the end of the service: its result was written with the status,
   * so only that remains.
   */
  private void settle(String arn) {
    TaskStatus resting = records.run(arn).everStarted() ? TaskStatus.STOPPED : TaskStatus.READY;
    records.transition(
        arn, EnumSet.allOf(TaskStatus.class), t -> t.toBuilder().status(resting.wire()).build());
  }

  /** Runs a task whose status was set to starting. */
  public void start(String arn, TaskDefinition.Start how) {
    records.changeRun(arn, run -> run.started(how, Instant.now()));
    if (how == TaskDefinition.Start.FRESH) {
      records.forgetTables(arn);
    }
    event(
        arn,
        "state change",
        "Replication task started, with flag = "
            + (how == TaskDefinition.Start.FRESH ? "fresh start" : "resume"));
    launch(arn, how);
  }

  /** Ends a task whose status was set to stopping. */
  public void stop(String arn) {
    running
        .find(arn)
        .ifPresentOrElse(
            RunningTask::stop,
            () -> ended(arn, TaskStatus.STOPPED, "Stop Reason NORMAL", "", false));
  }

  /** Starts a running task again from where it is, as a reboot of its instance does. */
  public void restart(String arn) {
    running
        .find(arn)
        .ifPresent(task -> {
          restarting.add(arn);
          task.stop();
        });
  }

  /**
   * @return tables that the task does not have; none is reloaded then
   */
  public List<TableId> reload(String arn, List<TableId> tables) {
    List<TableId> unknown = running.find(arn).map(task -> task.reload(tables)).orElse(tables);
    if (unknown.isEmpty()) {
      event(arn, "state change", "Reload of " + tables.size() + " tables requested.");
    }
    return unknown;
  }

  /** The tables of a task: live when it runs, else as they were left. */
  public List<TableStatistics> statistics(String arn) {
    List<TableStatistics> live = running.find(arn).map(RunningTask::statistics).orElse(List.of());
    return live.isEmpty() ? records.tables(arn) : live;
  }

  /** RecoveryCheckpoint of a task; empty while it has none. */
  public String checkpoint(String arn) {
    return running
        .find(arn)
        .map(RunningTask::checkpoint)
        .filter(text -> !text.isEmpty())
        .orElseGet(() -> records.run(arn).checkpoint());
  }

  /** Why a running task is trying again; empty when all is well. */
  public String trouble(String arn) {
    return running.find(arn).map(RunningTask::trouble).orElse("");
  }

  /** The metrics of all tasks, in the text format of Prometheus. */
  public String metrics() {
    return TaskMetrics.text(
        records.list().stream()
            .map(task ->
                new TaskMetrics.Row(
                    instanceIdentifier(task.replicationInstanceArn()),
                    TaskRecords.resourceId(task.replicationTaskArn()),
                    task.status(),
                    running
                        .find(task.replicationTaskArn())
                        .map(RunningTask::gauges)
                        .orElseGet(TaskGauges::new)))
            .toList());
  }

  /** A client was shown this task as running. */
  public void shownRunning(String arn) {
    running.find(arn).ifPresent(RunningTask::shownRunning);
  }

  /**
   * Whether a load ended by itself so short ago that a client may still believe it to be running.
   */
  public boolean endedJustNow(String arn) {
    TaskRun run = records.run(arn);
    return run.endedByItself()
        && run.stoppedAt() != null
        && run.stoppedAt().plus(dwell).isAfter(Instant.now());
  }

  /** New severities of a running task. */
  public void severities(String arn, Map<String, String> severities) {
    running.find(arn).ifPresent(task -> task.log().severities(severities));
  }

  /** Bytes of a task's log. */
  public long logBytes(String arn) {
    return records
        .find(arn)
        .map(task ->
            TaskLog.file(
                logDirectory,
                instanceIdentifier(task.replicationInstanceArn()),
                TaskRecords.resourceId(arn)))
        .map(TaskLog::bytes)
        .orElse(0L);
  }

  public void deleteLog(String instanceIdentifier, String arn) {
    TaskLog.delete(TaskLog.file(logDirectory, instanceIdentifier, TaskRecords.resourceId(arn)));
  }

  /**
   * Deletes a task whose status was set to deleting, with its traces on the target; does not wait
   * for it.
   */
  public void delete(software.amazon.awssdk.services.databasemigration.model.ReplicationTask task) {
    Thread.ofVirtual()
        .name("delete-" + TaskRecords.resourceId(task.replicationTaskArn()))
        .start(() -> {
          cleanUp(task);
          event(task.replicationTaskArn(), "deletion", "Replication task deleted.");
          records.delete(task.replicationTaskArn());
        });
  }

  /** A database that is gone must not keep the task from being deleted. */
  private void cleanUp(
      software.amazon.awssdk.services.databasemigration.model.ReplicationTask task) {
    String arn = task.replicationTaskArn();
    if (records.run(arn).everStarted()) {
      // DMS-EVENT-0082.
      traces
          .remove(
              TaskRecords.resourceId(arn),
              () -> endpoints.apply(task.sourceEndpointArn()),
              () -> endpoints.apply(task.targetEndpointArn()),
              MigrationType.ofWire(task.migrationTypeAsString()).capturesChanges(),
              settings(task))
          .forEach(failure -> event(arn, "failure", "Clean-up of task data failed. " + failure));
    }
    deleteLog(instanceIdentifier(task.replicationInstanceArn()), arn);
  }

  /** Writes an event of the task. */
  public void event(String arn, String category, String message) {
    String identifier = records.find(arn).map(t -> t.replicationTaskIdentifier()).orElse(arn);
    store
        .events()
        .add(new Event("replication-task", identifier, List.of(category), message, Instant.now()));
  }

  private void launch(String arn, TaskDefinition.Start how) {
    var task = records.find(arn).orElseThrow();
    TaskSettings settings = settings(task);
    Path file =
        TaskLog.file(
            logDirectory,
            instanceIdentifier(task.replicationInstanceArn()),
            TaskRecords.resourceId(arn));
    TaskLog log = new TaskLog(file, settings.logging(), settings.severities());
    RunningTask begun =
        new RunningTask(arn, records, log, dwell, running.timer(), () -> isRunning(arn));
    running.launch(arn, begun, () -> run(arn, how, begun), failure -> failed(arn, begun, failure));
  }

  private void isRunning(String arn) {
    records.transition(
        arn,
        Set.of(TaskStatus.STARTING),
        t -> t.toBuilder().status(TaskStatus.RUNNING.wire()).build());
    LOG.info("task {} running", TaskRecords.resourceId(arn));
  }

  private void run(String arn, TaskDefinition.Start how, RunningTask running) {
    ReplicationTask.End end = runWith(records.find(arn).orElseThrow(), how, running);
    finish(
        arn,
        running,
        TaskStatus.STOPPED,
        "Stop Reason " + end,
        "",
        end != ReplicationTask.End.NORMAL);
  }

  private ReplicationTask.End runWith(
      software.amazon.awssdk.services.databasemigration.model.ReplicationTask task,
      TaskDefinition.Start how,
      RunningTask running) {
    String arn = task.replicationTaskArn();
    TaskSettings settings = settings(task);
    running.log(
        Component.TASK_MANAGER,
        Severity.INFO,
        "Task " + task.replicationTaskIdentifier() + " starts: " + how);
    TaskSettings.withoutEffect(
            SettingsDocument.parse(task.replicationTaskSettings()),
            MigrationType.ofWire(task.migrationTypeAsString()))
        .forEach(name ->
            running.log(
                Component.TASK_MANAGER,
                Severity.WARNING,
                "This setting has no effect yet: " + name));
    Endpoint from = endpoints.apply(task.sourceEndpointArn());
    Endpoint to = endpoints.apply(task.targetEndpointArn());
    try (Source source = engines.of(from.engine()).source(from);
        Target target = engines.of(to.engine()).target(to)) {
      TaskDefinition definition = definition(task, how, settings);
      ReplicationTask run = new ReplicationTask(definition, source, target, running, heap);
      running.runs(run);
      return run.run();
    }
  }

  private TaskDefinition definition(
      software.amazon.awssdk.services.databasemigration.model.ReplicationTask task,
      TaskDefinition.Start how,
      TaskSettings settings) {
    String arn = task.replicationTaskArn();
    return new TaskDefinition(
        TaskRecords.resourceId(arn),
        TableMapping.parse(task.tableMappings(), new SqliteEvaluator()),
        settings,
        how,
        how == TaskDefinition.Start.RESUME ? records.tables(arn) : List.of(),
        MigrationType.ofWire(task.migrationTypeAsString()),
        CdcStart.of(Objects.requireNonNullElse(task.cdcStartPosition(), "")),
        CdcStop.of(Objects.requireNonNullElse(task.cdcStopPosition(), "")),
        instanceIdentifier(task.replicationInstanceArn()));
  }

  /** What a start of the task from the beginning would do. */
  TaskPlan plan(
      software.amazon.awssdk.services.databasemigration.model.ReplicationTask task, long sampleRows)
      throws InterruptedException {
    Endpoint from = endpoints.apply(task.sourceEndpointArn());
    Endpoint to = endpoints.apply(task.targetEndpointArn());
    try (Source source = engines.of(from.engine()).source(from);
        Target target = engines.of(to.engine()).target(to)) {
      TaskDefinition definition = definition(task, TaskDefinition.Start.FRESH, settings(task));
      return new TaskPlanner(definition, source, target, sampleRows).plan();
    }
  }

  private TaskSettings settings(
      software.amazon.awssdk.services.databasemigration.model.ReplicationTask task) {
    ObjectNode document = SettingsDocument.parse(task.replicationTaskSettings());
    return TaskSettings.of(document, records.run(task.replicationTaskArn()).given());
  }

  private void failed(String arn, RunningTask running, DmsException e) {
    boolean recoverable = e.code().kind() == ErrorCode.Kind.RECOVERABLE;
    String text =
        "Last Error  "
            + e.getMessage()
            + " ["
            + e.code()
            + "] Stop Reason "
            + (recoverable
                ? "RECOVERABLE_ERROR Error Level RECOVERABLE"
                : "FATAL_ERROR Error Level FATAL");
    running.log(Component.TASK_MANAGER, Severity.ERROR, text);
    finish(arn, running, TaskStatus.FAILED, text, text, false);
  }

  private void finish(
      String arn,
      RunningTask running,
      TaskStatus status,
      String stopReason,
      String failure,
      boolean byItself) {
    running.ended();
    if (this.running.isClosing() && status == TaskStatus.STOPPED && !byItself) {
      return; // The service goes down, the wish stays: the next start carries on.
    }
    if (restarting.remove(arn) && status == TaskStatus.STOPPED && !byItself && !stopWanted(arn)) {
      launch(arn, TaskDefinition.Start.RESUME);
      return;
    }
    ended(arn, status, stopReason, failure, byItself);
    running.log(Component.TASK_MANAGER, Severity.INFO, "Task ended: " + stopReason);
    this.running.ended(arn, running);
  }

  private boolean stopWanted(String arn) {
    return records
        .find(arn)
        .map(task -> TaskRecords.status(task) == TaskStatus.STOPPING)
        .orElse(true);
  }

  private void ended(
      String arn, TaskStatus status, String stopReason, String failure, boolean byItself) {
    records.changeRun(arn, run -> run.stopped(Instant.now(), byItself));
    records.transition(
        arn,
        EnumSet.of(TaskStatus.STARTING, TaskStatus.RUNNING, TaskStatus.STOPPING),
        t ->
            t.toBuilder()
                .status(status.wire())
                .stopReason(stopReason)
                .lastFailureMessage(failure.isEmpty() ? null : failure)
                .build());
    event(
        arn,
        status == TaskStatus.FAILED ? "failure" : "state change",
        status == TaskStatus.FAILED
            ? "Replication task failed. " + failure
            : "Replication task stopped. " + stopReason);
    LOG.info("task {} {}: {}", TaskRecords.resourceId(arn), status.wire(), stopReason);
  }

  private String instanceIdentifier(String arn) {
    return store
        .resources()
        .find(arn)
        .map(r ->
            Shapes.decode(r.wireJson(), ReplicationInstance.class).replicationInstanceIdentifier())
        .orElse("none");
  }

  /** Ends all runs; they go on with the next start of the service. */
  @Override
  public void close() {
    running.close();
  }
}
