package wherry.elasticache;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.ServerInfo;

/** Talks with the nodes of one group. For one thread at a time. */
final class Nodes {
  private static final int TIMEOUT_MILLISECONDS = 3000;

  private final String host;
  private final ServerAddress.@Nullable Tls tls;
  private final Map<String, Connection> watched = new HashMap<>();
  private volatile Optional<String> password;

  Nodes(String host, Optional<TlsFiles> tls, List<String> passwords) {
    this.host = host;
    this.tls = tls.map(files -> new ServerAddress.Tls(files.authorityPem(), true)).orElse(null);
    this.password = passwords.stream().findFirst();
  }

  String host() {
    return host;
  }

  void usePassword(Optional<String> next) {
    password = next;
  }

  ServerAddress addressOf(CacheNode node) {
    ServerAddress.Credentials credentials =
        password.map(secret -> new ServerAddress.Credentials(null, secret)).orElse(null);
    return new ServerAddress(host, node.port(), credentials, tls);
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
      Connection connection = watched.get(node.id());
      if (connection == null) {
        connection = connect(node);
        watched.put(node.id(), connection);
      }
      return status(ServerInfo.of(connection, "replication", "persistence"));
    } catch (DmsException e) {
      forget(node.id());
      return e.code() == ErrorCode.BUSY ? NodeStatus.READING : NodeStatus.NONE;
    }
  }

  private static NodeStatus status(ServerInfo info) {
    if (info.number("loading") == 1) {
      return NodeStatus.READING;
    }
    boolean replica = info.text("role").equals("slave");
    return new NodeStatus(
        NodeStatus.State.UP,
        replica ? NodeStatus.Role.REPLICA : NodeStatus.Role.PRIMARY,
        (int) info.number("master_port"),
        !replica || info.text("master_link_status").equals("up"),
        info.number(replica ? "slave_repl_offset" : "master_repl_offset"));
  }

  /** Closes the kept connection, if there is one. */
  void forget(String nodeId) {
    Connection connection = watched.remove(nodeId);
    if (connection != null) {
      connection.close();
    }
  }
}
