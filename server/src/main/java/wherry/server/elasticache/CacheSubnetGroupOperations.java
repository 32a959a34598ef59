package wherry.server.elasticache;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import software.amazon.awssdk.services.elasticache.model.AvailabilityZone;
import software.amazon.awssdk.services.elasticache.model.CacheSubnetGroup;
import software.amazon.awssdk.services.elasticache.model.CreateCacheSubnetGroupRequest;
import software.amazon.awssdk.services.elasticache.model.CreateCacheSubnetGroupResponse;
import software.amazon.awssdk.services.elasticache.model.DeleteCacheSubnetGroupRequest;
import software.amazon.awssdk.services.elasticache.model.DeleteCacheSubnetGroupResponse;
import software.amazon.awssdk.services.elasticache.model.DescribeCacheSubnetGroupsRequest;
import software.amazon.awssdk.services.elasticache.model.DescribeCacheSubnetGroupsResponse;
import software.amazon.awssdk.services.elasticache.model.ModifyCacheSubnetGroupRequest;
import software.amazon.awssdk.services.elasticache.model.ModifyCacheSubnetGroupResponse;
import software.amazon.awssdk.services.elasticache.model.Subnet;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;

/** Cache subnet groups: bookkeeping, no network is behind them. Safe for all threads. */
public final class CacheSubnetGroupOperations {
  private static final int MOST = 150;

  /** As it is kept. */
  record Group(String name, String description, List<String> subnetIds) {}

  private final Store store;
  private final Caches caches;
  private final CacheShelf<Group> shelf;

  CacheSubnetGroupOperations(Store store, Caches caches) {
    this.store = store;
    this.caches = caches;
    this.shelf = new CacheShelf<>(store, ResourceKind.CACHE_SUBNET_GROUP, Group.class);
  }

  public CreateCacheSubnetGroupResponse createCacheSubnetGroup(
      CreateCacheSubnetGroupRequest request, Caller caller) {
    String name = CacheNames.subnetGroup(request.cacheSubnetGroupName());
    Group group =
        new Group(name, request.cacheSubnetGroupDescription(), checked(request.subnetIds()));
    var tags = CacheTagRules.checked(request.tags());
    if (shelf.list().size() >= MOST) {
      throw Fault.of(
          "CacheSubnetGroupQuotaExceededFault",
          "There can be at most " + MOST + " cache subnet groups.");
    }
    String arn = shelf.arn(caller, name);
    if (name.equals("default") || !shelf.insert(arn, name, group)) {
      throw Fault.of(
          "CacheSubnetGroupAlreadyExistsFault", "Cache subnet group " + name + " already exists.");
    }
    store.tags().put(arn, tags);
    caches.events().add(CacheEvents.SUBNET_GROUP, name, "Created cache subnet group " + name);
    return CreateCacheSubnetGroupResponse.builder()
        .cacheSubnetGroup(view(require(name), caller))
        .build();
  }

  public DescribeCacheSubnetGroupsResponse describeCacheSubnetGroups(
      DescribeCacheSubnetGroupsRequest request, Caller caller) {
    List<CacheShelf.Item<Group>> all =
        request.cacheSubnetGroupName() == null
            ? shelf.list()
            : List.of(require(request.cacheSubnetGroupName()));
    var page =
        CachePage.of(all, item -> item.record().name(), request.maxRecords(), request.marker());
    return DescribeCacheSubnetGroupsResponse.builder()
        .cacheSubnetGroups(page.items().stream().map(item -> view(item, caller)).toList())
        .marker(page.marker())
        .build();
  }

  public ModifyCacheSubnetGroupResponse modifyCacheSubnetGroup(
      ModifyCacheSubnetGroupRequest request, Caller caller) {
    String name = require(request.cacheSubnetGroupName()).record().name();
    List<String> subnets = request.subnetIds().isEmpty() ? List.of() : checked(request.subnetIds());
    shelf.change(
        name,
        any -> true,
        group ->
            new Group(
                name,
                Objects.requireNonNullElse(
                    request.cacheSubnetGroupDescription(), group.description()),
                subnets.isEmpty() ? group.subnetIds() : subnets));
    return ModifyCacheSubnetGroupResponse.builder()
        .cacheSubnetGroup(view(require(name), caller))
        .build();
  }

  public DeleteCacheSubnetGroupResponse deleteCacheSubnetGroup(
      DeleteCacheSubnetGroupRequest request) {
    String name = require(request.cacheSubnetGroupName()).record().name();
    List<String> users =
        caches.groups().list().stream()
            .map(CacheShelf.Item::record)
            .filter(group -> name.equals(group.subnetGroup()))
            .map(StoredGroup::id)
            .toList();
    if (!users.isEmpty()) {
      throw Fault.of(
          "CacheSubnetGroupInUse",
          "Cache subnet group "
              + name
              + " is used by replication group "
              + String.join(", ", users)
              + ". Delete the group first.");
    }
    shelf.delete(name);
    return DeleteCacheSubnetGroupResponse.builder().build();
  }

  private CacheShelf.Item<Group> require(String name) {
    return shelf
        .find(name.toLowerCase(Locale.ROOT))
        .orElseThrow(() -> CacheFaults.subnetGroupNotFound(name));
  }

  private static List<String> checked(List<String> subnetIds) {
    if (subnetIds.isEmpty() || subnetIds.stream().anyMatch(String::isBlank)) {
      throw Fault.of("InvalidSubnet", "At least one subnet id is needed, and none may be empty.");
    }
    return List.copyOf(new java.util.LinkedHashSet<>(subnetIds));
  }

  private CacheSubnetGroup view(CacheShelf.Item<Group> item, Caller caller) {
    List<Subnet> subnets = new ArrayList<>();
    for (String id : item.record().subnetIds()) {
      String zone = caller.region() + (char) ('a' + subnets.size() % 6);
      subnets.add(
          Subnet.builder()
              .subnetIdentifier(id)
              .subnetAvailabilityZone(AvailabilityZone.builder().name(zone).build())
              .supportedNetworkTypesWithStrings("ipv4")
              .build());
    }
    return CacheSubnetGroup.builder()
        .cacheSubnetGroupName(item.record().name())
        .cacheSubnetGroupDescription(item.record().description())
        .vpcId(store.meta().computeIfAbsent("vpc-id", CacheSubnetGroupOperations::vpcId))
        .subnets(subnets)
        .arn(item.arn())
        .supportedNetworkTypesWithStrings("ipv4")
        .build();
  }

  private static String vpcId() {
    return "vpc-" + java.util.UUID.randomUUID().toString().replace("-", "").substring(0, 17);
  }
}
