package wherry.server.elasticache;

import java.time.Instant;
import java.util.List;
import wherry.server.store.Event;
import wherry.server.store.Store;

/** Writes what happens to caches into the event log. Safe for all threads. */
final class CacheEvents {
  static final String GROUP = "replication-group";
  static final String CLUSTER = "cache-cluster";
  static final String PARAMETER_GROUP = "cache-parameter-group";
  static final String SUBNET_GROUP = "cache-subnet-group";

  private final Store store;

  CacheEvents(Store store) {
    this.store = store;
  }

  void group(String id, String message) {
    add(GROUP, id, message);
  }

  void cluster(String id, String message) {
    add(CLUSTER, id, message);
  }

  void add(String sourceType, String id, String message) {
    store
        .events()
        .add(
            new Event(
                Event.OF_CACHES + sourceType, id, List.of("notification"), message, Instant.now()));
  }
}
