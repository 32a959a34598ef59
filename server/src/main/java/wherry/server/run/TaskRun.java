package wherry.server.run;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import wherry.task.TaskDefinition;

/**
 * What the service remembers of a task beside its API shape.
 *
 * @param given the settings that users have given, all of them merged: what they said, apart from
 *     defaults
 * @param start how the last run was asked to start
 * @param begun whether that run has come to loading, so that a restart of the service resumes it
 * @param freshStartAt last start-replication or reload-target
 * @param startedAt last start of any kind
 * @param stoppedAt last end of a run
 * @param endedByItself whether the last run ended because all was loaded
 * @param position log position of the last snapshot; empty when unknown
 */
public record TaskRun(
    ObjectNode given,
    TaskDefinition.@Nullable Start start,
    boolean begun,
    @Nullable Instant freshStartAt,
    @Nullable Instant startedAt,
    @Nullable Instant stoppedAt,
    boolean endedByItself,
    String position) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Of a task that was never started. */
  public static TaskRun none(ObjectNode given) {
    return new TaskRun(given, null, false, null, null, null, false, "");
  }

  static TaskRun parse(String json) {
    return JSON.readValue(json, TaskRun.class);
  }

  String json() {
    return JSON.writeValueAsString(this);
  }

  /** Whether the task was ever started. */
  public boolean everStarted() {
    return startedAt != null;
  }

  public TaskRun withGiven(ObjectNode all) {
    return new TaskRun(
        all, start, begun, freshStartAt, startedAt, stoppedAt, endedByItself, position);
  }

  TaskRun started(TaskDefinition.Start how, Instant at) {
    return new TaskRun(
        given,
        how,
        false,
        how == TaskDefinition.Start.FRESH ? at : freshStartAt,
        at,
        null,
        false,
        "");
  }

  TaskRun hasBegun() {
    return new TaskRun(
        given, start, true, freshStartAt, startedAt, stoppedAt, endedByItself, position);
  }

  TaskRun at(String snapshotPosition) {
    return new TaskRun(
        given, start, begun, freshStartAt, startedAt, stoppedAt, endedByItself, snapshotPosition);
  }

  TaskRun stopped(Instant at, boolean byItself) {
    return new TaskRun(given, start, begun, freshStartAt, startedAt, at, byItself, position);
  }

  /** How the task goes on: what was asked for and has not begun is still to be done. */
  public TaskDefinition.Start afterRestart() {
    return Optional.ofNullable(start).filter(how -> !begun).orElse(TaskDefinition.Start.RESUME);
  }
}
