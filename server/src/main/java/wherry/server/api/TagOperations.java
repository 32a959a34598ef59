package wherry.server.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.AddTagsToResourceRequest;
import software.amazon.awssdk.services.databasemigration.model.AddTagsToResourceResponse;
import software.amazon.awssdk.services.databasemigration.model.ListTagsForResourceRequest;
import software.amazon.awssdk.services.databasemigration.model.ListTagsForResourceResponse;
import software.amazon.awssdk.services.databasemigration.model.RemoveTagsFromResourceRequest;
import software.amazon.awssdk.services.databasemigration.model.RemoveTagsFromResourceResponse;
import software.amazon.awssdk.services.databasemigration.model.Tag;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Fault;

/** Tags of everything that has an ARN. Safe for all threads. */
public final class TagOperations {
  private final Store store;

  TagOperations(Store store) {
    this.store = store;
  }

  /** A key that is there takes the new value. */
  public AddTagsToResourceResponse addTagsToResource(AddTagsToResourceRequest request) {
    Map<String, String> added = TagRules.checked(request.tags());
    store.atomically(() -> {
      String arn = require(request.resourceArn());
      Map<String, String> all = new TreeMap<>(store.tags().of(arn));
      all.putAll(added);
      TagRules.requireRoom(all);
      store.tags().put(arn, added);
      return arn;
    });
    return AddTagsToResourceResponse.builder().build();
  }

  public RemoveTagsFromResourceResponse removeTagsFromResource(
      RemoveTagsFromResourceRequest request) {
    store.atomically(() -> {
      String arn = require(request.resourceArn());
      store.tags().remove(arn, request.tagKeys());
      return arn;
    });
    return RemoveTagsFromResourceResponse.builder().build();
  }

  /** With ResourceArnList each tag says whose it is. */
  public ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest request) {
    if (request.resourceArn() == null && request.resourceArnList().isEmpty()) {
      throw Fault.invalidParameterCombination("Give ResourceArn or ResourceArnList.");
    }
    List<Tag> tags = new ArrayList<>();
    if (request.resourceArn() != null) {
      addTags(tags, request.resourceArn(), null);
    }
    request.resourceArnList().forEach(arn -> addTags(tags, arn, arn));
    return ListTagsForResourceResponse.builder().tagList(tags).build();
  }

  private void addTags(List<Tag> tags, String arn, @Nullable String shownArn) {
    store
        .tags()
        .of(require(arn))
        .forEach((key, value) ->
            tags.add(Tag.builder().key(key).value(value).resourceArn(shownArn).build()));
  }

  /**
   * The stored ARN of what the given one means: clients build ARNs from names, some without knowing
   * the account.
   */
  private String require(String given) {
    Lookup.checked(given);
    if (store.resources().find(given).isPresent()) {
      return given;
    }
    return Arn.parse(given)
        .flatMap(this::meant)
        .map(Resource::arn)
        .orElseThrow(() -> Fault.resourceNotFound("Resource " + given + " not found."));
  }

  private Optional<Resource> meant(Arn arn) {
    return ResourceKind.ofArnSegment(arn.kind())
        .flatMap(kind ->
            store.resources().list(kind).stream()
                .filter(resource ->
                    Arn.parse(resource.arn()).filter(stored -> sameBut(stored, arn)).isPresent())
                .findFirst());
  }

  private static boolean sameBut(Arn stored, Arn given) {
    return stored.id().equalsIgnoreCase(given.id())
        && (given.account().isEmpty() || given.account().equals(stored.account()));
  }
}
