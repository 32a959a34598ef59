package wherry.elasticache;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import wherry.redis.ServerAddress;
import wherry.redis.SlotRange;
import wherry.redis.protocol.ClusterShard;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.ServerInfo;

/**
 * What the servers of an attached group are, as they tell it themselves.
 *
 * @param version such as {@code 7.0.15}
 */
public record AttachedLayout(
    String group, Engine engine, String version, boolean clusterMode, List<Shard> shards) {

  public AttachedLayout {
    shards = List.copyOf(shards);
  }

  List<CacheNode> nodes() {
    return shards.stream().flatMap(shard -> shard.nodes().stream()).toList();
  }

  Shard shard(String shardId) {
    return shards.stream()
        .filter(shard -> shard.id().equals(shardId))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(group + " has no shard " + shardId));
  }

  /** What this server says now; shards and nodes that were known keep their names. */
  AttachedLayout asToldBy(Connection server) {
    ServerInfo info = ServerInfo.of(server, "server", "replication", "cluster");
    List<ClusterShard> seen =
        info.isCluster() ? ClusterShard.of(server) : List.of(alone(server, info));
    Map<ClusterShard, Shard> known = new LinkedHashMap<>();
    for (ClusterShard shard : seen) {
      shards.stream()
          .filter(each -> !known.containsValue(each))
          .filter(each -> servers(shard).anyMatch(at -> nodeAt(each.nodes(), at).isPresent()))
          .findFirst()
          .ifPresent(each -> known.put(shard, each));
    }
    Set<String> taken = known.values().stream().map(Shard::id).collect(Collectors.toSet());
    List<Shard> found = new ArrayList<>();
    for (ClusterShard shard : seen) {
      Shard before = known.get(shard);
      String id = before == null ? free("%04d", taken) : before.id();
      found.add(named(shard, id, before == null ? List.of() : before.nodes(), info.isCluster()));
    }
    found.sort(Comparator.comparing(Shard::id));
    return new AttachedLayout(
        group,
        info.isValkey() ? Engine.VALKEY : Engine.REDIS,
        info.text(info.isValkey() ? "valkey_version" : "redis_version"),
        info.isCluster(),
        found);
  }

  /** A server that is no cluster, or its primary, with its replicas. */
  private static ClusterShard alone(Connection server, ServerInfo info) {
    if (info.isReplica()) {
      int port = (int) info.number("master_port");
      ServerAddress primary = server.address().at(info.text("master_host"), port);
      try (Connection connection = Connection.open(primary)) {
        return alone(connection, ServerInfo.of(connection, "replication"));
      }
    }
    // slave0:ip=10.0.0.2,port=6379,state=online,offset=42,lag=1
    List<ServerAddress> replicas =
        IntStream.range(0, (int) info.number("connected_slaves"))
            .mapToObj(number -> info.text("slave" + number).split("[=,]"))
            .filter(words -> words.length > 3 && !words[3].equals("0")) // Such as our own stream.
            .map(words -> server.address().at(words[1], Integer.parseInt(words[3])))
            .toList();
    return new ClusterShard(List.of(SlotRange.ALL), server.address(), replicas);
  }

  private static Stream<ServerAddress> servers(ClusterShard shard) {
    return Stream.concat(Stream.of(shard.primary()), shard.replicas().stream());
  }

  private static Optional<CacheNode> nodeAt(List<CacheNode> nodes, ServerAddress server) {
    return nodes.stream()
        .filter(node -> server.host().equals(node.host()) && server.port() == node.port())
        .findFirst();
  }

  /** The first number that is not taken yet, as text; it is from now on. */
  private static String free(String format, Set<String> taken) {
    return IntStream.iterate(1, number -> number + 1)
        .mapToObj(format::formatted)
        .filter(taken::add)
        .findFirst()
        .orElseThrow();
  }

  private Shard named(ClusterShard seen, String id, List<CacheNode> known, boolean cluster) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    Set<String> taken = known.stream().map(CacheNode::id).collect(Collectors.toSet());
    List<CacheNode> nodes =
        servers(seen)
            .map(at ->
                nodeAt(known, at)
                    .orElseGet(() -> {
                      String name = free(CacheNode.idFormat(group, id, cluster), taken);
                      return new CacheNode(name, at.host(), at.port(), 0, now);
                    }))
            .toList();
    String primary = nodes.getFirst().id();
    List<CacheNode> sorted = nodes.stream().sorted(Comparator.comparing(CacheNode::id)).toList();
    return new Shard(id, seen.slots(), primary, sorted);
  }
}
