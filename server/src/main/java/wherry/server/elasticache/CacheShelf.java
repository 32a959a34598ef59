package wherry.server.elasticache;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import tools.jackson.databind.json.JsonMapper;
import wherry.server.store.DuplicateResourceException;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;

/** Resources of one kind of ElastiCache's, kept as JSON of a record. Safe for all threads. */
final class CacheShelf<T> {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Store store;
  private final ResourceKind kind;
  private final Class<T> type;

  CacheShelf(Store store, ResourceKind kind, Class<T> type) {
    this.store = store;
    this.kind = kind;
    this.type = type;
  }

  /** A resource and its record. */
  record Item<T>(String arn, Instant createdAt, T record) {}

  /** {@code arn:aws:elasticache:region:account:kind:name}. */
  static String arn(Caller caller, String kindSegment, String name) {
    return "arn:"
        + caller.partition()
        + ":elasticache:"
        + caller.region()
        + ":"
        + caller.accountId()
        + ":"
        + kindSegment
        + ":"
        + name;
  }

  String arn(Caller caller, String name) {
    return arn(caller, kind.arnSegment(), name);
  }

  Optional<Item<T>> find(String name) {
    return store.resources().find(kind, name).map(this::item);
  }

  /** Oldest first. */
  List<Item<T>> list() {
    return store.resources().list(kind).stream().map(this::item).toList();
  }

  /** Returns false when the name is taken. */
  boolean insert(String arn, String name, T record) {
    try {
      store
          .resources()
          .insert(new Resource(kind, arn, name, JSON.writeValueAsString(record), Instant.now()));
      return true;
    } catch (DuplicateResourceException taken) {
      return false;
    }
  }

  /**
   * Compare and set.
   *
   * @return the changed record; empty when it is gone or not as expected
   */
  Optional<T> change(String name, Predicate<T> expected, UnaryOperator<T> change) {
    return find(name)
        .flatMap(item ->
            store
                .resources()
                .transition(
                    item.arn(),
                    resource -> expected.test(record(resource.wireJson())),
                    json -> JSON.writeValueAsString(change.apply(record(json)))))
        .map(resource -> record(resource.wireJson()));
  }

  void delete(String name) {
    find(name).ifPresent(item -> store.resources().delete(item.arn()));
  }

  private Item<T> item(Resource resource) {
    return new Item<>(resource.arn(), resource.createdAt(), record(resource.wireJson()));
  }

  private T record(String json) {
    return JSON.readValue(json, type);
  }
}
