package wherry.server.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Something that happened to an instance or a task.
 *
 * @param sourceType {@code replication-instance} or {@code replication-task}
 * @param sourceId its identifier
 * @param categories as the API spells them, for example {@code state change}
 * @param message the sentence shown
 * @param date to the millisecond
 */
public record Event(
    String sourceType, String sourceId, List<String> categories, String message, Instant date) {
  public Event {
    categories = List.copyOf(categories);
    date = date.truncatedTo(ChronoUnit.MILLIS);
  }
}
