package wherry.server.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import software.amazon.awssdk.services.databasemigration.model.DescribeEventCategoriesRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeEventCategoriesResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeEventsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeEventsResponse;
import software.amazon.awssdk.services.databasemigration.model.Event;
import software.amazon.awssdk.services.databasemigration.model.EventCategoryGroup;
import wherry.server.store.Events;
import wherry.server.store.Store;
import wherry.server.wire.Fault;

/** What happened. Safe for all threads. */
public final class EventOperations {
  private static final int DEFAULT_MINUTES = 60;
  private static final int MOST_MINUTES = 20_160;

  private static final Filters<Events.Numbered> FILTERS =
      Filters.<Events.Numbered>on("Events")
          .by(
              "replication-instance-id",
              numbered ->
                  numbered.event().sourceType().equals(EventLog.INSTANCE)
                      ? numbered.event().sourceId()
                      : null);

  private final Store store;

  EventOperations(Store store) {
    this.store = store;
  }

  /**
   * Of the last hour unless the request says otherwise. The model knows no fault: nothing found is
   * an empty list.
   */
  public DescribeEventsResponse describeEvents(DescribeEventsRequest request) {
    String type = request.sourceTypeAsString();
    EventCategories.requireSourceType(type);
    if (request.sourceIdentifier() != null && type == null) {
      throw Fault.invalidParameterCombination("SourceType must be given with SourceIdentifier.");
    }
    List<String> categories = EventCategories.canonical(request.eventCategories());
    List<Events.Numbered> events =
        between(request).stream()
            .filter(numbered ->
                !numbered.event().sourceType().startsWith(wherry.server.store.Event.OF_CACHES))
            .filter(numbered -> type == null || type.equals(numbered.event().sourceType()))
            .filter(numbered ->
                request.sourceIdentifier() == null
                    || request.sourceIdentifier().equalsIgnoreCase(numbered.event().sourceId()))
            .filter(numbered ->
                categories.isEmpty()
                    || numbered.event().categories().stream().anyMatch(categories::contains))
            .toList();
    var page =
        Page.of(
            FILTERS.select(request.filters(), events),
            numbered -> "%019d".formatted(numbered.number()),
            request.maxRecords(),
            request.marker());
    return DescribeEventsResponse.builder()
        .events(page.items().stream().map(EventOperations::shape).toList())
        .marker(page.marker())
        .build();
  }

  private List<Events.Numbered> between(DescribeEventsRequest request) {
    int minutes = request.duration() == null ? DEFAULT_MINUTES : request.duration();
    if (minutes < 1 || minutes > MOST_MINUTES) {
      throw Fault.invalidParameterValue(
          "The value "
              + minutes
              + " of Duration is not valid: it must be between 1 and "
              + MOST_MINUTES
              + " minutes.");
    }
    Duration duration = Duration.ofMinutes(minutes);
    Instant to = request.endTime() == null ? Instant.now() : request.endTime();
    Instant from = request.startTime() == null ? to.minus(duration) : request.startTime();
    if (request.startTime() != null && request.endTime() == null && request.duration() != null) {
      to = from.plus(duration);
    }
    if (from.isAfter(to)) {
      throw Fault.invalidParameterCombination("StartTime must not be after EndTime.");
    }
    return store.events().between(from, to);
  }

  private static Event shape(Events.Numbered numbered) {
    wherry.server.store.Event event = numbered.event();
    return Event.builder()
        .sourceIdentifier(event.sourceId())
        .sourceType(event.sourceType())
        .message(event.message())
        .eventCategories(event.categories())
        .date(event.date())
        .build();
  }

  public DescribeEventCategoriesResponse describeEventCategories(
      DescribeEventCategoriesRequest request) {
    List<EventCategoryGroup> groups =
        EventCategories.sourceTypes(request.sourceType()).stream()
            .map(type ->
                EventCategoryGroup.builder()
                    .sourceType(type)
                    .eventCategories(EventCategories.of(type))
                    .build())
            .toList();
    return DescribeEventCategoriesResponse.builder().eventCategoryGroupList(groups).build();
  }
}
