package wherry.server.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Something that happened to an instance, a task or a cache.
 *
 * @param sourceType {@code replication-instance} or {@code replication-task}; with {@link
 *     #OF_CACHES} before it, one of ElastiCache's
 * @param sourceId its identifier
 * @param categories as the API spells them, for example {@code state change}
 * @param message the sentence shown
 * @param date to the millisecond
 */
public record Event(
    String sourceType, String sourceId, List<String> categories, String message, Instant date) {
  /** Begins the source types of ElastiCache, whose events DMS does not show. */
  public static final String OF_CACHES = "elasticache:";

  public Event {
    categories = List.copyOf(categories);
    date = date.truncatedTo(ChronoUnit.MILLIS);
  }
}
