package wherry.server.elasticache;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.elasticache.AttachedServers;
import wherry.elasticache.CacheServerException;
import wherry.elasticache.GroupServers;
import wherry.elasticache.NodeStatus;
import wherry.elasticache.Shard;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.ServerWatch;

/**
 * Looks every second whether the servers of a migration are there, and tells when one has fallen
 * silent and when it answers again; of an attached group also who else writes to it. The migration
 * itself waits for them, however long. Safe for all threads.
 */
final class Vigil implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Vigil.class);
  private static final long LOOK_MILLISECONDS = 1_000;

  /** Longer than a server that the service runs needs to be started again. */
  private static final long PATIENCE_NANOSECONDS = TimeUnit.SECONDS.toNanos(5);

  private static final int ANSWER_MILLISECONDS = 3_000;

  private final GroupServers servers;
  private final ServerWatch source;
  private final Consumer<String> teller;
  private final Map<String, ClientWatch> clients = new HashMap<>();
  private final Map<Watched, Long> missedSince = new HashMap<>();
  private final Map<Watched, String> silent = new ConcurrentSkipListMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** A server, of the group or the one that is followed. */
  private record Watched(boolean isTarget, String name) implements Comparable<Watched> {
    @Override
    public int compareTo(Watched other) {
      return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
      return (isTarget ? "the target " : "the source ") + name;
    }
  }

  private Vigil(GroupServers servers, ServerAddress source, Consumer<String> teller) {
    this.servers = servers;
    this.source = new ServerWatch(door(source), ANSWER_MILLISECONDS);
    this.teller = teller;
  }

  /** Without a login: nobody needs one to be told that he does. */
  private static ServerAddress door(ServerAddress server) {
    return new ServerAddress(server.host(), server.port(), null, server.tls());
  }

  /**
   * @param teller is told each change, a sentence
   */
  static Vigil over(GroupServers servers, ServerAddress source, Consumer<String> teller) {
    Vigil vigil = new Vigil(servers, source, teller);
    Thread.ofVirtual().name("vigil-" + source.port()).start(vigil::watch);
    return vigil;
  }

  /** Who does not answer now, such as {@code the target shop-001}; in a fixed order. */
  List<String> silent() {
    return silent.keySet().stream().map(Watched::toString).toList();
  }

  /**
   * Why a server of the group does not answer; empty when all are known to, or nobody knows yet.
   */
  Optional<String> silenceOfTarget() {
    return silent.entrySet().stream()
        .filter(each -> each.getKey().isTarget())
        .map(each -> each.getKey() + " does not answer: " + each.getValue())
        .findFirst();
  }

  private void watch() {
    String trouble = "";
    try {
      while (!closed.await(LOOK_MILLISECONDS, TimeUnit.MILLISECONDS)) {
        try {
          lookAtAll();
        } catch (RuntimeException e) { // A look that fails must not be the last one.
          if (!trouble.equals(e.toString()) && closed.getCount() > 0) {
            LOG.warn("The servers of a migration from {} cannot be watched", source.server(), e);
            trouble = e.toString();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      source.close();
      clients.values().forEach(ClientWatch::close);
    }
  }

  private void lookAtAll() {
    for (Shard shard : servers.shards()) {
      boolean answers = servers.status(shard.primary()).state() != NodeStatus.State.DOWN;
      look(new Watched(true, shard.primary()), answers, () -> silenceOf(shard));
      // The service's own let nobody else write.
      if (answers && servers instanceof AttachedServers) {
        clients
            .computeIfAbsent(shard.primary(), id -> new ClientWatch(servers.primaryOf(shard.id())))
            .look()
            .forEach(this::tell);
      }
    }
    look(
        new Watched(false, source.server().toString()),
        silence(source).isEmpty(),
        () -> silence(source));
  }

  private void look(Watched who, boolean answers, Supplier<Optional<String>> silence) {
    if (answers) {
      missedSince.remove(who);
      if (silent.remove(who) != null) {
        tell(who + " answers again.");
      }
      return;
    }
    long now = System.nanoTime();
    boolean tooLong = now - missedSince.computeIfAbsent(who, any -> now) > PATIENCE_NANOSECONDS;
    if (tooLong && !silent.containsKey(who)) {
      silence
          .get()
          .ifPresent(cause -> {
            silent.put(who, cause);
            tell(
                who
                    + " does not answer: "
                    + cause
                    + " The migration waits, and goes on by itself when it answers; to give up at"
                    + " once, CompleteMigration with Force.");
          });
    }
  }

  private void tell(String sentence) {
    if (closed.getCount() > 0) {
      teller.accept(sentence);
    }
  }

  private Optional<String> silenceOf(Shard shard) {
    try (ServerWatch once =
        new ServerWatch(door(servers.primaryOf(shard.id())), ANSWER_MILLISECONDS)) {
      return silence(once);
    } catch (CacheServerException neverReached) {
      return Optional.of(String.valueOf(neverReached.getMessage()));
    }
  }

  /** Why a server does not answer; empty when it does. */
  private static Optional<String> silence(ServerWatch server) {
    try {
      server.ask(connection -> connection.ask(Command.of("PING")));
      return Optional.empty();
    } catch (DmsException e) {
      boolean unreached =
          e.code() == ErrorCode.CONNECTION_FAILED || e.code() == ErrorCode.TLS_FAILED;
      return unreached ? Optional.of(String.valueOf(e.getMessage())) : Optional.empty();
    }
  }

  /** Returns at once; nothing is told any more. */
  @Override
  public void close() {
    closed.countDown();
  }
}
