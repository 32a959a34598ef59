package wherry.elasticache;

import java.util.HashMap;
import java.util.Map;

/**
 * When nodes that keep dying are started again: the wait doubles from a quarter of a second to ten
 * seconds. For one thread.
 */
final class Restarts {
  private static final long FIRST_WAIT_NANOS = 250_000_000L;
  private static final long LONGEST_WAIT_NANOS = 10_000_000_000L;
  private static final long SILENCE_NANOS = 60_000_000_000L;

  private final Map<String, Long> waits = new HashMap<>();
  private final Map<String, Long> nextTries = new HashMap<>();
  private final Map<String, Long> silentSince = new HashMap<>();

  /** Whether it is time; counts as a try when it is. The first is made at once. */
  boolean mayTry(String nodeId) {
    long now = System.nanoTime();
    Long next = nextTries.get(nodeId);
    if (next != null && now - next < 0) {
      return false;
    }
    long wait = waits.getOrDefault(nodeId, FIRST_WAIT_NANOS);
    nextTries.put(nodeId, now + wait);
    waits.put(nodeId, Math.min(2 * wait, LONGEST_WAIT_NANOS));
    silentSince.remove(nodeId);
    return true;
  }

  /** The node serves. */
  void succeeded(String nodeId) {
    waits.remove(nodeId);
    nextTries.remove(nodeId);
    silentSince.remove(nodeId);
  }

  /** Whether a running node has been silent for a minute; one that reads its data is not. */
  boolean isStuck(String nodeId, NodeStatus status) {
    if (status.state() == NodeStatus.State.LOADING) {
      silentSince.remove(nodeId);
      return false;
    }
    long now = System.nanoTime();
    return now - silentSince.computeIfAbsent(nodeId, any -> now) > SILENCE_NANOS;
  }
}
