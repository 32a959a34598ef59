package wherry.redis.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.Connection;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.RedisServer;

class ClusterMigrationIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

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
      awaitStreaming(migration);
      assertThat(migration.progress().way()).isEqualTo(Progress.Way.STREAM);
      if (!writers.isEmpty()) {
        Workload.awaitMore(writers, 5_000);
        writers.forEach(Workload::close);
      }
      await().atMost(PATIENCE).until(() -> migration.progress().isInSync());

      CompletionReport report = migration.complete(false);

      assertThat(report.differences()).as(notes.toString()).isEmpty();
      assertThat(report.keysCompared()).isGreaterThan(100);
    }
  }

  private void awaitStreaming(Migration migration) {
    await()
        .atMost(PATIENCE)
        .until(() -> {
          if (notes.failure != null) {
            throw notes.failure;
          }
          Progress progress = migration.progress();
          return progress.phase() == Progress.Phase.STREAMING
              && progress.link() == Progress.Link.UP;
        });
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

  @Test
  void commands_over_several_slots_are_applied_once_though_connections_break() throws Exception {
    RedisServer single = RedisServers.start(Map.of("repl-backlog-size", "64mb"));
    servers.add(single);
    List<TargetShard> three = RedisServers.startCluster(servers, 3);
    try (FaultProxy toSource = FaultProxy.to(single.port())) {
      ServerAddress address = ServerAddress.of("127.0.0.1", toSource.port());
      MigrationRequest request = new MigrationRequest(address, three, true);
      assertThat(SourceCheck.check(request))
          .anyMatch(finding ->
              finding.code().equals("cluster-shape")
                  && finding.severity() == Finding.Severity.WARNING);
      List<Workload> writers =
          Workload.start(RedisServers.address(single), 2, seed, Workload.Reach.SLOTS);
      Workload.awaitMore(writers, 3_000);
      Random random = new Random(seed);
      try (Migration migration = Migration.start(request, notes)) {
        awaitStreaming(migration);
        for (int cut = 0; cut < 6; cut++) {
          Workload.awaitMore(writers, 300 + random.nextInt(500));
          int seen = migration.progress().reconnections();
          if (random.nextBoolean()) {
            toSource.cut();
          } else {
            hangUp(three.get(random.nextInt(3)));
          }
          await().atMost(PATIENCE).until(() -> migration.progress().reconnections() > seen);
          awaitStreaming(migration);
        }
        writers.forEach(Workload::close);
        await().atMost(PATIENCE).until(() -> migration.progress().isInSync());

        CompletionReport report = migration.complete(false);

        assertThat(report.differences()).as(notes.toString()).isEmpty();
        assertThat(report.isEqual()).isTrue();
        assertThat(migration.progress().fullSynchronisations()).isEqualTo(1);
      }
    }
  }

  /** What was sent to this primary and not answered may be done or not. */
  private static void hangUp(TargetShard shard) {
    try (Connection admin = Connection.open(shard.primary())) {
      admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    }
  }

  @Test
  void a_command_that_no_slot_can_do_alone_stops_the_migration_and_is_named() {
    RedisServer single = RedisServers.start();
    servers.add(single);
    ServerAddress address = RedisServers.address(single);
    List<TargetShard> two = RedisServers.startCluster(servers, 2);
    try (Migration migration = Migration.start(new MigrationRequest(address, two, true), notes);
        Connection client = Connection.open(address)) {
      awaitStreaming(migration);
      client.call("RPUSH", "numbers", "3", "1", "2");
      client.call("SORT", "numbers", "STORE", "sorted");

      await().atMost(PATIENCE).until(() -> notes.failure != null);

      assertThat(notes.failure).hasMessageContainingAll("SORT", "numbers", "sorted", "{hash tag}");
      assertThat(client.call("LRANGE", "sorted", "0", "-1").toString()).contains("1, 2, 3");
    }
  }
}
