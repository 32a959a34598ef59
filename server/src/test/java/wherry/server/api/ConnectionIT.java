package wherry.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.Connection;
import software.amazon.awssdk.services.databasemigration.model.CreateEndpointRequest;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import wherry.mysql.MySqlConnector;
import wherry.postgresql.PostgresConnector;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;

/** TestConnection and DescribeSchemas against real servers. */
class ConnectionIT {
  private static PostgresServer postgres;
  private static MariaDbServer mariadb;

  @TempDir Path directory;
  private Service service;
  private DatabaseMigrationClient client;

  @BeforeAll
  static void startServers() {
    postgres = PostgresServer.start(ServerOptions.standard().withTls());
    mariadb = MariaDbServer.start(ServerOptions.standard().withTls());
    postgres.createDatabase("app");
    postgres.executeIn(
        "app", "CREATE SCHEMA sales", "CREATE ROLE poor LOGIN PASSWORD 'poor-secret'");
    mariadb.createDatabase("shop");
    mariadb.execute("CREATE USER poor IDENTIFIED BY 'poor-secret'");
  }

  @AfterAll
  static void stopServers() {
    postgres.close();
    mariadb.close();
  }

  @BeforeEach
  void start() {
    service = new Service(directory, new PostgresConnector(), new MySqlConnector());
    client = service.client;
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private static DatabaseServer server(String engine) {
    return engine.equals("postgres") ? postgres : mariadb;
  }

  private String endpoint(
      String engine, String type, Consumer<CreateEndpointRequest.Builder> change) {
    DatabaseServer server = server(engine);
    CreateEndpointRequest.Builder request =
        CreateEndpointRequest.builder()
            .endpointIdentifier("e")
            .endpointType(type)
            .engineName(engine)
            .serverName(server.host())
            .port(server.port())
            .username(server.user())
            .password(server.password());
    if (engine.equals("postgres")) {
      request.databaseName("app");
    }
    change.accept(request);
    return client.createEndpoint(request.build()).endpoint().endpointArn();
  }

  private Connection tested(String endpoint) {
    String instance = service.createInstance("i");
    client.testConnection(r -> r.endpointArn(endpoint).replicationInstanceArn(instance));
    Filter filter = Filter.builder().name("endpoint-arn").values(endpoint).build();
    return await()
        .until(
            () -> client.describeConnections(r -> r.filters(filter)).connections().getFirst(),
            connection -> !connection.status().equals("testing"));
  }

  @ParameterizedTest
  @CsvSource({
    "postgres,source",
    "postgres,target",
    "mariadb,source",
    "mariadb,target",
    "mysql,source"
  })
  void a_good_endpoint_is_successful(String engine, String type) {
    Connection connection = tested(endpoint(engine, type, r -> {}));
    assertThat(connection.lastFailureMessage()).isNull();
    assertThat(connection.status()).isEqualTo("successful");
  }

  @ParameterizedTest
  @CsvSource({
    "postgres,none",
    "postgres,require",
    "postgres,verify-ca",
    "postgres,verify-full",
    "mariadb,none",
    "mariadb,verify-ca",
    "mariadb,verify-full"
  })
  void every_ssl_mode_works_with_the_right_certificate(String engine, String sslMode) {
    String certificate = imported(server(engine).caCertificatePem());
    Connection connection =
        tested(endpoint(engine, "source", r -> r.sslMode(sslMode).certificateArn(certificate)));
    assertThat(connection.lastFailureMessage()).isNull();
    assertThat(connection.status()).isEqualTo("successful");
  }

  private String imported(String pem) {
    return client
        .importCertificate(r -> r.certificateIdentifier("ca").certificatePem(pem))
        .certificate()
        .certificateArn();
  }

  @ParameterizedTest
  @CsvSource({
    "postgres,verify-ca",
    "postgres,verify-full",
    "mariadb,verify-ca",
    "mariadb,verify-full"
  })
  void a_server_that_an_authority_unknown_to_us_vouches_for_is_refused(
      String engine, String sslMode) throws Exception {
    String stranger;
    try (var pem = ConnectionIT.class.getResourceAsStream("rsa-2048.pem")) {
      stranger = imported(new String(pem.readAllBytes(), StandardCharsets.US_ASCII));
    }
    Connection connection =
        tested(endpoint(engine, "source", r -> r.sslMode(sslMode).certificateArn(stranger)));
    assertThat(connection.status()).isEqualTo("failed");
    assertThat(connection.lastFailureMessage()).containsIgnoringCase("certificate");
  }

  @ParameterizedTest
  @CsvSource({"postgres", "mariadb"})
  void a_wrong_password_is_told_without_being_shown(String engine) {
    Connection connection = tested(endpoint(engine, "source", r -> r.password("wrong-secret")));
    assertThat(connection.status()).isEqualTo("failed");
    assertThat(connection.lastFailureMessage())
        .contains(server(engine).user())
        .doesNotContain("wrong-secret");
    assertThat(service.answers()).noneMatch(answer -> answer.contains("wrong-secret"));
  }

  @ParameterizedTest
  @CsvSource({"postgres", "mariadb"})
  void an_address_where_nobody_listens_is_told(String engine) {
    Connection connection = tested(endpoint(engine, "target", r -> r.port(1)));
    assertThat(connection.status()).isEqualTo("failed");
    assertThat(connection.lastFailureMessage()).contains("127.0.0.1");
  }

  @ParameterizedTest
  @CsvSource({"postgres", "mariadb"})
  void a_target_where_the_user_may_create_nothing_is_told(String engine) {
    Connection connection =
        tested(endpoint(engine, "target", r -> r.username("poor").password("poor-secret")));
    assertThat(connection.status()).isEqualTo("failed");
    assertThat(connection.lastFailureMessage()).containsIgnoringCase("grant");
  }

  @Test
  void a_database_that_does_not_exist_is_told() {
    Connection connection = tested(endpoint("postgres", "source", r -> r.databaseName("nowhere")));
    assertThat(connection.status()).isEqualTo("failed");
    assertThat(connection.lastFailureMessage()).contains("nowhere");
  }

  @Test
  void after_the_cause_is_gone_the_test_that_follows_a_modification_is_successful() {
    String endpoint = endpoint("postgres", "source", r -> r.password("wrong-secret"));
    assertThat(tested(endpoint).status()).isEqualTo("failed");
    client.modifyEndpoint(r -> r.endpointArn(endpoint).password(postgres.password()));
    await()
        .untilAsserted(() ->
            assertThat(client.describeConnections(r -> {}).connections().getFirst().status())
                .isEqualTo("successful"));
  }

  @Test
  void schemas_are_really_listed() {
    String endpoint = endpoint("postgres", "source", r -> {});
    assertThat(client.describeSchemas(r -> r.endpointArn(endpoint)).schemas())
        .isEqualTo(List.of("public", "sales"));
    String other = endpoint("mariadb", "target", r -> r.endpointIdentifier("other"));
    assertThat(client.describeSchemas(r -> r.endpointArn(other)).schemas())
        .contains("shop")
        .doesNotContain("mysql");
  }
}
