package wherry.server.api;

/**
 * What replication instances need to know of, and do to, the tasks that run on them. Called from
 * request threads.
 */
public interface InstanceHooks {
  /** Size of what the task's log holds, in bytes; 0 when there is none. */
  long logSizeBytes(String taskArn);

  /** Starts the running tasks of the instance again, each from where it was; returns at once. */
  void restartTasks(String instanceArn);
}
