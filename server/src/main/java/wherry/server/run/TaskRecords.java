package wherry.server.run;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import wherry.change.Checkpoint;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.store.TaskProgress;
import wherry.server.wire.Shapes;
import wherry.task.ChangeCounts;
import wherry.task.SettingsDocument;
import wherry.task.TableStatistics;
import wherry.task.TaskStatus;

/** The tasks in the store: their API shapes, their runs and their tables. Safe for all threads. */
public final class TaskRecords {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Store store;

  public TaskRecords(Store store) {
    this.store = store;
  }

  public Optional<ReplicationTask> find(String arn) {
    return store
        .resources()
        .find(arn)
        .filter(r -> r.kind() == ResourceKind.TASK)
        .map(TaskRecords::task);
  }

  public List<ReplicationTask> list() {
    return store.resources().list(ResourceKind.TASK).stream().map(TaskRecords::task).toList();
  }

  /**
   * Changes a task if its status is one of these, in one transaction: of two callers with the same
   * expectation one loses.
   *
   * @return the changed task; empty when it is gone or its status is another
   */
  public Optional<ReplicationTask> transition(
      String arn, Set<TaskStatus> from, UnaryOperator<ReplicationTask> change) {
    return store
        .resources()
        .transition(
            arn,
            found -> from.contains(status(task(found))),
            json -> Shapes.encode(change.apply(decode(json))))
        .map(TaskRecords::task);
  }

  /** Replaces the task's shape, its identifier too. */
  public void replace(ReplicationTask task) {
    Resource before = store.resources().find(task.replicationTaskArn()).orElseThrow();
    store
        .resources()
        .replace(
            new Resource(
                before.kind(),
                before.arn(),
                task.replicationTaskIdentifier(),
                Shapes.encode(task),
                before.createdAt()));
  }

  public TaskRun run(String arn) {
    return store
        .taskProgress()
        .run(arn)
        .map(TaskRun::parse)
        .orElseGet(() -> TaskRun.none(SettingsDocument.parse("{}")));
  }

  public void putRun(String arn, TaskRun run) {
    store.taskProgress().putRun(arn, run.json());
  }

  /** Reads, changes and keeps a run in one transaction. */
  public TaskRun changeRun(String arn, UnaryOperator<TaskRun> change) {
    return store.atomically(() -> {
      TaskRun changed = change.apply(run(arn));
      putRun(arn, changed);
      return changed;
    });
  }

  /** Sorted by schema and name. */
  public List<TableStatistics> tables(String arn) {
    return store.taskProgress().tables(arn).stream().map(t -> statistics(t.json())).toList();
  }

  private static TableStatistics statistics(String json) {
    ObjectNode kept = (ObjectNode) JSON.readTree(json);
    if (!kept.has("changes")) { // Kept before changes were captured.
      kept.set("changes", JSON.valueToTree(ChangeCounts.NONE));
    }
    return JSON.treeToValue(kept, TableStatistics.class);
  }

  /** Keeps what has changed in a run, all in one transaction. */
  void putProgress(
      String arn, Collection<TableStatistics> tables, Optional<Checkpoint> checkpoint) {
    store.atomically(() -> {
      if (!tables.isEmpty()) {
        store
            .taskProgress()
            .putTables(
                arn,
                tables.stream()
                    .map(t -> new TaskProgress.TableProgress(t.table(), JSON.writeValueAsString(t)))
                    .toList());
      }
      checkpoint.ifPresent(reached -> changeRun(arn, run -> run.reached(reached)));
      return arn;
    });
  }

  /** Deletes a task, and its assessments with it. */
  void delete(String arn) {
    store.atomically(() -> {
      store.resources().list(ResourceKind.ASSESSMENT_RUN).stream()
          .filter(run -> Assessment.parse(run.wireJson()).taskArn().equals(arn))
          .forEach(run -> store.resources().delete(run.arn()));
      return store.resources().delete(arn);
    });
  }

  void forgetTables(String arn) {
    store.taskProgress().deleteTables(arn);
  }

  /** The status of a task. */
  public static TaskStatus status(ReplicationTask task) {
    return TaskStatus.ofWire(task.status());
  }

  /** The last part of an ARN, which names the task in control tables and logs. */
  public static String resourceId(String arn) {
    return arn.substring(arn.lastIndexOf(':') + 1);
  }

  private static ReplicationTask task(Resource resource) {
    return decode(resource.wireJson());
  }

  private static ReplicationTask decode(String json) {
    return Shapes.decode(json, ReplicationTask.class);
  }
}
