package wherry.server.api;

import wherry.server.run.TaskRecords;
import wherry.server.run.TaskSupervisor;
import wherry.server.store.Store;
import wherry.task.TaskStatus;

/** What replication instances ask of their tasks, answered by the supervisor. */
final class TaskHooks implements InstanceHooks {
  private final TaskUse tasks;
  private final TaskSupervisor supervisor;

  TaskHooks(Store store, TaskSupervisor supervisor) {
    this.tasks = new TaskUse(store);
    this.supervisor = supervisor;
  }

  @Override
  public long logSizeBytes(String taskArn) {
    return supervisor.logBytes(taskArn);
  }

  @Override
  public void restartTasks(String instanceArn) {
    tasks.ofInstance(instanceArn).stream()
        .filter(task -> TaskRecords.status(task) == TaskStatus.RUNNING)
        .forEach(task -> supervisor.restart(task.replicationTaskArn()));
  }
}
