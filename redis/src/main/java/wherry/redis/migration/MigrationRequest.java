package wherry.redis.migration;

import java.util.List;
import wherry.redis.ServerAddress;
import wherry.redis.SlotRange;

/**
 * What is to be migrated where. All data that the target has is replaced.
 *
 * @param source the server to follow, which may be a replica, or any node of a cluster; the other
 *     nodes are found through it and entered with the same credentials and TLS
 * @param targets the target's primaries; together they have each of the 16384 slots exactly once
 * @param clusterMode whether the target is a cluster; otherwise it has exactly one shard
 */
public record MigrationRequest(
    ServerAddress source, List<TargetShard> targets, boolean clusterMode) {
  public MigrationRequest {
    targets = List.copyOf(targets);
    if (!clusterMode && targets.size() != 1) {
      throw new IllegalArgumentException(
          "a target that is no cluster has one shard, not " + targets.size());
    }
    boolean[] owned = new boolean[SlotRange.SLOTS];
    for (TargetShard target : targets) {
      for (SlotRange range : target.slots()) {
        for (int slot = range.first(); slot <= range.last(); slot++) {
          if (owned[slot]) {
            throw new IllegalArgumentException("two shards of the target have slot " + slot);
          }
          owned[slot] = true;
        }
      }
    }
    for (int slot = 0; slot < owned.length; slot++) {
      if (!owned[slot]) {
        throw new IllegalArgumentException("no shard of the target has slot " + slot);
      }
    }
  }
}
