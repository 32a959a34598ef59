package wherry.server.elasticache;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticache.model.ConfigureShard;
import software.amazon.awssdk.services.elasticache.model.DecreaseReplicaCountRequest;
import software.amazon.awssdk.services.elasticache.model.DecreaseReplicaCountResponse;
import software.amazon.awssdk.services.elasticache.model.IncreaseReplicaCountRequest;
import software.amazon.awssdk.services.elasticache.model.IncreaseReplicaCountResponse;
import software.amazon.awssdk.services.elasticache.model.RebootCacheClusterRequest;
import software.amazon.awssdk.services.elasticache.model.RebootCacheClusterResponse;
import software.amazon.awssdk.services.elasticache.model.TestFailoverRequest;
import software.amazon.awssdk.services.elasticache.model.TestFailoverResponse;
import wherry.elasticache.CacheNode;
import wherry.elasticache.Shard;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;

/** The nodes of a group: more, fewer, and one that dies. Safe for all threads. */
public final class ReplicaOperations {
  private final Caches caches;
  private final GroupViews views;

  ReplicaOperations(Caches caches) {
    this.caches = caches;
    this.views = new GroupViews(caches);
  }

  public IncreaseReplicaCountResponse increaseReplicaCount(IncreaseReplicaCountRequest request) {
    StoredGroup group = requireChange(request.replicationGroupId(), request.applyImmediately());
    Map<String, Integer> wanted =
        wanted(group, request.newReplicaCount(), request.replicaConfiguration());
    Map<String, List<CacheNode>> added = new HashMap<>();
    List<Shard> shards = new ArrayList<>();
    for (Shard shard : group.shards()) {
      int count = wanted.getOrDefault(shard.id(), shard.replicas().size());
      if (count < shard.replicas().size()) {
        throw CacheFaults.invalidValue(
            "Shard " + shard.id() + " has more replicas already; use DecreaseReplicaCount.");
      }
      List<CacheNode> nodes = newNodes(group, shard, count - shard.replicas().size(), added);
      added.put(shard.id(), nodes);
      Shard wider = shard;
      for (CacheNode node : nodes) {
        wider = wider.with(node);
      }
      shards.add(wider);
    }
    requireDifference(group, added.values().stream().mapToInt(List::size).sum());
    toModifying(group, shards);
    caches.modify(
        group.id(),
        "Replicas added to replication group " + group.id(),
        servers ->
            added.forEach(
                (shard, nodes) -> nodes.forEach(node -> servers.addReplica(shard, node))));
    return IncreaseReplicaCountResponse.builder()
        .replicationGroup(views.group(ReplicationGroupOperations.require(caches, group.id())))
        .build();
  }

  private List<CacheNode> newNodes(
      StoredGroup group, Shard shard, int count, Map<String, List<CacheNode>> others) {
    if (count == 0) {
      return List.of();
    }
    // One more port for each node that another shard of this request has been given already.
    int before = others.values().stream().mapToInt(List::size).sum();
    List<Integer> ports = new CachePorts(caches).choose(count + before, null, group.clusterMode());
    List<Integer> given =
        others.values().stream().flatMap(List::stream).map(CacheNode::port).toList();
    List<Integer> free = ports.stream().filter(port -> !given.contains(port)).toList();
    List<CacheNode> nodes = new ArrayList<>();
    int number = 1;
    while (nodes.size() < count) {
      String id = CacheNode.id(group.id(), shard.id(), number, group.clusterMode());
      if (shard.nodes().stream().noneMatch(node -> node.id().equals(id))) {
        nodes.add(
            new CacheNode(
                id,
                null,
                free.get(nodes.size()),
                number - 1,
                Instant.now().truncatedTo(ChronoUnit.MILLIS)));
      }
      number++;
    }
    return nodes;
  }

  public DecreaseReplicaCountResponse decreaseReplicaCount(DecreaseReplicaCountRequest request) {
    StoredGroup group = requireChange(request.replicationGroupId(), request.applyImmediately());
    List<String> removed = new ArrayList<>();
    if (!request.replicasToRemove().isEmpty()) {
      request.replicasToRemove().stream()
          .map(node -> requireReplica(group, node.toLowerCase(Locale.ROOT)))
          .distinct()
          .forEach(removed::add);
    } else {
      Map<String, Integer> wanted =
          wanted(group, request.newReplicaCount(), request.replicaConfiguration());
      for (Shard shard : group.shards()) {
        int count = wanted.getOrDefault(shard.id(), shard.replicas().size());
        List<CacheNode> replicas = shard.replicas();
        if (count > replicas.size()) {
          throw CacheFaults.invalidValue(
              "Shard " + shard.id() + " has fewer replicas already; use IncreaseReplicaCount.");
        }
        replicas.subList(count, replicas.size()).forEach(node -> removed.add(node.id()));
      }
    }
    requireDifference(group, removed.size());
    List<Shard> shards = group.shards().stream().map(shard -> without(shard, removed)).toList();
    boolean bare = shards.stream().anyMatch(shard -> shard.replicas().isEmpty());
    if (bare && !group.clusterMode() && group.automaticFailover()) {
      throw CacheFaults.invalidCombination(
          "Automatic failover needs a replica; disable it first with ModifyReplicationGroup.");
    }
    toModifying(group, shards);
    caches.modify(
        group.id(),
        "Replicas removed from replication group " + group.id(),
        servers -> removed.forEach(servers::removeReplica));
    return DecreaseReplicaCountResponse.builder()
        .replicationGroup(views.group(ReplicationGroupOperations.require(caches, group.id())))
        .build();
  }

  private static Shard without(Shard shard, List<String> removed) {
    Shard rest = shard;
    for (String node : removed) {
      rest = rest.without(node);
    }
    return rest;
  }

  private static String requireReplica(StoredGroup group, String nodeId) {
    Shard shard =
        group.shards().stream()
            .filter(each -> each.nodes().stream().anyMatch(node -> node.id().equals(nodeId)))
            .findFirst()
            .orElseThrow(() ->
                CacheFaults.invalidValue("Group " + group.id() + " has no node '" + nodeId + "'."));
    if (shard.primary().equals(nodeId)) {
      throw CacheFaults.invalidValue(nodeId + " is the primary; only replicas can be removed.");
    }
    return nodeId;
  }

  /** Replicas by shard, as the request wants them. */
  private static Map<String, Integer> wanted(
      StoredGroup group, @Nullable Integer all, List<ConfigureShard> each) {
    if ((all == null) == each.isEmpty()) {
      throw CacheFaults.invalidCombination(
          "Give NewReplicaCount for all shards, or ReplicaConfiguration for some, not both.");
    }
    Map<String, Integer> wanted = new HashMap<>();
    if (all != null) {
      group.shards().forEach(shard -> wanted.put(shard.id(), GroupRequest.replicas(all)));
    }
    for (ConfigureShard shard : each) {
      if (group.shards().stream().noneMatch(known -> known.id().equals(shard.nodeGroupId()))) {
        throw CacheFaults.invalidValue(
            "Group " + group.id() + " has no node group " + shard.nodeGroupId() + ".");
      }
      wanted.put(shard.nodeGroupId(), GroupRequest.replicas(shard.newReplicaCount()));
    }
    return wanted;
  }

  private StoredGroup requireChange(String id, @Nullable Boolean immediately) {
    StoredGroup group = ReplicationGroupOperations.requireOwn(caches, id).record();
    if (!Boolean.TRUE.equals(immediately)) {
      throw CacheFaults.invalidValue("ApplyImmediately must be true.");
    }
    if (!group.status().equals(StoredGroup.AVAILABLE)) {
      throw ReplicationGroupOperations.notAvailable(caches, group.id());
    }
    return group;
  }

  private static void requireDifference(StoredGroup group, int nodes) {
    if (nodes == 0) {
      throw Fault.of(
          "NoOperationFault", "Group " + group.id() + " has as many replicas as that already.");
    }
  }

  private void toModifying(StoredGroup seen, List<Shard> shards) {
    ReplicationGroupOperations.change(
        caches,
        seen.id(),
        group ->
            group.status().equals(StoredGroup.AVAILABLE) && group.shards().equals(seen.shards()),
        group -> group.withStatus(StoredGroup.MODIFYING).withShards(shards));
  }

  /** Kills the primary for real; a replica takes over as in an accident. */
  public TestFailoverResponse testFailover(TestFailoverRequest request) {
    CacheShelf.Item<StoredGroup> item =
        ReplicationGroupOperations.requireOwn(caches, request.replicationGroupId());
    StoredGroup group = item.record();
    Shard shard =
        group.shards().stream()
            .filter(each -> each.id().equals(request.nodeGroupId()))
            .findFirst()
            .orElseThrow(() ->
                Fault.of(
                    "NodeGroupNotFoundFault",
                    "Group " + group.id() + " has no node group " + request.nodeGroupId() + "."));
    if (!group.status().equals(StoredGroup.AVAILABLE)) {
      throw ReplicationGroupOperations.notAvailable(caches, group.id());
    }
    if (!group.automaticFailover() || shard.replicas().isEmpty()) {
      throw CacheFaults.invalidCombination(
          "TestFailover needs automatic failover and a replica in the node group.");
    }
    caches.events().group(group.id(), "Test failover of node group " + shard.id() + " begins");
    caches.later(() -> caches.requireOwn(group.id()).killPrimary(shard.id()));
    return TestFailoverResponse.builder().replicationGroup(views.group(item)).build();
  }

  /** Ends a node in order and starts it again, with all parameters of its group. */
  public RebootCacheClusterResponse rebootCacheCluster(
      RebootCacheClusterRequest request, Caller caller) {
    String id = request.cacheClusterId().toLowerCase(Locale.ROOT);
    if (!request.cacheNodeIdsToReboot().equals(List.of(GroupViews.CACHE_NODE_ID))) {
      throw CacheFaults.invalidValue(
          "CacheNodeIdsToReboot must be "
              + GroupViews.CACHE_NODE_ID
              + ": a cache cluster of a replication group has this one node.");
    }
    CacheShelf.Item<StoredGroup> item =
        caches.groups().list().stream()
            .filter(each -> each.record().nodes().stream().anyMatch(node -> node.id().equals(id)))
            .findFirst()
            .orElseThrow(() -> CacheFaults.clusterNotFound(id));
    StoredGroup group = item.record();
    if (group.attached() != null || !group.status().equals(StoredGroup.AVAILABLE)) {
      throw Fault.of(
          "InvalidCacheClusterStateFault",
          "Replication group "
              + group.id()
              + " is "
              + (group.attached() == null ? group.status() : "attached: its servers run without us")
              + ".");
    }
    caches.later(() -> caches.requireOwn(item.record().id()).restart(id));
    CacheNode node =
        item.record().nodes().stream()
            .filter(each -> each.id().equals(id))
            .findFirst()
            .orElseThrow();
    return RebootCacheClusterResponse.builder()
        .cacheCluster(views.cluster(item, node, true, caller))
        .build();
  }
}
