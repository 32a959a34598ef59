package wherry.server.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import wherry.server.store.DuplicateResourceException;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Fault;

/** The resources of one kind in the API's shape, with the API's faults. Safe for all threads. */
final class Shelf<T> {
  private final Store store;
  private final ResourceKind kind;
  private final Function<T, String> encode;
  private final Function<String, T> decode;

  Shelf(Store store, ResourceKind kind, Function<T, String> encode, Function<String, T> decode) {
    this.store = store;
    this.kind = kind;
    this.encode = encode;
    this.decode = decode;
  }

  /** A resource and its shape. */
  record Item<T>(Resource resource, T shape) {
    String arn() {
      return resource.arn();
    }

    String key() {
      return Shelf.key(resource);
    }
  }

  /** What pages go by: oldest first, and unique. */
  static String key(Resource resource) {
    return "%015d|%s".formatted(resource.createdAt().toEpochMilli(), resource.arn());
  }

  /**
   * @throws Fault ResourceNotFoundFault
   */
  Item<T> require(String arn) {
    return item(Lookup.require(store, kind, arn));
  }

  Optional<Item<T>> findByIdentifier(String identifier) {
    return store.resources().find(kind, identifier).map(this::item);
  }

  /**
   * @throws Fault ResourceNotFoundFault
   */
  Item<T> requireIdentifier(String identifier) {
    return findByIdentifier(identifier).orElseThrow(() -> Lookup.missing(kind, identifier));
  }

  /**
   * By name or ARN, as the operations of migration projects take both.
   *
   * @throws Fault ResourceNotFoundFault
   */
  Item<T> requireNamed(String nameOrArn) {
    return Arn.parse(nameOrArn).isPresent() ? require(nameOrArn) : requireIdentifier(nameOrArn);
  }

  /** Oldest first. */
  List<Item<T>> list() {
    return store.resources().list(kind).stream().map(this::item).toList();
  }

  /**
   * What a Describe operation answers.
   *
   * @throws Fault as {@link Filters#require} and {@link Page#of}
   */
  Page<Item<T>> page(
      Filters<Item<T>> known,
      List<Filter> filters,
      @Nullable Integer maxRecords,
      @Nullable String marker) {
    return Page.of(known.require(filters, list()), Item::key, maxRecords, marker);
  }

  /**
   * As {@link #insert}, with its tags, where there is room for one more.
   *
   * @throws Fault ResourceQuotaExceededFault, ResourceAlreadyExistsFault
   */
  void add(String arn, String name, T shape, Map<String, String> tags) {
    store.atomically(() -> {
      Quota.check(store, kind);
      insert(arn, name, shape);
      store.tags().put(arn, tags);
      return arn;
    });
  }

  /**
   * Deletes what a request names, and answers it.
   *
   * @param refuse throws when the ARN is in use
   * @throws Fault ResourceNotFoundFault
   */
  T deleteNamed(String nameOrArn, Consumer<String> refuse) {
    return store.atomically(() -> {
      Item<T> item = requireNamed(nameOrArn);
      refuse.accept(item.arn());
      store.resources().delete(item.arn());
      return item.shape();
    });
  }

  /**
   * @throws Fault ResourceAlreadyExistsFault
   */
  void insert(String arn, String identifier, T shape) {
    unlessTaken(() -> {
      store
          .resources()
          .insert(new Resource(kind, arn, identifier, encode.apply(shape), Instant.now()));
      return true;
    });
  }

  /**
   * Changes a resource and, when wanted, its identifier in one transaction.
   *
   * @throws Fault ResourceNotFoundFault; ResourceAlreadyExistsFault when another one has the
   *     identifier
   */
  T change(String arn, Function<T, String> identifier, UnaryOperator<T> change) {
    return unlessTaken(() -> changed(arn, identifier, change));
  }

  /**
   * As {@link #change}, for operations whose model has no fault for a name that is taken.
   *
   * @throws Fault ResourceNotFoundFault; InvalidResourceStateFault when another one has the name
   */
  T changeNamed(String arn, Function<T, String> name, UnaryOperator<T> change) {
    try {
      return changed(arn, name, change);
    } catch (DuplicateResourceException e) {
      throw Fault.invalidResourceState(
          Lookup.noun(kind) + " " + e.existingArn() + " has this name already. Choose another.");
    }
  }

  private T changed(String arn, Function<T, String> identifier, UnaryOperator<T> change) {
    return store.atomically(() -> {
      Item<T> before = require(arn);
      T after = change.apply(before.shape());
      Instant createdAt = before.resource().createdAt();
      String name = identifier.apply(after);
      store.resources().replace(new Resource(kind, arn, name, encode.apply(after), createdAt));
      return after;
    });
  }

  private static <R> R unlessTaken(Supplier<R> work) {
    try {
      return work.get();
    } catch (DuplicateResourceException e) {
      throw Fault.resourceAlreadyExists(
          "The resource you are attempting to create already exists.", e.existingArn());
    }
  }

  private Item<T> item(Resource resource) {
    return new Item<>(resource, decode.apply(resource.wireJson()));
  }
}
