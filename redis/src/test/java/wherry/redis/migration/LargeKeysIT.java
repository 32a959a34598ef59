package wherry.redis.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import wherry.redis.migration.Progress.Way;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.sandbox.RedisServer;

class LargeKeysIT {
  private static final int LARGE_BYTES = Integer.getInteger("wherry.largeKeyBytes", 12 << 20);
  private static final int MEMBER_BYTES = 1024;

  /**
   * The target hangs up on a command of more than 6 MB, as RESTORE of any of these keys would be.
   */
  @Test
  void a_large_key_goes_in_parts_before_and_during_the_stream() {
    try (RedisServer source = RedisServers.start();
        RedisServer target = RedisServers.start();
        Connection from = RedisServers.connect(source);
        Connection to = RedisServers.connect(target)) {
      byte[] part = new byte[1 << 20];
      new Random(1).nextBytes(part);
      for (int written = 0; written < LARGE_BYTES; written += part.length) {
        from.call(Command.bytes("APPEND"), Command.bytes("string"), part);
        from.call(Command.bytes("RPUSH"), Command.bytes("list"), part);
      }
      from.call("SET", "compressible", "wherry ".repeat(1 << 20));
      fill(from, "hash", "HSET", 2);
      fill(from, "set", "SADD", 1);
      to.call("CONFIG", "SET", "client-query-buffer-limit", "6mb");
      Notes notes = new Notes();
      MigrationRequest request =
          new MigrationRequest(
              RedisServers.address(source),
              List.of(TargetShard.whole(RedisServers.address(target))),
              false);
      try (Migration migration = Migration.start(request, notes, Way.STREAM)) {
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> migration.progress().isInSync() || notes.failure != null);
        assertThat(notes.failure).isNull();
        from.call(Command.bytes("APPEND"), Command.bytes("string"), part);
        from.call("EXPIRE", "string", "10000");

        CompletionReport report = migration.complete(false);

        assertThat(report.differences()).isEmpty();
        assertThat(report.keysCompared()).isEqualTo(5);
      }
    }
  }

  private static void fill(Connection server, String key, String command, int arguments) {
    List<byte[][]> batch = new ArrayList<>();
    String filler = "x".repeat(MEMBER_BYTES);
    for (int i = 0; i < LARGE_BYTES / MEMBER_BYTES; i++) {
      String member = i + filler;
      batch.add(
          arguments == 1
              ? Command.of(command, key, member)
              : Command.of(command, key, Integer.toString(i), member));
      if (batch.size() == 1000) {
        server.askAll(batch);
        batch.clear();
      }
    }
    server.askAll(batch);
  }
}
