package wherry.server.elasticache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.elasticache.ElastiCacheClient;
import software.amazon.awssdk.services.elasticache.model.CustomerNodeEndpoint;
import software.amazon.awssdk.services.elasticache.model.ElastiCacheException;
import software.amazon.awssdk.services.elasticache.model.InvalidReplicationGroupStateException;
import software.amazon.awssdk.services.elasticache.model.NodeGroupMember;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroupAlreadyExistsException;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroupNotUnderMigrationException;
import wherry.redis.ServerAddress;
import wherry.redis.migration.RedisServers;
import wherry.redis.migration.Workload;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.RedisServer;

/** Servers that run without the service: shown, migrated into, and otherwise let alone. */
class AttachedGroupIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Path PROGRAM = RedisServer.redis().orElseGet(RedisServer::redis62);
  private static final String WITH_LOGIN = "redis://:secret@127.0.0.1";
  private static final Map<String, String> SETTINGS =
      Map.of("requirepass", "secret", "masterauth", "secret", "repl-diskless-sync-delay", "0");

  private static final String CUT_SHORT = "Complete Migration of shop is held up, and tried again";

  private final long seed = Long.getLong("wherry.seed", System.nanoTime());
  @TempDir private Path folder;

  AttachedGroupIT() {
    System.out.println("wherry.seed=" + seed);
  }

  @BeforeAll
  static void needServer() {
    CacheService.assumeServerIsInstalled();
  }

  private CacheService service(String lines) {
    try {
      Path file = Files.writeString(folder.resolve("attached"), lines);
      return CacheService.attached(folder.resolve("data"), file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static RedisServer replicaOf(RedisServer primary) {
    Map<String, String> settings = new HashMap<>(SETTINGS);
    settings.put("replicaof", primary.host() + " " + primary.port());
    return RedisServer.start(PROGRAM, settings);
  }

  private static String ask(RedisServer server, String... words) {
    return CacheService.ask(addressOf(server), words);
  }

  @Test
  void servers_that_run_already_are_a_group_that_takes_a_whole_migration() {
    try (RedisServer source = RedisServer.start(PROGRAM, SETTINGS);
        RedisServer primary = RedisServer.start(PROGRAM, SETTINGS);
        RedisServer replica = replicaOf(primary)) {
      ServerAddress address = addressOf(source);
      List<Workload> writers = Workload.start(address, 2, seed, true);
      Workload.awaitMore(writers, 3_000);
      String line = "shop redis://:secret@127.0.0.1:" + primary.port() + "\n";
      var asked = GroupTruth.Asked.of("attached: 127.0.0.1:" + primary.port()).withToken("secret");
      try (var service = service("# of the shop\n" + line)) {
        service.awaitAvailable("shop");
        awaitMembers(service, 2);
        GroupTruth.checkAttached(service, "shop", asked);
        refusesToChange(service.client);

        service.client.startMigration(r ->
            r.replicationGroupId("shop")
                .customerNodeEndpointList(
                    CustomerNodeEndpoint.builder()
                        .address(WITH_LOGIN)
                        .port(source.port())
                        .build()));
        awaitEvent(service, "Full synchronization of shop is done; changes are streaming");
        GroupTruth.checkAttached(service, "shop", asked.migrating());
        Workload.awaitMore(writers, 2_000);
      }
      Workload.awaitMore(writers, 1_000);
      assertThatThrownBy(() -> service(""))
          .hasMessageContaining("no longer names the group shop, which is under migration");
      try (var service = service(line)) {
        awaitEvent(service, "Migration from " + address + " resumed for shop");
        Workload.awaitMore(writers, 1_000);
        writers.forEach(Workload::close);
        await()
            .atMost(PATIENCE)
            .until(() ->
                service
                    .group("shop")
                    .nodeGroups()
                    .getFirst()
                    .status()
                    .equals("migrating, 0 bytes behind"));
        service.client.completeMigration(r -> r.replicationGroupId("shop"));
        service.awaitAvailable("shop");
        assertThat(service.events())
            .as(String.join("\n", service.events()))
            .anyMatch(event ->
                event.matches(
                    "Complete Migration successful for shop: \\d+ keys compared, all equal"));
        GroupTruth.checkAttached(service, "shop", asked);
        assertThat(ask(primary, "SET", "own", "value")).isEqualTo("OK");
        await().atMost(PATIENCE).until(() -> ask(replica, "GET", "own").equals("value"));
        assertThat(ask(primary, "CONFIG", "GET", "masterauth")).contains("secret");

        ask(replica, "REPLICAOF", "NO", "ONE");
        awaitMembers(service, 1);
        primary.kill();
        await()
            .atMost(PATIENCE)
            .until(() ->
                service
                    .client
                    .describeCacheClusters()
                    .cacheClusters()
                    .getFirst()
                    .cacheClusterStatus()
                    .equals("incompatible-network"));
      }
      assertThat(replica.isRunning()).as("a server that the service has not started").isTrue();
      try (var service = service("")) {
        service.awaitGone("shop");
        awaitEvent(service, "Replication group shop detached");
      }
    }
  }

  @Test
  void a_cluster_that_runs_already_is_found_through_one_of_its_nodes() {
    List<RedisServer> servers = new ArrayList<>();
    try (RedisServer source = RedisServer.start(PROGRAM, SETTINGS)) {
      int entry = RedisServers.startCluster(servers, 2).getLast().primary().port();
      ask(source, "MSET", "one", "1", "two", "2", "three", "3");
      try (var service = service("shop redis://127.0.0.1:" + entry)) {
        service.awaitAvailable("shop");
        GroupTruth.checkAttached(
            service, "shop", GroupTruth.Asked.of("attached: 127.0.0.1:" + entry));

        migrateUntilInSync(service, WITH_LOGIN, source.port());
        service.client.completeMigration(r -> r.replicationGroupId("shop"));
        service.awaitAvailable("shop");
        assertThat(service.events())
            .contains("Complete Migration successful for shop: 3 keys compared, all equal");
      }
    } finally {
      servers.forEach(RedisServer::close);
    }
  }

  @Test
  void a_promotion_that_is_cut_short_is_finished_by_the_next_start_and_nobody_follows_again() {
    Map<String, String> silent = new HashMap<>(SETTINGS);
    silent.put("repl-ping-replica-period", "3600");
    try (RedisServer source = RedisServer.start(PROGRAM, silent);
        RedisServer primary = RedisServer.start(PROGRAM, SETTINGS)) {
      ask(source, "SET", "session", "alive", "EX", "5000");
      String line = "shop redis://:secret@127.0.0.1:" + primary.port();
      try (var service = service(line)) {
        migrateUntilInSync(service, WITH_LOGIN, source.port());
        // The first expiry that the promotion puts right waits, and then its connection breaks.
        ask(primary, "CLIENT", "PAUSE", "600000", "WRITE");
        service.client.completeMigration(r -> r.replicationGroupId("shop"));
        await()
            .atMost(PATIENCE)
            .until(() ->
                ask(primary, "CLIENT", "LIST").contains("cmd=pexpireat")
                    || hasEventThat(service, CUT_SHORT)); // By itself, when nobody looks for long.
        ask(primary, "CLIENT", "KILL", "TYPE", "normal");
        awaitEventThat(service, CUT_SHORT);
      }
      ask(primary, "CLIENT", "UNPAUSE");
      ask(primary, "SET", "own", "of a client that has gone over");
      ask(source, "SET", "late", "of a client that has not");

      try (var service = service(line)) {
        service.awaitAvailable("shop");
        awaitEventThat(service, "Migration of shop ended after an interruption: ");
        assertThat(service.events())
            .anyMatch(event -> event.matches(".*key own: MISSING_ON_SOURCE.*"))
            .anyMatch(event -> event.matches(".*key late: MISSING_ON_TARGET.*"));
      }
      assertThat(ask(primary, "GET", "own")).isEqualTo("of a client that has gone over");
      assertIsOrdinary(primary, 2);
    }
  }

  @Test
  void a_migration_whose_source_is_gone_after_a_restart_is_given_up_with_the_right_expiries() {
    try (RedisServer source = RedisServer.start(PROGRAM, SETTINGS);
        RedisServer primary = RedisServer.start(PROGRAM, SETTINGS)) {
      ask(source, "SET", "session", "alive", "EX", "5000");
      String line = "shop redis://:secret@127.0.0.1:" + primary.port();
      try (var service = service(line)) {
        migrateUntilInSync(service, WITH_LOGIN, source.port());
      }
      source.kill();
      try (var service = service(line)) {
        awaitEventThat(service, "Migration for shop cannot be resumed yet and is tried again");
        service.client.completeMigration(r -> r.replicationGroupId("shop").force(true));
        service.awaitAvailable("shop");
        awaitEventThat(service, "Migration of shop given up while its source could not be reached");
      }
      assertIsOrdinary(primary, 1);
    }
  }

  @Test
  void servers_that_fall_silent_are_told_and_waited_for_and_can_be_given_up_at_once() {
    try (RedisServer source = RedisServer.start(PROGRAM, SETTINGS);
        RedisServer primary = RedisServer.start(PROGRAM, SETTINGS);
        FaultProxy toSource = FaultProxy.to(source.port());
        FaultProxy toPrimary = FaultProxy.to(primary.port());
        var service = service("shop redis://:secret@127.0.0.1:" + toPrimary.port())) {
      ask(source, "SET", "session", "alive", "EX", "5000");
      migrateUntilInSync(service, WITH_LOGIN, toSource.port());

      toSource.stall();
      toPrimary.stall();
      awaitEventThat(
          service, "Migration of shop: the source 127.0.0.1:" + toSource.port() + " does not");
      awaitEventThat(service, "Migration of shop: the target shop-001 does not answer: Redis at");
      assertThat(service.group("shop").nodeGroups().getFirst().status())
          .isEqualTo(
              "migrating, waiting for the source 127.0.0.1:"
                  + toSource.port()
                  + " and the target shop-001");
      assertThatThrownBy(() -> service.client.completeMigration(r -> r.replicationGroupId("shop")))
          .isInstanceOf(InvalidReplicationGroupStateException.class)
          .hasMessageContainingAll("waits for the source", "the target shop-001", "give Force");
      ask(source, "SET", "meanwhile", "written");
      toSource.heal();
      toPrimary.heal();
      awaitEventThat(service, "Migration of shop: the target shop-001 answers again.");
      await().atMost(PATIENCE).until(() -> ask(primary, "GET", "meanwhile").equals("written"));

      toPrimary.stall();
      await()
          .atMost(PATIENCE)
          .until(() ->
              service
                  .group("shop")
                  .nodeGroups()
                  .getFirst()
                  .status()
                  .contains("waiting for the target"));
      service.client.completeMigration(r -> r.replicationGroupId("shop").force(true));
      service.awaitAvailable("shop");
      awaitEventThat(service, "Complete Migration for shop: given up with what has arrived: ");
      assertThatThrownBy(() -> service.client.completeMigration(r -> r.replicationGroupId("shop")))
          .isInstanceOf(ReplicationGroupNotUnderMigrationException.class);
      toPrimary.heal();
      awaitEventThat(service, "Migration of shop ended after an interruption: 2 keys compared");
      assertIsOrdinary(primary, 2);
    }
  }

  /** That no key has the expiry of a migration, or is the position of one. */
  private static void assertIsOrdinary(RedisServer server, int keys) {
    assertThat(number(server, "DBSIZE")).isEqualTo(keys);
    assertThat(number(server, "TTL", "session")).isBetween(1L, 5000L);
  }

  private static long number(RedisServer server, String... words) {
    try (Connection connection = Connection.open(addressOf(server))) {
      return ((Reply.Number) connection.call(words)).value();
    }
  }

  /**
   * As the stream writes to it the server takes all writes; as a replica only when it is told to.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void who_else_writes_to_attached_servers_is_told_at_once(boolean replicates) {
    Map<String, String> settings = new HashMap<>(SETTINGS);
    if (replicates) {
      settings.remove("masterauth");
    }
    try (RedisServer source = RedisServer.start(PROGRAM, SETTINGS);
        RedisServer primary = RedisServer.start(PROGRAM, settings);
        Connection client = Connection.open(addressOf(primary));
        var service = service("shop redis://:secret@127.0.0.1:" + primary.port())) {
      migrateUntilInSync(service, WITH_LOGIN, source.port());
      if (replicates) {
        client.call("CONFIG", "SET", "replica-read-only", "no");
        awaitEventThat(
            service,
            "Migration of shop: 127.0.0.1:" + primary.port() + " takes writes of its clients");
      }
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            client.call("SET", "foreign", "value");
            assertThat(service.events())
                .anyMatch(event ->
                    event.startsWith(
                        "Migration of shop: a client at 127.0.0.1 as default, SET, writes to"));
          });
      service.client.completeMigration(r -> r.replicationGroupId("shop"));
      service.awaitAvailable("shop");
      assertThat(service.events())
          .anyMatch(event -> event.matches(".*key foreign: MISSING_ON_SOURCE.*"))
          .filteredOn(event -> event.contains("a client at"))
          .hasSize(1);
    }
  }

  private static ServerAddress addressOf(RedisServer server) {
    ServerAddress.Credentials login = new ServerAddress.Credentials(null, "secret");
    return new ServerAddress(server.host(), server.port(), login, null);
  }

  private static void migrateUntilInSync(CacheService service, String address, int port) {
    service.awaitAvailable("shop");
    service.client.startMigration(r ->
        r.replicationGroupId("shop")
            .customerNodeEndpointList(
                CustomerNodeEndpoint.builder().address(address).port(port).build()));
    await()
        .atMost(PATIENCE)
        .until(() ->
            service.group("shop").nodeGroups().stream()
                .allMatch(shard -> shard.status().equals("migrating, 0 bytes behind")));
  }

  /**
   * TLS to the group and to the source; the certificate is imported when both are named already.
   */
  @Test
  void servers_that_speak_only_tls_are_attached_once_their_certificate_is_there() {
    try (RedisServer source = RedisServer.startWithTls(PROGRAM, SETTINGS);
        RedisServer primary = RedisServer.startWithTls(PROGRAM, SETTINGS);
        var service =
            service(
                "shop rediss://:secret@127.0.0.1:" + primary.port() + "?certificate=redis-ca")) {
      awaitEventThat(service, "Replication group shop cannot be reached: No PEM certificate");
      assertThat(service.group("shop").status()).isEqualTo("creating");
      service.importCertificate("redis-ca", primary.caCertificatePem());
      assertThat(service.awaitAvailable("shop").transitEncryptionEnabled()).isTrue();
      ServerAddress.Tls tls = new ServerAddress.Tls(primary.caCertificatePem(), true);
      ServerAddress.Credentials login = new ServerAddress.Credentials(null, "secret");
      CacheService.ask(
          new ServerAddress(source.host(), source.port(), login, tls), "SET", "key", "value");

      migrateUntilInSync(service, "rediss://:secret@127.0.0.1?certificate=redis-ca", source.port());
      service.client.completeMigration(r -> r.replicationGroupId("shop"));
      service.awaitAvailable("shop");
      assertThat(service.events())
          .contains("Complete Migration successful for shop: 1 keys compared, all equal");
      ServerAddress target = new ServerAddress(primary.host(), primary.port(), login, tls);
      assertThat(CacheService.ask(target, "GET", "key")).isEqualTo("value");
    }
  }

  private static void awaitMembers(CacheService service, int count) {
    await()
        .atMost(PATIENCE)
        .until(() -> {
          List<NodeGroupMember> members =
              service.group("shop").nodeGroups().getFirst().nodeGroupMembers();
          return members.size() == count;
        });
  }

  private static void refusesToChange(ElastiCacheClient client) {
    refused(client, c -> c.deleteReplicationGroup(r -> r.replicationGroupId("shop")));
    refused(
        client,
        c -> c.modifyReplicationGroup(r -> r.replicationGroupId("shop").applyImmediately(true)));
    refused(
        client,
        c ->
            c.increaseReplicaCount(
                r -> r.replicationGroupId("shop").newReplicaCount(2).applyImmediately(true)));
    refused(
        client,
        c ->
            c.decreaseReplicaCount(
                r -> r.replicationGroupId("shop").newReplicaCount(0).applyImmediately(true)));
    refused(client, c -> c.testFailover(r -> r.replicationGroupId("shop").nodeGroupId("0001")));
    refused(
        client,
        c -> c.rebootCacheCluster(r -> r.cacheClusterId("shop-001").cacheNodeIdsToReboot("0001")));
    refused(client, c -> c.listAllowedNodeTypeModifications(r -> r.replicationGroupId("shop")));
    assertThatThrownBy(() ->
            client.createReplicationGroup(
                r -> r.replicationGroupId("shop").replicationGroupDescription("again")))
        .isInstanceOf(ReplicationGroupAlreadyExistsException.class);
  }

  private static void refused(ElastiCacheClient client, Consumer<ElastiCacheClient> call) {
    assertThatThrownBy(() -> call.accept(client))
        .isInstanceOf(ElastiCacheException.class)
        .hasMessageContainingAll("ttached");
  }

  private static void awaitEventThat(CacheService service, String begin) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(service.events()).anyMatch(event -> event.startsWith(begin)));
  }

  private static boolean hasEventThat(CacheService service, String begin) {
    return service.events().stream().anyMatch(event -> event.startsWith(begin));
  }

  private static void awaitEvent(CacheService service, String event) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(service.events()).contains(event));
  }
}
