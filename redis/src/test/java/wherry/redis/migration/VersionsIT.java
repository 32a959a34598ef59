package wherry.redis.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import wherry.redis.ServerAddress;
import wherry.redis.migration.Progress.Way;
import wherry.sandbox.RedisServer;

/** Redis 6.2 and 7.0: other forms of nearly every value, and other commands in the stream. */
class VersionsIT {
  private static final StreamOptions BY_COMMANDS = new StreamOptions(0, 100);
  private static final Map<String, String> SETTINGS = Map.of("repl-diskless-sync-delay", "0");

  private final long seed = Long.getLong("wherry.seed", System.nanoTime());

  private void migrate(Path from, Path to, Way way, StreamOptions options) {
    System.out.println("wherry.seed=" + seed);
    Notes notes = new Notes();
    try (RedisServer source = RedisServer.start(from, SETTINGS);
        RedisServer target = RedisServer.start(to, SETTINGS)) {
      ServerAddress address = RedisServers.address(source);
      List<Workload> writers = Workload.start(address, 2, seed, true);
      Workload.awaitMore(writers, 8_000);
      MigrationRequest request =
          new MigrationRequest(
              address, List.of(TargetShard.whole(RedisServers.address(target))), false);
      try (Migration migration = Migrations.open(request, notes, false, way, options)) {
        await()
            .atMost(Duration.ofMinutes(3))
            .until(() -> {
              if (notes.failure != null) {
                throw notes.failure;
              }
              return migration.progress().phase() == Progress.Phase.STREAMING;
            });
        Workload.awaitMore(writers, 2_000);
        writers.forEach(Workload::close);
        await().atMost(Duration.ofMinutes(3)).until(() -> migration.progress().isInSync());

        assertThat(migration.complete(false).differences()).as(notes.toString()).isEmpty();
      }
    }
  }

  @Test
  void a_newer_target_takes_old_values_as_they_are() {
    migrate(RedisServer.redis62(), RedisServers.program(), Way.STREAM, StreamOptions.STANDARD);
  }

  @Test
  void a_newer_target_takes_old_values_by_commands() {
    migrate(RedisServer.redis62(), RedisServers.program(), Way.STREAM, BY_COMMANDS);
  }

  @Test
  void an_older_target_gets_new_values_by_commands_where_it_does_not_know_their_form() {
    migrate(RedisServers.program(), RedisServer.redis62(), Way.STREAM, StreamOptions.STANDARD);
  }
}
