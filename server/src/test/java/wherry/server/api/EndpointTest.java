package wherry.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.AccessDeniedException;
import software.amazon.awssdk.services.databasemigration.model.CreateEndpointRequest;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationException;
import software.amazon.awssdk.services.databasemigration.model.Endpoint;
import software.amazon.awssdk.services.databasemigration.model.EndpointSetting;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.InvalidResourceStateException;
import software.amazon.awssdk.services.databasemigration.model.MySQLSettings;
import software.amazon.awssdk.services.databasemigration.model.PostgreSQLSettings;
import software.amazon.awssdk.services.databasemigration.model.ResourceAlreadyExistsException;
import software.amazon.awssdk.services.databasemigration.model.ResourceNotFoundException;

class EndpointTest {
  private static final String SECRET = "correct-horse-battery";

  @TempDir Path directory;
  private Service service;
  private DatabaseMigrationClient client;

  @BeforeEach
  void start() {
    service = new Service(directory, new FakeConnector());
    client = service.client;
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private static CreateEndpointRequest.Builder wanted(String identifier) {
    return CreateEndpointRequest.builder()
        .endpointIdentifier(identifier)
        .endpointType("source")
        .engineName("postgres");
  }

  private Endpoint create(CreateEndpointRequest.Builder request) {
    return client.createEndpoint(request.build()).endpoint();
  }

  private Endpoint find(String arn) {
    Filter filter = Filter.builder().name("endpoint-arn").values(arn).build();
    return client.describeEndpoints(r -> r.filters(filter)).endpoints().getFirst();
  }

  private static String code(Throwable thrown) {
    return ((DatabaseMigrationException) thrown).awsErrorDetails().errorCode();
  }

  @Test
  void an_endpoint_is_active_at_once_with_the_defaults_of_the_reference() {
    Endpoint endpoint =
        create(
            wanted("My-Source")
                .serverName("db")
                .port(5432)
                .databaseName("app")
                .username("dms")
                .password(SECRET));
    assertThat(endpoint.status()).isEqualTo("active");
    assertThat(endpoint.endpointIdentifier()).isEqualTo("My-Source");
    assertThat(endpoint.endpointTypeAsString()).isEqualTo("SOURCE");
    assertThat(endpoint.sslModeAsString()).isEqualTo("none");
    assertThat(endpoint.engineDisplayName()).isEqualTo("PostgreSQL");
    assertThat(endpoint.endpointArn())
        .matches("arn:aws:dms:eu-central-1:123456789012:endpoint:[A-Z2-7]{26}");
    assertThat(endpoint.kmsKeyId()).startsWith("arn:aws:kms:");
    assertThat(find(endpoint.endpointArn())).isEqualTo(endpoint);
  }

  @Test
  void the_connection_is_shown_at_the_top_and_in_the_structure_wherever_it_came_from() {
    Endpoint fromTop =
        create(wanted("top").serverName("db").port(5433).databaseName("app").username("dms"));
    Endpoint fromStructure =
        create(
            wanted("structure")
                .serverName("overruled")
                .postgreSQLSettings(
                    s -> s.serverName("db").port(5433).databaseName("app").username("dms")));
    for (Endpoint endpoint : List.of(fromTop, fromStructure)) {
      assertThat(endpoint.serverName()).isEqualTo("db");
      assertThat(endpoint.port()).isEqualTo(5433);
      assertThat(endpoint.databaseName()).isEqualTo("app");
      assertThat(endpoint.username()).isEqualTo("dms");
      assertThat(endpoint.postgreSQLSettings())
          .isEqualTo(
              PostgreSQLSettings.builder()
                  .serverName("db")
                  .port(5433)
                  .databaseName("app")
                  .username("dms")
                  .build());
    }
  }

  @Test
  void a_password_is_never_shown_nor_stored_in_clear_but_reaches_the_connector()
      throws IOException {
    Endpoint one = create(wanted("one").password(SECRET));
    Endpoint two = create(wanted("two").postgreSQLSettings(s -> s.password(SECRET)));
    Endpoint three =
        create(wanted("three").extraConnectionAttributes("password=" + SECRET + ";captureDdls=N"));
    assertThat(three.extraConnectionAttributes()).isEqualTo("captureDdls=N");
    for (Endpoint endpoint : List.of(one, two, three)) {
      client.modifyEndpoint(r -> r.endpointArn(endpoint.endpointArn()).databaseName("other"));
      var resolved = service.endpoints.resolve(endpoint.endpointArn());
      assertThat(resolved.settings()).containsEntry("Password", SECRET);
      assertThat(resolved.toString()).doesNotContain(SECRET);
    }
    client.describeEndpoints();
    client.deleteEndpoint(r -> r.endpointArn(one.endpointArn()));
    assertThat(service.answers())
        .hasSizeGreaterThan(7)
        .noneMatch(answer -> answer.contains(SECRET));
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.toList())
          .allSatisfy(file ->
              assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                  .doesNotContain(SECRET));
    }
  }

  @Test
  void structure_and_attributes_are_two_views_of_one_model() {
    long seed = new Random().nextLong();
    System.err.println("structure_and_attributes_are_two_views_of_one_model: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 150; round++) {
      TwoWays settings = TwoWays.random(random);
      Endpoint asStructure = create(wanted("s" + round).postgreSQLSettings(settings.structure()));
      Endpoint asAttributes =
          create(wanted("a" + round).extraConnectionAttributes(settings.attributes()));

      assertThat(asAttributes.extraConnectionAttributes())
          .isEqualTo(settings.attributes().isEmpty() ? null : settings.attributes());
      assertThat(asAttributes.postgreSQLSettings())
          .as("seed %d", seed)
          .isEqualTo(asStructure.postgreSQLSettings());
      assertThat(effective(asAttributes)).as("seed %d", seed).isEqualTo(effective(asStructure));
    }
  }

  private Map<String, String> effective(Endpoint endpoint) {
    Map<String, String> settings = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    settings.putAll(service.endpoints.resolve(endpoint.endpointArn()).settings());
    List.of("EndpointArn", "EndpointIdentifier", "ExtraConnectionAttributes")
        .forEach(settings::remove);
    return settings;
  }

  /**
   * The same random settings, once as a structure and once as attributes in random spelling and
   * order.
   */
  private record TwoWays(PostgreSQLSettings structure, String attributes) {
    static TwoWays random(Random random) {
      PostgreSQLSettings.Builder structure = PostgreSQLSettings.builder();
      List<String> attributes = new ArrayList<>();
      if (random.nextBoolean()) {
        int seconds = 1 + random.nextInt(86_400);
        structure.executeTimeout(seconds);
        attributes.add(name(random, "ExecuteTimeout") + "=" + seconds);
      }
      if (random.nextBoolean()) {
        boolean value = random.nextBoolean();
        structure.captureDdls(value);
        String spelled = value ? one(random, "true", "Y", "y") : one(random, "false", "N");
        attributes.add(name(random, "CaptureDdls") + "=" + spelled);
      }
      if (random.nextBoolean()) {
        structure.pluginName("test-decoding");
        String spelled = one(random, "test_decoding", "TEST-DECODING", "test-decoding");
        attributes.add(name(random, "PluginName") + "=" + spelled);
      }
      if (random.nextBoolean()) {
        structure.slotName("a=b" + random.nextInt(9));
        attributes.add(name(random, "SlotName") + "=" + structure.build().slotName());
      }
      if (random.nextBoolean()) {
        structure.serverName("db.example.org").port(5433);
        attributes.add(name(random, "ServerName") + "=db.example.org");
        attributes.add("port=5433");
      }
      Collections.shuffle(attributes, random);
      return new TwoWays(structure.build(), String.join(one(random, ";", " ; ", ";;"), attributes));
    }

    private static String name(Random random, String name) {
      String lowerCamel = name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
      return one(random, name, lowerCamel, name.toUpperCase(Locale.ROOT));
    }

    private static String one(Random random, String... texts) {
      return texts[random.nextInt(texts.length)];
    }
  }

  @Test
  void where_structure_and_attributes_disagree_the_structure_wins_and_later_requests_win() {
    String arn =
        create(
                wanted("e")
                    .postgreSQLSettings(s -> s.slotName("structure"))
                    .extraConnectionAttributes(
                        "slotName=attribute;executeTimeout=7;somethingElse=x"))
            .endpointArn();
    assertThat(find(arn).postgreSQLSettings().slotName()).isEqualTo("structure");
    assertThat(find(arn).extraConnectionAttributes())
        .isEqualTo("slotName=structure;executeTimeout=7;somethingElse=x");

    client.modifyEndpoint(r -> r.endpointArn(arn).extraConnectionAttributes("slotName=later"));
    assertThat(find(arn).postgreSQLSettings().slotName()).isEqualTo("later");
    assertThat(find(arn).postgreSQLSettings().executeTimeout()).isNull();

    client.modifyEndpoint(r ->
        r.endpointArn(arn).postgreSQLSettings(s -> s.slotName("latest").heartbeatFrequency(9)));
    assertThat(find(arn).extraConnectionAttributes()).isEqualTo("slotName=latest");
    assertThat(service.endpoints.resolve(arn).settings()).containsEntry("SlotName", "latest");
  }

  @Test
  void a_modification_merges_unless_the_settings_are_exact() {
    String arn =
        create(
                wanted("e")
                    .serverName("db")
                    .postgreSQLSettings(s -> s.slotName("x").executeTimeout(5)))
            .endpointArn();
    client.modifyEndpoint(
        r -> r.endpointArn(arn).postgreSQLSettings(s -> s.executeTimeout(6)).serverName("db2"));
    assertThat(find(arn).postgreSQLSettings().slotName()).isEqualTo("x");
    assertThat(find(arn).postgreSQLSettings().executeTimeout()).isEqualTo(6);
    assertThat(find(arn).serverName()).isEqualTo("db2");

    client.modifyEndpoint(
        r -> r.endpointArn(arn).exactSettings(true).postgreSQLSettings(s -> s.executeTimeout(8)));
    assertThat(find(arn).postgreSQLSettings().slotName()).isNull();
    assertThat(find(arn).postgreSQLSettings().executeTimeout()).isEqualTo(8);
    assertThat(find(arn).postgreSQLSettings().serverName()).isEqualTo("db2");
  }

  @Test
  void the_second_identical_modification_changes_nothing() {
    String arn = create(wanted("e").serverName("db")).endpointArn();
    for (int i = 0; i < 2; i++) {
      client.modifyEndpoint(r ->
          r.endpointArn(arn)
              .engineName("postgres")
              .sslMode("require")
              .extraConnectionAttributes("captureDdls=n;")
              .postgreSQLSettings(s -> s.serverName("db").databaseName("").slotName("s")));
    }
    Endpoint once = find(arn);
    assertThat(once.extraConnectionAttributes()).isEqualTo("captureDdls=n;");
    assertThat(once.postgreSQLSettings().captureDdls()).isFalse();
    assertThat(once.databaseName()).isNull();
    assertThat(once.sslModeAsString()).isEqualTo("require");
  }

  @Test
  void every_wrong_setting_is_named_at_once() {
    assertThatThrownBy(() ->
            create(
                wanted("e")
                    .port(70_000)
                    .extraConnectionAttributes(
                        "executeTimeout=soon;captureDdls=perhaps;pluginName=wal2json")))
        .hasMessageContaining("Port \"70000\" must be a whole number from 1 to 65535")
        .hasMessageContaining("ExecuteTimeout \"soon\"")
        .hasMessageContaining("CaptureDdls \"perhaps\" must be true or false")
        .hasMessageContaining(
            "PluginName \"wal2json\" must be one of no-preference, test-decoding, pglogical")
        .satisfies(e -> assertThat(code(e)).isEqualTo("InvalidParameterValueException"));
    assertThatThrownBy(() ->
            create(wanted("e").mySQLSettings(MySQLSettings.builder().serverName("x").build())))
        .hasMessageContaining("MySQLSettings cannot be used with engine postgres");
    assertThatThrownBy(
            () -> create(wanted("e").postgreSQLSettings(s -> s.secretsManagerSecretId("x"))))
        .hasMessageContaining("give Username and Password");
    assertThat(client.describeEndpoints().endpoints()).isEmpty();
  }

  @Test
  void an_unknown_engine_is_told_from_one_that_this_build_does_not_serve() {
    assertThatThrownBy(() -> create(wanted("e").engineName("postgresql")))
        .hasMessageContaining("Invalid engine name: postgresql")
        .satisfies(e -> assertThat(code(e)).isEqualTo("InvalidParameterValueException"));
    assertThatThrownBy(() -> create(wanted("e").engineName("oracle")))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("mariadb, mysql, postgres");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1a", "a-", "a--b", "a.b"})
  void a_malformed_identifier_is_refused(String identifier) {
    assertThatThrownBy(() -> create(wanted(identifier)))
        .hasMessageContaining("EndpointIdentifier is not a valid");
  }

  @Test
  void an_identifier_is_unique_also_when_it_is_changed() {
    String one = create(wanted("One")).endpointArn();
    String two = create(wanted("two")).endpointArn();
    assertThatThrownBy(() -> create(wanted("oNE").endpointType("target")))
        .isInstanceOfSatisfying(
            ResourceAlreadyExistsException.class, e -> assertThat(e.resourceArn()).isEqualTo(one));
    assertThatThrownBy(
            () -> client.modifyEndpoint(r -> r.endpointArn(two).endpointIdentifier("ONE")))
        .isInstanceOf(ResourceAlreadyExistsException.class);
    client.modifyEndpoint(r -> r.endpointArn(two).endpointIdentifier("three"));
    assertThat(find(two).endpointIdentifier()).isEqualTo("three");
  }

  @Test
  void a_deleted_endpoint_says_so_and_is_gone_for_the_waiter() {
    String arn = create(wanted("e")).endpointArn();
    assertThat(client.deleteEndpoint(r -> r.endpointArn(arn)).endpoint().status())
        .isEqualTo("deleting");
    client
        .waiter()
        .waitUntilEndpointDeleted(
            r -> r.filters(Filter.builder().name("endpoint-id").values("e", "f").build()));
    assertThatThrownBy(() -> client.deleteEndpoint(r -> r.endpointArn(arn)))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThatThrownBy(() -> client.deleteEndpoint(r -> r.endpointArn("endpoint")))
        .hasMessageContaining("Invalid ARN");
  }

  @Test
  void what_a_task_stands_on_is_not_deleted_and_not_modified_while_it_runs() {
    String arn = create(wanted("e")).endpointArn();
    service.putTask("my-task", "running", arn, "target", "instance");
    assertThatThrownBy(() -> client.modifyEndpoint(r -> r.endpointArn(arn).port(1)))
        .isInstanceOf(InvalidResourceStateException.class)
        .hasMessageContaining("my-task (running)");
    assertThatThrownBy(() -> client.deleteEndpoint(r -> r.endpointArn(arn)))
        .isInstanceOf(InvalidResourceStateException.class);
    service.putTask("my-task", "stopped", arn, "target", "instance");
    client.modifyEndpoint(r -> r.endpointArn(arn).port(1));
    assertThatThrownBy(() -> client.deleteEndpoint(r -> r.endpointArn(arn)))
        .hasMessageContaining("my-task (stopped)");
  }

  @Test
  void endpoints_are_filtered_by_type_whatever_its_case() {
    create(wanted("s"));
    create(wanted("t").endpointType("target").engineName("mysql"));
    Filter target = Filter.builder().name("endpoint-type").values("target").build();
    Filter mysql = Filter.builder().name("engine-name").values("mysql", "mariadb").build();
    assertThat(client.describeEndpoints(r -> r.filters(target, mysql)).endpoints())
        .extracting(Endpoint::endpointIdentifier)
        .containsExactly("t");
    assertThatThrownBy(() ->
            client.describeEndpoints(
                r -> r.filters(Filter.builder().name("endpoint-id").values("x").build())))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("No Endpoints found matching provided filters.");
    assertThat(client.describeEndpoints(r -> r.filters(List.of())).endpoints()).hasSize(2);
  }

  @Test
  void a_certificate_must_be_there() {
    assertThatThrownBy(() ->
            create(wanted("e").certificateArn("arn:aws:dms:eu-central-1:123456789012:cert:NONE")))
        .isInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void types_and_settings_are_what_the_connectors_declare() {
    assertThat(client.describeEndpointTypes(r -> {}).supportedEndpointTypes())
        .extracting(t -> t.engineName() + " " + t.endpointTypeAsString() + " " + t.supportsCDC())
        .containsExactly(
            "mariadb source false",
            "mariadb target false",
            "mysql source false",
            "mysql target false",
            "postgres source false",
            "postgres target false");
    assertThat(client.describeEndpointSettings(r -> r.engineName("postgres")).endpointSettings())
        .extracting(EndpointSetting::name)
        .contains("ExecuteTimeout", "PluginName");
    assertThat(client.describeEndpointSettings(r -> r.engineName("s3")).endpointSettings())
        .isEmpty();
    assertThatThrownBy(() -> client.describeEndpointSettings(r -> r.engineName("nonsense")))
        .hasMessageContaining("Invalid engine name");
  }

  @Test
  void modifying_an_endpoint_tests_its_connections_again() {
    String endpoint = create(wanted("e").serverName("db")).endpointArn();
    String instance = service.createInstance("i");
    client.testConnection(r -> r.endpointArn(endpoint).replicationInstanceArn(instance));
    await().untilAsserted(() -> assertThat(status()).isEqualTo("successful"));
    client.modifyEndpoint(r -> r.endpointArn(endpoint).serverName(FakeConnector.UNREACHABLE));
    await().untilAsserted(() -> assertThat(status()).isEqualTo("failed"));
  }

  private String status() {
    return client.describeConnections(r -> {}).connections().getFirst().status();
  }
}
