package wherry.server.elasticache;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticache.model.CreateReplicationGroupRequest;
import software.amazon.awssdk.services.elasticache.model.CreateReplicationGroupResponse;
import software.amazon.awssdk.services.elasticache.model.DeleteReplicationGroupRequest;
import software.amazon.awssdk.services.elasticache.model.DeleteReplicationGroupResponse;
import software.amazon.awssdk.services.elasticache.model.DescribeReplicationGroupsRequest;
import software.amazon.awssdk.services.elasticache.model.DescribeReplicationGroupsResponse;
import software.amazon.awssdk.services.elasticache.model.ModifyReplicationGroupRequest;
import software.amazon.awssdk.services.elasticache.model.ModifyReplicationGroupResponse;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroup;
import wherry.elasticache.GroupSupervisor;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;

/** Replication groups. Safe for all threads. */
public final class ReplicationGroupOperations {
  /** Every node is a process of this machine. */
  private static final int MOST_NODES = 100;

  private final Store store;
  private final Caches caches;
  private final GroupViews views;

  /** Two creations must not choose the same ports. */
  private final ReentrantLock creating = new ReentrantLock();

  ReplicationGroupOperations(Store store, Caches caches) {
    this.store = store;
    this.caches = caches;
    this.views = new GroupViews(caches);
  }

  public CreateReplicationGroupResponse createReplicationGroup(
      CreateReplicationGroupRequest request, Caller caller) {
    String id = CacheNames.group(request.replicationGroupId());
    var tags = CacheTagRules.checked(request.tags());
    if (caches.groups().find(id).isPresent()) {
      throw CacheFaults.groupExists(id);
    }
    requireSubnetGroup(request.cacheSubnetGroupName());
    Map<String, String> secrets =
        request.authToken() == null
            ? Map.of()
            : Map.of(Caches.TOKEN, CacheNames.authToken(request.authToken()));
    creating.lock();
    try {
      StoredGroup group = new GroupRequest(caches, request).group(id);
      requireRoom(group.nodes().size());
      String arn = caches.groups().arn(caller, id);
      store.atomically(() -> {
        if (!caches.groups().insert(arn, id, group)) {
          throw CacheFaults.groupExists(id);
        }
        store.resources().putSecrets(arn, secrets);
        store.tags().put(arn, tags);
        return arn;
      });
    } finally {
      creating.unlock();
    }
    caches.create(id);
    return CreateReplicationGroupResponse.builder().replicationGroup(view(id)).build();
  }

  private void requireSubnetGroup(@Nullable String name) {
    boolean known =
        name == null
            || name.equalsIgnoreCase("default")
            || store
                .resources()
                .find(ResourceKind.CACHE_SUBNET_GROUP, name.toLowerCase(Locale.ROOT))
                .isPresent();
    if (!known) {
      throw CacheFaults.subnetGroupNotFound(String.valueOf(name));
    }
  }

  private void requireRoom(int more) {
    int present =
        caches.groups().list().stream()
            .filter(item -> item.record().attached() == null)
            .mapToInt(item -> item.record().nodes().size())
            .sum();
    if (present + more > MOST_NODES) {
      throw Fault.of(
          "NodeQuotaForCustomerExceededFault",
          "There can be at most "
              + MOST_NODES
              + " cache nodes on this machine; there are "
              + present
              + " already.");
    }
  }

  public DescribeReplicationGroupsResponse describeReplicationGroups(
      DescribeReplicationGroupsRequest request) {
    List<CacheShelf.Item<StoredGroup>> all =
        request.replicationGroupId() == null
            ? caches.groups().list()
            : List.of(require(request.replicationGroupId()));
    var page =
        CachePage.of(
            all,
            item -> GroupViews.key(item.createdAt(), item.record().id()),
            request.maxRecords(),
            request.marker());
    return DescribeReplicationGroupsResponse.builder()
        .replicationGroups(page.items().stream().map(views::group).toList())
        .marker(page.marker())
        .build();
  }

  /** What changes servers is done beside the request, in status {@code modifying}. */
  public ModifyReplicationGroupResponse modifyReplicationGroup(
      ModifyReplicationGroupRequest request) {
    CacheShelf.Item<StoredGroup> item = requireOwn(caches, request.replicationGroupId());
    StoredGroup group = item.record();
    GroupChange change = new GroupChange(caches, item, request);
    change.check();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    Map<String, String> secrets = change.secrets(store.resources().secrets(item.arn()));
    Instant tokenChangedAt =
        secrets.isEmpty() ? null : change.changesToken() ? now : group.authTokenChangedAt();
    store.atomically(() -> {
      change(
          caches,
          group.id(),
          present -> present.status().equals(StoredGroup.AVAILABLE),
          present -> present.with(change.fields(), tokenChangedAt));
      store.resources().putSecrets(item.arn(), secrets);
      return item;
    });
    List<Consumer<GroupSupervisor>> steps = new ArrayList<>();
    steps.add(servers -> caches.applyParameters(group.id()));
    if (change.changesToken()) {
      steps.add(servers -> servers.setPasswords(caches.passwords(item.arn())));
    }
    change.newPrimary().ifPresent(node -> steps.add(servers -> servers.promote(node)));
    caches.modify(
        group.id(),
        "Replication group " + group.id() + " modified",
        servers -> steps.forEach(step -> step.accept(servers)));
    return ModifyReplicationGroupResponse.builder().replicationGroup(view(group.id())).build();
  }

  public DeleteReplicationGroupResponse deleteReplicationGroup(
      DeleteReplicationGroupRequest request) {
    String id = requireOwn(caches, request.replicationGroupId()).record().id();
    if (request.finalSnapshotIdentifier() != null) {
      throw Fault.of(
          "SnapshotFeatureNotSupportedFault",
          "Snapshots are not available here; delete without FinalSnapshotIdentifier.");
    }
    if (Boolean.TRUE.equals(request.retainPrimaryCluster())) {
      throw CacheFaults.invalidCombination(
          "RetainPrimaryCluster is not available here: a node does not outlive its group.");
    }
    change(
        caches,
        id,
        group ->
            group.status().equals(StoredGroup.AVAILABLE)
                || group.status().equals(StoredGroup.CREATE_FAILED),
        group -> group.withStatus(StoredGroup.DELETING));
    ReplicationGroup last = view(id);
    caches.delete(id);
    return DeleteReplicationGroupResponse.builder().replicationGroup(last).build();
  }

  /**
   * Changes a group that is as expected.
   *
   * @throws Fault InvalidReplicationGroupState otherwise
   */
  static void change(
      Caches caches,
      String id,
      Predicate<StoredGroup> expected,
      UnaryOperator<StoredGroup> change) {
    if (caches.groups().change(id, expected, change).isEmpty()) {
      throw notAvailable(caches, id);
    }
  }

  /** Why a group cannot be changed now. */
  static Fault notAvailable(Caches caches, String id) {
    String status =
        caches.groups().find(id).map(item -> item.record().status()).orElse("no longer there");
    String advice =
        status.equals(StoredGroup.MIGRATING)
            ? " Complete the migration first: CompleteMigration, with Force to give it up."
            : " Try again when it is available.";
    return CacheFaults.groupState("Replication group " + id + " is " + status + "." + advice);
  }

  private CacheShelf.Item<StoredGroup> require(String id) {
    return require(caches, id);
  }

  /**
   * @throws Fault ReplicationGroupNotFoundFault
   */
  static CacheShelf.Item<StoredGroup> require(Caches caches, String id) {
    return caches.groups().find(id).orElseThrow(() -> CacheFaults.groupNotFound(id));
  }

  /**
   * One whose servers the service runs itself.
   *
   * @throws Fault ReplicationGroupNotFoundFault, InvalidReplicationGroupState
   */
  static CacheShelf.Item<StoredGroup> requireOwn(Caches caches, String id) {
    CacheShelf.Item<StoredGroup> item = require(caches, id);
    if (item.record().attached() != null) {
      throw CacheFaults.attached(item.record().id());
    }
    return item;
  }

  private ReplicationGroup view(String id) {
    return views.group(require(id));
  }
}
