package wherry.server.elasticache;

import java.time.Instant;
import java.util.List;
import wherry.redis.migration.CompletionReport;
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

  /** What the comparison of both sides has found, and the first differences. */
  void completed(String id, String what, CompletionReport report) {
    group(
        id,
        what
            + ": "
            + compared(report)
            + (report.sourceWasWritten() ? "; the source was still being written" : ""));
    report.differences().stream()
        .limit(20)
        .forEach(each ->
            group(
                id,
                "Difference in database "
                    + each.database()
                    + ", key "
                    + each.key()
                    + ": "
                    + each.kind()
                    + " "
                    + each.detail()));
  }

  private static String compared(CompletionReport report) {
    return report.notCompared() == null
        ? report.keysCompared()
            + " keys compared, "
            + (report.isEqual() ? "all equal" : report.keysDifferent() + " differ")
        : "nothing could be compared: " + report.notCompared();
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
