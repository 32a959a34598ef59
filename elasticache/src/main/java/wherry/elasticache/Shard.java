package wherry.elasticache;

import java.util.ArrayList;
import java.util.List;

/**
 * A primary and its replicas.
 *
 * @param id of its node group, such as {@code 0001}
 * @param firstSlot 0 to 16383; of a group that is no cluster, its only shard has all slots
 * @param lastSlot inclusive
 * @param primary the id of the node that takes writes
 * @param nodes all of them, the primary too, in the order of their ids
 */
public record Shard(String id, int firstSlot, int lastSlot, String primary, List<CacheNode> nodes) {
  /** Slots of a cluster ("Redis cluster specification"). */
  public static final int SLOTS = 16_384;

  public Shard {
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
    return new Shard(id, firstSlot, lastSlot, nodeId, nodes);
  }

  public Shard with(CacheNode node) {
    List<CacheNode> more = new ArrayList<>(nodes);
    more.add(node);
    return new Shard(id, firstSlot, lastSlot, primary, more);
  }

  public Shard without(String nodeId) {
    return new Shard(
        id,
        firstSlot,
        lastSlot,
        primary,
        nodes.stream().filter(node -> !node.id().equals(nodeId)).toList());
  }
}
