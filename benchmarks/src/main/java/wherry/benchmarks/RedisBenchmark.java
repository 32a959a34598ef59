package wherry.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import wherry.demo.Display;
import wherry.error.DmsException;
import wherry.redis.ServerAddress;
import wherry.redis.migration.Migration;
import wherry.redis.migration.MigrationListener;
import wherry.redis.migration.MigrationRequest;
import wherry.redis.migration.Progress;
import wherry.redis.migration.Progress.Phase;
import wherry.redis.migration.Progress.Way;
import wherry.redis.migration.TargetShard;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.ServerInfo;
import wherry.sandbox.RedisServer;
import wherry.sandbox.SandboxException;

/** A full synchronisation by us beside the target's own, of the same keys, by turns. */
@Command(
    name = "redis",
    description =
        "Fills a private Redis with keys of every type and synchronises an empty one with it: by"
            + " REPLICAOF, and by Wherry's stream. By turns, each several times; medians count.")
final class RedisBenchmark implements Callable<Integer> {
  private static final long TIMEOUT_SECONDS = 900;
  private static final double PROMISE = 0.9;

  @Option(
      names = "--scale",
      defaultValue = "1",
      description = "memory that the keys take, in GiB (default: ${DEFAULT-VALUE})")
  private double scale;

  @Mixin private final Measuring measuring = new Measuring(3);

  @Override
  public Integer call() {
    measuring.check(scale > 0, "--scale must be positive and --runs at least 1");
    long bytes = (long) (scale * (1 << 30));
    Path program =
        RedisServer.redis()
            .orElseThrow(() ->
                new SandboxException(
                    "redis-server is not installed (Debian: apt-get install redis-server)"));
    Display display = measuring.display();
    // Neither waits for more replicas to come.
    Map<String, String> settings = Map.of("repl-diskless-sync-delay", "0");
    display.line("Filling a Redis with keys of %,d MiB".formatted(bytes >> 20));
    try (RedisServer source = RedisServer.start(program, settings)) {
      long keys;
      try (Connection connection = Connection.open(address(source))) {
        keys = new RedisKeys().fill(connection, bytes);
      }
      Map<Way, List<Double>> seconds = new EnumMap<>(Way.class);
      for (int run = 1; run <= measuring.runs(); run++) {
        for (Way way : Way.values()) {
          try (RedisServer target = RedisServer.start(program, settings)) {
            double took = synchronise(source, target, way, keys);
            seconds.computeIfAbsent(way, unused -> new ArrayList<>()).add(took);
            display.line(
                "run %d, %s: %.2f s, %,.0f keys/s; the target's processor %.2f s"
                    .formatted(run, name(way), took, keys / took, target.usage().cpuSeconds()));
          }
        }
      }
      double rate = median(seconds, Way.NATIVE) / median(seconds, Way.STREAM);
      display.line(
          "%,d keys: Wherry's stream has %.2f of the rate of REPLICAOF; promised %.1f: %s"
              .formatted(keys, rate, PROMISE, rate >= PROMISE ? "reached" : "NOT REACHED"));
      return 0;
    }
  }

  private static String name(Way way) {
    return switch (way) {
      case NATIVE -> "REPLICAOF";
      case STREAM -> "Wherry";
    };
  }

  private static ServerAddress address(RedisServer server) {
    return ServerAddress.of(server.host(), server.port());
  }

  /** From the request until the target follows the stream, in seconds. */
  private static double synchronise(RedisServer source, RedisServer target, Way way, long keys) {
    MigrationRequest request =
        new MigrationRequest(address(source), List.of(TargetShard.whole(address(target))), false);
    long began = System.nanoTime();
    try (Migration migration = Migration.start(request, new Silent(), way)) {
      while (!follows(migration, target)) {
        if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS)) {
          throw new SandboxException(name(way) + " needs more than " + TIMEOUT_SECONDS + " s");
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
      double took = (System.nanoTime() - began) / 1e9;
      migration.abort();
      requireAll(target, name(way), keys);
      return took;
    }
  }

  /** A replica says so by itself, sooner than our watch looks. */
  private static boolean follows(Migration migration, RedisServer target) {
    Progress progress = migration.progress();
    if (progress.way() == Way.STREAM) {
      return progress.phase() == Phase.STREAMING;
    }
    try (Connection connection = Connection.open(address(target))) {
      return ServerInfo.of(connection, "replication").text("master_link_status").equals("up");
    }
  }

  private static void requireAll(RedisServer target, String name, long keys) {
    try (Connection connection = Connection.open(address(target))) {
      ServerInfo info = ServerInfo.of(connection, "keyspace");
      if (!info.text("db0").startsWith("keys=" + keys + ",")) {
        throw new SandboxException(
            name + " moved " + info.text("db0") + " of " + keys + " keys: not a measurement");
      }
    }
  }

  private static double median(Map<Way, List<Double>> seconds, Way way) {
    List<Double> values = seconds.getOrDefault(way, List.of()).stream().sorted().toList();
    return values.get(values.size() / 2);
  }

  /** What goes wrong shows in the number of keys. */
  private static final class Silent implements MigrationListener {
    @Override
    public void noticed(String message) {}

    @Override
    public void failed(DmsException reason) {
      throw reason;
    }
  }
}
