package wherry.server.api;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;

/** Which tasks stand on a resource. */
final class TaskUse {
  private static final Set<String> AT_REST =
      Set.of("creating", "ready", "stopped", "failed", "failed-move");

  private final Store store;

  TaskUse(Store store) {
    this.store = store;
  }

  List<ReplicationTask> ofInstance(String arn) {
    return tasks(task -> arn.equals(task.replicationInstanceArn()));
  }

  List<ReplicationTask> ofEndpoint(String arn) {
    return tasks(
        task -> arn.equals(task.sourceEndpointArn()) || arn.equals(task.targetEndpointArn()));
  }

  /**
   * @param tasks those that stand on it
   * @throws Fault InvalidResourceStateFault, naming them
   */
  static void refuseAny(String noun, String arn, List<ReplicationTask> tasks) {
    if (!tasks.isEmpty()) {
      throw Fault.invalidResourceState(
          noun
              + " "
              + arn
              + " is used by "
              + names(tasks)
              + ". Delete the task first, or move it away.");
    }
  }

  /**
   * @throws Fault InvalidResourceStateFault, naming those that are not at rest
   */
  static void refuseRunning(String noun, String arn, List<ReplicationTask> tasks) {
    List<ReplicationTask> running =
        tasks.stream().filter(task -> !AT_REST.contains(task.status())).toList();
    if (!running.isEmpty()) {
      throw Fault.invalidResourceState(
          noun
              + " "
              + arn
              + " cannot be modified while it is used by "
              + names(running)
              + ". Stop the task first.");
    }
  }

  private static String names(List<ReplicationTask> tasks) {
    return tasks.stream()
        .map(task ->
            "replication task " + task.replicationTaskIdentifier() + " (" + task.status() + ")")
        .collect(Collectors.joining(", "));
  }

  private List<ReplicationTask> tasks(Predicate<ReplicationTask> wanted) {
    return store.resources().list(ResourceKind.TASK).stream()
        .map(resource -> Shapes.decode(resource.wireJson(), ReplicationTask.class))
        .filter(wanted)
        .toList();
  }
}
