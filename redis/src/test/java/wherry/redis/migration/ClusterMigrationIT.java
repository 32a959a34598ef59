package wherry.redis.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.Connection;
import wherry.sandbox.RedisServer;

class ClusterMigrationIT {
  private final long seed = Long.getLong("wherry.seed", System.nanoTime());
  private final List<RedisServer> servers = new ArrayList<>();
  private final Notes notes = new Notes();

  ClusterMigrationIT() {
    System.out.println("wherry.seed=" + seed);
  }

  @AfterEach
  void stop() {
    servers.forEach(RedisServer::close);
  }

  private void migrate(ServerAddress source, MigrationRequest request, List<Workload> writers) {
    try (Migration migration = Migration.start(request, notes)) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> {
            if (notes.failure != null) {
              throw notes.failure;
            }
            return migration.progress().phase() == Progress.Phase.STREAMING;
          });
      assertThat(migration.progress().way()).isEqualTo(Progress.Way.STREAM);
      if (!writers.isEmpty()) {
        Workload.awaitMore(writers, 5_000);
        writers.forEach(Workload::close);
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> migration.progress().isInSync());

      CompletionReport report = migration.complete(false);

      assertThat(report.differences()).as(notes.toString()).isEmpty();
      assertThat(report.keysCompared()).isGreaterThan(100);
    }
  }

  @Test
  void a_server_becomes_a_cluster_of_three_and_that_a_cluster_of_two() {
    RedisServer single = RedisServers.start();
    servers.add(single);
    ServerAddress address = RedisServers.address(single);
    List<TargetShard> three = RedisServers.startCluster(servers, 3);
    List<Workload> writers = Workload.start(address, 2, seed, false);
    Workload.awaitMore(writers, 5_000);

    migrate(address, new MigrationRequest(address, three, true), writers);

    List<TargetShard> two = RedisServers.startCluster(servers, 2);
    List<Workload> more = new ArrayList<>();
    try (Connection node = Connection.open(three.getFirst().primary())) {
      node.call(
          "FUNCTION",
          "LOAD",
          "#!lua name=mine\nredis.register_function('f', function() return 1 end)");
    }
    migrate(
        three.getFirst().primary(),
        new MigrationRequest(three.getFirst().primary(), two, true),
        more);
    try (Connection node = Connection.open(two.getLast().primary())) {
      assertThat(node.call("FUNCTION", "LIST").toString()).contains("mine");
    }
  }
}
