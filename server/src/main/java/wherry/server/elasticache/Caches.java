package wherry.server.elasticache;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.elasticache.CacheServerException;
import wherry.elasticache.CacheServers;
import wherry.elasticache.EngineBinary;
import wherry.elasticache.GroupListener;
import wherry.elasticache.GroupPlan;
import wherry.elasticache.GroupSupervisor;
import wherry.elasticache.Shard;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;

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
  private final Map<String, GroupSupervisor> running = new ConcurrentHashMap<>();
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final SourceCertificates certificates;
  private final CacheMigrations migrations;
  private volatile boolean closed;

  public Caches(Store store, CacheServers servers) {
    this.store = store;
    this.servers = servers;
    this.groups = new CacheShelf<>(store, ResourceKind.REPLICATION_GROUP, StoredGroup.class);
    this.parameterGroups = new ParameterGroups(store);
    this.events = new CacheEvents(store);
    this.certificates = new SourceCertificates(store);
    this.migrations = new CacheMigrations(this, certificates);
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

  /** The servers of a group that runs. */
  Optional<GroupSupervisor> running(String id) {
    return Optional.ofNullable(running.get(id));
  }

  /** Starts the servers of all groups again, and goes on with what was under way. */
  public void carryOn() {
    for (CacheShelf.Item<StoredGroup> item : groups.list()) {
      StoredGroup group = item.record();
      switch (group.status()) {
        case StoredGroup.CREATING -> create(group.id());
        case StoredGroup.DELETING -> delete(group.id());
        case StoredGroup.CREATE_FAILED -> LOG.info("{} was never created", group.id());
        default -> start(group.id());
      }
    }
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
          running(id).ifPresent(GroupSupervisor::close);
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
        supervise(group).start(interrupted);
        setStatus(id, StoredGroup.MODIFYING, StoredGroup.AVAILABLE);
        if (group.migration() != null) {
          String password =
              store
                  .resources()
                  .secrets(groups.find(id).orElseThrow().arn())
                  .get(CacheMigrations.SOURCE_PASSWORD);
          migrations.resume(id, MigrationSource.of(group.migration(), password));
        }
      } catch (RuntimeException e) {
        if (!closed) {
          LOG.error("Replication group {} could not be started", id, e);
          events.group(id, "Failed to start replication group " + id + ": " + told(e));
        }
      }
    });
  }

  /** Ends the servers of a group that has been written down as {@code deleting}, and forgets it. */
  void delete(String id) {
    workers.execute(() -> {
      try {
        running(id).orElseGet(() -> supervise(group(id))).delete();
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
        work.accept(require(id));
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
      Map<String, String> now = parameterGroups.require(group.parameterGroup()).immediate();
      require(id).apply(plan(group), now);
      events.group(id, "Parameters of " + group.parameterGroup() + " applied to " + id);
    } catch (RuntimeException e) {
      LOG.error("Parameters could not be applied to replication group {}", id, e);
      events.group(id, "Failed to apply parameters to replication group " + id + ": " + told(e));
    }
  }

  /** Does something beside the requests. */
  void later(Runnable work) {
    workers.execute(work);
  }

  /**
   * @throws CacheServerException when the group does not run
   */
  GroupSupervisor require(String id) {
    return running(id)
        .orElseThrow(() -> new CacheServerException("Replication group " + id + " does not run."));
  }

  /** What the servers of a group are to be. */
  GroupPlan plan(StoredGroup group) {
    ParameterGroups.Group parameters = parameterGroups.require(group.parameterGroup());
    NodeType type = NodeType.of(group.nodeType()).orElseThrow();
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
    running.put(group.id(), supervisor);
    if (closed) {
      supervisor.close();
    }
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
    running.values().parallelStream().forEach(GroupSupervisor::close);
    workers.shutdown();
  }
}
