package wherry.server.elasticache;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticache.model.CacheEngineVersion;
import software.amazon.awssdk.services.elasticache.model.DescribeCacheClustersRequest;
import software.amazon.awssdk.services.elasticache.model.DescribeCacheClustersResponse;
import software.amazon.awssdk.services.elasticache.model.DescribeCacheEngineVersionsRequest;
import software.amazon.awssdk.services.elasticache.model.DescribeCacheEngineVersionsResponse;
import software.amazon.awssdk.services.elasticache.model.ListAllowedNodeTypeModificationsRequest;
import software.amazon.awssdk.services.elasticache.model.ListAllowedNodeTypeModificationsResponse;
import wherry.elasticache.CacheNode;
import wherry.elasticache.EngineBinary;
import wherry.server.wire.Caller;

/** The nodes of groups as cache clusters, and what this machine can run. Safe for all threads. */
public final class CacheClusterOperations {
  private final Caches caches;
  private final GroupViews views;

  CacheClusterOperations(Caches caches) {
    this.caches = caches;
    this.views = new GroupViews(caches);
  }

  /** A node and the group that it is of. */
  private record Member(CacheShelf.Item<StoredGroup> item, CacheNode node) {}

  /** Every cluster here is in a replication group, so those outside are an empty list. */
  public DescribeCacheClustersResponse describeCacheClusters(
      DescribeCacheClustersRequest request, Caller caller) {
    List<Member> all = members();
    if (request.cacheClusterId() != null) {
      String id = request.cacheClusterId().toLowerCase(Locale.ROOT);
      all = all.stream().filter(member -> member.node().id().equals(id)).toList();
      if (all.isEmpty()) {
        throw CacheFaults.clusterNotFound(request.cacheClusterId());
      }
    } else if (Boolean.TRUE.equals(request.showCacheClustersNotInReplicationGroups())) {
      all = List.of();
    }
    boolean withNodes = Boolean.TRUE.equals(request.showCacheNodeInfo());
    var page =
        CachePage.of(all, member -> member.node().id(), request.maxRecords(), request.marker());
    return DescribeCacheClustersResponse.builder()
        .cacheClusters(
            page.items().stream()
                .map(member -> views.cluster(member.item(), member.node(), withNodes, caller))
                .toList())
        .marker(page.marker())
        .build();
  }

  private List<Member> members() {
    return caches.groups().list().stream()
        .flatMap(item -> item.record().nodes().stream().map(node -> new Member(item, node)))
        .toList();
  }

  /** Those that are installed: what CreateReplicationGroup can be asked for. */
  public DescribeCacheEngineVersionsResponse describeCacheEngineVersions(
      DescribeCacheEngineVersionsRequest request) {
    List<EngineBinary> found =
        caches.servers().binaries().all().stream()
            .filter(binary ->
                request.engine() == null
                    || binary.engine().wireName().equalsIgnoreCase(request.engine()))
            .filter(binary ->
                request.engineVersion() == null || binary.answersTo(request.engineVersion()))
            .filter(binary ->
                request.cacheParameterGroupFamily() == null
                    || binary.family().equals(request.cacheParameterGroupFamily()))
            .toList();
    var page =
        CachePage.of(
            found,
            binary -> binary.engine().wireName() + "|" + binary.version() + "|" + binary.path(),
            request.maxRecords(),
            request.marker());
    return DescribeCacheEngineVersionsResponse.builder()
        .cacheEngineVersions(
            page.items().stream().map(CacheClusterOperations::engineVersion).toList())
        .marker(page.marker())
        .build();
  }

  private static CacheEngineVersion engineVersion(EngineBinary binary) {
    return CacheEngineVersion.builder()
        .engine(binary.engine().wireName())
        .engineVersion(binary.version())
        .cacheParameterGroupFamily(binary.family())
        .cacheEngineDescription(binary.engine().title())
        .cacheEngineVersionDescription(binary.engine().title() + " version " + binary.version())
        .build();
  }

  /** A node type only bounds memory here, so a node can become any other type. */
  public ListAllowedNodeTypeModificationsResponse listAllowedNodeTypeModifications(
      ListAllowedNodeTypeModificationsRequest request) {
    String clusterId = request.cacheClusterId();
    String groupId = request.replicationGroupId();
    if ((clusterId == null) == (groupId == null)) {
      throw CacheFaults.invalidCombination("Give either CacheClusterId or ReplicationGroupId.");
    }
    NodeType present =
        Optional.ofNullable(group(clusterId, groupId).nodeType())
            .flatMap(NodeType::of)
            .orElseThrow(() ->
                CacheFaults.invalidCombination(
                    "Attached servers have no node type; their memory is set on themselves."));
    return ListAllowedNodeTypeModificationsResponse.builder()
        .scaleUpModifications(names(present, 1))
        .scaleDownModifications(names(present, -1))
        .build();
  }

  private StoredGroup group(@Nullable String clusterId, @Nullable String groupId) {
    if (clusterId != null) {
      return members().stream()
          .filter(member -> member.node().id().equals(clusterId.toLowerCase(Locale.ROOT)))
          .map(member -> member.item().record())
          .findFirst()
          .orElseThrow(() -> CacheFaults.clusterNotFound(clusterId));
    }
    return ReplicationGroupOperations.require(caches, String.valueOf(groupId)).record();
  }

  private static List<String> names(NodeType present, int direction) {
    return NodeType.all().stream()
        .filter(type -> Long.signum(type.maxMemoryBytes() - present.maxMemoryBytes()) == direction)
        .sorted(Comparator.comparingLong(NodeType::maxMemoryBytes))
        .map(NodeType::name)
        .toList();
  }
}
