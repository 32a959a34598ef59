package wherry.redis.migration;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.redis.HashSlot;
import wherry.redis.migration.CompletionReport.Difference;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.redis.protocol.ServerInfo;

/**
 * Compares every key of both sides: those of the source by type, value and absolute expiry, those
 * of the target by whether the source has them at all.
 */
final class Comparison implements AutoCloseable {
  private static final int PAGE_KEYS = 500;

  /** Where a server only tells how long a key has left, and the clocks are two. */
  private static final long INEXACT_EXPIRY_MILLISECONDS = 1_000;

  private final List<SourceShard> sourceShards;
  private final List<KeyReader> sources = new ArrayList<>();
  private final List<TargetShard> targetShards;
  private final List<KeyReader> targets = new ArrayList<>();
  private final TreeSet<Integer> databases = new TreeSet<>();
  private final List<Difference> differences = new ArrayList<>();
  private long compared;
  private long different;

  private Comparison(List<SourceShard> sourceShards, List<TargetShard> targetShards) {
    this.sourceShards = sourceShards;
    this.targetShards = targetShards;
  }

  private void connect() {
    sourceShards.forEach(shard -> sources.add(reader(Connection.open(shard.server()))));
    targetShards.forEach(shard -> targets.add(reader(Connection.open(shard.primary()))));
  }

  private KeyReader reader(Connection connection) {
    ServerInfo info = ServerInfo.of(connection, "server", "keyspace");
    info.fields().keySet().stream()
        .filter(field -> field.matches("db\\d+"))
        .forEach(field -> databases.add(Integer.parseInt(field.substring(2))));
    return new KeyReader(connection, info);
  }

  /**
   * Made when the target is promoted and nothing can be taken back: a side that cannot be read,
   * such as a source that is gone, is told in the report.
   */
  static CompletionReport of(MigrationRequest request) {
    long began = System.nanoTime();
    try (Comparison comparison =
        new Comparison(SourceShard.of(request.source()), request.targets())) {
      comparison.connect();
      List<String> before = comparison.writes();
      comparison.run();
      return new CompletionReport(
          comparison.compared,
          comparison.different,
          comparison.differences,
          null,
          !before.equals(comparison.writes()),
          Duration.ofNanos(System.nanoTime() - began));
    } catch (DmsException unreadable) {
      return new CompletionReport(
          0,
          0,
          List.of(),
          unreadable.getMessage(),
          false,
          Duration.ofNanos(System.nanoTime() - began));
    }
  }

  /** How much was written since the last save, per server; 0 again after one. */
  private List<String> writes() {
    return sources.stream()
        .map(source -> ServerInfo.of(source.connection(), "persistence"))
        .map(info -> info.text("rdb_changes_since_last_save"))
        .toList();
  }

  private void run() {
    for (int database : databases) {
      sources.forEach(source -> source.select(database));
      targets.forEach(target -> target.select(database));
      for (KeyReader source : sources) {
        scan(source.connection(), keys -> compare(database, source, keys));
      }
      for (KeyReader target : targets) {
        scan(target.connection(), keys -> searchOnSource(database, keys));
      }
    }
  }

  private static void scan(Connection server, Consumer<List<byte[]>> page) {
    KeyScan.run(
        server,
        PAGE_KEYS,
        keys -> page.accept(keys.stream().filter(key -> !PositionKeys.isOne(key)).toList()));
  }

  private void compare(int database, KeyReader source, List<byte[]> keys) {
    List<KeyState> here = source.read(keys);
    List<KeyState> there = readTargets(keys);
    for (int i = 0; i < keys.size(); i++) {
      KeyReader target = targets.get(targetOf(keys.get(i)));
      long tolerance =
          source.tellsExpiry() && target.tellsExpiry() ? 0 : INEXACT_EXPIRY_MILLISECONDS;
      Difference.@Nullable Kind kind = here.get(i).differenceTo(there.get(i), tolerance);
      KeyState first = here.get(i);
      KeyState second = there.get(i);
      if (kind != null) {
        // It may have expired or been written between the two looks; then they agree now.
        first = source.read(List.of(keys.get(i))).getFirst();
        second = target.read(List.of(keys.get(i))).getFirst();
        kind = first.differenceTo(second, tolerance);
      }
      compared++;
      if (kind != null) {
        keep(database, keys.get(i), kind, "source: " + first + "; target: " + second);
      }
    }
  }

  private List<KeyState> readTargets(List<byte[]> keys) {
    if (targets.size() == 1) {
      return targets.getFirst().read(keys);
    }
    KeyState[] states = new KeyState[keys.size()];
    for (int shard = 0; shard < targets.size(); shard++) {
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < keys.size(); i++) {
        if (targetOf(keys.get(i)) == shard) {
          places.add(i);
        }
      }
      List<KeyState> some = targets.get(shard).read(places.stream().map(keys::get).toList());
      for (int i = 0; i < places.size(); i++) {
        states[places.get(i)] = some.get(i);
      }
    }
    return List.of(states);
  }

  private void searchOnSource(int database, List<byte[]> keys) {
    for (int shard = 0; shard < sources.size(); shard++) {
      int wanted = shard;
      List<byte[]> mine = keys.stream().filter(key -> sourceOf(key) == wanted).toList();
      List<Reply> found =
          sources
              .get(shard)
              .connection()
              .askAll(
                  mine.stream().map(key -> new byte[][] {Command.bytes("EXISTS"), key}).toList());
      for (int i = 0; i < mine.size(); i++) {
        if (found.get(i) instanceof Reply.Number number && number.value() == 0) {
          KeyReader target = targets.get(targetOf(mine.get(i)));
          KeyState state = target.read(List.of(mine.get(i))).getFirst();
          boolean aboutToExpire =
              !(sources.get(shard).tellsExpiry() && target.tellsExpiry())
                  && state.expiresAt() >= 0
                  && state.expiresAt() <= System.currentTimeMillis() + INEXACT_EXPIRY_MILLISECONDS;
          if (!state.equals(KeyState.NONE) && !aboutToExpire) {
            keep(database, mine.get(i), Difference.Kind.MISSING_ON_SOURCE, "target: " + state);
          }
        }
      }
    }
  }

  private int targetOf(byte[] key) {
    int slot = HashSlot.of(key);
    for (int i = 0; i < targetShards.size(); i++) {
      if (targetShards.get(i).slots().stream().anyMatch(range -> range.contains(slot))) {
        return i;
      }
    }
    throw new IllegalStateException("no shard has slot " + slot);
  }

  private int sourceOf(byte[] key) {
    int slot = HashSlot.of(key);
    for (int i = 0; i < sourceShards.size(); i++) {
      if (sourceShards.get(i).has(slot)) {
        return i;
      }
    }
    throw new IllegalStateException("no server of the source has slot " + slot);
  }

  private void keep(int database, byte[] key, Difference.Kind kind, String detail) {
    different++;
    if (differences.size() < CompletionReport.DIFFERENCES_MAX) {
      differences.add(new Difference(database, printable(key), kind, detail));
    }
  }

  static String printable(byte[] key) {
    StringBuilder text = new StringBuilder();
    for (char character : new String(key, StandardCharsets.ISO_8859_1).toCharArray()) {
      if (character < ' ' || character > '~' || character == '\\') {
        text.append(String.format("\\x%02x", (int) character));
      } else {
        text.append(character);
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    sources.forEach(KeyReader::close);
    targets.forEach(KeyReader::close);
  }
}
