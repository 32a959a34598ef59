package wherry.server.run;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import wherry.change.Checkpoint;
import wherry.task.TaskDefinition;

/**
 * What the service remembers of a task beside its API shape.
 *
 * @param given the settings that users have given, all of them merged: what they said, apart from
 *     defaults
 * @param start how the last run was asked to start
 * @param begun whether that run has come to loading or streaming, so that a restart of the service
 *     resumes it
 * @param freshStartAt last start-replication or reload-target
 * @param startedAt last start of any kind
 * @param stoppedAt last end of a run
 * @param endedByItself whether the last run ended because it had done all that was asked for
 * @param position log position of the last snapshot; empty when unknown
 * @param captureStart where the capture of changes began; empty before
 * @param checkpoint RecoveryCheckpoint, the last that is known; empty before the first
 * @param objects what a data migration has carried around its rows; of a task always nothing
 */
public record TaskRun(
    ObjectNode given,
    TaskDefinition.@Nullable Start start,
    boolean begun,
    @Nullable Instant freshStartAt,
    @Nullable Instant startedAt,
    @Nullable Instant stoppedAt,
    boolean endedByItself,
    String position,
    String captureStart,
    String checkpoint,
    CarriedObjects objects) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  public TaskRun {
    // Runs that were kept before changes were captured have neither.
    captureStart = Objects.requireNonNullElse(captureStart, "");
    checkpoint = Objects.requireNonNullElse(checkpoint, "");
    objects = Objects.requireNonNullElse(objects, CarriedObjects.NONE);
  }

  /** Of a task that was never started. */
  public static TaskRun none(ObjectNode given) {
    return new TaskRun(
        given, null, false, null, null, null, false, "", "", "", CarriedObjects.NONE);
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
        all,
        start,
        begun,
        freshStartAt,
        startedAt,
        stoppedAt,
        endedByItself,
        position,
        captureStart,
        checkpoint,
        objects);
  }

  /** A start from the beginning leaves nothing of what was before. */
  TaskRun started(TaskDefinition.Start how, Instant at) {
    boolean fresh = how == TaskDefinition.Start.FRESH;
    return new TaskRun(
        given,
        how,
        false,
        fresh ? at : freshStartAt,
        at,
        null,
        false,
        "",
        fresh ? "" : captureStart,
        fresh ? "" : checkpoint,
        fresh ? CarriedObjects.NONE : objects);
  }

  TaskRun hasBegun() {
    return new TaskRun(
        given,
        start,
        true,
        freshStartAt,
        startedAt,
        stoppedAt,
        endedByItself,
        position,
        captureStart,
        checkpoint,
        objects);
  }

  TaskRun at(String snapshotPosition) {
    return new TaskRun(
        given,
        start,
        begun,
        freshStartAt,
        startedAt,
        stoppedAt,
        endedByItself,
        snapshotPosition,
        captureStart,
        checkpoint,
        objects);
  }

  /** The first checkpoint is where capture has begun. */
  TaskRun reached(Checkpoint at) {
    return new TaskRun(
        given,
        start,
        begun,
        freshStartAt,
        startedAt,
        stoppedAt,
        endedByItself,
        position,
        captureStart.isEmpty() ? at.position() : captureStart,
        at.text(),
        objects);
  }

  TaskRun carried(CarriedObjects sofar) {
    return new TaskRun(
        given,
        start,
        begun,
        freshStartAt,
        startedAt,
        stoppedAt,
        endedByItself,
        position,
        captureStart,
        checkpoint,
        sofar);
  }

  TaskRun stopped(Instant at, boolean byItself) {
    return new TaskRun(
        given,
        start,
        begun,
        freshStartAt,
        startedAt,
        at,
        byItself,
        position,
        captureStart,
        checkpoint,
        objects);
  }

  /** How the task goes on: what was asked for and has not begun is still to be done. */
  public TaskDefinition.Start afterRestart() {
    return Optional.ofNullable(start).filter(how -> !begun).orElse(TaskDefinition.Start.RESUME);
  }
}
