package wherry.redis.protocol;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import wherry.redis.ServerAddress;
import wherry.redis.SlotRange;

/**
 * A shard of a cluster, as one of its nodes tells it.
 *
 * @param slots in ascending order
 */
public record ClusterShard(
    List<SlotRange> slots, ServerAddress primary, List<ServerAddress> replicas) {

  /**
   * All shards with slots, in the order of their first slots. CLUSTER SLOTS tells per range its
   * first and last slot, then the primary, then the replicas, each with host and port.
   */
  public static List<ClusterShard> of(Connection node) {
    Map<ServerAddress, ClusterShard> shards = new LinkedHashMap<>();
    items(node.call("CLUSTER", "SLOTS")).stream()
        .map(ClusterShard::items)
        .sorted((a, b) -> Integer.compare(number(a.get(0)), number(b.get(0))))
        .forEach(entry -> {
          SlotRange range = new SlotRange(number(entry.get(0)), number(entry.get(1)));
          List<ServerAddress> servers =
              entry.stream().skip(2).map(server -> address(node, items(server))).toList();
          shards.merge(
              servers.getFirst(),
              new ClusterShard(
                  List.of(range), servers.getFirst(), servers.subList(1, servers.size())),
              ClusterShard::with);
        });
    return List.copyOf(shards.values());
  }

  private ClusterShard with(ClusterShard other) {
    List<SlotRange> all = new ArrayList<>(slots);
    all.addAll(other.slots);
    return new ClusterShard(List.copyOf(all), primary, replicas);
  }

  /** An empty host means: the one that you have reached me by. */
  private static ServerAddress address(Connection node, List<Reply> server) {
    String host = server.get(0) instanceof Reply.Bytes text ? text.toString() : "";
    return node.address().at(host.isEmpty() ? node.address().host() : host, number(server.get(1)));
  }

  private static List<Reply> items(Reply reply) {
    return ((Reply.Array) reply).items();
  }

  private static int number(Reply reply) {
    return (int) ((Reply.Number) reply).value();
  }
}
