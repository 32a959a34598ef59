package wherry.elasticache;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.ServerWatch;

/**
 * Servers that run without this service and are only looked at: never started, ended or configured.
 * One of them is named, the others are found through it.
 */
public final class AttachedServers implements GroupServers {
  private static final long LOOK_MILLISECONDS = 1000;
  private static final int TIMEOUT_MILLISECONDS = 3000;

  /** Hears what is found; called by one thread. */
  public interface Listener {
    /** The group has other nodes, shards, roles or another version than it was known to have. */
    void changed(AttachedLayout layout);

    /** None of the servers can be asked, since now. */
    void lost(RuntimeException reason);
  }

  private final Supplier<ServerAddress> named;
  private final Listener listener;
  private final Waiting waiting = new Waiting(Duration.ZERO);
  private final Map<String, NodeStatus> statuses = new ConcurrentHashMap<>();
  private final Thread watch;
  private volatile AttachedLayout layout;
  private volatile @Nullable Nodes nodes;
  private volatile boolean migrating;
  private @Nullable ServerAddress entered;

  /** Who has told the layout last; its connection stays open. */
  private @Nullable ServerWatch teller;

  private boolean lost;

  /**
   * @param named one of the servers, and how all of them are entered; asked for each time, as the
   *     certificate that is trusted may come later
   * @param known what was last known of the group: its nodes keep their names
   */
  public AttachedServers(Supplier<ServerAddress> named, AttachedLayout known, Listener listener) {
    this.named = named;
    this.layout = known;
    this.listener = listener;
    watch = Thread.ofVirtual().name("watch-" + known.group()).unstarted(this::watch);
  }

  public void start() {
    watch.start();
  }

  private void watch() {
    while (!waiting.isClosed()) {
      try {
        look();
        lost = false;
      } catch (RuntimeException e) {
        layout.nodes().forEach(node -> statuses.put(node.id(), NodeStatus.NONE));
        if (!lost && !waiting.isClosed()) {
          listener.lost(e);
        }
        lost = true;
      }
      waiting.pauseUntilClosed(LOOK_MILLISECONDS);
    }
    closeTeller();
  }

  private void look() {
    ServerAddress entry = named.get();
    Nodes asked = nodes;
    if (asked == null || !entry.equals(entered)) {
      asked = new Nodes(entry.host(), entry.tls(), entry.credentials());
      nodes = asked;
      entered = entry;
    }
    if (!migrating) { // Meanwhile a primary may follow the source, which is not of the group.
      AttachedLayout seen = ask(entry, asked);
      if (!seen.equals(layout)) {
        layout = seen;
        listener.changed(seen);
      }
    }
    for (CacheNode node : layout.nodes()) {
      statuses.put(node.id(), asked.status(node));
    }
    statuses.keySet().retainAll(layout.nodes().stream().map(CacheNode::id).toList());
  }

  /** What the named server says; when it is not there, what another of the group does. */
  private AttachedLayout ask(ServerAddress entry, Nodes asked) {
    Set<ServerAddress> servers = new LinkedHashSet<>(List.of(entry));
    layout.nodes().forEach(node -> servers.add(asked.addressOf(node)));
    DmsException first = null;
    for (ServerAddress server : servers) {
      ServerWatch kept = teller;
      if (kept == null || !kept.server().equals(server)) {
        closeTeller();
        kept = new ServerWatch(server, TIMEOUT_MILLISECONDS);
        teller = kept;
      }
      try {
        return kept.ask(layout::asToldBy);
      } catch (DmsException e) {
        first = first == null ? e : first;
      }
    }
    throw first;
  }

  private void closeTeller() {
    if (teller != null) {
      teller.close();
    }
  }

  @Override
  public List<Shard> shards() {
    return layout.shards();
  }

  @Override
  public ServerAddress primaryOf(String shardId) {
    Nodes asked = nodes;
    if (asked == null) {
      throw new CacheServerException(layout.group() + " has not been reached yet.");
    }
    return asked.addressOf(layout.shard(shardId).primaryNode());
  }

  @Override
  public NodeStatus status(String nodeId) {
    return statuses.getOrDefault(nodeId, NodeStatus.NONE);
  }

  @Override
  public Map<String, String> parameters(String nodeId) {
    return Map.of();
  }

  @Override
  public void awaitServing() {
    while (!layout.shards().stream()
        .allMatch(shard -> status(shard.primary()).state() == NodeStatus.State.UP)) {
      waiting.requireOpen();
      waiting.pauseUntilClosed(LOOK_MILLISECONDS / 10);
    }
  }

  /** Its users are not ours: a client that writes is not kept from it. */
  @Override
  public void beginMigration() {
    migrating = true;
  }

  @Override
  public void endMigration() {
    migrating = false;
  }

  @Override
  public void close() {
    waiting.close();
  }
}
