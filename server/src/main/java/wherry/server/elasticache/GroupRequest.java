package wherry.server.elasticache;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticache.model.CreateReplicationGroupRequest;
import software.amazon.awssdk.services.elasticache.model.NodeGroupConfiguration;
import wherry.elasticache.CacheNode;
import wherry.elasticache.Engine;
import wherry.elasticache.EngineBinary;
import wherry.elasticache.Shard;
import wherry.redis.SlotRange;

/** A CreateReplicationGroup request, read and checked: what it asks for, in whole. */
final class GroupRequest {
  static final int MOST_REPLICAS = 5;
  private static final int MOST_SHARDS = 90;
  private static final int LAST_PORT = 65_535;
  private static final int LAST_CLUSTER_PORT = 55_535;
  private static final Pattern SLOTS = Pattern.compile("(\\d{1,5})-(\\d{1,5})");

  private final Caches caches;
  private final CreateReplicationGroupRequest request;
  private final EngineBinary binary;
  private final boolean clusterMode;
  private final ParameterGroups.Group parameters;

  GroupRequest(Caches caches, CreateReplicationGroupRequest request) {
    this.caches = caches;
    this.request = request;
    UnavailableFeatures.refuse(request);
    this.binary = binary();
    this.clusterMode = clusterMode();
    this.parameters = parameters();
  }

  /** The group, in status {@code creating}, with ports of its own. */
  StoredGroup group(String id) {
    String nodeType = Objects.requireNonNullElse(request.cacheNodeType(), NodeType.DEFAULT);
    requireNodeType(nodeType);
    List<ShardSize> sizes = sizes();
    boolean failover = automaticFailover(sizes);
    boolean multiZone = Boolean.TRUE.equals(request.multiAZEnabled());
    if (multiZone && (!failover || sizes.getFirst().nodes() < 2)) {
      throw CacheFaults.invalidCombination(
          "MultiAZEnabled needs AutomaticFailoverEnabled and at least one replica.");
    }
    boolean tls = Boolean.TRUE.equals(request.transitEncryptionEnabled());
    if (request.authToken() != null && !tls) {
      throw CacheFaults.invalidCombination(
          "AuthToken can only be given with TransitEncryptionEnabled.");
    }
    return new StoredGroup(
        id,
        null,
        request.replicationGroupDescription(),
        StoredGroup.CREATING,
        binary.engine().wireName(),
        binary.version(),
        nodeType,
        parameters.name(),
        request.cacheSubnetGroupName() == null
            ? null
            : request.cacheSubnetGroupName().toLowerCase(Locale.ROOT),
        request.securityGroupIds(),
        clusterMode,
        failover,
        multiZone,
        tls,
        request.authToken() == null ? null : Instant.now().truncatedTo(ChronoUnit.MILLIS),
        request.preferredMaintenanceWindow() == null
            ? "sun:05:00-sun:06:00"
            : CacheNames.maintenanceWindow(request.preferredMaintenanceWindow()),
        request.snapshotWindow() == null
            ? "03:00-04:00"
            : CacheNames.snapshotWindow(request.snapshotWindow()),
        !Boolean.FALSE.equals(request.autoMinorVersionUpgrade()),
        request.notificationTopicArn(),
        null,
        shards(id, sizes));
  }

  static void requireNodeType(String nodeType) {
    if (NodeType.of(nodeType).isEmpty()) {
      throw CacheFaults.invalidValue(
          "The CacheNodeType " + nodeType + " is not valid; one is " + NodeType.DEFAULT + ".");
    }
  }

  private EngineBinary binary() {
    List<EngineBinary> installed = caches.servers().binaries().all();
    if (request.engine() != null && Engine.of(request.engine()).isEmpty()) {
      throw CacheFaults.invalidValue(
          "The Engine " + request.engine() + " is not valid: it is redis or valkey.");
    }
    List<EngineBinary> ofEngine =
        installed.stream()
            .filter(each ->
                request.engine() == null
                    || each.engine().wireName().equalsIgnoreCase(request.engine()))
            .toList();
    if (ofEngine.isEmpty()) {
      throw CacheFaults.capacity(
          "No "
              + Objects.requireNonNullElse(request.engine(), "redis")
              + "-server is installed on this machine. Install one (Debian: apt-get install"
              + " redis-server), or name its path in WHERRY_CACHE_SERVERS.");
    }
    String version = request.engineVersion();
    return ofEngine.stream()
        .filter(each -> version == null || each.answersTo(version))
        .findFirst()
        .orElseThrow(() ->
            CacheFaults.invalidValue(
                "Cannot find version "
                    + version
                    + ". Installed on this machine: "
                    + String.join(", ", ofEngine.stream().map(EngineBinary::version).toList())
                    + "."));
  }

  private boolean clusterMode() {
    String wanted = request.clusterModeAsString();
    if ("compatible".equals(wanted)) {
      throw CacheFaults.invalidValue("ClusterMode can be enabled or disabled here.");
    }
    boolean byGroup =
        request.cacheParameterGroupName() != null
            && caches.parameterGroups().require(request.cacheParameterGroupName()).clusterEnabled();
    boolean byShards = shardCount() > 1;
    if ("disabled".equals(wanted) && (byGroup || byShards)) {
      throw CacheFaults.invalidCombination(
          "ClusterMode disabled does not go with a parameter group of cluster-enabled yes, nor with"
              + " more than one node group.");
    }
    return byGroup || byShards || "enabled".equals(wanted);
  }

  private int shardCount() {
    int configured = request.nodeGroupConfiguration().size();
    int wanted = Objects.requireNonNullElse(request.numNodeGroups(), Math.max(1, configured));
    if (configured > 0 && configured != wanted) {
      throw CacheFaults.invalidCombination(
          "NumNodeGroups is " + wanted + ", but NodeGroupConfiguration has " + configured + ".");
    }
    if (wanted < 1) {
      throw CacheFaults.invalidValue("NumNodeGroups must be at least 1.");
    }
    if (wanted > MOST_SHARDS) {
      throw wherry.server.wire.Fault.of(
          "NodeGroupsPerReplicationGroupQuotaExceededFault",
          "A replication group can have at most " + MOST_SHARDS + " node groups.");
    }
    return wanted;
  }

  private ParameterGroups.Group parameters() {
    String name = request.cacheParameterGroupName();
    if (name == null) {
      return caches
          .parameterGroups()
          .require(ParameterGroups.defaultName(binary.family(), clusterMode));
    }
    ParameterGroups.Group group = caches.parameterGroups().require(name);
    requireFamily(group, binary.family());
    if (clusterMode && !group.clusterEnabled()) {
      throw CacheFaults.invalidCombination(
          "The parameter group "
              + name
              + " has cluster-enabled no, and cluster mode is asked for.");
    }
    return group;
  }

  static void requireFamily(ParameterGroups.Group group, String family) {
    if (!group.family().equals(family)) {
      throw CacheFaults.invalidCombination(
          "The parameter group "
              + group.name()
              + " is of family "
              + group.family()
              + ", the engine needs "
              + family
              + ".");
    }
  }

  /** How many nodes a shard has, and its slots where the request gives them. */
  private record ShardSize(int nodes, @Nullable String slots) {}

  private List<ShardSize> sizes() {
    Integer clusters = request.numCacheClusters();
    boolean byShards =
        request.numNodeGroups() != null
            || request.replicasPerNodeGroup() != null
            || !request.nodeGroupConfiguration().isEmpty();
    if (clusters != null && byShards) {
      throw CacheFaults.invalidCombination(
          "NumCacheClusters does not go with NumNodeGroups, ReplicasPerNodeGroup or"
              + " NodeGroupConfiguration.");
    }
    if (clusters != null && (clusters < 1 || clusters > 1 + MOST_REPLICAS)) {
      throw CacheFaults.invalidValue("NumCacheClusters must be 1 to 6.");
    }
    int replicas =
        clusters != null
            ? clusters - 1
            : Objects.requireNonNullElse(request.replicasPerNodeGroup(), 0);
    List<ShardSize> sizes = new ArrayList<>();
    for (int i = 0; i < shardCount(); i++) {
      NodeGroupConfiguration given =
          request.nodeGroupConfiguration().isEmpty()
              ? NodeGroupConfiguration.builder().build()
              : request.nodeGroupConfiguration().get(i);
      sizes.add(
          new ShardSize(
              1 + replicas(Objects.requireNonNullElse(given.replicaCount(), replicas)),
              given.slots()));
    }
    return sizes;
  }

  static int replicas(int count) {
    if (count < 0 || count > MOST_REPLICAS) {
      throw CacheFaults.invalidValue(
          "A node group can have 0 to " + MOST_REPLICAS + " replicas, not " + count + ".");
    }
    return count;
  }

  private boolean automaticFailover(List<ShardSize> sizes) {
    Boolean wanted = request.automaticFailoverEnabled();
    if (clusterMode) {
      if (Boolean.FALSE.equals(wanted)) {
        throw CacheFaults.invalidCombination(
            "A group with cluster mode enabled cannot be without automatic failover.");
      }
      return true;
    }
    if (Boolean.TRUE.equals(wanted) && sizes.getFirst().nodes() < 2) {
      throw CacheFaults.invalidCombination(
          "AutomaticFailoverEnabled needs at least two nodes; give NumCacheClusters 2 or more.");
    }
    return Boolean.TRUE.equals(wanted);
  }

  private List<Shard> shards(String id, List<ShardSize> sizes) {
    int count = sizes.stream().mapToInt(ShardSize::nodes).sum();
    Integer port = request.port();
    int last = clusterMode ? LAST_CLUSTER_PORT : LAST_PORT;
    if (port != null && (port < 1 || port > last - count + 1)) {
      throw CacheFaults.invalidValue("Port must be 1 to " + (last - count + 1) + " here.");
    }
    var ports = new CachePorts(caches).choose(count, port, clusterMode).iterator();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    List<Shard> shards = new ArrayList<>();
    int nextSlot = 0;
    for (int i = 0; i < sizes.size(); i++) {
      String shardId = "%04d".formatted(i + 1);
      int firstSlot = SlotRange.SLOTS * i / sizes.size();
      int lastSlot = SlotRange.SLOTS * (i + 1) / sizes.size() - 1;
      String given = sizes.get(i).slots();
      if (given != null) {
        Matcher range = SLOTS.matcher(given);
        if (!range.matches()) {
          throw CacheFaults.invalidValue(
              "Slots must have the form start-end, such as 0-8191, not " + given + ".");
        }
        firstSlot = Integer.parseInt(range.group(1));
        lastSlot = Integer.parseInt(range.group(2));
      }
      if (firstSlot != nextSlot || lastSlot < firstSlot || lastSlot >= SlotRange.SLOTS) {
        throw CacheFaults.invalidValue(
            "The Slots of all node groups together must be 0-16383, in order and each once.");
      }
      nextSlot = lastSlot + 1;
      List<CacheNode> nodes = new ArrayList<>();
      for (int n = 0; n < sizes.get(i).nodes(); n++) {
        nodes.add(
            new CacheNode(
                CacheNode.id(id, shardId, n + 1, clusterMode), null, ports.next(), n, now));
      }
      shards.add(
          new Shard(
              shardId, List.of(new SlotRange(firstSlot, lastSlot)), nodes.getFirst().id(), nodes));
    }
    if (nextSlot != SlotRange.SLOTS) {
      throw CacheFaults.invalidValue(
          "The Slots of all node groups together must be 0-16383, in order and each once.");
    }
    return shards;
  }
}
