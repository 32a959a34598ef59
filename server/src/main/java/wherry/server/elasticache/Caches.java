package wherry.server.elasticache;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.elasticache.AttachedServers;
import wherry.elasticache.CacheServerException;
import wherry.elasticache.CacheServers;
import wherry.elasticache.EngineBinary;
import wherry.elasticache.GroupListener;
import wherry.elasticache.GroupPlan;
import wherry.elasticache.GroupServers;
import wherry.elasticache.GroupSupervisor;
import wherry.elasticache.Shard;
import wherry.redis.migration.MigrationRequest;
import wherry.redis.migration.TargetShard;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;

/**
 * The replication groups that run: what the operations write down is carried out here, on threads
 * of their own. After any end of the service, {@link #carryOn} goes on with all of them. Safe for
 * all threads.
 */
public final class Caches implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Caches.class);

  static final String TOKEN = "AuthToken";
  static final String FORMER_TOKEN = "FormerAuthToken";

  private final Store store;
  private final CacheServers servers;
  private final CacheShelf<StoredGroup> groups;
  private final ParameterGroups parameterGroups;
  private final CacheEvents events;
  private final Map<String, GroupServers> running = new ConcurrentHashMap<>();
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final SourceCertificates certificates;
  private final CacheMigrations migrations;
  private final AttachedGroups attached;
  private volatile boolean closed;

  /**
   * @param environment for the settings of caches
   * @param data folder of the servers' data
   * @param owner of the groups that are attached
   * @throws IllegalStateException when the file of attached groups cannot be used
   */
  public static Caches of(Store store, Path data, Map<String, String> environment, Caller owner) {
    return new Caches(
        store, CacheServers.of(data, environment), AttachedGroups.read(environment), owner);
  }

  /**
   * @param attached servers that run without this service, by the group that they are shown as
   * @param owner of the groups that are attached
   */
  Caches(Store store, CacheServers servers, Map<String, NamedServer> attached, Caller owner) {
    this.store = store;
    this.servers = servers;
    this.groups = new CacheShelf<>(store, ResourceKind.REPLICATION_GROUP, StoredGroup.class);
    this.parameterGroups = new ParameterGroups(store);
    this.events = new CacheEvents(store);
    this.certificates = new SourceCertificates(store);
    this.migrations = new CacheMigrations(this, certificates);
    this.attached = new AttachedGroups(this, attached, owner);
  }

  CacheMigrations migrations() {
    return migrations;
  }

  SourceCertificates certificates() {
    return certificates;
  }

  CacheServers servers() {
    return servers;
  }

  CacheShelf<StoredGroup> groups() {
    return groups;
  }

  ParameterGroups parameterGroups() {
    return parameterGroups;
  }

  CacheEvents events() {
    return events;
  }

  /** The servers of a group that runs, or is attached. */
  Optional<GroupServers> running(String id) {
    return Optional.ofNullable(running.get(id));
  }

  /** Starts the servers of all groups again, and goes on with what was under way. */
  public void carryOn() {
    for (CacheShelf.Item<StoredGroup> item : groups.list()) {
      StoredGroup group = item.record();
      if (group.attached() != null) {
        continue;
      }
      switch (group.status()) {
        case StoredGroup.CREATING -> create(group.id());
        case StoredGroup.DELETING -> delete(group.id());
        case StoredGroup.CREATE_FAILED -> LOG.info("{} was never created", group.id());
        default -> start(group.id());
      }
    }
    attached.carryOn();
  }

  /** Makes the servers of a group that has been written down as {@code creating}. */
  void create(String id) {
    workers.execute(() -> {
      try {
        GroupSupervisor supervisor = supervise(group(id));
        supervisor.discard();
        supervisor.start(true);
        supervisor.awaitReplicas();
        setStatus(id, StoredGroup.CREATING, StoredGroup.AVAILABLE);
        events.group(id, "Replication group " + id + " created");
      } catch (RuntimeException e) {
        if (!closed) {
          LOG.error("Replication group {} could not be created", id, e);
          running(id).ifPresent(GroupServers::close);
          setStatus(id, StoredGroup.CREATING, StoredGroup.CREATE_FAILED);
          events.group(id, "Failed to create replication group " + id + ": " + told(e));
        }
      }
    });
  }

  private void start(String id) {
    workers.execute(() -> {
      StoredGroup group = group(id);
      boolean interrupted = group.status().equals(StoredGroup.MODIFYING);
      try {
        GroupSupervisor supervisor = supervise(group);
        if (group.status().equals(StoredGroup.MIGRATING)) {
          supervisor.beginMigration();
        }
        supervisor.start(interrupted);
        setStatus(id, StoredGroup.MODIFYING, StoredGroup.AVAILABLE);
        resumeMigration(id);
      } catch (RuntimeException e) {
        if (!closed) {
          LOG.error("Replication group {} could not be started", id, e);
          events.group(id, "Failed to start replication group " + id + ": " + told(e));
        }
      }
    });
  }

  /** Goes on with the migration of a group, if there is one. */
  void resumeMigration(String id) {
    CacheShelf.Item<StoredGroup> item = groups.find(id).orElseThrow();
    StoredGroup.StoredMigration migration = item.record().migration();
    if (migration == null) {
      setStatus(id, StoredGroup.MIGRATING, StoredGroup.AVAILABLE); // It was just ending.
    } else {
      migrations.resume(id);
    }
  }

  /** Where a group's migration comes from, with the password. */
  NamedServer source(String id, StoredGroup.StoredMigration migration) {
    String arn = groups.find(id).orElseThrow().arn();
    return NamedServer.of(
        migration, store.resources().secrets(arn).get(CacheMigrations.SOURCE_PASSWORD));
  }

  MigrationRequest migrationRequest(String id, NamedServer source) {
    List<TargetShard> targets =
        require(id).shards().stream()
            .map(shard -> new TargetShard(shard.slots(), require(id).primaryOf(shard.id())))
            .toList();
    boolean clusterMode = groups.find(id).orElseThrow().record().clusterMode();
    return new MigrationRequest(source.address(certificates.pemOf(source)), targets, clusterMode);
  }

  /** Ends the servers of a group that has been written down as {@code deleting}, and forgets it. */
  void delete(String id) {
    workers.execute(() -> {
      try {
        (running.containsKey(id) ? requireOwn(id) : supervise(group(id))).delete();
        running.remove(id);
        groups.delete(id);
        events.group(id, "Replication group " + id + " deleted");
      } catch (RuntimeException e) {
        LOG.error("Replication group {} could not be deleted", id, e);
        events.group(id, "Failed to delete replication group " + id + ": " + told(e));
      }
    });
  }

  /**
   * Does something to the servers of a group that has been written down as {@code modifying}; it is
   * {@code available} afterwards, whatever comes of it.
   *
   * @param done the event of success, a sentence
   */
  void modify(String id, String done, Consumer<GroupSupervisor> work) {
    workers.execute(() -> {
      try {
        work.accept(requireOwn(id));
        events.group(id, done);
      } catch (RuntimeException e) {
        if (closed) {
          return;
        }
        LOG.error("Replication group {} could not be modified", id, e);
        events.group(id, "Failed to modify replication group " + id + ": " + told(e));
      }
      setStatus(id, StoredGroup.MODIFYING, StoredGroup.AVAILABLE);
    });
  }

  /** Lets the servers of a group take over what its parameter group says now. */
  void applyParameters(String id) {
    try {
      StoredGroup group = group(id);
      Map<String, String> now = parameters(group).immediate();
      requireOwn(id).apply(plan(group), now);
      events.group(id, "Parameters of " + group.parameterGroup() + " applied to " + id);
    } catch (RuntimeException e) {
      LOG.error("Parameters could not be applied to replication group {}", id, e);
      events.group(id, "Failed to apply parameters to replication group " + id + ": " + told(e));
    }
  }

  /** Does something beside the requests; what the end of the service cuts is not a failure. */
  void later(Runnable work) {
    workers.execute(() -> {
      try {
        work.run();
      } catch (RuntimeException e) {
        if (!closed) {
          throw e;
        }
      }
    });
  }

  /**
   * @throws CacheServerException when the group does not run
   */
  GroupServers require(String id) {
    return running(id)
        .orElseThrow(() -> new CacheServerException("Replication group " + id + " does not run."));
  }

  /**
   * @throws CacheServerException when the group does not run, or runs without this service
   */
  GroupSupervisor requireOwn(String id) {
    return switch (require(id)) {
      case GroupSupervisor supervisor -> supervisor;
      case AttachedServers servers ->
          throw new CacheServerException("Replication group " + id + " is attached.");
    };
  }

  void runs(String id, GroupServers servers) {
    running.put(id, servers);
    if (closed) {
      servers.close();
    }
  }

  /** Those of a group whose servers the service runs. */
  ParameterGroups.Group parameters(StoredGroup group) {
    return parameterGroups.require(Objects.requireNonNull(group.parameterGroup()));
  }

  /** What the servers of a group are to be. */
  GroupPlan plan(StoredGroup group) {
    ParameterGroups.Group parameters = parameters(group);
    NodeType type = NodeType.of(Objects.requireNonNull(group.nodeType())).orElseThrow();
    return new GroupPlan(
        group.id(),
        group.clusterMode(),
        group.automaticFailover(),
        group.tls(),
        parameters.maxMemoryBytes(type),
        parameters.ofServer(),
        group.shards());
  }

  void forgetSecret(String arn, String name) {
    store.atomically(() -> {
      Map<String, String> secrets = new TreeMap<>(store.resources().secrets(arn));
      secrets.remove(name);
      store.resources().putSecrets(arn, secrets);
      return arn;
    });
  }

  /** Those that clients may log in with, the newest first. */
  List<String> passwords(String arn) {
    Map<String, String> secrets = store.resources().secrets(arn);
    return Stream.of(TOKEN, FORMER_TOKEN).filter(secrets::containsKey).map(secrets::get).toList();
  }

  private StoredGroup group(String id) {
    return groups.find(id).orElseThrow().record();
  }

  private GroupSupervisor supervise(StoredGroup group) {
    EngineBinary binary =
        servers.binaries().all().stream()
            .filter(each -> each.engine().wireName().equals(group.engine()))
            .min(Comparator.comparing(each -> each.version().equals(group.engineVersion()) ? 0 : 1))
            .orElseThrow(() ->
                new CacheServerException(
                    "No " + group.engine() + "-server is installed on this machine."));
    String arn = groups.find(group.id()).orElseThrow().arn();
    GroupSupervisor supervisor =
        servers.supervise(plan(group), binary, passwords(arn), new Listener(group.id()));
    runs(group.id(), supervisor);
    return supervisor;
  }

  private void setStatus(String id, String from, String to) {
    groups.change(id, group -> group.status().equals(from), group -> group.withStatus(to));
  }

  private static String told(RuntimeException e) {
    return e instanceof CacheServerException ? String.valueOf(e.getMessage()) : "see the log.";
  }

  private final class Listener implements GroupListener {
    private final String id;

    Listener(String id) {
      this.id = id;
    }

    @Override
    public void primaryChanged(Shard shard) {
      groups.change(
          id,
          any -> true,
          group ->
              group.withShards(
                  group.shards().stream()
                      .map(each ->
                          each.id().equals(shard.id()) ? each.withPrimary(shard.primary()) : each)
                      .toList()));
      events.group(
          id,
          "Failover to replica node "
              + shard.primary()
              + " completed for node group "
              + shard.id());
    }

    @Override
    public void noticed(String nodeId, String message) {
      events.cluster(nodeId, message);
    }
  }

  /** Ends all servers; their data stays. */
  @Override
  public void close() {
    closed = true;
    migrations.close();
    running.values().parallelStream().forEach(GroupServers::close);
    workers.shutdown();
  }
}
