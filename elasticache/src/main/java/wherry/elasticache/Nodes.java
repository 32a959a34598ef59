package wherry.elasticache;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.ServerInfo;
import wherry.redis.protocol.ServerWatch;

/** Talks with the nodes of one group. For one thread at a time. */
final class Nodes {
  private static final int TIMEOUT_MILLISECONDS = 3000;

  private final String host;
  private final ServerAddress.@Nullable Tls tls;
  private final Map<String, ServerWatch> watched = new HashMap<>();
  private volatile ServerAddress.@Nullable Credentials login;

  /**
   * @param host of nodes that have none of their own
   * @param login as whom the nodes are entered; null where they ask for none
   */
  Nodes(String host, ServerAddress.@Nullable Tls tls, ServerAddress.@Nullable Credentials login) {
    this.host = host;
    this.tls = tls;
    this.login = login;
  }

  String host() {
    return host;
  }

  /** From now on nodes are entered in another way. */
  void use(ServerAddress.@Nullable Credentials next) {
    List.copyOf(watched.keySet()).forEach(this::forget);
    login = next;
  }

  ServerAddress addressOf(CacheNode node) {
    return new ServerAddress(node.hostOr(host), node.port(), login, tls);
  }

  Connection connect(CacheNode node) {
    Connection connection = Connection.open(addressOf(node));
    connection.readTimeout(TIMEOUT_MILLISECONDS);
    return connection;
  }

  /**
   * One command on a connection of its own; its reply as text.
   *
   * @throws DmsException when the node is not there, or refuses
   */
  String ask(CacheNode node, String... words) {
    try (Connection connection = connect(node)) {
      return connection.text(words);
    }
  }

  /** One command that may be refused because it is so already. */
  void tell(CacheNode node, String... words) {
    try {
      ask(node, words);
    } catch (DmsException e) {
      if (e.code() != ErrorCode.COMMAND_REFUSED) {
        throw e;
      }
    }
  }

  /** What the node says of itself; never throws. Its connection is kept for the next time. */
  NodeStatus status(CacheNode node) {
    try {
      return status(
          watched
              .computeIfAbsent(
                  node.id(), id -> new ServerWatch(addressOf(node), TIMEOUT_MILLISECONDS))
              .info("replication", "persistence"));
    } catch (DmsException e) {
      forget(node.id());
      return e.code() == ErrorCode.BUSY ? NodeStatus.READING : NodeStatus.NONE;
    }
  }

  private static NodeStatus status(ServerInfo info) {
    if (info.number("loading") == 1) {
      return NodeStatus.READING;
    }
    boolean replica = info.isReplica();
    return new NodeStatus(
        NodeStatus.State.UP,
        replica ? NodeStatus.Role.REPLICA : NodeStatus.Role.PRIMARY,
        (int) info.number("master_port"),
        !replica || info.text("master_link_status").equals("up"),
        info.replicationOffset());
  }

  /** Closes the kept connection, if there is one. */
  void forget(String nodeId) {
    ServerWatch watch = watched.remove(nodeId);
    if (watch != null) {
      watch.close();
    }
  }
}
