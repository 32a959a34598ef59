package wherry.server.elasticache;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticache.model.CreateReplicationGroupRequest;
import wherry.server.wire.Fault;

/**
 * What AWS's replication groups can have and these cannot: asked for, it is refused, not ignored.
 */
final class UnavailableFeatures {
  private UnavailableFeatures() {}

  /**
   * @throws Fault the one that the operation's model has for it
   */
  static void refuse(CreateReplicationGroupRequest request) {
    if (request.globalReplicationGroupId() != null) {
      throw Fault.of(
          "GlobalReplicationGroupNotFoundFault",
          "Global replication group " + request.globalReplicationGroupId() + " not found.");
    }
    if (request.primaryClusterId() != null) {
      throw CacheFaults.clusterNotFound(request.primaryClusterId());
    }
    if (!request.cacheSecurityGroupNames().isEmpty()) {
      throw Fault.of(
          "CacheSecurityGroupNotFoundFault",
          "CacheSecurityGroup " + request.cacheSecurityGroupNames().getFirst() + " not found.");
    }
    if (!request.userGroupIds().isEmpty()) {
      throw Fault.of(
          "UserGroupNotFoundFault",
          "UserGroup " + request.userGroupIds().getFirst() + " not found; use AuthToken.");
    }
    refuseIf(
        request.snapshotName() != null
            || request.serverlessCacheSnapshotName() != null
            || !request.snapshotArns().isEmpty()
            || positive(request.snapshotRetentionLimit()),
        "Snapshots are not available here: leave SnapshotRetentionLimit 0, and load data with"
            + " StartMigration.");
    refuseIf(
        Boolean.TRUE.equals(request.atRestEncryptionEnabled()) || request.kmsKeyId() != null,
        "Encryption at rest is not available here: the servers write plain files. Encrypt the disk"
            + " of the service's data folder instead.");
    refuseIf(
        Boolean.TRUE.equals(request.dataTieringEnabled()), "Data tiering is not available here.");
    refuseIf(
        !request.logDeliveryConfigurations().isEmpty(),
        "Log delivery is not available here; each server's log is server.log in its data folder.");
    refuseIf(
        "preferred".equals(request.transitEncryptionModeAsString()),
        "TransitEncryptionMode can only be required here: a server has one port.");
    refuseIf(
        (request.networkType() != null && !"ipv4".equals(request.networkTypeAsString()))
            || (request.ipDiscovery() != null && !"ipv4".equals(request.ipDiscoveryAsString())),
        "NetworkType and IpDiscovery can only be ipv4 here.");
  }

  private static boolean positive(@Nullable Integer number) {
    return number != null && number > 0;
  }

  private static void refuseIf(boolean asked, String message) {
    if (asked) {
      throw CacheFaults.invalidCombination(message);
    }
  }
}
