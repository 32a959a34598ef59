package wherry.server.elasticache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.elasticache.model.CreateReplicationGroupRequest;
import software.amazon.awssdk.services.elasticache.model.CustomerNodeEndpoint;
import software.amazon.awssdk.services.elasticache.model.Endpoint;
import software.amazon.awssdk.services.elasticache.model.InvalidReplicationGroupStateException;
import software.amazon.awssdk.services.elasticache.model.NodeGroupMember;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroup;
import wherry.redis.HashSlot;
import wherry.redis.ServerAddress;
import wherry.redis.migration.Workload;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.ServerInfo;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.RedisServer;

/**
 * Migrations through the API while clients write every type of data, and while the servers of both
 * sides, the link and the service itself fail.
 */
class CacheMigrationUnderWritesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String ID = "shop";
  private static final Map<String, String> KEPT =
      Map.of("appendonly", "yes", "repl-backlog-size", "64mb", "repl-diskless-sync-delay", "0");

  private final long seed = Long.getLong("wherry.seed", System.nanoTime());
  @TempDir private Path data;

  CacheMigrationUnderWritesIT() {
    System.out.println("wherry.seed=" + seed);
  }

  @BeforeAll
  static void needServer() {
    CacheService.assumeServerIsInstalled();
  }

  @Test
  void every_write_is_there_once_though_each_side_and_the_service_end_meanwhile() {
    try (RedisServer source = RedisServer.start(program(), KEPT)) {
      ServerAddress address = ServerAddress.of(source.host(), source.port());
      List<Workload> writers = Workload.start(address, 2, seed, true);
      Workload.awaitMore(writers, 5_000);
      try (var service = CacheService.withoutSignatures(data)) {
        create(service, r -> r.numCacheClusters(2).automaticFailoverEnabled(true));
        start(service, source.host(), source.port());
        awaitEvent(service, "Full synchronization of shop is done; changes are streaming");
        Endpoint target = primary(service);
        awaitRefusal(ServerAddress.of(target.address(), target.port()), "READONLY|NOPERM");
        kill(target);
        awaitEventLike(service, ".* did not follow .*; it does again\\.");
        Workload.awaitMore(writers, 2_000);
      }
      Workload.awaitMore(writers, 1_000);
      try (var service = CacheService.withoutSignatures(data)) {
        awaitEvent(service, "Migration from " + address + " resumed for shop");
        source.restart();
        Workload.awaitMore(writers, 1_000);
        writers.forEach(Workload::close);

        complete(service);

        String value = "written after the migration";
        assertThat(CacheService.ask(primary(service), "SET", "own", value)).isEqualTo("OK");
        NodeGroupMember replica =
            service.group(ID).nodeGroups().getFirst().nodeGroupMembers().stream()
                .filter(member -> member.currentRole().equals("replica"))
                .findFirst()
                .orElseThrow();
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> CacheService.ask(replica.readEndpoint(), "GET", "own").equals(value));
      }
    }
  }

  @Test
  void a_source_with_tls_and_a_login_becomes_a_cluster_with_tls_and_a_token() {
    String token = "a-token-of-16-and-more";
    try (RedisServer source =
            RedisServer.startWithTls(program(), with("requirepass", "p@ss%word"));
        FaultProxy proxy = FaultProxy.to(source.port())) {
      ServerAddress address =
          new ServerAddress(
              source.host(),
              source.port(),
              new ServerAddress.Credentials(null, "p@ss%word"),
              new ServerAddress.Tls(source.caCertificatePem(), true));
      List<Workload> writers = Workload.start(address, 2, seed, false);
      Workload.awaitMore(writers, 5_000);
      try (var service = CacheService.withoutSignatures(data)) {
        importCertificate(service, source.caCertificatePem());
        create(service, r -> r.numNodeGroups(2).transitEncryptionEnabled(true).authToken(token));
        start(service, "rediss://:p%40ss%25word@127.0.0.1?certificate=redis-ca", proxy.port());
        awaitEvent(service, "Full synchronization of shop is done; changes are streaming");

        proxy.cut();
        awaitEventLike(service, "Migration of shop: .* Trying again\\.");
        Workload.awaitMore(writers, 2_000);
        ServerAddress killed = service.address(node(service, "shop-0001-001"), token, true);
        awaitRefusal(killed, "NOPERM");
        kill(killed);
        Workload.awaitMore(writers, 2_000);
        awaitRefusal(killed, "NOPERM");
      }
      Workload.awaitMore(writers, 1_000);
      proxy.refuse();
      try (var service = CacheService.withoutSignatures(data)) {
        awaitEventLike(service, "Migration for shop cannot be resumed yet and is tried again: .*");
        assertThatThrownBy(() -> service.client.completeMigration(r -> r.replicationGroupId(ID)))
            .isInstanceOf(InvalidReplicationGroupStateException.class)
            .hasMessageContaining("not in sync");
        proxy.heal();
        awaitEventLike(service, "Migration from .* resumed for shop");
        Workload.awaitMore(writers, 1_000);
        writers.forEach(Workload::close);

        complete(service);

        assertThat(service.events().stream().filter(each -> each.contains("synchronised again")))
            .as("the link and the target come back at the position")
            .isEmpty();
        assertThat(service.events().toString()).doesNotContain("p@ss%word");
        ServerAddress entry =
            service.address(service.group(ID).configurationEndpoint(), token, true);
        assertThat(CacheService.ask(entry, "CLUSTER", "INFO")).contains("cluster_state:ok");
        String low = "{" + HashSlot.tagOf(1) + "}";
        ServerAddress first = service.address(node(service, "shop-0001-001"), token, true);
        assertThat(CacheService.ask(first, "SET", low, "own")).isEqualTo("OK");
      }
    }
  }

  private static Path program() {
    return RedisServer.redis().orElseGet(RedisServer::redis62);
  }

  private static Map<String, String> with(String name, String value) {
    Map<String, String> settings = new java.util.HashMap<>(KEPT);
    settings.put(name, value);
    return settings;
  }

  private static void create(
      CacheService service, UnaryOperator<CreateReplicationGroupRequest.Builder> shape) {
    service.client.createReplicationGroup(
        r -> shape.apply(r.replicationGroupId(ID).replicationGroupDescription("of the test")));
    service.awaitAvailable(ID);
  }

  private static void start(CacheService service, String address, int port) {
    service.client.startMigration(r ->
        r.replicationGroupId(ID)
            .customerNodeEndpointList(
                CustomerNodeEndpoint.builder().address(address).port(port).build()));
  }

  private static void importCertificate(CacheService service, String pem) {
    try (var dms =
        DatabaseMigrationClient.builder()
            .endpointOverride(URI.create(service.url))
            .region(Region.EU_CENTRAL_1)
            .credentialsProvider(AnonymousCredentialsProvider.create())
            .httpClient(UrlConnectionHttpClient.create())
            .build()) {
      dms.importCertificate(r -> r.certificateIdentifier("redis-ca").certificatePem(pem));
    }
  }

  /** In sync by what DescribeReplicationGroups tells; then over to the group, and all is equal. */
  private static void complete(CacheService service) {
    await().atMost(PATIENCE).until(() -> Double.valueOf(100).equals(progress(service.group(ID))));
    service.client.completeMigration(r -> r.replicationGroupId(ID));
    service.awaitAvailable(ID);
    assertThat(service.events())
        .as(String.join("\n", service.events()))
        .anyMatch(event ->
            event.matches("Complete Migration successful for shop: \\d+ keys compared, all equal"));
  }

  private static @Nullable Double progress(ReplicationGroup group) {
    var resharding = group.pendingModifiedValues().resharding();
    return resharding == null ? null : resharding.slotMigration().progressPercentage();
  }

  private static Endpoint primary(CacheService service) {
    return service.group(ID).nodeGroups().getFirst().primaryEndpoint();
  }

  private static Endpoint node(CacheService service, String id) {
    return service
        .client
        .describeCacheClusters(r -> r.cacheClusterId(id).showCacheNodeInfo(true))
        .cacheClusters()
        .getFirst()
        .cacheNodes()
        .getFirst()
        .endpoint();
  }

  private static void kill(Endpoint server) {
    kill(ServerAddress.of(server.address(), server.port()));
  }

  private static void kill(ServerAddress server) {
    try (Connection connection = Connection.open(server)) {
      long pid = ServerInfo.of(connection, "server").number("process_id");
      ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }
  }

  /** Only the migration writes; also after a start, for which a server takes a moment. */
  private static void awaitRefusal(ServerAddress server, String reason) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThatThrownBy(
                    () -> CacheService.ask(server, "SET", "{" + HashSlot.tagOf(1) + "}", "foreign"))
                .hasMessageMatching(".*(" + reason + ").*"));
  }

  private static void awaitEvent(CacheService service, String event) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(service.events()).contains(event));
  }

  private static void awaitEventLike(CacheService service, String pattern) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(service.events()).anyMatch(each -> each.matches(pattern)));
  }
}
