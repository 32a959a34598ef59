package wherry.server.elasticache;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.elasticache.model.CompleteMigrationRequest;
import software.amazon.awssdk.services.elasticache.model.CompleteMigrationResponse;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroup;
import software.amazon.awssdk.services.elasticache.model.StartMigrationRequest;
import software.amazon.awssdk.services.elasticache.model.StartMigrationResponse;
import software.amazon.awssdk.services.elasticache.model.TestMigrationRequest;
import software.amazon.awssdk.services.elasticache.model.TestMigrationResponse;
import wherry.redis.migration.Progress;
import wherry.server.store.Store;
import wherry.server.wire.Fault;

/**
 * Online migration into a replication group: each call begins something that goes on beside the
 * requests and tells how it ends by events. Safe for all threads.
 */
public final class CacheMigrationOperations {
  private final Store store;
  private final Caches caches;
  private final CacheMigrations migrations;
  private final GroupViews views;

  CacheMigrationOperations(Store store, Caches caches) {
    this.store = store;
    this.caches = caches;
    this.migrations = caches.migrations();
    this.views = new GroupViews(caches);
  }

  public TestMigrationResponse testMigration(TestMigrationRequest request) {
    CacheShelf.Item<StoredGroup> item = require(request.replicationGroupId());
    NamedServer source = NamedServer.of(request.customerNodeEndpointList());
    caches.certificates().pemOf(source); // Refused here when it is not there.
    requireNotMigrating(item.record());
    if (!item.record().status().equals(StoredGroup.AVAILABLE)) {
      throw ReplicationGroupOperations.notAvailable(caches, item.record().id());
    }
    MigrationTrial.begin(caches, item.record().id(), source);
    return TestMigrationResponse.builder().replicationGroup(views.group(item)).build();
  }

  /** All that the group holds is replaced by what the source has. */
  public StartMigrationResponse startMigration(StartMigrationRequest request) {
    CacheShelf.Item<StoredGroup> item = require(request.replicationGroupId());
    String id = item.record().id();
    NamedServer source = NamedServer.of(request.customerNodeEndpointList());
    caches.certificates().pemOf(source); // Refused here when it is not there.
    store.atomically(() -> {
      requireNotMigrating(require(id).record());
      ReplicationGroupOperations.change(
          caches,
          id,
          group -> group.status().equals(StoredGroup.AVAILABLE),
          group -> group.withMigration(StoredGroup.MIGRATING, source.stored()));
      Map<String, String> secrets = new TreeMap<>(store.resources().secrets(item.arn()));
      secrets.remove(CacheMigrations.SOURCE_PASSWORD);
      if (source.password() != null) {
        secrets.put(CacheMigrations.SOURCE_PASSWORD, source.password());
      }
      store.resources().putSecrets(item.arn(), secrets);
      return id;
    });
    migrations.start(id, source);
    return StartMigrationResponse.builder().replicationGroup(view(id)).build();
  }

  /** Without Force only what is in sync: its full synchronisation done, its link up. */
  public CompleteMigrationResponse completeMigration(CompleteMigrationRequest request) {
    StoredGroup group = require(request.replicationGroupId()).record();
    if (!group.status().equals(StoredGroup.MIGRATING)) {
      throw Fault.of(
          "ReplicationGroupNotUnderMigrationFault",
          "Replication group "
              + group.id()
              + " is not under migration; it is "
              + group.status()
              + ".");
    }
    boolean force = Boolean.TRUE.equals(request.force());
    boolean streams =
        migrations
            .progress(group.id())
            .filter(progress -> progress.phase() == Progress.Phase.STREAMING)
            .filter(progress -> progress.link() == Progress.Link.UP)
            .isPresent();
    List<String> silent = migrations.silent(group.id());
    if (!force && !silent.isEmpty()) {
      throw CacheFaults.groupState(
          "Replication group "
              + group.id()
              + " cannot be completed while it waits for "
              + String.join(" and ", silent)
              + "; its events tell why. Mend that, or give Force to go over with what has arrived.");
    }
    if (!force && !streams) {
      throw CacheFaults.groupState(
          "Replication group "
              + group.id()
              + " is not in sync with its source: "
              + migrations
                  .progress(group.id())
                  .map(CacheMigrations::described)
                  .orElse("the migration is just beginning or ending, as its events tell")
              + ". Wait until it is, or give Force to go over with what has arrived.");
    }
    if (!migrations.complete(group.id(), force)) {
      throw CacheFaults.groupState(
          "The migration of replication group " + group.id() + " is being completed already.");
    }
    return CompleteMigrationResponse.builder().replicationGroup(view(group.id())).build();
  }

  private static void requireNotMigrating(StoredGroup group) {
    if (group.status().equals(StoredGroup.MIGRATING)) {
      throw Fault.of(
          "ReplicationGroupAlreadyUnderMigrationFault",
          "Replication group " + group.id() + " is already under migration.");
    }
  }

  private CacheShelf.Item<StoredGroup> require(String id) {
    return ReplicationGroupOperations.require(caches, id);
  }

  private ReplicationGroup view(String id) {
    return views.group(require(id));
  }
}
