package wherry.server.elasticache;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.services.elasticache.model.ModifyReplicationGroupRequest;
import wherry.elasticache.Shard;
import wherry.server.wire.Fault;

/** A ModifyReplicationGroup request, read and checked. */
final class GroupChange {
  private final Caches caches;
  private final StoredGroup group;
  private final ModifyReplicationGroupRequest request;

  GroupChange(
      Caches caches, CacheShelf.Item<StoredGroup> item, ModifyReplicationGroupRequest request) {
    this.caches = caches;
    this.group = item.record();
    this.request = request;
  }

  /**
   * @throws Fault when something is asked for that cannot be
   */
  void check() {
    refuseUnavailable();
    if (!Boolean.TRUE.equals(request.applyImmediately())) {
      throw CacheFaults.invalidCombination(
          "Give ApplyImmediately: changes are not kept for the maintenance window here.");
    }
    if (request.cacheNodeType() != null) {
      GroupRequest.requireNodeType(request.cacheNodeType());
    }
    if (request.cacheParameterGroupName() != null) {
      checkParameterGroup(request.cacheParameterGroupName());
    }
    boolean failover =
        Objects.requireNonNullElse(request.automaticFailoverEnabled(), group.automaticFailover());
    boolean multiZone = Objects.requireNonNullElse(request.multiAZEnabled(), group.multiZone());
    boolean hasReplicas = group.shards().stream().allMatch(shard -> !shard.replicas().isEmpty());
    if (failover && !hasReplicas && !group.clusterMode()) {
      throw CacheFaults.invalidCombination(
          "AutomaticFailoverEnabled needs at least one replica; add one with IncreaseReplicaCount.");
    }
    if (!failover && group.clusterMode()) {
      throw CacheFaults.invalidCombination(
          "A group with cluster mode enabled cannot be without automatic failover.");
    }
    if (multiZone && (!failover || !hasReplicas)) {
      throw CacheFaults.invalidCombination(
          "MultiAZEnabled needs AutomaticFailoverEnabled and at least one replica.");
    }
    newPrimary().ifPresent(this::requireReplica);
    checkToken();
  }

  private void refuseUnavailable() {
    if (!request.cacheSecurityGroupNames().isEmpty()) {
      throw Fault.of(
          "CacheSecurityGroupNotFoundFault",
          "CacheSecurityGroup " + request.cacheSecurityGroupNames().getFirst() + " not found.");
    }
    if (!request.userGroupIdsToAdd().isEmpty() || !request.userGroupIdsToRemove().isEmpty()) {
      throw Fault.of("UserGroupNotFoundFault", "There are no user groups here; use AuthToken.");
    }
    boolean snapshots =
        request.snapshottingClusterId() != null
            || (request.snapshotRetentionLimit() != null && request.snapshotRetentionLimit() > 0);
    boolean otherEngine =
        request.engine() != null && !request.engine().equalsIgnoreCase(group.engine());
    boolean otherVersion =
        request.engineVersion() != null
            && !(group.engineVersion() + ".").startsWith(request.engineVersion() + ".");
    boolean otherEncryption =
        request.transitEncryptionEnabled() != null
            && request.transitEncryptionEnabled() != group.tls();
    boolean preferred = "preferred".equals(request.transitEncryptionModeAsString());
    boolean mode =
        request.clusterMode() != null
            && !request.clusterModeAsString().equals(group.clusterMode() ? "enabled" : "disabled");
    if (snapshots || otherEngine || otherVersion || otherEncryption || preferred || mode) {
      throw CacheFaults.invalidCombination(
          "Snapshots, the engine, encryption in transit and cluster mode of a group cannot be"
              + " changed here. Create another group and migrate into it with StartMigration.");
    }
    if (!request.logDeliveryConfigurations().isEmpty()) {
      throw CacheFaults.invalidCombination(
          "Log delivery is not available here; each server's log is server.log in its data folder.");
    }
  }

  private void checkParameterGroup(String name) {
    ParameterGroups.Group wanted = caches.parameterGroups().require(name);
    GroupRequest.requireFamily(wanted, caches.parameters(group).family());
    if (wanted.clusterEnabled() != group.clusterMode()) {
      throw CacheFaults.invalidCombination(
          "The parameter group " + name + " has another value of cluster-enabled than the group.");
    }
  }

  private void requireReplica(String nodeId) {
    Shard shard =
        group.shards().stream()
            .filter(each -> each.nodes().stream().anyMatch(node -> node.id().equals(nodeId)))
            .findFirst()
            .orElseThrow(() -> CacheFaults.clusterNotFound(nodeId));
    if (group.clusterMode()) {
      throw CacheFaults.invalidCombination(
          "PrimaryClusterId is for groups with cluster mode disabled; use TestFailover.");
    }
    if (shard.primary().equals(nodeId)) {
      throw CacheFaults.invalidValue(nodeId + " is the primary already.");
    }
  }

  private void checkToken() {
    String strategy = request.authTokenUpdateStrategyAsString();
    if (request.authToken() == null && strategy == null) {
      return;
    }
    if (!group.tls()) {
      throw CacheFaults.invalidCombination(
          "AuthToken can only be given to a group with TransitEncryptionEnabled.");
    }
    if ("DELETE".equals(strategy) != (request.authToken() == null)) {
      throw CacheFaults.invalidCombination(
          "AuthTokenUpdateStrategy SET and ROTATE need an AuthToken; DELETE takes none.");
    }
    if (request.authToken() != null) {
      CacheNames.authToken(request.authToken());
    }
  }

  boolean changesToken() {
    return request.authToken() != null || request.authTokenUpdateStrategy() != null;
  }

  /** The secrets afterwards; ROTATE keeps the present token beside the new one. */
  Map<String, String> secrets(Map<String, String> present) {
    if (!changesToken()) {
      return present;
    }
    Map<String, String> secrets = new TreeMap<>();
    if (request.authToken() != null) {
      secrets.put(Caches.TOKEN, request.authToken());
      boolean rotate = !"SET".equals(request.authTokenUpdateStrategyAsString());
      if (rotate && present.containsKey(Caches.TOKEN)) {
        secrets.put(Caches.FORMER_TOKEN, present.get(Caches.TOKEN));
      }
    }
    return secrets;
  }

  Optional<String> newPrimary() {
    return Optional.ofNullable(request.primaryClusterId()).map(id -> id.toLowerCase(Locale.ROOT));
  }

  StoredGroup.Change fields() {
    return new StoredGroup.Change(
        request.replicationGroupDescription(),
        request.cacheNodeType(),
        request.cacheParameterGroupName(),
        List.copyOf(request.securityGroupIds()),
        request.automaticFailoverEnabled(),
        request.multiAZEnabled(),
        request.preferredMaintenanceWindow() == null
            ? null
            : CacheNames.maintenanceWindow(request.preferredMaintenanceWindow()),
        request.snapshotWindow() == null
            ? null
            : CacheNames.snapshotWindow(request.snapshotWindow()),
        request.autoMinorVersionUpgrade(),
        request.notificationTopicArn());
  }
}
