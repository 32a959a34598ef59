package wherry.server.wire;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import wherry.server.wire.UnavailableOperations.Answer;
import wherry.server.wire.UnavailableOperations.Empty;
import wherry.server.wire.UnavailableOperations.Missing;
import wherry.server.wire.UnavailableOperations.Refused;

/** The honest answers of the ElastiCache operations that this service does not carry out. */
final class UnavailableCacheOperations {
  private static final String COMBINATION = "InvalidParameterCombinationException";
  private static final String NO_SERVICE_UPDATES = "There are no service updates here to apply.";

  private static final Map<String, Answer> ANSWERS = answers();

  private UnavailableCacheOperations() {}

  /** All entries, by operation. */
  static Map<String, Answer> table() {
    return Collections.unmodifiableMap(ANSWERS);
  }

  private static Map<String, Answer> answers() {
    Map<String, Answer> table = new TreeMap<>();
    clusters(table);
    securityGroups(table);
    snapshots(table);
    globalGroups(table);
    serverless(table);
    users(table);
    reservations(table);
    updates(table);
    return table;
  }

  private static void clusters(Map<String, Answer> table) {
    table.put(
        "CreateCacheCluster",
        new Refused(
            COMBINATION,
            "Cache clusters outside a replication group are not available here; use"
                + " CreateReplicationGroup, with NumCacheClusters 1 for a single node."));
    table.put(
        "ModifyCacheCluster",
        new Refused(
            COMBINATION,
            "A cache cluster is changed with its replication group: use ModifyReplicationGroup."));
    table.put(
        "DeleteCacheCluster",
        new Refused(
            COMBINATION,
            "A cache cluster is deleted with DecreaseReplicaCount, or with its group by"
                + " DeleteReplicationGroup."));
    table.put(
        "ModifyReplicationGroupShardConfiguration",
        new Refused(
            COMBINATION,
            "Shards cannot be added or removed here; create a group with as many shards as are"
                + " needed and migrate the data into it with StartMigration."));
  }

  private static void securityGroups(Map<String, Answer> table) {
    String reason = "Cache security groups ended with EC2-Classic; use the machine's firewall.";
    String fault = "CacheSecurityGroupNotFoundFault";
    table.put("CreateCacheSecurityGroup", new Refused(COMBINATION, reason));
    for (String operation :
        List.of(
            "DeleteCacheSecurityGroup",
            "AuthorizeCacheSecurityGroupIngress",
            "RevokeCacheSecurityGroupIngress")) {
      table.put(
          operation, new Missing("Cache security group", "CacheSecurityGroupName", fault, reason));
    }
    table.put(
        "DescribeCacheSecurityGroups",
        new Empty(
            "CacheSecurityGroups",
            "cache security groups",
            List.of("CacheSecurityGroupName"),
            fault,
            reason));
  }

  private static void snapshots(Map<String, Answer> table) {
    String reason = "Snapshots are not available in this version of Wherry.";
    String fault = "SnapshotNotFoundFault";
    table.put("CreateSnapshot", new Refused("SnapshotFeatureNotSupportedFault", reason));
    table.put("CopySnapshot", new Missing("Snapshot", "SourceSnapshotName", fault, reason));
    table.put("DeleteSnapshot", new Missing("Snapshot", "SnapshotName", fault, reason));
    table.put(
        "DescribeSnapshots",
        new Empty("Snapshots", "snapshots", List.of("SnapshotName"), fault, reason));
  }

  private static void globalGroups(Map<String, Answer> table) {
    String reason = "Global replication groups are not available in this version of Wherry.";
    String fault = "GlobalReplicationGroupNotFoundFault";
    table.put(
        "CreateGlobalReplicationGroup", new Refused("InvalidParameterValueException", reason));
    for (String verb :
        List.of(
            "DecreaseNodeGroupsIn",
            "Delete",
            "Disassociate",
            "Failover",
            "IncreaseNodeGroupsIn",
            "Modify",
            "RebalanceSlotsIn")) {
      table.put(
          verb + "GlobalReplicationGroup",
          new Missing("Global replication group", "GlobalReplicationGroupId", fault, reason));
    }
    table.put(
        "DescribeGlobalReplicationGroups",
        new Empty(
            "GlobalReplicationGroups",
            "global replication groups",
            List.of("GlobalReplicationGroupId"),
            fault,
            reason));
  }

  private static void serverless(Map<String, Answer> table) {
    String reason = "Serverless caches are not available in this version of Wherry.";
    String cache = "ServerlessCacheNotFoundFault";
    String snapshot = "ServerlessCacheSnapshotNotFoundFault";
    table.put("CreateServerlessCache", new Refused(COMBINATION, reason));
    for (String operation :
        List.of(
            "CreateServerlessCacheSnapshot", "DeleteServerlessCache", "ModifyServerlessCache")) {
      table.put(operation, new Missing("Serverless cache", "ServerlessCacheName", cache, reason));
    }
    table.put(
        "CopyServerlessCacheSnapshot",
        new Missing("Snapshot", "SourceServerlessCacheSnapshotName", snapshot, reason));
    for (String operation :
        List.of("DeleteServerlessCacheSnapshot", "ExportServerlessCacheSnapshot")) {
      table.put(
          operation, new Missing("Snapshot", "ServerlessCacheSnapshotName", snapshot, reason));
    }
    table.put(
        "DescribeServerlessCaches",
        new Empty(
            "ServerlessCaches",
            "serverless caches",
            List.of("ServerlessCacheName"),
            cache,
            reason));
    table.put(
        "DescribeServerlessCacheSnapshots",
        new Empty(
            "ServerlessCacheSnapshots",
            "snapshots",
            List.of("ServerlessCacheSnapshotName", "ServerlessCacheName"),
            snapshot,
            reason));
  }

  private static void users(Map<String, Answer> table) {
    String reason =
        "Users and user groups are not available in this version of Wherry; use AuthToken.";
    String user = "UserNotFoundFault";
    String group = "UserGroupNotFoundFault";
    table.put("CreateUser", new Refused(COMBINATION, reason));
    table.put("CreateUserGroup", new Refused("InvalidParameterValueException", reason));
    for (String verb : List.of("Delete", "Modify")) {
      table.put(verb + "User", new Missing("User", "UserId", user, reason));
      table.put(verb + "UserGroup", new Missing("User group", "UserGroupId", group, reason));
    }
    table.put("DescribeUsers", new Empty("Users", "users", List.of("UserId"), user, reason));
    table.put(
        "DescribeUserGroups",
        new Empty("UserGroups", "user groups", List.of("UserGroupId"), group, reason));
  }

  private static void reservations(Map<String, Answer> table) {
    String reason = "Nothing has a price here, so nothing can be reserved.";
    String offering = "ReservedCacheNodesOfferingNotFoundFault";
    table.put(
        "PurchaseReservedCacheNodesOffering",
        new Missing("Offering", "ReservedCacheNodesOfferingId", offering, reason));
    table.put(
        "DescribeReservedCacheNodesOfferings",
        new Empty(
            "ReservedCacheNodesOfferings",
            "offerings",
            List.of("ReservedCacheNodesOfferingId"),
            offering,
            reason));
    table.put(
        "DescribeReservedCacheNodes",
        new Empty(
            "ReservedCacheNodes",
            "reserved cache nodes",
            List.of("ReservedCacheNodeId"),
            "ReservedCacheNodeNotFoundFault",
            reason));
  }

  private static void updates(Map<String, Answer> table) {
    String fault = "ServiceUpdateNotFoundFault";
    for (String verb : List.of("Apply", "Stop")) {
      table.put(
          "Batch" + verb + "UpdateAction",
          new Missing("Service update", "ServiceUpdateName", fault, NO_SERVICE_UPDATES));
    }
    table.put(
        "DescribeServiceUpdates",
        new Empty(
            "ServiceUpdates",
            "service updates",
            List.of("ServiceUpdateName"),
            fault,
            NO_SERVICE_UPDATES));
    table.put(
        "DescribeUpdateActions",
        new Empty("UpdateActions", "update actions", List.of(), fault, NO_SERVICE_UPDATES));
  }
}
