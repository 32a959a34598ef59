package wherry.server.elasticache;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.elasticache.AttachedLayout;
import wherry.elasticache.CacheNode;
import wherry.elasticache.Engine;
import wherry.elasticache.Shard;
import wherry.redis.migration.Progress.Phase;
import wherry.redis.migration.Progress.Way;

/**
 * A replication group as the store keeps it, without its secrets.
 *
 * @param id lower case
 * @param attached absent for one whose servers the service itself runs
 * @param status as the API spells it
 * @param engine empty, like its version, while no server of an attached group has been reached
 * @param nodeType absent, like parameterGroup and both windows, for an attached group
 * @param subnetGroup absent when none was asked for
 * @param authTokenChangedAt absent while there is no token
 * @param migration absent while none goes on
 */
record StoredGroup(
    String id,
    @Nullable Attached attached,
    String description,
    String status,
    String engine,
    String engineVersion,
    @Nullable String nodeType,
    @Nullable String parameterGroup,
    @Nullable String subnetGroup,
    List<String> securityGroups,
    boolean clusterMode,
    boolean automaticFailover,
    boolean multiZone,
    boolean tls,
    @Nullable Instant authTokenChangedAt,
    @Nullable String maintenanceWindow,
    @Nullable String snapshotWindow,
    boolean minorUpgrades,
    @Nullable String notificationTopic,
    @Nullable StoredMigration migration,
    List<Shard> shards) {

  static final String CREATING = "creating";
  static final String AVAILABLE = "available";
  static final String MODIFYING = "modifying";
  static final String DELETING = "deleting";
  static final String CREATE_FAILED = "create-failed";
  static final String MIGRATING = "migrating";

  StoredGroup {
    securityGroups = List.copyOf(securityGroups);
    shards = List.copyOf(shards);
  }

  /**
   * What is known of servers that run without this service.
   *
   * @param login whether clients have to log in
   */
  record Attached(boolean login) {}

  /** A group of servers that run without this service. A cluster promotes replicas by itself. */
  static StoredGroup attached(
      NamedServer named, AttachedLayout seen, String status, @Nullable StoredMigration migration) {
    boolean replicated = seen.shards().stream().noneMatch(shard -> shard.replicas().isEmpty());
    return new StoredGroup(
        seen.group(),
        new Attached(named.password() != null),
        "attached: " + named,
        status,
        seen.version().isEmpty() ? "" : seen.engine().wireName(),
        seen.version(),
        null,
        null,
        null,
        List.of(),
        seen.clusterMode(),
        seen.clusterMode() && replicated,
        false,
        named.tls(),
        null,
        null,
        null,
        false,
        null,
        migration,
        seen.shards());
  }

  /** Of an attached group. */
  AttachedLayout layout() {
    return new AttachedLayout(
        id, Engine.of(engine).orElse(Engine.REDIS), engineVersion, clusterMode, shards);
  }

  /** Whether clients have to log in. */
  boolean hasLogin() {
    return attached == null ? authTokenChangedAt != null : attached.login();
  }

  /**
   * A migration that goes on.
   *
   * @param host of the server that is followed
   * @param user absent for the default user
   * @param certificate the identifier of the authority's certificate; absent for those of the JVM
   * @param way absent while nothing of the group was changed
   * @param end {@code COMPLETING} or {@code ABORTED} once its servers may have become ordinary
   *     ones, so that after a restart of the service nobody follows the source again; absent before
   */
  record StoredMigration(
      String host,
      int port,
      @Nullable String user,
      boolean tls,
      @Nullable String certificate,
      @Nullable Way way,
      @Nullable Phase end) {
    StoredMigration in(Way chosen) {
      return new StoredMigration(host, port, user, tls, certificate, chosen, null);
    }

    StoredMigration ending(Phase phase) {
      return new StoredMigration(host, port, user, tls, certificate, way, phase);
    }
  }

  List<CacheNode> nodes() {
    return shards.stream().flatMap(shard -> shard.nodes().stream()).toList();
  }

  StoredGroup withStatus(String changed) {
    return with(changed, shards, migration);
  }

  StoredGroup withShards(List<Shard> changed) {
    return with(status, changed, migration);
  }

  StoredGroup withMigration(String changedStatus, @Nullable StoredMigration changed) {
    return with(changedStatus, shards, changed);
  }

  private StoredGroup with(
      String changedStatus, List<Shard> changedShards, @Nullable StoredMigration changed) {
    return new StoredGroup(
        id,
        attached,
        description,
        changedStatus,
        engine,
        engineVersion,
        nodeType,
        parameterGroup,
        subnetGroup,
        securityGroups,
        clusterMode,
        automaticFailover,
        multiZone,
        tls,
        authTokenChangedAt,
        maintenanceWindow,
        snapshotWindow,
        minorUpgrades,
        notificationTopic,
        changed,
        changedShards);
  }

  /** What ModifyReplicationGroup can change; null keeps what is. */
  record Change(
      @Nullable String description,
      @Nullable String nodeType,
      @Nullable String parameterGroup,
      List<String> securityGroups,
      @Nullable Boolean automaticFailover,
      @Nullable Boolean multiZone,
      @Nullable String maintenanceWindow,
      @Nullable String snapshotWindow,
      @Nullable Boolean minorUpgrades,
      @Nullable String notificationTopic) {}

  StoredGroup with(Change change, @Nullable Instant tokenChangedAt) {
    return new StoredGroup(
        id,
        attached,
        or(change.description(), description),
        MODIFYING,
        engine,
        engineVersion,
        change.nodeType() == null ? nodeType : change.nodeType(),
        change.parameterGroup() == null ? parameterGroup : change.parameterGroup(),
        subnetGroup,
        change.securityGroups().isEmpty() ? securityGroups : change.securityGroups(),
        clusterMode,
        or(change.automaticFailover(), automaticFailover),
        or(change.multiZone(), multiZone),
        tls,
        tokenChangedAt,
        change.maintenanceWindow() == null ? maintenanceWindow : change.maintenanceWindow(),
        change.snapshotWindow() == null ? snapshotWindow : change.snapshotWindow(),
        or(change.minorUpgrades(), minorUpgrades),
        change.notificationTopic() == null ? notificationTopic : change.notificationTopic(),
        migration,
        shards);
  }

  private static <T> T or(@Nullable T changed, T present) {
    return changed == null ? present : changed;
  }
}
