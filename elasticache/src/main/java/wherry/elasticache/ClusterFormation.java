package wherry.elasticache;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import wherry.redis.SlotRange;

/**
 * Makes a cluster of servers that know nothing of each other, as {@code redis-cli --cluster create}
 * does: slots to primaries, introductions, replicas to their primaries. What is so already stays,
 * so it may be run again ("Redis cluster specification").
 */
final class ClusterFormation {
  private final Nodes nodes;
  private final Waiting waiting;

  ClusterFormation(Nodes nodes, Waiting waiting) {
    this.nodes = nodes;
    this.waiting = waiting;
  }

  /** All nodes run and answer; when this returns, the cluster takes commands. */
  void form(GroupPlan plan) {
    for (Shard shard : plan.shards()) {
      assignSlots(shard);
    }
    introduce(plan.nodes());
    for (Shard shard : plan.shards()) {
      for (CacheNode replica : shard.replicas()) {
        follow(replica, shard.primaryNode());
      }
    }
    for (CacheNode node : plan.nodes()) {
      waiting.until("the cluster is whole for " + node.id(), () -> isWhole(node));
    }
  }

  /** A new node gets to know the cluster through another. */
  void introduce(List<CacheNode> all) {
    CacheNode first = all.getFirst();
    for (CacheNode other : all.subList(1, all.size())) {
      nodes.ask(first, "CLUSTER", "MEET", nodes.host(), Integer.toString(other.port()));
    }
    for (CacheNode node : all) {
      waiting.until(node.id() + " knows all nodes", () -> knows(node, all.size()));
    }
  }

  /** Makes a node the replica of a primary that it has been introduced to. */
  void follow(CacheNode replica, CacheNode primary) {
    if (nodes.status(replica).followedPort() != primary.port()) {
      nodes.ask(replica, "CLUSTER", "REPLICATE", idOf(primary));
    }
  }

  String idOf(CacheNode node) {
    return nodes.ask(node, "CLUSTER", "MYID");
  }

  private void assignSlots(Shard shard) {
    CacheNode primary = shard.primaryNode();
    if (!myself(primary).isBlank() || nodes.status(primary).followedPort() != 0) {
      return;
    }
    List<String> command = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
    shard.slots().stream()
        .flatMapToInt(range -> IntStream.rangeClosed(range.first(), range.last()))
        .mapToObj(Integer::toString)
        .forEach(command::add);
    nodes.ask(primary, command.toArray(String[]::new));
  }

  /** The slots in the node's own line of CLUSTER NODES: what follows its eighth field. */
  private String myself(CacheNode node) {
    return nodes
        .ask(node, "CLUSTER", "NODES")
        .lines()
        .filter(line -> line.contains("myself"))
        .map(line -> line.split(" ", 9))
        .map(fields -> fields.length == 9 ? fields[8] : "")
        .findFirst()
        .orElse("");
  }

  private boolean knows(CacheNode node, int count) {
    return clusterInfo(node).getOrDefault("cluster_known_nodes", "").equals("" + count);
  }

  private boolean isWhole(CacheNode node) {
    Map<String, String> info = clusterInfo(node);
    return "ok".equals(info.get("cluster_state"))
        && ("" + SlotRange.SLOTS).equals(info.get("cluster_slots_assigned"));
  }

  private Map<String, String> clusterInfo(CacheNode node) {
    return nodes
        .ask(node, "CLUSTER", "INFO")
        .lines()
        .filter(line -> line.contains(":"))
        .map(line -> line.strip().split(":", 2))
        .collect(Collectors.toMap(field -> field[0], field -> field[1], (a, b) -> a));
  }
}
