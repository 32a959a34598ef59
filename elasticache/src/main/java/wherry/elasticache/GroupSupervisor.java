package wherry.elasticache;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.error.DmsException;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.Connection;

/**
 * One replication group's servers: starts them, watches them, and makes what is so what the plan
 * says. A dead node is started again; a dead primary is replaced by the replica that has received
 * most, where the plan wants that. Only this class promotes: nodes of a cluster do not by
 * themselves. Safe for all threads; calls that change servers wait for each other.
 */
public final class GroupSupervisor implements GroupServers {
  private static final Logger LOG = LoggerFactory.getLogger(GroupSupervisor.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long WATCH_MILLISECONDS = 250;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final CacheServers servers;
  private final EngineBinary binary;
  private final GroupListener listener;
  private final Nodes nodes;
  private final Optional<TlsFiles> tls;
  private final Waiting waiting = new Waiting(PATIENCE);
  private final ClusterFormation formation;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, NodeProcess> processes = new HashMap<>();
  private final Map<String, NodeStatus> statuses = new ConcurrentHashMap<>();
  private final Map<String, Map<String, String>> parameters = new ConcurrentHashMap<>();

  /** Replicas that have had all of their primary's data since they were started. */
  private final Set<String> synced = new HashSet<>();

  /** Nodes that may not let clients in yet, because they were reading their data. */
  private final Set<String> closed = new HashSet<>();

  private final Restarts restarts = new Restarts();

  private volatile GroupPlan plan;
  private volatile Access access;
  private @Nullable Thread watch;

  GroupSupervisor(
      CacheServers servers,
      GroupPlan plan,
      EngineBinary binary,
      List<String> passwords,
      GroupListener listener) {
    this.servers = servers;
    this.plan = plan;
    this.binary = binary;
    this.access = new Access(passwords, Optional.empty());
    this.listener = listener;
    this.tls = plan.tls() ? Optional.of(servers.tls()) : Optional.empty();
    this.nodes = new Nodes(servers.address(), tls.map(TlsFiles::trust).orElse(null), access.own());
    this.formation = new ClusterFormation(nodes, waiting);
  }

  @Override
  public List<Shard> shards() {
    return plan.shards();
  }

  @Override
  public ServerAddress primaryOf(String shardId) {
    return nodes.addressOf(plan.shard(shardId).primaryNode());
  }

  @Override
  public NodeStatus status(String nodeId) {
    return statuses.getOrDefault(nodeId, NodeStatus.NONE);
  }

  @Override
  public Map<String, String> parameters(String nodeId) {
    return parameters.getOrDefault(nodeId, Map.of());
  }

  /**
   * Starts all nodes and watches them from now on.
   *
   * @param fresh whether something of the group has never run: waits until all nodes answer, and
   *     introduces those of a cluster to each other. Otherwise the watch starts what does not run,
   *     such as a server whose port its predecessor is just giving back
   * @throws CacheServerException when a server does not start; {@link #close} ends the others
   */
  public void start(boolean fresh) {
    exclusively(() -> {
      for (CacheNode node : plan.nodes()) {
        launch(node);
      }
      if (fresh) {
        plan.nodes().forEach(this::awaitAnswer);
      }
      if (fresh && plan.clusterMode()) {
        formation.form(plan);
      }
    });
    Thread thread = Thread.ofVirtual().name("watch-" + plan.id()).unstarted(this::watch);
    watch = thread;
    thread.start();
  }

  /** Returns when every replica's link to its primary is up. */
  public void awaitReplicas() {
    for (Shard shard : plan.shards()) {
      for (CacheNode replica : shard.replicas()) {
        waiting.until(replica.id() + " follows", () -> isFollowing(status(replica.id())));
      }
    }
  }

  @Override
  public void awaitServing() {
    while (!shards().stream()
        .allMatch(shard -> status(shard.primary()).state() == NodeStatus.State.UP)) {
      waiting.requireOpen();
      waiting.pauseUntilClosed(WATCH_MILLISECONDS);
    }
  }

  private static boolean isFollowing(NodeStatus status) {
    return status.role() == NodeStatus.Role.REPLICA && status.linkUp();
  }

  /** Adds a replica, which is in sync when this returns. */
  public void addReplica(String shardId, CacheNode node) {
    exclusively(() -> {
      GroupPlan wider = plan.with(plan.shard(shardId).with(node));
      plan = wider;
      launch(node);
      awaitAnswer(node);
      if (wider.clusterMode()) {
        formation.introduce(wider.nodes());
        formation.follow(node, wider.shard(shardId).primaryNode());
      }
      waiting.until(node.id() + " follows", () -> isFollowing(nodes.status(node)));
      observe(node);
    });
  }

  /** Ends a replica and deletes its data. */
  public void removeReplica(String nodeId) {
    exclusively(() -> {
      Shard shard = plan.shardOf(nodeId);
      CacheNode node = shard.node(nodeId);
      String clusterId = plan.clusterMode() ? formation.idOf(node) : "";
      plan = plan.with(shard.without(nodeId));
      end(nodeId);
      if (plan.clusterMode()) {
        for (CacheNode other : plan.nodes()) {
          nodes.tell(other, "CLUSTER", "FORGET", clusterId);
        }
      }
      CacheServers.delete(folderOf(nodeId));
    });
  }

  /** Hands a shard over to one of its replicas, in order: nothing that was written is lost. */
  public void promote(String nodeId) {
    exclusively(() -> {
      Shard shard = plan.shardOf(nodeId);
      CacheNode next = shard.node(nodeId);
      if (plan.clusterMode()) {
        nodes.ask(next, "CLUSTER", "FAILOVER");
      } else {
        nodes.ask(
            shard.primaryNode(), "FAILOVER", "TO", nodes.host(), Integer.toString(next.port()));
      }
      waiting.until(
          nodeId + " is the primary", () -> nodes.status(next).role() == NodeStatus.Role.PRIMARY);
      becomePrimary(shard, next);
      plan.shardOf(nodeId).nodes().forEach(this::observe);
    });
  }

  /** Kills a shard's primary, as its machine's end would. The watch does the rest. */
  public void killPrimary(String shardId) {
    exclusively(() -> {
      NodeProcess process = processes.get(plan.shard(shardId).primary());
      if (process != null) {
        process.kill();
      }
    });
  }

  /** Ends a node in order and starts it again. */
  public void restart(String nodeId) {
    exclusively(() -> {
      CacheNode node = plan.shardOf(nodeId).node(nodeId);
      end(nodeId);
      launch(node);
      awaitAnswer(node);
      observe(node);
    });
  }

  /**
   * Goes over to other parameters, memory or failover; its nodes and shards stay.
   *
   * @param now the parameters that running servers take over at once, by the server's own names
   * @throws CacheServerException when a server refuses one
   */
  public void apply(GroupPlan changed, Map<String, String> now) {
    exclusively(() -> {
      plan = changed.withShards(plan.shards());
      for (CacheNode node : plan.nodes()) {
        try (Connection connection = nodes.connect(node)) {
          connection.call("CONFIG", "SET", "maxmemory", Long.toString(plan.maxMemoryBytes()));
          for (Map.Entry<String, String> parameter : now.entrySet()) {
            String[] words = parameter.getKey().split(" ", 2);
            String value =
                words.length == 1 ? parameter.getValue() : words[1] + " " + parameter.getValue();
            connection.call("CONFIG", "SET", words[0], value);
          }
          Map<String, String> taken = new HashMap<>(parameters(node.id()));
          taken.putAll(now);
          parameters.put(node.id(), Map.copyOf(taken));
        }
      }
    });
  }

  /** Changes who may log in; the first password is also the nodes' own. None lets everybody in. */
  public void setPasswords(List<String> next) {
    exclusively(() -> use(access.withPasswords(next)));
  }

  /** {@inheritDoc} They are started again when they die, and neither replaced nor told to lead. */
  @Override
  public void beginMigration() {
    byte[] password = new byte[24];
    RANDOM.nextBytes(password);
    exclusively(() -> use(access.withMigrator(Optional.of(HexFormat.of().formatHex(password)))));
  }

  @Override
  public void endMigration() {
    exclusively(() -> use(access.withMigrator(Optional.empty())));
  }

  private void use(Access changed) {
    access = changed;
    plan.nodes().stream().filter(node -> isAlive(node.id())).forEach(this::tellAccess);
    nodes.use(access.own());
  }

  /** A node that cannot be told is ended; the watch starts it again as it is to be. */
  private void tellAccess(CacheNode node) {
    boolean hasLoaded = nodes.status(node).state() == NodeStatus.State.UP;
    try (Connection connection = nodes.connect(node)) {
      for (List<String> words : access.commands(hasLoaded)) {
        connection.call(words.toArray(String[]::new));
      }
      if (hasLoaded) {
        closed.remove(node.id());
      } else {
        closed.add(node.id());
      }
    } catch (DmsException e) {
      LOG.warn("{} could not be told who may write; it is started again.", node.id(), e);
      end(node.id());
    }
  }

  private void watch() {
    while (!waiting.isClosed()) {
      for (Shard shard : plan.shards()) {
        try {
          exclusively(() -> {
            waiting.requireOpen();
            tend(plan.shard(shard.id()));
          });
        } catch (CacheServerException e) {
          if (!waiting.isClosed()) {
            LOG.warn("Tending shard {} of {} failed; tried again.", shard.id(), plan.id(), e);
          }
        }
      }
      waiting.pauseUntilClosed(WATCH_MILLISECONDS);
    }
  }

  private void tend(Shard seen) throws IOException {
    Shard shard = seen;
    shard.nodes().forEach(this::observe);
    if (!isAlive(shard.primary()) && plan.automaticFailover() && !isMigrating()) {
      shard = failOver(shard);
    }
    for (CacheNode node : shard.nodes()) {
      if (!isAlive(node.id())) {
        revive(node);
      } else if (status(node.id()).state() == NodeStatus.State.UP) {
        restarts.succeeded(node.id());
        if (closed.contains(node.id())) {
          tellAccess(node);
        }
        correct(shard, node);
      } else if (restarts.isStuck(node.id(), status(node.id()))) {
        listener.noticed(node.id(), "The server has not answered for a minute; it is ended.");
        processOf(node.id()).ifPresent(NodeProcess::kill);
      }
    }
  }

  private Shard failOver(Shard shard) throws IOException {
    Optional<CacheNode> candidate =
        shard.replicas().stream()
            .filter(node -> isAlive(node.id()))
            .filter(node -> status(node.id()).state() == NodeStatus.State.UP)
            .filter(node -> synced.contains(node.id()))
            .max(Comparator.comparingLong(node -> status(node.id()).offsetBytes()));
    if (candidate.isEmpty()) {
      return shard;
    }
    CacheNode next = candidate.get();
    listener.noticed(shard.primary(), "The primary has ended; failing over to " + next.id() + ".");
    if (plan.clusterMode()) {
      nodes.ask(next, "CLUSTER", "FAILOVER", "TAKEOVER");
    } else {
      nodes.ask(next, "REPLICAOF", "NO", "ONE");
    }
    return becomePrimary(shard, next);
  }

  private Shard becomePrimary(Shard shard, CacheNode next) {
    Shard changed = shard.withPrimary(next.id());
    plan = plan.with(changed);
    listener.primaryChanged(changed);
    return changed;
  }

  private void revive(CacheNode node) throws IOException {
    Optional<NodeProcess> ended = processOf(node.id());
    if (!restarts.mayTry(node.id())) {
      return;
    }
    String reason = ended.map(NodeProcess::logTail).orElse("");
    LOG.warn("Cache server {} has ended ({}); it is started again.", node.id(), reason);
    listener.noticed(node.id(), "The server has ended; it is started again.");
    launch(node);
  }

  /** A replica that follows somebody else, or nobody, is told whom to follow. */
  private void correct(Shard shard, CacheNode node) throws IOException {
    CacheNode primary = shard.primaryNode();
    boolean isPrimary = node.equals(primary);
    if (isPrimary) {
      boolean leads = status(node.id()).role() == NodeStatus.Role.PRIMARY;
      if (!leads && !isMigrating() && !plan.clusterMode()) {
        nodes.ask(node, "REPLICAOF", "NO", "ONE");
      }
    } else if (status(node.id()).followedPort() != primary.port()) {
      if (plan.clusterMode()) {
        nodes.tell(node, "CLUSTER", "REPLICATE", formation.idOf(primary));
      } else {
        nodes.ask(node, "REPLICAOF", nodes.host(), Integer.toString(primary.port()));
      }
    }
  }

  private void observe(CacheNode node) {
    NodeStatus status = isAlive(node.id()) ? nodes.status(node) : NodeStatus.NONE;
    statuses.put(node.id(), status);
    if (isFollowing(status)) {
      synced.add(node.id());
    }
  }

  private boolean isMigrating() {
    return access.migrator().isPresent();
  }

  private boolean isAlive(String nodeId) {
    return processOf(nodeId).filter(NodeProcess::isAlive).isPresent();
  }

  private Optional<NodeProcess> processOf(String nodeId) {
    return Optional.ofNullable(processes.get(nodeId));
  }

  private void launch(CacheNode node) throws IOException {
    waiting.requireOpen();
    Shard shard = plan.shardOf(node.id());
    boolean follows = !plan.clusterMode() && !shard.primary().equals(node.id());
    List<String> configuration =
        NodeConfiguration.lines(
            plan,
            node,
            access,
            servers.address(),
            folderOf(node.id()),
            tls,
            follows ? Optional.of(shard.primaryNode().port()) : Optional.empty());
    synced.remove(node.id());
    closed.add(node.id());
    nodes.forget(node.id());
    parameters.put(node.id(), plan.parameters());
    processes.put(node.id(), NodeProcess.start(binary, configuration, folderOf(node.id())));
  }

  private void awaitAnswer(CacheNode node) {
    waiting.until(
        node.id() + " answers",
        () -> {
          if (!isAlive(node.id())) {
            String reason = processOf(node.id()).map(NodeProcess::logTail).orElse("");
            throw new CacheServerException(node.id() + " did not start: " + reason, null);
          }
          return nodes.status(node).state() != NodeStatus.State.DOWN;
        });
  }

  private void end(String nodeId) {
    processOf(nodeId).ifPresent(NodeProcess::stop);
    processes.remove(nodeId);
    statuses.remove(nodeId);
    nodes.forget(nodeId);
  }

  private Path folderOf(String nodeId) {
    return servers.folderOf(plan.id()).resolve(nodeId);
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  private void exclusively(Work work) {
    lock.lock();
    try {
      work.run();
    } catch (IOException | DmsException e) {
      throw new CacheServerException(
          "A server of replication group " + plan.id() + " failed: " + e.getMessage(), e);
    } finally {
      lock.unlock();
    }
  }

  /** Ends all nodes, replicas first, so that no primary waits for them; their data stays. */
  @Override
  public void close() {
    waiting.close();
    exclusively(() -> {
      for (Shard shard : plan.shards()) {
        shard.replicas().parallelStream()
            .forEach(node -> processOf(node.id()).ifPresent(NodeProcess::stop));
      }
      plan.shards().parallelStream()
          .forEach(shard -> processOf(shard.primary()).ifPresent(NodeProcess::stop));
      processes.clear();
      statuses.clear();
    });
    Thread thread = watch;
    if (thread != null) {
      try {
        thread.join(PATIENCE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Deletes what a creation that was cut off has left; the group must not run. */
  public void discard() {
    exclusively(() -> CacheServers.delete(servers.folderOf(plan.id())));
  }

  /** Closes, and deletes the group's data. */
  public void delete() {
    close();
    try {
      CacheServers.delete(servers.folderOf(plan.id()));
    } catch (IOException e) {
      throw new CacheServerException(
          "The data of replication group " + plan.id() + " cannot be deleted.", e);
    }
  }
}
