package wherry.redis.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import wherry.error.ErrorCode;
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

  /**
   * A script's effects are one transaction; this one has 80 MB, of which no more than 64 are held.
   */
  @Test
  void a_transaction_that_is_larger_than_what_is_held_goes_in_parts_and_loses_nothing() {
    try (RedisServer source = RedisServers.start();
        RedisServer target = RedisServers.start();
        Connection from = RedisServers.connect(source)) {
      Runnable change =
          () -> {
            from.call(
                "EVAL",
                "for i = 1, 80 do redis.call('INCR', 'n') redis.call('SET', 'k' .. i,"
                    + " string.rep(i, 524288)) end",
                "0");
            assertThat(from.text("GET", "n")).isEqualTo("80");
          };
      assertThat(migrate(source, target, Way.STREAM, change)).isEqualTo(81);
    }
  }

  @Test
  void a_command_that_does_not_fit_into_this_process_ends_the_migration_and_is_named() {
    long tooLarge = Runtime.getRuntime().maxMemory() / 3 + 1;
    assumeTrue(
        tooLarge < 500 << 20, "with this heap a command of what Redis takes at most, 512 MB, fits");
    // With a backlog that holds it, so that it comes again to one who has lost the line meanwhile.
    Map<String, String> settings =
        Map.of("client-output-buffer-limit", "replica 0 0 0", "repl-backlog-size", "600mb");
    try (RedisServer source = RedisServers.start(settings);
        RedisServer target = RedisServers.start();
        Connection from = RedisServers.connect(source)) {
      from.call("SET", "before", "value");
      Notes notes = new Notes();
      MigrationRequest request =
          new MigrationRequest(
              RedisServers.address(source),
              List.of(TargetShard.whole(RedisServers.address(target))),
              false);
      try (Migration migration = Migration.start(request, notes, Way.STREAM)) {
        await().atMost(Duration.ofMinutes(3)).until(() -> migration.progress().isInSync());
        from.readTimeout(0);
        from.call(
            "EVAL", "redis.call('SET', 'huge', string.rep('x', ARGV[1]))", "0", "" + tooLarge);

        await().atMost(Duration.ofMinutes(3)).until(() -> notes.failure != null);
        assertThat(notes.failure.code()).isEqualTo(ErrorCode.COMMAND_REFUSED);
        assertThat(notes.failure)
            .hasMessageContainingAll("SET huge", "more than", "WHERRY_JAVA_OPTIONS");
        assertThat(migration.progress().phase()).isEqualTo(Progress.Phase.FAILED);

        migration.abort();
        try (Connection to = RedisServers.connect(target)) {
          assertThat(to.text("SET", "own", "1")).isEqualTo("OK");
          assertThat(((Reply.Number) to.call("DBSIZE")).value()).isEqualTo(2);
        }
      }
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
          .atMost(Duration.ofMinutes(3))
          .until(() -> migration.progress().isInSync() || notes.failure != null);
      assertThat(notes.failure).isNull();
      change.run();
      await().atMost(Duration.ofMinutes(3)).until(() -> migration.progress().isInSync());

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
