package wherry.elasticache;

import java.util.ArrayList;
import java.util.List;
import wherry.redis.SlotRange;

/**
 * A primary and its replicas.
 *
 * @param id of its node group, such as {@code 0001}
 * @param slots in ascending order; of a group that is no cluster, its only shard has all
 * @param primary the id of the node that takes writes
 * @param nodes all of them, the primary too, in the order of their ids
 */
public record Shard(String id, List<SlotRange> slots, String primary, List<CacheNode> nodes) {
  public Shard {
    slots = List.copyOf(slots);
    nodes = List.copyOf(nodes);
  }

  public CacheNode primaryNode() {
    return node(primary);
  }

  public CacheNode node(String nodeId) {
    return nodes.stream()
        .filter(node -> node.id().equals(nodeId))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("Shard " + id + " has no node " + nodeId));
  }

  public List<CacheNode> replicas() {
    return nodes.stream().filter(node -> !node.id().equals(primary)).toList();
  }

  public Shard withPrimary(String nodeId) {
    return new Shard(id, slots, nodeId, nodes);
  }

  public Shard with(CacheNode node) {
    List<CacheNode> more = new ArrayList<>(nodes);
    more.add(node);
    return new Shard(id, slots, primary, more);
  }

  public Shard without(String nodeId) {
    return new Shard(
        id, slots, primary, nodes.stream().filter(node -> !node.id().equals(nodeId)).toList());
  }
}
