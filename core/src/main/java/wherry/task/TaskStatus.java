package wherry.task;

import java.util.Arrays;
import java.util.Locale;

/** The statuses of a replication task, exactly as on the wire. */
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
}
