package wherry.server.elasticache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.server.elasticache.CacheService.ask;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.elasticache.model.CacheCluster;
import software.amazon.awssdk.services.elasticache.model.Endpoint;
import software.amazon.awssdk.services.elasticache.model.NodeGroup;
import software.amazon.awssdk.services.elasticache.model.NodeGroupMember;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroup;

/** The life of groups without cluster mode: real servers behind the real API. */
class ReplicationGroupIT {
  @TempDir private static Path data;

  @BeforeAll
  static void needServer() {
    CacheService.assumeServerIsInstalled();
  }

  @Test
  void a_group_lives_fails_over_outlives_the_service_and_leaves_nothing() {
    NodeGroup shard;
    Endpoint oldPrimary;
    try (var service = new CacheService(data.resolve("life"))) {
      ReplicationGroup asked =
          service
              .client
              .createReplicationGroup(r ->
                  r.replicationGroupId("Orders")
                      .replicationGroupDescription("orders & more <x>")
                      .numCacheClusters(2)
                      .automaticFailoverEnabled(true)
                      .cacheNodeType("cache.t4g.small")
                      .tags(t -> t.key("stage").value("test")))
              .replicationGroup();
      assertThat(asked.status()).isEqualTo("creating");
      ReplicationGroup group = service.awaitAvailable("orders");
      assertThat(group.replicationGroupId()).isEqualTo("orders");
      assertThat(group.description()).isEqualTo("orders & more <x>");
      assertThat(group.memberClusters()).containsExactly("orders-001", "orders-002");
      assertThat(group.automaticFailoverAsString()).isEqualTo("enabled");
      assertThat(group.clusterEnabled()).isFalse();
      var expected = GroupTruth.Asked.of("orders & more <x>").withFailover();
      GroupTruth.check(service, "orders", expected);
      shard = group.nodeGroups().getFirst();
      oldPrimary = shard.primaryEndpoint();
      assertThat(shard.nodeGroupMembers())
          .extracting(NodeGroupMember::currentRole)
          .containsExactly("primary", "replica");
      assertThat(service.client.listTagsForResource(r -> r.resourceName(group.arn())).tagList())
          .singleElement()
          .matches(tag -> tag.key().equals("stage") && tag.value().equals("test"));

      ask(oldPrimary, "SET", "kept", "value");
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> ask(shard(service).readerEndpoint(), "GET", "kept").equals("value"));
      assertThat(ask(oldPrimary, "CONFIG", "GET", "maxmemory")).contains("1103269724");

      service.client.testFailover(r -> r.replicationGroupId("orders").nodeGroupId("0001"));
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(() ->
              assertThat(shard(service).nodeGroupMembers())
                  .extracting(NodeGroupMember::currentRole)
                  .containsExactly("replica", "primary"));
      Endpoint newPrimary = shard(service).primaryEndpoint();
      assertThat(newPrimary.port()).isNotEqualTo(oldPrimary.port());
      assertThat(ask(newPrimary, "GET", "kept")).isEqualTo("value");
      ask(newPrimary, "SET", "after", "failover");
      await()
          .atMost(Duration.ofMinutes(3))
          .ignoreExceptions()
          .until(() -> ask(oldPrimary, "GET", "after").equals("failover"));
      GroupTruth.check(service, "orders", expected);
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(() ->
              assertThat(service.events())
                  .contains("Failover to replica node orders-002 completed for node group 0001"));
    }
    assertThat(workingFolders(data)).as("servers that outlive the service").isEmpty();

    try (var service = new CacheService(data.resolve("life"))) {
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> clusters(service).stream().allMatch("available"::equals));
      assertThat(shard(service).primaryEndpoint().port()).isNotEqualTo(oldPrimary.port());
      assertThat(ask(shard(service).primaryEndpoint(), "GET", "after")).isEqualTo("failover");

      service.client.deleteReplicationGroup(r -> r.replicationGroupId("ORDERS"));
      service.awaitGone("orders");
      assertThat(data.resolve("life/caches/orders")).doesNotExist();
      assertThat(workingFolders(data)).isEmpty();
    }
  }

  @Test
  void a_parameter_that_running_servers_cannot_take_is_pending_until_their_reboot() {
    try (var service = new CacheService(data.resolve("parameters"))) {
      String family =
          service.client.describeCacheEngineVersions().cacheEngineVersions().stream()
              .filter(version -> version.engine().equals("redis"))
              .findFirst()
              .orElseThrow()
              .cacheParameterGroupFamily();
      service.client.createCacheParameterGroup(r ->
          r.cacheParameterGroupName("mine").cacheParameterGroupFamily(family).description("d"));
      service.client.createReplicationGroup(r ->
          r.replicationGroupId("lone")
              .replicationGroupDescription("one node")
              .numCacheClusters(1)
              .cacheParameterGroupName("mine"));
      Endpoint node = service.awaitAvailable("lone").nodeGroups().getFirst().primaryEndpoint();
      awaitParameters(service, "in-sync");

      service.client.modifyCacheParameterGroup(r ->
          r.cacheParameterGroupName("mine")
              .parameterNameValues(
                  v -> v.parameterName("databases").parameterValue("3"),
                  v -> v.parameterName("timeout").parameterValue("77")));
      awaitParameters(service, "pending-reboot", "0001");
      assertThat(ask(node, "CONFIG", "GET", "timeout")).contains("77");
      assertThat(ask(node, "CONFIG", "GET", "databases")).contains("16");

      service.client.rebootCacheCluster(
          r -> r.cacheClusterId("LONE-001").cacheNodeIdsToReboot("0001"));
      awaitParameters(service, "in-sync");
      await()
          .atMost(Duration.ofMinutes(3))
          .ignoreExceptions()
          .until(() -> ask(node, "CONFIG", "GET", "databases").contains("3"));
    }
  }

  private static void awaitParameters(CacheService service, String status, String... toReboot) {
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(() -> {
          CacheCluster cluster =
              service
                  .client
                  .describeCacheClusters(r -> r.showCacheNodeInfo(true))
                  .cacheClusters()
                  .getFirst();
          assertThat(cluster.cacheParameterGroup().parameterApplyStatus()).isEqualTo(status);
          assertThat(cluster.cacheParameterGroup().cacheNodeIdsToReboot())
              .containsExactly(toReboot);
          assertThat(cluster.cacheNodes().getFirst().parameterGroupStatus()).isEqualTo(status);
        });
  }

  private static NodeGroup shard(CacheService service) {
    return service.group("orders").nodeGroups().getFirst();
  }

  private static List<String> clusters(CacheService service) {
    return service.client.describeCacheClusters().cacheClusters().stream()
        .map(CacheCluster::cacheClusterStatus)
        .toList();
  }

  /** Folders below this one that processes work in, which are those of servers' data. */
  static List<Path> workingFolders(Path folder) {
    return ProcessHandle.allProcesses()
        .map(process -> Path.of("/proc", Long.toString(process.pid()), "cwd"))
        .flatMap(ReplicationGroupIT::linked)
        .filter(cwd -> isBelow(folder, cwd))
        .toList();
  }

  private static Stream<Path> linked(Path link) {
    try {
      return Stream.of(Files.readSymbolicLink(link));
    } catch (IOException ended) {
      return Stream.empty();
    }
  }

  private static boolean isBelow(Path folder, Path cwd) {
    try {
      return cwd.startsWith(folder.toRealPath());
    } catch (IOException gone) {
      return false;
    }
  }
}
