package wherry.redis.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import wherry.redis.migration.Progress.Way;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.sandbox.RedisServer;

/** Keys of 100 MB, in a heap that would not hold one of them twice as objects. */
class LargeKeysIT {
  private static final int LARGE_BYTES = 100 << 20;
  private static final int MEMBER_BYTES = 4096;
  private static final String FILLER = "x".repeat(MEMBER_BYTES);

  /**
   * The target of the stream hangs up on a command of more than 6 MB, as RESTORE of any of these
   * keys would be.
   */
  @Test
  void a_large_key_goes_in_parts_before_and_during_the_stream_and_natively_whole() {
    try (RedisServer source = RedisServers.start();
        RedisServer streamed = RedisServers.start(Map.of("client-query-buffer-limit", "6mb"));
        RedisServer replica = RedisServers.start();
        Connection from = RedisServers.connect(source)) {
      byte[] part = new byte[1 << 20];
      new Random(1).nextBytes(part);
      for (int written = 0; written < LARGE_BYTES; written += part.length) {
        from.call(Command.bytes("APPEND"), Command.bytes("string"), part);
      }
      for (int written = 0; written < LARGE_BYTES / 8; written += part.length) {
        from.call(Command.bytes("RPUSH"), Command.bytes("list"), part);
      }
      from.call("SET", "compressible", "wherry ".repeat(1 << 20));
      fill(from, "hash", LARGE_BYTES, i -> Command.of("HSET", "hash", "" + i, i + FILLER));
      fill(from, "set", LARGE_BYTES / 8, i -> Command.of("SADD", "set", i + FILLER));

      Runnable change =
          () -> {
            from.call(Command.bytes("APPEND"), Command.bytes("string"), part);
            from.call("EXPIRE", "string", "10000");
          };
      assertThat(migrate(source, streamed, Way.STREAM, change)).isEqualTo(5);
      from.call("DEL", "hash", "list", "set", "compressible");
      assertThat(migrate(source, replica, Way.NATIVE, change)).isEqualTo(1);
    }
  }

  /** How many keys were equal on both sides in the end. */
  private static long migrate(RedisServer source, RedisServer target, Way way, Runnable change) {
    Notes notes = new Notes();
    MigrationRequest request =
        new MigrationRequest(
            RedisServers.address(source),
            List.of(TargetShard.whole(RedisServers.address(target))),
            false);
    try (Migration migration = Migration.start(request, notes, way)) {
      await()
          .atMost(Duration.ofSeconds(120))
          .until(() -> migration.progress().isInSync() || notes.failure != null);
      assertThat(notes.failure).isNull();
      change.run();
      await().atMost(Duration.ofSeconds(60)).until(() -> migration.progress().isInSync());

      CompletionReport report = migration.complete(false);

      assertThat(report.differences()).isEmpty();
      return report.keysCompared();
    }
  }

  private static void fill(
      Connection server, String key, int bytes, IntFunction<byte[][]> command) {
    List<byte[][]> batch = new ArrayList<>();
    for (int i = 0; i < bytes / MEMBER_BYTES; i++) {
      batch.add(command.apply(i));
      if (batch.size() == 1000) {
        server.askAll(batch);
        batch.clear();
      }
    }
    server.askAll(batch);
    assertThat(((Reply.Number) server.call("MEMORY", "USAGE", key)).value()).isGreaterThan(bytes);
  }
}
