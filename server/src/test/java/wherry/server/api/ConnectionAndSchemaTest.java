package wherry.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.Connection;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.InvalidResourceStateException;
import software.amazon.awssdk.services.databasemigration.model.RefreshSchemasStatus;
import software.amazon.awssdk.services.databasemigration.model.ResourceNotFoundException;
import wherry.server.store.ConnectionTest;
import wherry.server.store.SchemaRefreshes;

class ConnectionAndSchemaTest {
  @TempDir Path directory;
  private final FakeConnector connector = new FakeConnector();
  private Service service;
  private DatabaseMigrationClient client;
  private String instance;
  private String endpoint;

  @BeforeEach
  void start() {
    service = new Service(directory, connector);
    client = service.client;
    instance = service.createInstance("i");
    endpoint = service.createEndpoint("e", "source");
  }

  @AfterEach
  void stop() {
    connector.answer.countDown();
    service.close();
  }

  private Connection connection() {
    Filter filter = Filter.builder().name("endpoint-arn").values(endpoint).build();
    return client.describeConnections(r -> r.filters(filter)).connections().getFirst();
  }

  private void server(String name) {
    client.modifyEndpoint(r -> r.endpointArn(endpoint).serverName(name));
  }

  private void test() {
    client.testConnection(r -> r.endpointArn(endpoint).replicationInstanceArn(instance));
  }

  @Test
  void a_test_is_testing_then_successful() {
    Connection begun =
        client
            .testConnection(r -> r.endpointArn(endpoint).replicationInstanceArn(instance))
            .connection();
    assertThat(begun.status()).isEqualTo("testing");
    assertThat(begun.endpointIdentifier()).isEqualTo("e");
    assertThat(begun.replicationInstanceIdentifier()).isEqualTo("i");
    client
        .waiter()
        .waitUntilTestConnectionSucceeds(
            r -> r.filters(Filter.builder().name("endpoint-arn").values(endpoint).build()));
    assertThat(connection().lastFailureMessage()).isNull();
  }

  @Test
  void a_failed_test_says_why() {
    server(FakeConnector.UNREACHABLE);
    test();
    await().untilAsserted(() -> assertThat(connection().status()).isEqualTo("failed"));
    assertThat(connection().lastFailureMessage()).isEqualTo("No route to unreachable.example.org.");
  }

  @Test
  void there_is_one_test_at_a_time() {
    server(FakeConnector.SILENT);
    test();
    assertThatThrownBy(this::test)
        .isInstanceOf(InvalidResourceStateException.class)
        .hasMessageContaining("already being tested");
    assertThatThrownBy(() ->
            client.deleteConnection(r -> r.endpointArn(endpoint).replicationInstanceArn(instance)))
        .isInstanceOf(InvalidResourceStateException.class);
    connector.answer.countDown();
    await().untilAsserted(() -> assertThat(connection().status()).isEqualTo("successful"));
    test();
  }

  @Test
  void a_test_that_was_overtaken_by_a_modification_says_nothing() {
    server(FakeConnector.SILENT);
    test();
    server(FakeConnector.UNREACHABLE);
    await().untilAsserted(() -> assertThat(connection().status()).isEqualTo("failed"));
    connector.answer.countDown();
    await()
        .during(Duration.ofMillis(300))
        .untilAsserted(() -> assertThat(connection().status()).isEqualTo("failed"));
  }

  @Test
  void a_database_that_never_answers_fails_the_test_in_time() {
    service.close();
    service = new Service(directory, Duration.ofMillis(200), connector);
    client = service.client;
    server(FakeConnector.SILENT);
    test();
    await().untilAsserted(() -> assertThat(connection().status()).isEqualTo("failed"));
    assertThat(connection().lastFailureMessage()).contains("did not answer");
  }

  @Test
  void a_test_that_a_killed_service_left_behind_is_carried_on_by_the_next() {
    service
        .store
        .connectionTests()
        .restart(new ConnectionTest(endpoint, instance, "testing", "", Instant.now(), "1"));
    service
        .store
        .schemaRefreshes()
        .put(new SchemaRefreshes.Refresh(endpoint, instance, "refreshing", "", Instant.now()));
    service.close();
    service = new Service(directory, connector);
    client = service.client;
    await().untilAsserted(() -> assertThat(connection().status()).isEqualTo("successful"));
    await().untilAsserted(() -> assertThat(refresh().statusAsString()).isEqualTo("successful"));
  }

  @Test
  void a_test_that_runs_when_the_service_stops_is_carried_on_by_the_next() {
    server(FakeConnector.SILENT);
    test();
    service.close();
    connector.answer.countDown();
    service = new Service(directory, connector);
    client = service.client;
    await().untilAsserted(() -> assertThat(connection().status()).isEqualTo("successful"));
  }

  @Test
  void connections_vanish_with_their_endpoint_and_their_instance() {
    String other = service.createEndpoint("other", "target");
    test();
    client.testConnection(r -> r.endpointArn(other).replicationInstanceArn(instance));
    assertThat(client.describeConnections(r -> {}).connections()).hasSize(2);
    client.deleteEndpoint(r -> r.endpointArn(endpoint));
    assertThat(client.describeConnections(r -> {}).connections()).hasSize(1);
    client.deleteReplicationInstance(r -> r.replicationInstanceArn(instance));
    assertThat(client.describeConnections(r -> {}).connections()).isEmpty();
    assertThatThrownBy(this::connection).isInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void a_connection_is_deleted_and_unknown_parts_are_told() {
    test();
    await().untilAsserted(() -> assertThat(connection().status()).isEqualTo("successful"));
    assertThat(
            client
                .deleteConnection(r -> r.endpointArn(endpoint).replicationInstanceArn(instance))
                .connection()
                .status())
        .isEqualTo("deleting");
    assertThatThrownBy(() ->
            client.deleteConnection(r -> r.endpointArn(endpoint).replicationInstanceArn(instance)))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThatThrownBy(() ->
            client.testConnection(r -> r.endpointArn(instance).replicationInstanceArn(instance)))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("Endpoint " + instance);
  }

  private RefreshSchemasStatus refresh() {
    return client.describeRefreshSchemasStatus(r -> r.endpointArn(endpoint)).refreshSchemasStatus();
  }

  @Test
  void schemas_are_refreshed_in_the_background_and_listed() {
    assertThatThrownBy(this::refresh).isInstanceOf(ResourceNotFoundException.class);
    assertThat(
            client
                .refreshSchemas(r -> r.endpointArn(endpoint).replicationInstanceArn(instance))
                .refreshSchemasStatus()
                .statusAsString())
        .isEqualTo("refreshing");
    await().untilAsserted(() -> assertThat(refresh().statusAsString()).isEqualTo("successful"));
    assertThat(client.describeSchemas(r -> r.endpointArn(endpoint)).schemas())
        .containsExactly("public", "sales");
  }

  @Test
  void schemas_that_were_never_refreshed_are_asked_for_now() {
    assertThat(client.describeSchemas(r -> r.endpointArn(endpoint)).schemas())
        .containsExactly("public", "sales");
  }

  @Test
  void a_failed_refresh_says_why() {
    server(FakeConnector.UNREACHABLE);
    client.refreshSchemas(r -> r.endpointArn(endpoint).replicationInstanceArn(instance));
    await().untilAsserted(() -> assertThat(refresh().statusAsString()).isEqualTo("failed"));
    assertThat(refresh().lastFailureMessage()).contains("No route");
    String other = service.createEndpoint("other", "source");
    client.modifyEndpoint(r -> r.endpointArn(other).serverName(FakeConnector.UNREACHABLE));
    assertThatThrownBy(() -> client.describeSchemas(r -> r.endpointArn(other)))
        .isInstanceOf(InvalidResourceStateException.class)
        .hasMessageContaining("No route");
  }
}
