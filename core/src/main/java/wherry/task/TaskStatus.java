package wherry.task;

import java.util.Arrays;
import java.util.Locale;

/** The statuses of a replication task, exactly as on the wire, and which may follow which. */
public enum TaskStatus {
  CREATING,
  READY,
  STARTING,
  RUNNING,
  STOPPING,
  STOPPED,
  FAILED,
  MODIFYING,
  TESTING,
  MOVING,
  FAILED_MOVE,
  DELETING;

  /** {@code failed-move} for FAILED_MOVE, and so on. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * @throws IllegalArgumentException when it is no status
   */
  public static TaskStatus ofWire(String wire) {
    return Arrays.stream(values())
        .filter(status -> status.wire().equals(wire))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No task status: " + wire));
  }

  /** Whether the task does nothing now and may be started, changed, moved or deleted. */
  public boolean isResting() {
    return switch (this) {
      case READY, STOPPED, FAILED, FAILED_MOVE -> true;
      case CREATING, STARTING, RUNNING, STOPPING, MODIFYING, TESTING, MOVING, DELETING -> false;
    };
  }

  public boolean canBecome(TaskStatus next) {
    return switch (this) {
      case CREATING -> next == READY || next == DELETING;
      case READY, STOPPED, FAILED, FAILED_MOVE ->
          next == STARTING
              || next == MODIFYING
              || next == MOVING
              || next == TESTING
              || next == DELETING;
      case STARTING -> next == RUNNING || next == STOPPING || next == STOPPED || next == FAILED;
      case RUNNING -> next == STOPPING || next == STOPPED || next == FAILED;
      case STOPPING -> next == STOPPED || next == FAILED;
      case MODIFYING, TESTING -> next.isResting();
      case MOVING -> next.isResting() || next == DELETING;
      case DELETING -> false;
    };
  }
}
