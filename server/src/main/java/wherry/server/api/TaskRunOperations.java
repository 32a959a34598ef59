package wherry.server.api;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationTasksRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationTasksResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeTableStatisticsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeTableStatisticsResponse;
import software.amazon.awssdk.services.databasemigration.model.ReloadTablesRequest;
import software.amazon.awssdk.services.databasemigration.model.ReloadTablesResponse;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskResponse;
import software.amazon.awssdk.services.databasemigration.model.StopReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.StopReplicationTaskResponse;
import wherry.schema.TableId;
import wherry.server.run.TaskRecords;
import wherry.server.run.TaskRun;
import wherry.server.run.TaskSupervisor;
import wherry.server.store.ConnectionTest;
import wherry.server.store.Store;
import wherry.server.wire.Fault;
import wherry.task.TableStatistics;
import wherry.task.TaskDefinition;
import wherry.task.TaskStatus;

/** Replication tasks at work: start, stop, reload, and what they have done. */
public final class TaskRunOperations {
  private static final Set<TaskStatus> STARTABLE =
      EnumSet.of(TaskStatus.READY, TaskStatus.STOPPED, TaskStatus.FAILED, TaskStatus.FAILED_MOVE);
  private static final Set<TaskStatus> STOPPABLE =
      EnumSet.of(TaskStatus.STARTING, TaskStatus.RUNNING);
  private static final int RELOADED_TABLES_MAX = 10;
  private static final int STATISTICS_RECORDS_MAX = 500;
  private static final Filters<ReplicationTask> FILTERS =
      Filters.<ReplicationTask>on("Tasks")
          .by("replication-task-arn", ReplicationTask::replicationTaskArn)
          .by("replication-task-id", ReplicationTask::replicationTaskIdentifier)
          .by("migration-type", ReplicationTask::migrationTypeAsString)
          .byAny(
              "endpoint-arn", task -> List.of(task.sourceEndpointArn(), task.targetEndpointArn()))
          .by("replication-instance-arn", ReplicationTask::replicationInstanceArn);
  private static final Filters<TableStatistics> TABLE_FILTERS =
      Filters.<TableStatistics>on("Tables")
          .by("schema-name", table -> table.table().schema())
          .by("table-name", table -> table.table().name())
          .by("table-state", table -> table.state().wire());

  private final Store store;
  private final TaskSupervisor supervisor;
  private final TaskRecords records;
  private final TaskChecks checks;

  public TaskRunOperations(Store store, TaskSupervisor supervisor) {
    this.store = store;
    this.supervisor = supervisor;
    this.records = supervisor.records();
    this.checks = new TaskChecks(store);
  }

  public StartReplicationTaskResponse startReplicationTask(StartReplicationTaskRequest request) {
    ReplicationTask task = checks.task(request.replicationTaskArn());
    Optional<String> start =
        CaptureBounds.startGiven(request.cdcStartTime(), request.cdcStartPosition());
    if (!TaskChecks.in(task, STARTABLE)) {
      throw cannotStart(task);
    }
    TaskRun run = records.run(task.replicationTaskArn());
    TaskDefinition.Start how =
        StartTypes.how(
            request.startReplicationTaskTypeAsString(),
            CaptureBounds.of(task).type(),
            run,
            start.isPresent());
    CaptureBounds bounds =
        CaptureBounds.of(task)
            .with(
                // What was applied says where a resumed task goes on.
                how == TaskDefinition.Start.FRESH ? start : Optional.empty(),
                request.cdcStopPosition())
            .checked(checks.endpointOf(task.sourceEndpointArn(), "SOURCE").engineName());
    checks.availableInstance(task.replicationInstanceArn());
    requireGoodConnection(task, task.sourceEndpointArn());
    requireGoodConnection(task, task.targetEndpointArn());
    ReplicationTask starting =
        records
            .transition(
                task.replicationTaskArn(),
                STARTABLE,
                t ->
                    bounds
                        .putInto(t.toBuilder())
                        .status(TaskStatus.STARTING.wire())
                        .replicationTaskStartDate(java.time.Instant.now())
                        .stopReason(null)
                        .lastFailureMessage(null)
                        .build())
            .orElseThrow(() -> cannotStart(checks.task(task.replicationTaskArn())));
    supervisor.start(task.replicationTaskArn(), how);
    return StartReplicationTaskResponse.builder()
        .replicationTask(described(starting, false))
        .build();
  }

  private static Fault cannotStart(ReplicationTask task) {
    return Fault.invalidResourceState(
        "Replication Task cannot be started, invalid state: "
            + task.replicationTaskArn()
            + " is "
            + task.status()
            + ".");
  }

  /**
   * A test that failed or is under way refuses the start; one that was never made is made by the
   * start itself.
   */
  private void requireGoodConnection(ReplicationTask task, String endpointArn) {
    Optional<ConnectionTest> test =
        store.connectionTests().find(endpointArn, task.replicationInstanceArn());
    if (test.isPresent() && !test.get().status().equals("successful")) {
      throw Fault.invalidResourceState(
          "Test connection for replication instance "
              + task.replicationInstanceArn()
              + " and endpoint "
              + endpointArn
              + " should be successful for starting the replication task. It is "
              + test.get().status()
              + (test.get().lastFailure().isEmpty() ? "." : ": " + test.get().lastFailure()));
    }
  }

  public StopReplicationTaskResponse stopReplicationTask(StopReplicationTaskRequest request) {
    ReplicationTask task = checks.task(request.replicationTaskArn());
    String arn = task.replicationTaskArn();
    Optional<ReplicationTask> stopping =
        records.transition(
            arn, STOPPABLE, t -> t.toBuilder().status(TaskStatus.STOPPING.wire()).build());
    if (stopping.isPresent()) {
      supervisor.stop(arn);
    } else if (!supervisor.endedJustNow(arn)) {
      throw Fault.invalidResourceState(
          "Replication Task "
              + arn
              + " is currently not running; its status is "
              + task.status()
              + ".");
    }
    return StopReplicationTaskResponse.builder()
        .replicationTask(described(stopping.orElseGet(() -> checks.task(arn)), false))
        .build();
  }

  public ReloadTablesResponse reloadTables(ReloadTablesRequest request) {
    ReplicationTask task = checks.task(request.replicationTaskArn());
    if (TaskRecords.status(task) != TaskStatus.RUNNING) {
      throw TaskChecks.wrongStatus(task, "tables can be reloaded only while it is running.");
    }
    if (!CaptureBounds.of(task).type().loads()) {
      throw Fault.invalidResourceState(
          "Replication Task "
              + task.replicationTaskArn()
              + " is of type cdc, which loads no tables, so none can be reloaded. Start it again with"
              + " start-replication and a CdcStartPosition, or use a task of type"
              + " full-load-and-cdc.");
    }
    if ("validate-only".equals(request.reloadOptionAsString())) {
      throw Fault.invalidParameterCombination(
          "ReloadOption validate-only needs a task with validation enabled, which this version of Wherry does not have.");
    }
    List<TableId> tables =
        request.tablesToReload().stream()
            .map(t -> new TableId(t.schemaName(), t.tableName()))
            .toList();
    if (tables.isEmpty() || tables.size() > RELOADED_TABLES_MAX) {
      throw Fault.invalidParameterValue(
          "TablesToReload must name 1 to "
              + RELOADED_TABLES_MAX
              + " tables, not "
              + tables.size()
              + ".");
    }
    if (new HashSet<>(tables).size() < tables.size()) {
      throw Fault.invalidParameterValue("TablesToReload names a table twice: " + tables + ".");
    }
    List<TableId> unknown = supervisor.reload(task.replicationTaskArn(), tables);
    if (!unknown.isEmpty()) {
      throw Fault.resourceNotFound(
          "Tables "
              + unknown
              + " are not among the tables of task "
              + task.replicationTaskArn()
              + ", so nothing was reloaded."
              + whyWithout(task.replicationTaskArn(), unknown));
    }
    return ReloadTablesResponse.builder().replicationTaskArn(task.replicationTaskArn()).build();
  }

  /** Of tables that the task shows without taking them, as the log cannot carry their changes. */
  private String whyWithout(String arn, List<TableId> unknown) {
    return supervisor.statistics(arn).stream()
        .filter(table -> unknown.contains(table.table()) && !table.message().isEmpty())
        .map(table -> " " + table.table() + ": " + table.message())
        .collect(Collectors.joining());
  }

  public DescribeReplicationTasksResponse describeReplicationTasks(
      DescribeReplicationTasksRequest request) {
    List<ReplicationTask> found = FILTERS.require(request.filters(), records.list());
    Page<ReplicationTask> page =
        Page.of(found, ReplicationTask::replicationTaskArn, request.maxRecords(), request.marker());
    boolean withoutSettings = Boolean.TRUE.equals(request.withoutSettings());
    return DescribeReplicationTasksResponse.builder()
        .replicationTasks(
            page.items().stream().map(task -> described(task, withoutSettings)).toList())
        .marker(page.marker())
        .build();
  }

  public DescribeTableStatisticsResponse describeTableStatistics(
      DescribeTableStatisticsRequest request) {
    ReplicationTask task = checks.task(request.replicationTaskArn());
    List<TableStatistics> found =
        TABLE_FILTERS.select(request.filters(), supervisor.statistics(task.replicationTaskArn()));
    Page<TableStatistics> page =
        Page.of(
            found,
            table -> table.table().schema() + "\0" + table.table().name(),
            request.maxRecords(),
            request.marker(),
            STATISTICS_RECORDS_MAX);
    return DescribeTableStatisticsResponse.builder()
        .replicationTaskArn(task.replicationTaskArn())
        .tableStatistics(page.items().stream().map(TaskViews::table).toList())
        .marker(page.marker())
        .build();
  }

  /** The task with what it has done; whoever is told that it runs has seen it running. */
  private ReplicationTask described(ReplicationTask task, boolean withoutSettings) {
    String arn = task.replicationTaskArn();
    TaskRun run = records.run(arn);
    ReplicationTask.Builder described =
        task.toBuilder()
            .replicationTaskStats(
                TaskViews.stats(CaptureBounds.of(task).type(), run, supervisor.statistics(arn)));
    String checkpoint = supervisor.checkpoint(arn);
    if (!checkpoint.isEmpty()) {
      described.recoveryCheckpoint(checkpoint);
    }
    if (task.cdcStartPosition() == null && !run.captureStart().isEmpty()) {
      described.cdcStartPosition(run.captureStart());
    }
    String trouble = supervisor.trouble(arn);
    if (!trouble.isEmpty()) {
      described.lastFailureMessage(trouble);
    }
    if (withoutSettings) {
      described.replicationTaskSettings(null).tableMappings(null);
    }
    if (TaskRecords.status(task) == TaskStatus.RUNNING) {
      supervisor.shownRunning(arn);
    }
    return described.build();
  }
}
