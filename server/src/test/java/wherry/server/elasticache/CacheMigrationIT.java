package wherry.server.elasticache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.elasticache.model.CustomerNodeEndpoint;
import software.amazon.awssdk.services.elasticache.model.Endpoint;
import software.amazon.awssdk.services.elasticache.model.InvalidReplicationGroupStateException;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroupAlreadyUnderMigrationException;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroupNotUnderMigrationException;

/** A migration through the API, from one group into another, with a restart in its middle. */
class CacheMigrationIT {
  @TempDir private static Path data;

  @BeforeAll
  static void needServer() {
    CacheService.assumeServerIsInstalled();
  }

  @Test
  void a_group_takes_over_what_a_server_has_across_a_restart_of_the_service() {
    Endpoint source;
    try (var service = new CacheService(data)) {
      create(service, "old");
      create(service, "new");
      source = service.awaitAvailable("old").nodeGroups().getFirst().primaryEndpoint();
      service.awaitAvailable("new");
      CacheService.ask(source, "SET", "before", "the migration");
      assertThatThrownBy(() -> service.client.completeMigration(r -> r.replicationGroupId("new")))
          .isInstanceOf(ReplicationGroupNotUnderMigrationException.class);

      service.client.testMigration(
          r -> r.replicationGroupId("new").customerNodeEndpointList(at(source)));
      awaitEvent(service, "Test Migration successful for new");

      assertThat(
              service
                  .client
                  .startMigration(
                      r -> r.replicationGroupId("new").customerNodeEndpointList(at(source)))
                  .replicationGroup()
                  .status())
          .isEqualTo("migrating");
      assertThatThrownBy(() ->
              service.client.startMigration(
                  r -> r.replicationGroupId("new").customerNodeEndpointList(at(source))))
          .isInstanceOf(ReplicationGroupAlreadyUnderMigrationException.class);
      assertThatThrownBy(
              () -> service.client.deleteReplicationGroup(r -> r.replicationGroupId("new")))
          .isInstanceOf(InvalidReplicationGroupStateException.class)
          .hasMessageContaining("migrating");
      awaitEvent(service, "Full synchronization of new is done; changes are streaming");
      GroupTruth.check(service, "new", GroupTruth.Asked.of("one server").migrating());
      CacheService.ask(source, "SET", "during", "the migration");
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> CacheService.ask(target(service), "GET", "during").equals("the migration"));
    }
    try (var service = new CacheService(data)) {
      awaitEvent(service, "Migration from 127.0.0.1:" + source.port() + " resumed for new");
      assertThat(service.group("new").status()).isEqualTo("migrating");
      CacheService.ask(source, "SET", "after", "the restart");
      await()
          .atMost(Duration.ofMinutes(3))
          .ignoreExceptions()
          .until(() -> CacheService.ask(target(service), "GET", "after").equals("the restart"));
      await()
          .atMost(Duration.ofMinutes(3))
          .ignoreExceptions()
          .until(() -> service.client.completeMigration(r -> r.replicationGroupId("new")) != null);
      service.awaitAvailable("new");
      assertThat(service.events())
          .contains("Complete Migration successful for new: 3 keys compared, all equal");
      GroupTruth.check(service, "new", GroupTruth.Asked.of("one server"));
      assertThat(CacheService.ask(target(service), "SET", "own", "value")).isEqualTo("OK");
      assertThat(CacheService.ask(target(service), "GET", "before")).isEqualTo("the migration");
    }
  }

  @Test
  void a_source_that_is_not_there_fails_the_migration_and_frees_the_group() {
    try (var service = new CacheService(data.resolve("second"))) {
      create(service, "lone");
      service.awaitAvailable("lone");
      service.client.startMigration(r ->
          r.replicationGroupId("lone")
              .customerNodeEndpointList(
                  CustomerNodeEndpoint.builder().address("127.0.0.1").port(1).build()));
      service.awaitAvailable("lone");
      assertThat(service.events())
          .anyMatch(event -> event.startsWith("Migration failed for lone: "));
      assertThat(CacheService.ask(primary(service, "lone"), "SET", "k", "v")).isEqualTo("OK");
    }
  }

  private static void create(CacheService service, String id) {
    service.client.createReplicationGroup(r ->
        r.replicationGroupId(id).replicationGroupDescription("one server").numCacheClusters(1));
  }

  private static Endpoint target(CacheService service) {
    return primary(service, "new");
  }

  private static Endpoint primary(CacheService service, String id) {
    return service.group(id).nodeGroups().getFirst().primaryEndpoint();
  }

  private static CustomerNodeEndpoint at(Endpoint source) {
    return CustomerNodeEndpoint.builder().address(source.address()).port(source.port()).build();
  }

  private static void awaitEvent(CacheService service, String event) {
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(() -> assertThat(service.events()).contains(event));
  }
}
