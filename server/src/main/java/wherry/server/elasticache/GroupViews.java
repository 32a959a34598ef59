package wherry.server.elasticache;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticache.model.CacheCluster;
import software.amazon.awssdk.services.elasticache.model.CacheParameterGroupStatus;
import software.amazon.awssdk.services.elasticache.model.Endpoint;
import software.amazon.awssdk.services.elasticache.model.NodeGroup;
import software.amazon.awssdk.services.elasticache.model.NodeGroupMember;
import software.amazon.awssdk.services.elasticache.model.NotificationConfiguration;
import software.amazon.awssdk.services.elasticache.model.PendingModifiedValues;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroup;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroupPendingModifiedValues;
import software.amazon.awssdk.services.elasticache.model.SecurityGroupMembership;
import wherry.elasticache.CacheNode;
import wherry.elasticache.GroupServers;
import wherry.elasticache.NodeStatus;
import wherry.elasticache.Shard;
import wherry.redis.SlotRange;
import wherry.redis.migration.Progress;
import wherry.server.wire.Caller;

/**
 * What the API shows of a group: what is written down, with what its servers are at this moment.
 */
final class GroupViews {
  static final String CACHE_NODE_ID = "0001";
  private static final String PENDING_REBOOT = "pending-reboot";

  private final Caches caches;

  GroupViews(Caches caches) {
    this.caches = caches;
  }

  ReplicationGroup group(CacheShelf.Item<StoredGroup> item) {
    StoredGroup group = item.record();
    ReplicationGroup.Builder view =
        ReplicationGroup.builder()
            .replicationGroupId(group.id())
            .description(group.description())
            .status(group.status())
            .pendingModifiedValues(pending(group))
            .memberClusters(group.nodes().stream().map(CacheNode::id).toList())
            .automaticFailover(group.automaticFailover() ? "enabled" : "disabled")
            .multiAZ(group.multiZone() ? "enabled" : "disabled")
            .snapshotRetentionLimit(0)
            .snapshotWindow(group.snapshotWindow())
            .clusterEnabled(group.clusterMode())
            .clusterMode(group.clusterMode() ? "enabled" : "disabled")
            .cacheNodeType(group.nodeType())
            .authTokenEnabled(group.hasLogin())
            .authTokenLastModifiedDate(group.authTokenChangedAt())
            .transitEncryptionEnabled(group.tls())
            .arn(item.arn())
            .replicationGroupCreateTime(item.createdAt())
            .dataTiering("disabled")
            .autoMinorVersionUpgrade(group.minorUpgrades())
            .engine(group.engine().isEmpty() ? null : group.engine())
            .nodeGroups(
                group.shards().stream().map(shard -> nodeGroup(group, shard, item)).toList());
    if (group.attached() == null) {
      // What attached servers write to disk, and on which networks they are, nobody tells us.
      view.atRestEncryptionEnabled(false).networkType("ipv4").ipDiscovery("ipv4");
      view.transitEncryptionMode(group.tls() ? "required" : null);
    }
    if (group.clusterMode() && isServing(group)) {
      view.configurationEndpoint(endpoint(entry(group)));
    }
    return view.build();
  }

  /**
   * How much of a migration is done, as AWS tells it of resharding: 100 only while nothing is
   * missing.
   */
  private ReplicationGroupPendingModifiedValues pending(StoredGroup group) {
    Optional<Double> percentage =
        caches.migrations().progress(group.id()).map(GroupViews::percentage);
    return percentage
        .map(done ->
            ReplicationGroupPendingModifiedValues.builder()
                .resharding(r -> r.slotMigration(s -> s.progressPercentage(done)))
                .build())
        .orElseGet(() -> ReplicationGroupPendingModifiedValues.builder().build());
  }

  private static double percentage(Progress progress) {
    return switch (progress.phase()) {
      case STREAMING -> progress.isInSync() ? 100 : 99;
      case COMPLETING, COMPLETED -> 100;
      case CONNECTING, ABORTED, FAILED -> 0;
      case FULL_SYNCHRONIZATION ->
          progress.keysDone() > 0
              ? share(progress.keysDone(), progress.keysExpected())
              : share(progress.bytesDone(), progress.bytesExpected());
    };
  }

  private static double share(long done, long expected) {
    return expected == 0 ? 0 : Math.min(99, done * 100.0 / expected);
  }

  /** Endpoints are shown as soon as something answers there. */
  private static boolean isServing(StoredGroup group) {
    return !group.status().equals(StoredGroup.CREATING)
        && !group.status().equals(StoredGroup.CREATE_FAILED)
        && !group.status().equals(StoredGroup.DELETING);
  }

  /** A node of a cluster that answers, or else the first. */
  private CacheNode entry(StoredGroup group) {
    return group.nodes().stream()
        .filter(node -> state(group, node) == NodeStatus.State.UP)
        .findFirst()
        .orElse(group.nodes().getFirst());
  }

  private NodeGroup nodeGroup(StoredGroup group, Shard shard, CacheShelf.Item<StoredGroup> item) {
    NodeGroup.Builder view =
        NodeGroup.builder()
            .nodeGroupId(shard.id())
            .status(shardStatus(group, shard))
            .nodeGroupMembers(
                shard.nodes().stream().map(node -> member(group, shard, node, item)).toList());
    if (group.clusterMode()) {
      view.slots(String.join(",", shard.slots().stream().map(SlotRange::toString).toList()));
    } else if (isServing(group)) {
      view.primaryEndpoint(endpoint(shard.primaryNode()));
      view.readerEndpoint(endpoint(reader(group, shard)));
    }
    return view.build();
  }

  /** While it migrates, with what it waits for or lacks: the model has no other place for that. */
  private String shardStatus(StoredGroup group, Shard shard) {
    if (group.status().equals(StoredGroup.MIGRATING)) {
      List<String> silent = caches.migrations().silent(group.id());
      if (!silent.isEmpty()) {
        return "migrating, waiting for " + String.join(" and ", silent);
      }
      return caches
          .migrations()
          .progress(group.id())
          .filter(progress -> progress.phase() == Progress.Phase.STREAMING)
          .map(progress -> "migrating, " + progress.lagBytes() + " bytes behind")
          .orElse(StoredGroup.MIGRATING);
    }
    boolean serves = state(group, shard.primaryNode()) == NodeStatus.State.UP;
    return serves || !isServing(group) ? group.status() : StoredGroup.MODIFYING;
  }

  /** A replica that follows, or else the primary. */
  private CacheNode reader(StoredGroup group, Shard shard) {
    return shard.replicas().stream()
        .filter(node -> status(group, node).linkUp())
        .findFirst()
        .orElseGet(shard::primaryNode);
  }

  /** Of a cluster's nodes AWS tells no role and no endpoint here: clients learn both from it. */
  private NodeGroupMember member(
      StoredGroup group, Shard shard, CacheNode node, CacheShelf.Item<StoredGroup> item) {
    NodeGroupMember.Builder view =
        NodeGroupMember.builder()
            .cacheClusterId(node.id())
            .cacheNodeId(CACHE_NODE_ID)
            .preferredAvailabilityZone(zone(item, node));
    if (!group.clusterMode() && isServing(group)) {
      view.readEndpoint(endpoint(node));
      view.currentRole(node.id().equals(shard.primary()) ? "primary" : "replica");
    }
    return view.build();
  }

  /** One node of a group as the cache cluster that it is. */
  CacheCluster cluster(
      CacheShelf.Item<StoredGroup> item, CacheNode node, boolean withNodes, Caller caller) {
    StoredGroup group = item.record();
    String status = clusterStatus(group, node);
    CacheCluster.Builder view =
        CacheCluster.builder()
            .cacheClusterId(node.id())
            .cacheNodeType(group.nodeType())
            .engine(group.engine())
            .engineVersion(group.engineVersion())
            .cacheClusterStatus(status)
            .numCacheNodes(1)
            .preferredAvailabilityZone(zone(item, node))
            .cacheClusterCreateTime(node.createdAt())
            .preferredMaintenanceWindow(group.maintenanceWindow())
            .pendingModifiedValues(PendingModifiedValues.builder().build())
            .cacheSecurityGroups(List.of())
            .cacheSubnetGroupName(group.subnetGroup())
            .autoMinorVersionUpgrade(group.minorUpgrades())
            .securityGroups(group.securityGroups().stream().map(GroupViews::membership).toList())
            .replicationGroupId(group.id())
            .snapshotRetentionLimit(0)
            .snapshotWindow(group.snapshotWindow())
            .authTokenEnabled(group.hasLogin())
            .authTokenLastModifiedDate(group.authTokenChangedAt())
            .transitEncryptionEnabled(group.tls())
            .arn(CacheShelf.arn(caller, "cluster", node.id()))
            .replicationGroupLogDeliveryEnabled(false);
    if (group.attached() == null) {
      String parameters = parameterStatus(group, node);
      view.atRestEncryptionEnabled(false)
          .networkType("ipv4")
          .ipDiscovery("ipv4")
          .transitEncryptionMode(group.tls() ? "required" : null)
          .cacheParameterGroup(
              CacheParameterGroupStatus.builder()
                  .cacheParameterGroupName(group.parameterGroup())
                  .parameterApplyStatus(parameters)
                  .cacheNodeIdsToReboot(
                      parameters.equals(PENDING_REBOOT) ? List.of(CACHE_NODE_ID) : List.of())
                  .build());
    }
    if (group.notificationTopic() != null) {
      view.notificationConfiguration(
          NotificationConfiguration.builder()
              .topicArn(group.notificationTopic())
              .topicStatus("active")
              .build());
    }
    if (withNodes) {
      view.cacheNodes(cacheNode(item, node, status));
    }
    return view.build();
  }

  private software.amazon.awssdk.services.elasticache.model.CacheNode cacheNode(
      CacheShelf.Item<StoredGroup> item, CacheNode node, String status) {
    return software.amazon.awssdk.services.elasticache.model.CacheNode.builder()
        .cacheNodeId(CACHE_NODE_ID)
        .cacheNodeStatus(status)
        .cacheNodeCreateTime(node.createdAt())
        .endpoint(isServing(item.record()) ? endpoint(node) : null)
        .parameterGroupStatus(
            item.record().attached() == null ? parameterStatus(item.record(), node) : null)
        .customerAvailabilityZone(zone(item, node))
        .build();
  }

  /** A node that does not run yet will run with those of now. */
  private String parameterStatus(StoredGroup group, CacheNode node) {
    ParameterGroups.Group wanted = caches.parameters(group);
    Map<String, String> has =
        caches.running(group.id()).map(servers -> servers.parameters(node.id())).orElse(Map.of());
    if (has.isEmpty() || has.equals(wanted.ofServer())) {
      return "in-sync";
    }
    return has.entrySet().containsAll(wanted.immediate().entrySet()) ? PENDING_REBOOT : "applying";
  }

  private static SecurityGroupMembership membership(String id) {
    return SecurityGroupMembership.builder().securityGroupId(id).status("active").build();
  }

  private String clusterStatus(StoredGroup group, CacheNode node) {
    if (!isServing(group)) {
      return group.status();
    }
    return switch (state(group, node)) {
      case UP -> StoredGroup.AVAILABLE;
      case LOADING -> "rebooting cluster nodes";
      case DOWN -> group.attached() == null ? "rebooting cluster nodes" : "incompatible-network";
    };
  }

  private NodeStatus.State state(StoredGroup group, CacheNode node) {
    return status(group, node).state();
  }

  private NodeStatus status(StoredGroup group, CacheNode node) {
    Optional<GroupServers> running = caches.running(group.id());
    return running.map(servers -> servers.status(node.id())).orElse(NodeStatus.NONE);
  }

  private Endpoint endpoint(CacheNode node) {
    String address = node.hostOr(caches.servers().address());
    return Endpoint.builder().address(address).port(node.port()).build();
  }

  /** In the region of the group's ARN, whoever asks; where attached servers are nobody tells us. */
  private static @Nullable String zone(CacheShelf.Item<StoredGroup> item, CacheNode node) {
    return item.record().attached() == null
        ? item.arn().split(":", -1)[3] + (char) ('a' + node.zone() % 6)
        : null;
  }

  /** When a group was made, for pages: oldest first. */
  static String key(Instant createdAt, String name) {
    return "%015d|%s".formatted(createdAt.toEpochMilli(), name);
  }
}
