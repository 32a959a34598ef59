package wherry.server.elasticache;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;

/**
 * The parameter groups that users made, and the defaults of each family, which are always there;
 * and what they mean for a server. Safe for all threads.
 */
final class ParameterGroups {
  /** What AWS has, and the versions of Redis and Valkey that came after. */
  static final List<String> FAMILIES =
      List.of("redis6.x", "redis7", "redis8", "valkey7", "valkey8", "valkey9");

  static final String RESERVED_PERCENT = "reserved-memory-percent";
  static final String CLUSTER_ENABLED = "cluster-enabled";
  private static final String DEFAULT = "default.";
  private static final String CLUSTER_ON = ".cluster.on";
  private static final String BUFFER_LIMIT = "client-output-buffer-limit";

  /** Parameters that are the service's own business, not the server's. */
  private static final List<String> NOT_OF_SERVER = List.of(RESERVED_PERCENT, CLUSTER_ENABLED);

  /**
   * A group.
   *
   * @param values only those that differ from their family's
   */
  record Group(String name, String family, String description, Map<String, String> values) {
    Group {
      values = new TreeMap<>(values);
    }

    boolean builtIn() {
      return name.startsWith(DEFAULT);
    }

    boolean clusterEnabled() {
      return "yes".equals(values.get(CLUSTER_ENABLED));
    }

    Group withValues(Map<String, String> changed) {
      return new Group(name, family, description, changed);
    }

    /** All values, those of the family included, by name. */
    Map<String, String> effective() {
      Map<String, String> all = new LinkedHashMap<>();
      CacheParameter.of(family)
          .forEach(parameter -> all.put(parameter.name(), parameter.initial()));
      all.putAll(values);
      return all;
    }

    /** What the servers are told, by their own names. */
    Map<String, String> ofServer() {
      return ofServer(effective());
    }

    private static Map<String, String> ofServer(Map<String, String> all) {
      Map<String, String> told = new TreeMap<>();
      all.forEach((name, value) -> {
        if (!name.startsWith(BUFFER_LIMIT) && !NOT_OF_SERVER.contains(name)) {
          told.put(name, value);
        }
      });
      for (String client : List.of("normal", "pubsub", "replica")) {
        String prefix = BUFFER_LIMIT + "-" + client;
        told.put(
            BUFFER_LIMIT + " " + client,
            all.get(prefix + "-hard-limit")
                + " "
                + all.get(prefix + "-soft-limit")
                + " "
                + all.get(prefix + "-soft-seconds"));
      }
      return told;
    }

    /** The part of {@link #ofServer} that running servers take over. */
    Map<String, String> immediate() {
      Map<String, String> now = ofServer();
      CacheParameter.of(family).stream()
          .filter(parameter -> !parameter.immediate())
          .forEach(parameter -> now.remove(parameter.name()));
      return now;
    }

    /** What a node of this type may hold. */
    long maxMemoryBytes(NodeType type) {
      long reserved = Long.parseLong(effective().getOrDefault(RESERVED_PERCENT, "25"));
      return Math.max(1 << 20, type.maxMemoryBytes() * (100 - reserved) / 100);
    }
  }

  private final CacheShelf<Group> shelf;

  ParameterGroups(Store store) {
    this.shelf = new CacheShelf<>(store, ResourceKind.CACHE_PARAMETER_GROUP, Group.class);
  }

  CacheShelf<Group> shelf() {
    return shelf;
  }

  static String defaultName(String family, boolean cluster) {
    return DEFAULT + family + (cluster ? CLUSTER_ON : "");
  }

  static List<Group> defaults() {
    return FAMILIES.stream()
        .flatMap(family -> Stream.of(byDefault(family, false), byDefault(family, true)))
        .toList();
  }

  private static Group byDefault(String family, boolean cluster) {
    return new Group(
        defaultName(family, cluster),
        family,
        "Default parameter group for " + family + (cluster ? " with cluster mode on" : ""),
        cluster ? Map.of(CLUSTER_ENABLED, "yes") : Map.of());
  }

  Optional<Group> find(String name) {
    String key = name.toLowerCase(Locale.ROOT);
    return defaults().stream()
        .filter(group -> group.name().equals(key))
        .findFirst()
        .or(() -> shelf.find(key).map(CacheShelf.Item::record));
  }

  /**
   * @throws wherry.server.wire.Fault CacheParameterGroupNotFound
   */
  Group require(String name) {
    return find(name).orElseThrow(() -> CacheFaults.parameterGroupNotFound(name));
  }
}
