package wherry.server.elasticache;

import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.elasticache.CacheServerException;
import wherry.error.DmsException;
import wherry.redis.migration.CompletionReport;
import wherry.server.store.Event;
import wherry.server.store.Store;

/** Writes what happens to caches into the event log. Safe for all threads. */
final class CacheEvents {
  private static final Logger LOG = LoggerFactory.getLogger(CacheEvents.class);

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

  /** Tells why something failed, where the failure explains itself; if not, the log does. */
  void failed(String id, String what, RuntimeException e) {
    boolean explained = e instanceof DmsException || e instanceof CacheServerException;
    LOG.warn("{}: {}", what, e.getMessage(), explained ? null : e);
    group(id, what + ": " + (explained ? e.getMessage() : "see the log."));
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
