package wherry.server.elasticache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.elasticache.model.CacheCluster;
import software.amazon.awssdk.services.elasticache.model.NodeGroup;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroup;
import wherry.error.DmsException;
import wherry.redis.HashSlot;
import wherry.redis.ServerAddress;

/** A cluster with TLS and a token: formed, failed over, changed and restarted. */
class CacheClusterModeIT {
  private static final String TOKEN = "a-token-of-16-and-more";
  private static final String NEXT_TOKEN = "another-token-of-16-and-more";

  @TempDir private static Path data;

  @BeforeAll
  static void needServer() {
    CacheService.assumeServerIsInstalled();
  }

  @Test
  void a_cluster_with_tls_and_a_token_lives_fails_over_and_outlives_the_service() {
    try (var service = new CacheService(data)) {
      service.client.createReplicationGroup(r ->
          r.replicationGroupId("wide")
              .replicationGroupDescription("two shards")
              .numNodeGroups(2)
              .replicasPerNodeGroup(1)
              .multiAZEnabled(true)
              .transitEncryptionEnabled(true)
              .authToken(TOKEN));
      ReplicationGroup group = service.awaitAvailable("wide");
      var asked = GroupTruth.Asked.of("two shards").withMultiZone();
      GroupTruth.check(service, "wide", asked.withToken(TOKEN));
      assertThat(group.nodeGroups())
          .extracting(NodeGroup::slots)
          .containsExactly("0-8191", "8192-16383");
      assertThat(group.memberClusters())
          .containsExactly("wide-0001-001", "wide-0001-002", "wide-0002-001", "wide-0002-002");
      ServerAddress entry = service.address(group.configurationEndpoint(), TOKEN, true);
      assertThat(CacheService.ask(entry, "CLUSTER", "INFO"))
          .contains("cluster_state:ok", "cluster_slots_assigned:16384", "cluster_known_nodes:4");
      ServerAddress withoutToken = service.address(group.configurationEndpoint(), null, true);
      assertThatThrownBy(() -> CacheService.ask(withoutToken, "PING"))
          .isInstanceOf(DmsException.class)
          .hasMessageContaining("NOAUTH");

      String low = "{" + HashSlot.tagOf(1) + "}";
      String high = "{" + HashSlot.tagOf(16_383) + "}";
      CacheService.ask(node(service, "wide-0001-001", TOKEN), "SET", low, "in the first shard");
      CacheService.ask(node(service, "wide-0002-001", TOKEN), "SET", high, "in the second shard");
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() ->
              CacheService.ask(node(service, "wide-0001-001", TOKEN), "WAIT", "1", "5000")
                  .contains("1"));

      service.client.testFailover(r -> r.replicationGroupId("wide").nodeGroupId("0001"));
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() ->
              service
                  .events()
                  .contains(
                      "Failover to replica node wide-0001-002 completed for node group 0001"));
      awaitValue(service, "wide-0001-002", TOKEN, low, "in the first shard");
      await()
          .atMost(Duration.ofMinutes(3))
          .ignoreExceptions()
          .until(() ->
              CacheService.ask(node(service, "wide-0001-001", TOKEN), "INFO", "replication")
                  .contains("master_link_status:up"));
      GroupTruth.check(service, "wide", asked.withToken(TOKEN));

      service.client.modifyReplicationGroup(r ->
          r.replicationGroupId("wide")
              .applyImmediately(true)
              .authToken(NEXT_TOKEN)
              .authTokenUpdateStrategy("ROTATE"));
      service.awaitAvailable("wide");
      awaitValue(service, "wide-0002-001", TOKEN, high, "in the second shard");
      awaitValue(service, "wide-0002-001", NEXT_TOKEN, high, "in the second shard");

      service.client.increaseReplicaCount(r ->
          r.replicationGroupId("wide")
              .applyImmediately(true)
              .replicaConfiguration(c -> c.nodeGroupId("0002").newReplicaCount(2)));
      assertThat(service.awaitAvailable("wide").memberClusters()).contains("wide-0002-003");
      assertThat(CacheService.ask(node(service, "wide-0002-003", NEXT_TOKEN), "ROLE")).isNotEmpty();
      service.client.decreaseReplicaCount(r ->
          r.replicationGroupId("wide").applyImmediately(true).replicasToRemove("wide-0002-002"));
      assertThat(service.awaitAvailable("wide").memberClusters())
          .containsExactly("wide-0001-001", "wide-0001-002", "wide-0002-001", "wide-0002-003");
      GroupTruth.check(service, "wide", asked.withToken(NEXT_TOKEN));
    }
    try (var service = new CacheService(data)) {
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() ->
              service.client.describeCacheClusters().cacheClusters().stream()
                  .map(CacheCluster::cacheClusterStatus)
                  .allMatch("available"::equals));
      awaitValue(
          service,
          "wide-0001-002",
          NEXT_TOKEN,
          "{" + HashSlot.tagOf(1) + "}",
          "in the first shard");
      awaitValue(
          service,
          "wide-0002-001",
          TOKEN,
          "{" + HashSlot.tagOf(16_383) + "}",
          "in the second shard");
      service.client.deleteReplicationGroup(r -> r.replicationGroupId("wide"));
      service.awaitGone("wide");
      assertThat(ReplicationGroupIT.workingFolders(data)).isEmpty();
    }
  }

  private static ServerAddress node(CacheService service, String id, String token) {
    return service.address(
        service
            .client
            .describeCacheClusters(r -> r.cacheClusterId(id).showCacheNodeInfo(true))
            .cacheClusters()
            .getFirst()
            .cacheNodes()
            .getFirst()
            .endpoint(),
        token,
        true);
  }

  /** A cluster takes a moment to agree after each change. */
  private static void awaitValue(
      CacheService service, String node, String token, String key, String value) {
    await()
        .atMost(Duration.ofMinutes(3))
        .ignoreExceptions()
        .until(() -> CacheService.ask(node(service, node, token), "GET", key).equals(value));
  }
}
