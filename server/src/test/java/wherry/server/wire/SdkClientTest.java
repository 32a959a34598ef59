package wherry.server.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.AccessDeniedException;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationException;
import software.amazon.awssdk.services.databasemigration.model.Endpoint;
import software.amazon.awssdk.services.databasemigration.model.ResourceAlreadyExistsException;
import software.amazon.awssdk.services.databasemigration.model.ResourceNotFoundException;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;
import software.amazon.awssdk.services.sts.model.StsException;

/** The SDK's real clients, signing for real, over HTTP. */
class SdkClientTest {
  private static final AwsCredentials CREDENTIALS =
      AwsBasicCredentials.create("AKIDTEST", "a secret");

  private static HttpApi api;

  @BeforeAll
  static void start() {
    var keys =
        new SigV4(
            id -> id.equals("AKIDTEST") ? Optional.of("a secret") : Optional.empty(),
            Clock.systemUTC());
    Router router = new Router(Contract.load(), List.of(new EchoApi()));
    api =
        HttpApi.start(
            HttpConfig.loopback(0, "1").withAccountId("123456789012"),
            router,
            Optional.of(keys),
            () -> "");
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static DatabaseMigrationClient client(AwsCredentials credentials) {
    return DatabaseMigrationClient.builder()
        .endpointOverride(URI.create("http://127.0.0.1:" + api.port()))
        .region(Region.EU_CENTRAL_1)
        .credentialsProvider(StaticCredentialsProvider.create(credentials))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  private static StsClient sts(AwsCredentials credentials) {
    return StsClient.builder()
        .endpointOverride(URI.create("http://127.0.0.1:" + api.port()))
        .region(Region.EU_CENTRAL_1)
        .credentialsProvider(StaticCredentialsProvider.create(credentials))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  @Test
  void an_endpoint_is_created_and_described() {
    try (var dms = client(CREDENTIALS)) {
      dms.createEndpoint(r ->
          r.endpointIdentifier("orders").endpointType("source").engineName("mysql").port(3306));
      assertThat(dms.describeEndpoints().endpoints())
          .filteredOn(endpoint -> endpoint.endpointIdentifier().equals("orders"))
          .singleElement()
          .returns("arn:aws:dms:eu-central-1:123456789012:endpoint:orders", Endpoint::endpointArn)
          .returns(3306, Endpoint::port);
    }
  }

  @Test
  void faults_become_the_clients_typed_exceptions() {
    try (var dms = client(CREDENTIALS)) {
      assertThatThrownBy(
              () -> dms.describeEndpoints(r -> r.filters(f -> f.name("endpoint-id").values("x"))))
          .isInstanceOf(ResourceNotFoundException.class)
          .hasMessageContaining("No Endpoints found matching provided filters");
      dms.createEndpoint(
          r -> r.endpointIdentifier("twice").endpointType("source").engineName("mysql"));
      assertThatThrownBy(() ->
              dms.createEndpoint(
                  r -> r.endpointIdentifier("twice").endpointType("source").engineName("mysql")))
          .isInstanceOfSatisfying(
              ResourceAlreadyExistsException.class,
              e -> assertThat(e.resourceArn()).endsWith(":endpoint:twice"));
      assertThatThrownBy(() ->
              dms.startRecommendations(r ->
                  r.databaseId("d")
                      .settings(
                          s -> s.instanceSizingType("total-capacity").workloadType("development"))))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("May 20, 2026");
    }
  }

  @Test
  void a_wrong_enum_value_is_a_validation_exception() {
    try (var dms = client(CREDENTIALS)) {
      assertThatThrownBy(() ->
              dms.createEndpoint(
                  r -> r.endpointIdentifier("e").endpointType("both").engineName("mysql")))
          .isInstanceOfSatisfying(
              DatabaseMigrationException.class,
              e -> {
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo("ValidationException");
                assertThat(e.statusCode()).isEqualTo(400);
                assertThat(e.requestId()).hasSize(36);
              })
          .hasMessageContaining("Value 'both' at 'endpointType'");
    }
  }

  @Test
  void a_session_token_is_just_another_signed_header() {
    try (var dms = client(AwsSessionCredentials.create("AKIDTEST", "a secret", "token"))) {
      assertThat(dms.describeEndpoints().hasEndpoints()).isTrue();
    }
  }

  @Test
  void wrong_credentials_are_refused_by_their_kind() {
    try (var dms = client(AwsBasicCredentials.create("AKIDTEST", "another secret"))) {
      assertThatThrownBy(dms::describeEndpoints)
          .isInstanceOfSatisfying(
              DatabaseMigrationException.class,
              e ->
                  assertThat(e.awsErrorDetails().errorCode())
                      .isEqualTo("InvalidSignatureException"));
    }
    try (var dms = client(AwsBasicCredentials.create("AKIDOTHER", "a secret"))) {
      assertThatThrownBy(dms::describeEndpoints)
          .isInstanceOfSatisfying(
              DatabaseMigrationException.class,
              e ->
                  assertThat(e.awsErrorDetails().errorCode())
                      .isEqualTo("UnrecognizedClientException"));
    }
  }

  @Test
  void sts_tells_who_calls_on_the_same_port() {
    try (var sts = sts(CREDENTIALS)) {
      assertThat(sts.getCallerIdentity())
          .returns("123456789012", GetCallerIdentityResponse::account)
          .returns("arn:aws:iam::123456789012:root", GetCallerIdentityResponse::arn)
          .returns("123456789012", GetCallerIdentityResponse::userId);
    }
    try (var sts = sts(AwsBasicCredentials.create("AKIDTEST", "another secret"))) {
      assertThatThrownBy(sts::getCallerIdentity)
          .isInstanceOfSatisfying(
              StsException.class,
              e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("SignatureDoesNotMatch"));
    }
  }
}
