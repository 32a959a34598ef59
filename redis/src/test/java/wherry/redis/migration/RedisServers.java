package wherry.redis.migration;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import wherry.redis.ServerAddress;
import wherry.redis.SlotRange;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.ServerInfo;
import wherry.sandbox.Ports;
import wherry.sandbox.RedisServer;

/** Servers for the tests of this package; without redis-server on the machine they are skipped. */
public final class RedisServers {
  private RedisServers() {}

  static Path program() {
    assumeTrue(
        RedisServer.redis().isPresent(),
        "redis-server is not installed (Debian: apt-get install redis-server)");
    return RedisServer.redis().orElseThrow();
  }

  static RedisServer start() {
    return start(Map.of());
  }

  /** Streams its RDB without the delay in which more replicas may come. */
  static RedisServer start(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.putIfAbsent("repl-diskless-sync-delay", "0");
    return RedisServer.start(program(), all);
  }

  static ServerAddress address(RedisServer server) {
    return ServerAddress.of(server.host(), server.port());
  }

  static Connection connect(RedisServer server) {
    return Connection.open(address(server));
  }

  /** Primaries of a new cluster without replicas, each with an equal part of the slots. */
  public static List<TargetShard> startCluster(List<RedisServer> servers, int primaries) {
    List<TargetShard> shards = new ArrayList<>();
    for (int i = 0; i < primaries; i++) {
      RedisServer server =
          start(Map.of("cluster-enabled", "yes", "cluster-port", Integer.toString(Ports.free())));
      servers.add(server);
      SlotRange slots =
          new SlotRange(SlotRange.SLOTS * i / primaries, SlotRange.SLOTS * (i + 1) / primaries - 1);
      shards.add(new TargetShard(List.of(slots), address(server)));
      try (Connection node = connect(server)) {
        node.call(
            "CLUSTER",
            "ADDSLOTSRANGE",
            Integer.toString(slots.first()),
            Integer.toString(slots.last()));
        RedisServer first = servers.get(servers.size() - i - 1);
        if (i > 0) {
          node.call(
              "CLUSTER", "MEET", first.host(), Integer.toString(first.port()), busPort(first));
        }
      }
    }
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> shards.stream().allMatch(shard -> serves(shard, primaries)));
    return shards;
  }

  private static String busPort(RedisServer server) {
    try (Connection node = connect(server)) {
      return ConfigValue.of(node, "cluster-port").orElseThrow();
    }
  }

  private static boolean serves(TargetShard shard, int primaries) {
    try (Connection node = Connection.open(shard.primary())) {
      return node.text("CLUSTER", "INFO").contains("cluster_state:ok")
          && SourceShard.of(node, ServerInfo.of(node, "cluster")).size() == primaries;
    }
  }
}
