package wherry.server.elasticache;

import wherry.server.wire.Fault;

/**
 * The faults of ElastiCache, by the names of their shapes; codes and HTTP statuses are the
 * contract's.
 */
final class CacheFaults {
  private CacheFaults() {}

  static Fault invalidValue(String message) {
    return Fault.of("InvalidParameterValueException", message);
  }

  static Fault invalidCombination(String message) {
    return Fault.of("InvalidParameterCombinationException", message);
  }

  static Fault groupNotFound(String id) {
    return Fault.of("ReplicationGroupNotFoundFault", "ReplicationGroup " + id + " not found.");
  }

  static Fault groupState(String message) {
    return Fault.of("InvalidReplicationGroupStateFault", message);
  }

  /** What is asked for would change servers that are not the service's own. */
  static Fault attached(String id) {
    return groupState(
        "Replication group "
            + id
            + " is attached: its servers run without this service, which neither changes, ends nor"
            + " deletes them. To detach it, take its line out of the file that "
            + AttachedGroups.VARIABLE
            + " names and start the service again.");
  }

  static Fault groupExists(String id) {
    return Fault.of(
        "ReplicationGroupAlreadyExistsFault", "Replication group " + id + " already exists.");
  }

  static Fault clusterNotFound(String id) {
    return Fault.of("CacheClusterNotFoundFault", "CacheCluster " + id + " not found.");
  }

  static Fault parameterGroupNotFound(String name) {
    return Fault.of(
        "CacheParameterGroupNotFoundFault", "CacheParameterGroup " + name + " not found.");
  }

  static Fault subnetGroupNotFound(String name) {
    return Fault.of("CacheSubnetGroupNotFoundFault", "CacheSubnetGroup " + name + " not found.");
  }

  static Fault capacity(String message) {
    return Fault.of("InsufficientCacheClusterCapacityFault", message);
  }
}
