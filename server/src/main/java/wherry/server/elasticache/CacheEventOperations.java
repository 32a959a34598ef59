package wherry.server.elasticache;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import software.amazon.awssdk.services.elasticache.model.DescribeEventsRequest;
import software.amazon.awssdk.services.elasticache.model.DescribeEventsResponse;
import software.amazon.awssdk.services.elasticache.model.Event;
import wherry.server.store.Events;
import wherry.server.store.Store;

/** What happened to caches. Safe for all threads. */
public final class CacheEventOperations {
  private static final String OF_CACHES = wherry.server.store.Event.OF_CACHES;
  private static final int DEFAULT_MINUTES = 60;
  private static final int MOST_MINUTES = 20_160;

  private final Store store;

  CacheEventOperations(Store store) {
    this.store = store;
  }

  /** Of the last hour unless the request says otherwise. */
  public DescribeEventsResponse describeEvents(DescribeEventsRequest request) {
    String type = request.sourceTypeAsString();
    String source = request.sourceIdentifier();
    if (source != null && type == null) {
      throw CacheFaults.invalidCombination("SourceType must be given with SourceIdentifier.");
    }
    List<Events.Numbered> events =
        between(request).stream()
            .filter(numbered -> numbered.event().sourceType().startsWith(OF_CACHES))
            .filter(numbered -> type == null || type.equals(sourceType(numbered)))
            .filter(
                numbered -> source == null || source.equalsIgnoreCase(numbered.event().sourceId()))
            .toList();
    var page =
        CachePage.of(
            events,
            numbered -> "%019d".formatted(numbered.number()),
            request.maxRecords(),
            request.marker());
    return DescribeEventsResponse.builder()
        .events(page.items().stream().map(CacheEventOperations::view).toList())
        .marker(page.marker())
        .build();
  }

  private List<Events.Numbered> between(DescribeEventsRequest request) {
    int minutes = Objects.requireNonNullElse(request.duration(), DEFAULT_MINUTES);
    if (minutes < 1 || minutes > MOST_MINUTES) {
      throw CacheFaults.invalidValue("Duration must be 1 to " + MOST_MINUTES + " minutes.");
    }
    Duration duration = Duration.ofMinutes(minutes);
    boolean onwards =
        request.startTime() != null && request.endTime() == null && request.duration() != null;
    Instant to =
        onwards
            ? request.startTime().plus(duration)
            : Objects.requireNonNullElseGet(request.endTime(), Instant::now);
    Instant from = Objects.requireNonNullElseGet(request.startTime(), () -> to.minus(duration));
    if (from.isAfter(to)) {
      throw CacheFaults.invalidCombination("StartTime must not be after EndTime.");
    }
    return store.events().between(from, to);
  }

  private static String sourceType(Events.Numbered numbered) {
    return numbered.event().sourceType().substring(OF_CACHES.length());
  }

  private static Event view(Events.Numbered numbered) {
    return Event.builder()
        .sourceIdentifier(numbered.event().sourceId())
        .sourceType(sourceType(numbered))
        .message(numbered.event().message())
        .date(numbered.event().date())
        .build();
  }
}
