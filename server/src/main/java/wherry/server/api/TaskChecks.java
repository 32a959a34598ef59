package wherry.server.api;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.Endpoint;
import software.amazon.awssdk.services.databasemigration.model.ReplicationInstance;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import wherry.server.run.TaskRecords;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;
import wherry.task.TaskStatus;

/** What must hold before a task is made or changed. Safe for all threads. */
final class TaskChecks {
  private final Store store;
  private final TaskRecords records;

  TaskChecks(Store store, TaskRecords records) {
    this.store = store;
    this.records = records;
  }

  ReplicationTask task(@Nullable String arn) {
    String wanted = requireArn(arn, ResourceKind.TASK);
    return records
        .find(wanted)
        .orElseThrow(() -> Fault.resourceNotFound("Replication task " + wanted + " not found."));
  }

  ReplicationInstance availableInstance(@Nullable String arn) {
    String wanted = requireArn(arn, ResourceKind.INSTANCE);
    ReplicationInstance instance =
        Shapes.decode(
            found(wanted, ResourceKind.INSTANCE, "Replication instance").wireJson(),
            ReplicationInstance.class);
    if (!"available".equals(instance.replicationInstanceStatus())) {
      throw Fault.invalidResourceState(
          "Replication instance "
              + wanted
              + " is "
              + instance.replicationInstanceStatus()
              + ", not available. Wait until it is.");
    }
    return instance;
  }

  /**
   * @param type {@code SOURCE} or {@code TARGET}
   */
  Endpoint endpointOf(@Nullable String arn, String type) {
    String wanted = requireArn(arn, ResourceKind.ENDPOINT);
    Endpoint endpoint =
        Shapes.decode(found(wanted, ResourceKind.ENDPOINT, "Endpoint").wireJson(), Endpoint.class);
    if (!type.equalsIgnoreCase(endpoint.endpointTypeAsString())) {
      throw Fault.invalidParameterValue(
          "ReplicationEngineType ["
              + endpoint.engineName()
              + "] endpoint must be of type "
              + type
              + ": "
              + wanted
              + " is of type "
              + endpoint.endpointTypeAsString()
              + ".");
    }
    return endpoint;
  }

  /**
   * @throws Fault ResourceQuotaExceededFault when the instance has as many tasks as one may have
   */
  void roomOnInstance(String instanceArn) {
    int tasks = new TaskUse(store).ofInstance(instanceArn).size();
    if (tasks >= Quota.TASKS_ON_INSTANCE) {
      throw Fault.resourceQuotaExceeded(
          "Replication instance "
              + instanceArn
              + " has "
              + tasks
              + " tasks, as many as one may have. Use another instance.");
    }
  }

  private Resource found(String arn, ResourceKind kind, String what) {
    return store
        .resources()
        .find(arn)
        .filter(resource -> resource.kind() == kind)
        .orElseThrow(() -> Fault.resourceNotFound(what + " " + arn + " not found."));
  }

  /**
   * An ARN of a task, instance or endpoint; a malformed one is told from one that names nothing.
   */
  private static String requireArn(@Nullable String arn, ResourceKind kind) {
    String[] parts = arn == null ? new String[0] : arn.split(":", -1);
    if (parts.length != 7
        || !parts[0].equals("arn")
        || !parts[2].equals("dms")
        || !parts[5].equals(kind.arnSegment())) {
      throw Fault.invalidParameterValue(
          "Invalid ARN "
              + arn
              + ": arn:aws:dms:<region>:<account>:"
              + kind.arnSegment()
              + ":<id> is expected.");
    }
    return String.valueOf(arn);
  }

  /** The refusal of a task that is in another status than the call needs. */
  static Fault wrongStatus(ReplicationTask task, String needs) {
    return Fault.invalidResourceState(
        "Replication Task "
            + task.replicationTaskArn()
            + " is in status "
            + task.status()
            + "; "
            + needs);
  }

  static boolean in(ReplicationTask task, Set<TaskStatus> statuses) {
    return statuses.contains(TaskRecords.status(task));
  }
}
