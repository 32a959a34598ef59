package wherry.elasticache;

import java.util.List;
import java.util.Map;

/**
 * What a replication group is to be.
 *
 * @param id such as {@code orders}; also the name of its folder
 * @param clusterMode whether keys are spread over shards by slot
 * @param automaticFailover whether a replica is promoted when its primary dies
 * @param tls whether the nodes take TLS connections only
 * @param maxMemoryBytes of each node
 * @param parameters of the server, by its own names
 */
public record GroupPlan(
    String id,
    boolean clusterMode,
    boolean automaticFailover,
    boolean tls,
    long maxMemoryBytes,
    Map<String, String> parameters,
    List<Shard> shards) {

  public GroupPlan {
    parameters = Map.copyOf(parameters);
    shards = List.copyOf(shards);
  }

  /** All nodes of all shards. */
  public List<CacheNode> nodes() {
    return shards.stream().flatMap(shard -> shard.nodes().stream()).toList();
  }

  public Shard shardOf(String nodeId) {
    return shards.stream()
        .filter(shard -> shard.nodes().stream().anyMatch(node -> node.id().equals(nodeId)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(id + " has no node " + nodeId));
  }

  public Shard shard(String shardId) {
    return shards.stream()
        .filter(shard -> shard.id().equals(shardId))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(id + " has no shard " + shardId));
  }

  /** With this shard in the place of the one that has its id. */
  public GroupPlan with(Shard changed) {
    return withShards(
        shards.stream().map(each -> each.id().equals(changed.id()) ? changed : each).toList());
  }

  public GroupPlan withShards(List<Shard> changed) {
    return new GroupPlan(
        id, clusterMode, automaticFailover, tls, maxMemoryBytes, parameters, changed);
  }
}
