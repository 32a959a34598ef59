package wherry.server.elasticache;

import java.util.List;
import wherry.server.store.Store;

/** The objects that carry ElastiCache's operations out, for its router. */
public final class CacheOperations {
  private CacheOperations() {}

  /** All of them. */
  public static List<Object> of(Store store, Caches caches) {
    return List.of(
        new ReplicationGroupOperations(store, caches),
        new ReplicaOperations(caches),
        new CacheClusterOperations(caches),
        new CacheSubnetGroupOperations(store, caches),
        new CacheParameterOperations(store, caches),
        new CacheTagOperations(store, caches),
        new CacheEventOperations(store),
        new CacheMigrationOperations(store, caches));
  }
}
