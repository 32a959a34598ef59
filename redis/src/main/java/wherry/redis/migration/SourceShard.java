package wherry.redis.migration;

import java.util.List;
import wherry.redis.ServerAddress;
import wherry.redis.SlotRange;
import wherry.redis.protocol.ClusterShard;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.ServerInfo;

/**
 * A server of the source that is followed, and the slots whose keys it has.
 *
 * @param slots in ascending order; every slot for a source that is no cluster
 */
record SourceShard(List<SlotRange> slots, ServerAddress server) {
  /** Those of the source that this server is of. */
  static List<SourceShard> of(ServerAddress anyNode) {
    try (Connection node = Connection.open(anyNode)) {
      return of(node, ServerInfo.of(node, "cluster"));
    }
  }

  /** Asks a node for all shards, or finds that it is alone. */
  static List<SourceShard> of(Connection node, ServerInfo info) {
    return info.isCluster()
        ? ClusterShard.of(node).stream()
            .map(shard -> new SourceShard(shard.slots(), shard.primary()))
            .toList()
        : List.of(new SourceShard(List.of(SlotRange.ALL), node.address()));
  }

  boolean has(int slot) {
    return slots.stream().anyMatch(range -> range.contains(slot));
  }
}
