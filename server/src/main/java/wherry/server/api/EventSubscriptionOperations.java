package wherry.server.api;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.databasemigration.model.CreateEventSubscriptionRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateEventSubscriptionResponse;
import software.amazon.awssdk.services.databasemigration.model.DeleteEventSubscriptionRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteEventSubscriptionResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeEventSubscriptionsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeEventSubscriptionsResponse;
import software.amazon.awssdk.services.databasemigration.model.EventSubscription;
import software.amazon.awssdk.services.databasemigration.model.ModifyEventSubscriptionRequest;
import software.amazon.awssdk.services.databasemigration.model.ModifyEventSubscriptionResponse;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;

/**
 * Event subscriptions: kept for clients that manage them. Nothing is delivered; events are read
 * with DescribeEvents.
 */
public final class EventSubscriptionOperations {
  private static final Pattern TOPIC =
      Pattern.compile("arn:aws[a-z-]*:sns:[a-z0-9-]*:(\\d{12})?:[A-Za-z0-9_.-]{1,256}");

  private static final DateTimeFormatter CREATION_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

  private static final Filters<Shelf.Item<EventSubscription>> FILTERS =
      Filters.<Shelf.Item<EventSubscription>>on("Event Subscriptions")
          .by("event-subscription-arn", Shelf.Item::arn)
          .by("event-subscription-id", item -> item.shape().custSubscriptionId());

  private final Store store;
  private final Shelf<EventSubscription> shelf;

  EventSubscriptionOperations(Store store) {
    this.store = store;
    this.shelf =
        new Shelf<>(
            store,
            ResourceKind.EVENT_SUBSCRIPTION,
            Shapes::encode,
            json -> Shapes.decode(json, EventSubscription.class));
  }

  public CreateEventSubscriptionResponse createEventSubscription(
      CreateEventSubscriptionRequest request, Caller caller) {
    String name = Identifiers.subscription(request.subscriptionName());
    Map<String, String> tags = TagRules.checked(request.tags());
    EventCategories.requireSourceType(request.sourceType());
    if (!request.sourceIds().isEmpty() && request.sourceType() == null) {
      throw Fault.invalidParameterCombination("SourceType must be given with SourceIds.");
    }
    EventSubscription subscription =
        EventSubscription.builder()
            .custSubscriptionId(name)
            .customerAwsId(caller.accountId())
            .snsTopicArn(checkedTopic(request.snsTopicArn()))
            .status("active")
            .subscriptionCreationTime(CREATION_TIME.format(Instant.now()))
            .sourceType(request.sourceType())
            .sourceIdsList(request.sourceIds())
            .eventCategoriesList(EventCategories.canonical(request.eventCategories()))
            .enabled(!Boolean.FALSE.equals(request.enabled()))
            .build();
    String arn = Arn.of(caller, ResourceKind.EVENT_SUBSCRIPTION, name);
    store.atomically(() -> {
      Quota.EVENT_SUBSCRIPTIONS.requireRoom(store);
      shelf.insert(arn, name, subscription);
      store.tags().put(arn, tags);
      return arn;
    });
    return CreateEventSubscriptionResponse.builder()
        .eventSubscription(withStatus(subscription, "creating"))
        .build();
  }

  private static String checkedTopic(String arn) {
    if (!TOPIC.matcher(arn).matches()) {
      throw Fault.of(
          "SNSInvalidTopicFault",
          "The SnsTopicArn \"" + arn + "\" is not the ARN of an SNS topic.");
    }
    return arn;
  }

  public DescribeEventSubscriptionsResponse describeEventSubscriptions(
      DescribeEventSubscriptionsRequest request) {
    List<Shelf.Item<EventSubscription>> named =
        request.subscriptionName() == null
            ? shelf.list()
            : List.of(shelf.requireIdentifier(request.subscriptionName()));
    var page =
        Page.of(
            FILTERS.require(request.filters(), named),
            Shelf.Item::key,
            request.maxRecords(),
            request.marker());
    return DescribeEventSubscriptionsResponse.builder()
        .eventSubscriptionsList(page.items().stream().map(Shelf.Item::shape).toList())
        .marker(page.marker())
        .build();
  }

  public ModifyEventSubscriptionResponse modifyEventSubscription(
      ModifyEventSubscriptionRequest request) {
    EventCategories.requireSourceType(request.sourceType());
    String arn = shelf.requireIdentifier(request.subscriptionName()).arn();
    EventSubscription changed =
        shelf.change(
            arn, EventSubscription::custSubscriptionId, before -> modified(before, request));
    return ModifyEventSubscriptionResponse.builder()
        .eventSubscription(withStatus(changed, "modifying"))
        .build();
  }

  private static EventSubscription modified(
      EventSubscription before, ModifyEventSubscriptionRequest request) {
    EventSubscription.Builder after = before.toBuilder();
    if (request.snsTopicArn() != null) {
      after.snsTopicArn(checkedTopic(request.snsTopicArn()));
    }
    if (request.sourceType() != null) {
      after.sourceType(request.sourceType());
    }
    if (request.hasEventCategories()) {
      after.eventCategoriesList(EventCategories.canonical(request.eventCategories()));
    }
    if (request.enabled() != null) {
      after.enabled(request.enabled());
    }
    return after.build();
  }

  public DeleteEventSubscriptionResponse deleteEventSubscription(
      DeleteEventSubscriptionRequest request) {
    Shelf.Item<EventSubscription> item = shelf.requireIdentifier(request.subscriptionName());
    store.resources().delete(item.arn());
    return DeleteEventSubscriptionResponse.builder()
        .eventSubscription(withStatus(item.shape(), "deleting"))
        .build();
  }

  private static EventSubscription withStatus(EventSubscription subscription, String status) {
    return subscription.toBuilder().status(status).build();
  }
}
