package wherry.elasticache;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The configuration of one server as the lines of its configuration file. They hold the password,
 * so they are handed to the server through its standard input and never written to disk.
 */
final class NodeConfiguration {
  private static final int CLUSTER_NODE_TIMEOUT_MILLISECONDS = 5000;

  private final List<String> lines = new ArrayList<>();

  private NodeConfiguration() {}

  /**
   * @param address to listen on
   * @param directory of the node's data
   * @param primaryPort of the server to follow; empty for a primary, and in a cluster, whose nodes
   *     remember whom they follow
   */
  static List<String> lines(
      GroupPlan plan,
      CacheNode node,
      Access access,
      String address,
      Path directory,
      Optional<TlsFiles> tls,
      Optional<Integer> primaryPort) {
    NodeConfiguration configuration = new NodeConfiguration();
    // The user's parameters come first: what the service depends on has the last word.
    new TreeMap<>(plan.parameters()).forEach(configuration::putParameter);
    configuration.put("bind", address);
    configuration.put("port", tls.isPresent() ? "0" : Integer.toString(node.port()));
    tls.ifPresent(files -> configuration.tls(files, node.port()));
    configuration.put("protected-mode", "no");
    configuration.put("dir", directory.toString());
    configuration.put("daemonize", "no");
    configuration.put("save", "");
    configuration.put("maxmemory", Long.toString(plan.maxMemoryBytes()));
    configuration.put("repl-diskless-sync-delay", "0");
    configuration.lines.addAll(access.lines());
    primaryPort.ifPresent(port -> configuration.putWords("replicaof", address, port.toString()));
    if (plan.clusterMode()) {
      configuration.cluster();
    }
    return configuration.lines;
  }

  private void tls(TlsFiles files, int port) {
    put("tls-port", Integer.toString(port));
    put("tls-cert-file", files.certificate().toString());
    put("tls-key-file", files.key().toString());
    put("tls-ca-cert-file", files.authority().toString());
    put("tls-auth-clients", "no");
    put("tls-replication", "yes");
    put("tls-cluster", "yes");
  }

  /** Only the supervisor promotes, so that two never decide at once. */
  private void cluster() {
    put("cluster-enabled", "yes");
    put("cluster-config-file", "nodes.conf");
    put("cluster-node-timeout", Integer.toString(CLUSTER_NODE_TIMEOUT_MILLISECONDS));
    put("cluster-replica-no-failover", "yes");
  }

  /** A name of two words is that of one class of clients, whose limits are words too. */
  private void putParameter(String name, String value) {
    if (name.indexOf(' ') < 0) {
      put(name, value);
    } else {
      lines.add(name + " " + value);
    }
  }

  private void put(String name, String value) {
    lines.add(name + " " + quoted(value));
  }

  private void putWords(String name, String... values) {
    lines.add(name + " " + String.join(" ", values));
  }

  /** As sdssplitargs of the server reads it. */
  static String quoted(String value) {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      switch (value.charAt(i)) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        default -> text.append(value.charAt(i));
      }
    }
    return text.append('"').toString();
  }
}
