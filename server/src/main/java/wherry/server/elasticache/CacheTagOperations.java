package wherry.server.elasticache;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.elasticache.model.AddTagsToResourceRequest;
import software.amazon.awssdk.services.elasticache.model.AddTagsToResourceResponse;
import software.amazon.awssdk.services.elasticache.model.ListTagsForResourceRequest;
import software.amazon.awssdk.services.elasticache.model.ListTagsForResourceResponse;
import software.amazon.awssdk.services.elasticache.model.RemoveTagsFromResourceRequest;
import software.amazon.awssdk.services.elasticache.model.RemoveTagsFromResourceResponse;
import software.amazon.awssdk.services.elasticache.model.Tag;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Fault;

/** Tags of groups, their nodes, parameter groups and subnet groups. Safe for all threads. */
public final class CacheTagOperations {
  private static final Pattern ARN =
      Pattern.compile(
          "arn:aws[a-z-]*:elasticache:[a-z0-9-]*:(?:\\d{12}|):([a-z]+):([\\w.-]{1,255})");

  private final Store store;
  private final Caches caches;

  CacheTagOperations(Store store, Caches caches) {
    this.store = store;
    this.caches = caches;
  }

  /** A key that is there takes the new value. */
  public AddTagsToResourceResponse addTagsToResource(AddTagsToResourceRequest request) {
    String arn = require(request.resourceName());
    Map<String, String> added = CacheTagRules.checked(request.tags());
    store.atomically(() -> {
      Map<String, String> all = new TreeMap<>(store.tags().of(arn));
      all.putAll(added);
      CacheTagRules.requireRoom(all);
      store.tags().put(arn, added);
      return arn;
    });
    return AddTagsToResourceResponse.builder().tagList(tags(arn)).build();
  }

  public ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest request) {
    return ListTagsForResourceResponse.builder()
        .tagList(tags(require(request.resourceName())))
        .build();
  }

  public RemoveTagsFromResourceResponse removeTagsFromResource(
      RemoveTagsFromResourceRequest request) {
    String arn = require(request.resourceName());
    Map<String, String> present = store.tags().of(arn);
    for (String key : request.tagKeys()) {
      if (!present.containsKey(key)) {
        throw Fault.of("TagNotFoundFault", "The resource " + arn + " has no tag " + key + ".");
      }
    }
    store.tags().remove(arn, request.tagKeys());
    return RemoveTagsFromResourceResponse.builder().tagList(tags(arn)).build();
  }

  private List<Tag> tags(String arn) {
    return store.tags().of(arn).entrySet().stream()
        .map(tag -> Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
        .toList();
  }

  /**
   * The stored ARN of what the given one means.
   *
   * @throws Fault InvalidARN, or that of the kind that is not found
   */
  private String require(String given) {
    Matcher arn = ARN.matcher(given);
    if (!arn.matches()) {
      throw Fault.of(
          "InvalidARNFault",
          "Invalid ARN \""
              + given
              + "\": it has the form arn:aws:elasticache:region:account:kind:name.");
    }
    String name = arn.group(2).toLowerCase(Locale.ROOT);
    return switch (arn.group(1)) {
      case "replicationgroup" ->
          caches
              .groups()
              .find(name)
              .map(CacheShelf.Item::arn)
              .orElseThrow(() -> CacheFaults.groupNotFound(name));
      case "cluster" -> clusterArn(given, name);
      case "parametergroup" ->
          stored(
              ResourceKind.CACHE_PARAMETER_GROUP, name, CacheFaults.parameterGroupNotFound(name));
      case "subnetgroup" ->
          stored(ResourceKind.CACHE_SUBNET_GROUP, name, CacheFaults.subnetGroupNotFound(name));
      case "snapshot" ->
          throw Fault.of("SnapshotNotFoundFault", "Snapshot " + name + " not found.");
      case "user" -> throw Fault.of("UserNotFoundFault", "User " + name + " not found.");
      case "usergroup" ->
          throw Fault.of("UserGroupNotFoundFault", "User group " + name + " not found.");
      default ->
          throw Fault.of("InvalidARNFault", "No resource of kind " + arn.group(1) + " has tags.");
    };
  }

  private String stored(ResourceKind kind, String name, Fault missing) {
    return store.resources().find(kind, name).orElseThrow(() -> missing).arn();
  }

  private String clusterArn(String given, String nodeId) {
    boolean exists =
        caches.groups().list().stream()
            .flatMap(item -> item.record().nodes().stream())
            .anyMatch(node -> node.id().equals(nodeId));
    if (!exists) {
      throw CacheFaults.clusterNotFound(nodeId);
    }
    return given;
  }
}
