package wherry.elasticache;

/**
 * What a node was when it was last asked.
 *
 * @param state whether it serves
 * @param role as it tells itself
 * @param followedPort of the server that a replica follows; 0 for a primary
 * @param linkUp of a replica: whether its primary's stream arrives; true for a primary
 * @param offsetBytes of the replication stream that it has
 */
public record NodeStatus(
    State state, Role role, int followedPort, boolean linkUp, long offsetBytes) {
  /** Whether a node serves. */
  public enum State {
    /** Its process is not there, or does not answer. */
    DOWN,
    /** It reads its data from disk. */
    LOADING,
    UP
  }

  /** What a node is in its shard. */
  public enum Role {
    PRIMARY,
    REPLICA,
    UNKNOWN
  }

  /** Of a node that does not serve. */
  public static final NodeStatus NONE = new NodeStatus(State.DOWN, Role.UNKNOWN, 0, false, 0);

  static final NodeStatus READING = new NodeStatus(State.LOADING, Role.UNKNOWN, 0, false, 0);
}
