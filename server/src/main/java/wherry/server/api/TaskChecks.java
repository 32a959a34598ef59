package wherry.server.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import software.amazon.awssdk.services.databasemigration.model.Endpoint;
import software.amazon.awssdk.services.databasemigration.model.ReplicationInstance;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import wherry.server.run.TaskRecords;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;
import wherry.task.TaskStatus;

/** What must hold before a task is made or changed. Safe for all threads. */
final class TaskChecks {
  private final Store store;

  TaskChecks(Store store) {
    this.store = store;
  }

  ReplicationTask task(String arn) {
    return Shapes.decode(
        Lookup.require(store, ResourceKind.TASK, arn).wireJson(), ReplicationTask.class);
  }

  ReplicationInstance availableInstance(String arn) {
    ReplicationInstance instance =
        Shapes.decode(
            Lookup.require(store, ResourceKind.INSTANCE, arn).wireJson(),
            ReplicationInstance.class);
    if (!"available".equals(instance.replicationInstanceStatus())) {
      throw Fault.invalidResourceState(
          "Replication instance "
              + arn
              + " is "
              + instance.replicationInstanceStatus()
              + ", not available. Wait until it is.");
    }
    return instance;
  }

  /**
   * @param type {@code SOURCE} or {@code TARGET}
   */
  Endpoint endpointOf(String arn, String type) {
    Endpoint endpoint =
        Shapes.decode(Lookup.require(store, ResourceKind.ENDPOINT, arn).wireJson(), Endpoint.class);
    if (!type.equalsIgnoreCase(endpoint.endpointTypeAsString())) {
      throw Fault.invalidParameterValue(
          "ReplicationEngineType ["
              + endpoint.engineName()
              + "] endpoint must be of type "
              + type
              + ": "
              + arn
              + " is of type "
              + endpoint.endpointTypeAsString()
              + ".");
    }
    return endpoint;
  }

  /**
   * @param task one more on the instance
   * @throws Fault ResourceQuotaExceededFault when it would have more tasks, or more endpoints by
   *     its tasks, than one may have
   */
  void roomOnInstance(String instanceArn, ReplicationTask task) {
    List<ReplicationTask> tasks = new ArrayList<>(new TaskUse(store).ofInstance(instanceArn));
    tasks.add(task);
    requireAtMost(Quota.TASKS_ON_INSTANCE, tasks.size(), "tasks", instanceArn);
    long endpoints =
        tasks.stream()
            .flatMap(each -> Stream.of(each.sourceEndpointArn(), each.targetEndpointArn()))
            .distinct()
            .count();
    requireAtMost(Quota.ENDPOINTS_ON_INSTANCE, endpoints, "endpoints", instanceArn);
  }

  private static void requireAtMost(int most, long count, String what, String instanceArn) {
    if (count > most) {
      throw Fault.resourceQuotaExceeded(
          "Replication instance %s would have %d %s; it may have %d. Use another instance."
              .formatted(instanceArn, count, what, most));
    }
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
