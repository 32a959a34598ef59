package wherry.server.api;

import static wherry.server.run.TaskRecords.resourceId;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationTaskResponse;
import software.amazon.awssdk.services.databasemigration.model.DeleteReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteReplicationTaskResponse;
import software.amazon.awssdk.services.databasemigration.model.Endpoint;
import software.amazon.awssdk.services.databasemigration.model.ModifyReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.ModifyReplicationTaskResponse;
import software.amazon.awssdk.services.databasemigration.model.MoveReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.MoveReplicationTaskResponse;
import software.amazon.awssdk.services.databasemigration.model.ReplicationInstance;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import wherry.server.run.TaskRecords;
import wherry.server.run.TaskRun;
import wherry.server.run.TaskSupervisor;
import wherry.server.store.DuplicateResourceException;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;
import wherry.task.MigrationType;
import wherry.task.SettingsDocument;
import wherry.task.TaskStatus;

/**
 * Replication tasks as documents: create, modify, move, delete. {@link TaskRunOperations} runs
 * them.
 */
public final class ReplicationTaskOperations {
  private static final Set<TaskStatus> RESTING =
      EnumSet.of(TaskStatus.READY, TaskStatus.STOPPED, TaskStatus.FAILED, TaskStatus.FAILED_MOVE);

  private final Store store;
  private final TaskSupervisor supervisor;
  private final TaskRecords records;
  private final TaskChecks checks;

  public ReplicationTaskOperations(Store store, TaskSupervisor supervisor) {
    this.store = store;
    this.supervisor = supervisor;
    this.records = supervisor.records();
    this.checks = new TaskChecks(store);
  }

  /** Answers {@code creating}; by then the task is ready, as nothing has to be provisioned. */
  public CreateReplicationTaskResponse createReplicationTask(
      CreateReplicationTaskRequest request, Caller caller) {
    String identifier = Identifiers.task(request.replicationTaskIdentifier());
    TaskDocuments.checkMappings(request.tableMappings());
    CaptureBounds bounds =
        new CaptureBounds(
                CaptureBounds.type(request.migrationTypeAsString()),
                CaptureBounds.startGiven(request.cdcStartTime(), request.cdcStartPosition())
                    .orElse(""),
                Objects.requireNonNullElse(request.cdcStopPosition(), ""))
            .checked(requireParts(request).engineName());
    ReplicationInstance instance = checks.availableInstance(request.replicationInstanceArn());
    String arn = Arn.fresh(caller, ResourceKind.TASK, request.resourceIdentifier());
    TaskDocuments documents =
        TaskDocuments.created(request.replicationTaskSettings())
            .checkedFor(bounds.type())
            .withLogNames(instance.replicationInstanceIdentifier(), resourceId(arn));
    ReplicationTask task =
        bounds
            .putInto(ReplicationTask.builder())
            .replicationTaskIdentifier(identifier)
            .replicationTaskArn(arn)
            .sourceEndpointArn(request.sourceEndpointArn())
            .targetEndpointArn(request.targetEndpointArn())
            .replicationInstanceArn(request.replicationInstanceArn())
            .tableMappings(request.tableMappings())
            .replicationTaskSettings(documents.document().toString())
            .replicationTaskCreationDate(Instant.now())
            .taskData(request.taskData())
            .status(TaskStatus.READY.wire())
            .build();
    keep(task, documents, request);
    supervisor.event(arn, "creation", "Replication task created.");
    return CreateReplicationTaskResponse.builder()
        .replicationTask(task.toBuilder().status(TaskStatus.CREATING.wire()).build())
        .build();
  }

  /** Returns the source. */
  private Endpoint requireParts(CreateReplicationTaskRequest request) {
    Endpoint source = checks.endpointOf(request.sourceEndpointArn(), "SOURCE");
    checks.endpointOf(request.targetEndpointArn(), "TARGET");
    checks.availableInstance(request.replicationInstanceArn());
    return source;
  }

  /**
   * Looks at the parts again in the transaction that makes the task: none of them may have been
   * deleted meanwhile.
   */
  private void keep(
      ReplicationTask task, TaskDocuments documents, CreateReplicationTaskRequest request) {
    String arn = task.replicationTaskArn();
    try {
      store.atomically(() -> {
        requireParts(request);
        Quota.check(store, ResourceKind.TASK);
        checks.roomOnInstance(task.replicationInstanceArn(), task);
        store
            .resources()
            .insert(
                new Resource(
                    ResourceKind.TASK,
                    arn,
                    task.replicationTaskIdentifier(),
                    Shapes.encode(task),
                    Instant.now()));
        records.putRun(arn, TaskRun.none(documents.given()));
        store.tags().put(arn, TagRules.checked(request.tags()));
        return arn;
      });
    } catch (DuplicateResourceException e) {
      throw Fault.resourceAlreadyExists(
          "The resource you are attempting to create already exists.", e.existingArn());
    }
  }

  /**
   * Absent members stay as they are. While a task runs, only the severities of its log may change.
   */
  public ModifyReplicationTaskResponse modifyReplicationTask(ModifyReplicationTaskRequest request) {
    ReplicationTask before = checks.task(request.replicationTaskArn());
    String arn = before.replicationTaskArn();
    TaskDocuments current =
        new TaskDocuments(
            SettingsDocument.parse(before.replicationTaskSettings()), records.run(arn).given());
    String settings = request.replicationTaskSettings();
    ReplicationInstance instance =
        Shapes.decode(
            store.resources().find(before.replicationInstanceArn()).orElseThrow().wireJson(),
            ReplicationInstance.class);
    TaskDocuments changed =
        settings == null
            ? current
            : current
                .merged(settings)
                .withLogNames(instance.replicationInstanceIdentifier(), resourceId(arn));
    CaptureBounds bounds = bounds(before, request);
    changed.checkedFor(bounds.type());
    ReplicationTask after = changed(before, request, bounds, changed);
    boolean severitiesOnly =
        after.toBuilder()
                .replicationTaskSettings(before.replicationTaskSettings())
                .build()
                .equals(before)
            && changed.differsOnlyInSeverities(current);
    if (!TaskChecks.in(before, RESTING)
        && !(TaskRecords.status(before) == TaskStatus.RUNNING && severitiesOnly)) {
      throw Fault.invalidResourceState(
          "Replication Task, excluding logging severity task settings, cannot be modified while it is "
              + before.status()
              + " state");
    }
    if (settings != null && TaskDocuments.asksToDeleteLogs(settings)) {
      supervisor.deleteLog(instance.replicationInstanceIdentifier(), arn);
    }
    keepChange(before, after, changed);
    supervisor.severities(arn, changed.severities());
    supervisor.event(arn, "configuration change", "Replication task has modified.");
    return ModifyReplicationTaskResponse.builder()
        .replicationTask(after.toBuilder().status(TaskStatus.MODIFYING.wire()).build())
        .build();
  }

  private CaptureBounds bounds(ReplicationTask before, ModifyReplicationTaskRequest request) {
    MigrationType type =
        CaptureBounds.type(
            Objects.requireNonNullElse(
                request.migrationTypeAsString(), before.migrationTypeAsString()));
    if (type != CaptureBounds.of(before).type() && TaskRecords.status(before) != TaskStatus.READY) {
      throw Fault.invalidParameterCombination(
          "The MigrationType of a task can be changed only before its first start. Replication task "
              + before.replicationTaskArn()
              + " is "
              + before.status()
              + "; create another task.");
    }
    CaptureBounds kept = CaptureBounds.of(before);
    return new CaptureBounds(type, kept.start(), kept.stop())
        .with(
            CaptureBounds.startGiven(request.cdcStartTime(), request.cdcStartPosition()),
            request.cdcStopPosition())
        .checked(checks.endpointOf(before.sourceEndpointArn(), "SOURCE").engineName());
  }

  private static ReplicationTask changed(
      ReplicationTask before,
      ModifyReplicationTaskRequest request,
      CaptureBounds bounds,
      TaskDocuments documents) {
    if (request.tableMappings() != null) {
      TaskDocuments.checkMappings(request.tableMappings());
    }
    ReplicationTask.Builder after =
        bounds.putInto(before.toBuilder()).replicationTaskSettings(documents.document().toString());
    if (request.replicationTaskIdentifier() != null) {
      after.replicationTaskIdentifier(Identifiers.task(request.replicationTaskIdentifier()));
    }
    after.tableMappings(
        Objects.requireNonNullElse(request.tableMappings(), before.tableMappings()));
    if (request.taskData() != null) {
      after.taskData(request.taskData());
    }
    return after.build();
  }

  private void keepChange(ReplicationTask before, ReplicationTask after, TaskDocuments documents) {
    String arn = before.replicationTaskArn();
    try {
      store.atomically(() -> {
        if (!checks.task(arn).status().equals(before.status())) {
          throw TaskChecks.wrongStatus(
              checks.task(arn), "its status has changed meanwhile. Try again.");
        }
        records.replace(after);
        records.changeRun(arn, run -> run.withGiven(documents.given()));
        return arn;
      });
    } catch (DuplicateResourceException e) {
      throw Fault.resourceAlreadyExists(
          "The resource you are attempting to create already exists.", e.existingArn());
    }
  }

  /**
   * Answers {@code moving}; by then the task belongs to the other instance, with all of its state.
   */
  public MoveReplicationTaskResponse moveReplicationTask(MoveReplicationTaskRequest request) {
    ReplicationTask before = checks.task(request.replicationTaskArn());
    ReplicationInstance to = checks.availableInstance(request.targetReplicationInstanceArn());
    if (to.replicationInstanceArn().equals(before.replicationInstanceArn())) {
      throw Fault.invalidResourceState(
          "Replication task "
              + before.replicationTaskArn()
              + " is on replication instance "
              + to.replicationInstanceIdentifier()
              + " already. Name another one.");
    }
    checks.roomOnInstance(to.replicationInstanceArn(), before);
    ReplicationTask moved =
        records
            .transition(
                before.replicationTaskArn(),
                RESTING,
                task ->
                    task.toBuilder().replicationInstanceArn(to.replicationInstanceArn()).build())
            .orElseThrow(() ->
                TaskChecks.wrongStatus(
                    checks.task(before.replicationTaskArn()), "stop it before it is moved."));
    supervisor.event(
        moved.replicationTaskArn(),
        "state change",
        "Replication task moved to " + to.replicationInstanceIdentifier() + ".");
    return MoveReplicationTaskResponse.builder()
        .replicationTask(
            before.toBuilder()
                .status(TaskStatus.MOVING.wire())
                .targetReplicationInstanceArn(to.replicationInstanceArn())
                .build())
        .build();
  }

  /** Answers {@code deleting}; the task is gone once its traces on the target are removed. */
  public DeleteReplicationTaskResponse deleteReplicationTask(DeleteReplicationTaskRequest request) {
    ReplicationTask before = checks.task(request.replicationTaskArn());
    ReplicationTask deleting =
        records
            .transition(
                before.replicationTaskArn(),
                RESTING,
                task -> task.toBuilder().status(TaskStatus.DELETING.wire()).build())
            .orElseThrow(() ->
                TaskChecks.wrongStatus(
                    checks.task(before.replicationTaskArn()), "stop it before it is deleted."));
    supervisor.delete(deleting);
    return DeleteReplicationTaskResponse.builder().replicationTask(deleting).build();
  }
}
