package wherry.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.Certificate;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationException;
import software.amazon.awssdk.services.databasemigration.model.EventSubscription;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.InvalidCertificateException;
import software.amazon.awssdk.services.databasemigration.model.InvalidResourceStateException;
import software.amazon.awssdk.services.databasemigration.model.ResourceAlreadyExistsException;
import software.amazon.awssdk.services.databasemigration.model.ResourceNotFoundException;
import software.amazon.awssdk.services.databasemigration.model.SnsInvalidTopicException;
import software.amazon.awssdk.services.databasemigration.model.Tag;
import wherry.server.store.Event;

/** Certificates, tags, events, subscriptions and the account. */
class BookkeepingTest {
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

  private static String resource(String name) throws IOException {
    try (InputStream stream =
        Objects.requireNonNull(BookkeepingTest.class.getResourceAsStream(name))) {
      return new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private static String code(Throwable thrown) {
    return ((DatabaseMigrationException) thrown).awsErrorDetails().errorCode();
  }

  @ParameterizedTest
  @CsvSource({"rsa-2048.pem, 2048, SHA256withRSA", "ec-256.pem, 256, SHA256withECDSA"})
  void an_imported_certificate_is_described_as_it_is(String file, int keyLength, String algorithm)
      throws IOException {
    String pem = resource(file);
    String arn =
        client
            .importCertificate(r -> r.certificateIdentifier("ca").certificatePem(pem))
            .certificate()
            .certificateArn();
    Filter filter = Filter.builder().name("certificate-id").values("ca").build();
    Certificate certificate =
        client.describeCertificates(r -> r.filters(filter)).certificates().getFirst();
    assertThat(certificate.certificateArn()).isEqualTo(arn).contains(":cert:");
    assertThat(certificate.certificatePem()).isEqualTo(pem);
    assertThat(certificate.keyLength()).isEqualTo(keyLength);
    assertThat(certificate.signingAlgorithm()).isEqualTo(algorithm);
    assertThat(certificate.validFromDate()).isBefore(certificate.validToDate());
    assertThat(certificate.certificateOwner()).isEqualTo(Service.ACCOUNT);
  }

  @Test
  void what_is_no_certificate_is_refused_and_a_private_key_most_of_all() throws IOException {
    String key =
        resource("rsa-2048.pem") + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for (String pem :
        List.of("nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", key)) {
      assertThatThrownBy(() ->
              client.importCertificate(r -> r.certificateIdentifier("ca").certificatePem(pem)))
          .isInstanceOf(InvalidCertificateException.class);
    }
    assertThatThrownBy(() -> client.importCertificate(r -> r.certificateIdentifier("ca")))
        .satisfies(e -> assertThat(code(e)).isEqualTo("InvalidParameterCombinationException"));
  }

  @Test
  void a_wallet_is_kept_as_it_is() {
    SdkBytes wallet = SdkBytes.fromByteArray(new byte[] {1, 2, 3, (byte) 0xff});
    client.importCertificate(r -> r.certificateIdentifier("wallet").certificateWallet(wallet));
    assertThat(client.describeCertificates(r -> {}).certificates().getFirst().certificateWallet())
        .isEqualTo(wallet);
  }

  @Test
  void a_certificate_that_an_endpoint_uses_is_not_deleted_and_reaches_the_connector()
      throws IOException {
    String pem = resource("ec-256.pem");
    String arn =
        client
            .importCertificate(r -> r.certificateIdentifier("ca").certificatePem(pem))
            .certificate()
            .certificateArn();
    String endpoint = service.createEndpoint("e", "source");
    client.modifyEndpoint(r -> r.endpointArn(endpoint).certificateArn(arn).sslMode("verify-full"));
    assertThat(service.endpoints.resolve(endpoint).settings())
        .containsEntry("CertificatePem", pem)
        .containsEntry("SslMode", "verify-full");
    assertThatThrownBy(() -> client.deleteCertificate(r -> r.certificateArn(arn)))
        .isInstanceOf(InvalidResourceStateException.class)
        .hasMessageContaining("endpoint e");
    client.deleteEndpoint(r -> r.endpointArn(endpoint));
    client.deleteCertificate(r -> r.certificateArn(arn));
    assertThat(client.describeCertificates(r -> {}).certificates()).isEmpty();
    assertThatThrownBy(() -> client.deleteCertificate(r -> r.certificateArn(arn)))
        .isInstanceOf(ResourceNotFoundException.class);
  }

  private static Tag tag(String key, String value) {
    return Tag.builder().key(key).value(value).build();
  }

  private List<String> tags(String arn) {
    return client.listTagsForResource(r -> r.resourceArn(arn)).tagList().stream()
        .map(tag -> tag.key() + "=" + tag.value())
        .toList();
  }

  @Test
  void tags_are_taken_at_creation_overwritten_and_removed() {
    String arn =
        client
            .createReplicationInstance(r ->
                r.replicationInstanceIdentifier("i")
                    .replicationInstanceClass("dms.t3.micro")
                    .tags(tag("team", "a"), tag("empty", "")))
            .replicationInstance()
            .replicationInstanceArn();
    client.addTagsToResource(r -> r.resourceArn(arn).tags(tag("team", "b"), tag("größe", "1 x")));
    assertThat(tags(arn)).containsExactlyInAnyOrder("empty=", "größe=1 x", "team=b");
    client.removeTagsFromResource(r -> r.resourceArn(arn).tagKeys("empty", "never"));
    assertThat(tags(arn)).containsExactlyInAnyOrder("größe=1 x", "team=b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "aws:x", "DMS:x", "a<b", "a\nb"})
  void a_malformed_tag_is_refused(String key) {
    String arn = service.createInstance("i");
    assertThatThrownBy(() -> client.addTagsToResource(r -> r.resourceArn(arn).tags(tag(key, "v"))))
        .satisfies(e -> assertThat(code(e)).isEqualTo("InvalidParameterValueException"));
  }

  @Test
  void tags_have_their_bounds() {
    String arn = service.createInstance("i");
    client.addTagsToResource(r -> r.resourceArn(arn).tags(tag("k".repeat(128), "v".repeat(256))));
    assertThatThrownBy(
            () -> client.addTagsToResource(r -> r.resourceArn(arn).tags(tag("k".repeat(129), ""))))
        .hasMessageContaining("1 to 128");
    assertThatThrownBy(
            () -> client.addTagsToResource(r -> r.resourceArn(arn).tags(tag("k", "v".repeat(257)))))
        .hasMessageContaining("0 to 256");
    Tag[] many = IntStream.range(0, 10).mapToObj(i -> tag("k" + i, "")).toArray(Tag[]::new);
    assertThatThrownBy(() -> client.addTagsToResource(r -> r.resourceArn(arn).tags(many)))
        .hasMessageContaining("at most 10 tags; it would have 11");
    client.addTagsToResource(r -> r.resourceArn(arn).tags(Arrays.copyOf(many, 9)));
    assertThat(tags(arn)).hasSize(10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"i", "arn:aws:rds:eu-central-1:123456789012:db:x", "arn:aws:dms:::"})
  void what_is_no_arn_is_told_from_one_that_names_nothing(String text) {
    List<ThrowingCallable> calls =
        List.of(
            () -> client.listTagsForResource(r -> r.resourceArn(text)),
            () -> client.addTagsToResource(r -> r.resourceArn(text).tags(tag("k", "v"))),
            () -> client.describeTableStatistics(r -> r.replicationTaskArn(text)),
            () -> client.deleteReplicationTask(r -> r.replicationTaskArn(text)),
            () -> client.deleteEndpoint(r -> r.endpointArn(text)));
    calls.forEach(call ->
        assertThatThrownBy(call)
            .satisfies(e -> assertThat(code(e)).isEqualTo("InvalidParameterValueException")));
    String nothing = "arn:aws:dms:eu-central-1:123456789012:task:NOTHING";
    assertThatThrownBy(() -> client.listTagsForResource(r -> r.resourceArn(nothing)))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThatThrownBy(() -> client.describeTableStatistics(r -> r.replicationTaskArn(nothing)))
        .isInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void arns_that_clients_build_are_understood_also_without_an_account() {
    client.createReplicationSubnetGroup(r ->
        r.replicationSubnetGroupIdentifier("group")
            .replicationSubnetGroupDescription("d")
            .subnetIds("a", "b")
            .tags(tag("k", "g")));
    client.createEventSubscription(r ->
        r.subscriptionName("sub")
            .snsTopicArn("arn:aws:sns:eu-central-1:123456789012:t")
            .tags(tag("k", "s")));
    assertThat(tags("arn:aws:dms:eu-central-1:123456789012:subgrp:group")).containsExactly("k=g");
    assertThat(tags("arn:aws:dms:eu-central-1::subgrp:group")).containsExactly("k=g");
    assertThat(tags("arn:aws:dms:eu-central-1::es:sub")).containsExactly("k=s");
    assertThatThrownBy(() -> tags("arn:aws:dms:eu-central-1::subgrp:other"))
        .isInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void tags_of_several_resources_say_whose_they_are() {
    String one = service.createInstance("one");
    String two = service.createInstance("two");
    client.addTagsToResource(r -> r.resourceArn(one).tags(tag("k", "1")));
    client.addTagsToResource(r -> r.resourceArn(two).tags(tag("k", "2")));
    assertThat(client.listTagsForResource(r -> r.resourceArnList(one, two)).tagList())
        .extracting(Tag::resourceArn)
        .containsExactly(one, two);
    assertThat(
            client.listTagsForResource(r -> r.resourceArn(one)).tagList().getFirst().resourceArn())
        .isNull();
    assertThatThrownBy(() -> client.listTagsForResource(r -> {}))
        .satisfies(e -> assertThat(code(e)).isEqualTo("InvalidParameterCombinationException"));
  }

  private void happened(String sourceType, String id, String category, Duration ago) {
    service
        .store
        .events()
        .add(new Event(sourceType, id, List.of(category), id, Instant.now().minus(ago)));
  }

  @Test
  void events_are_those_of_the_last_hour_unless_the_request_says_otherwise() {
    happened("replication-task", "old", "state change", Duration.ofHours(5));
    happened("replication-task", "new", "failure", Duration.ofMinutes(5));
    happened("replication-instance", "new", "low storage", Duration.ofMinutes(4));
    assertThat(client.describeEvents(r -> {}).events()).hasSize(2);
    assertThat(client.describeEvents(r -> r.duration(20_160)).events()).hasSize(3);
    assertThat(client.describeEvents(r -> r.sourceType("replication-instance")).events())
        .hasSize(1);
    assertThat(client.describeEvents(r -> r.sourceType("replication-task")).events()).hasSize(1);
    assertThat(client.describeEvents(r -> r.eventCategories("LowStorage", "failure")).events())
        .hasSize(2);
    assertThat(
            client
                .describeEvents(
                    r -> r.startTime(Instant.now().minus(Duration.ofDays(1))).duration(1300))
                .events())
        .hasSize(1);
    Filter filter = Filter.builder().name("replication-instance-id").values("new").build();
    assertThat(client.describeEvents(r -> r.filters(filter)).events()).hasSize(1);
    assertThatThrownBy(() -> client.describeEvents(r -> r.duration(20_161)))
        .hasMessageContaining("Duration");
    assertThatThrownBy(() -> client.describeEvents(r -> r.sourceIdentifier("new")))
        .hasMessageContaining("SourceType");
    assertThatThrownBy(() -> client.describeEvents(r -> r.eventCategories("party")))
        .hasMessageContaining("\"party\"");
  }

  @Test
  void events_are_paged_in_the_order_they_happened() {
    for (int i = 0; i < 50; i++) {
      happened("replication-task", "t" + i, "state change", Duration.ofMinutes(1));
    }
    assertThat(client.describeEventsPaginator(r -> r.maxRecords(20)).stream())
        .hasSize(3)
        .flatExtracting(page -> page.events())
        .extracting(event -> event.sourceIdentifier())
        .containsExactlyElementsOf(IntStream.range(0, 50).mapToObj(i -> "t" + i).toList());
  }

  @Test
  void event_categories_are_told_by_source_type() {
    assertThat(client.describeEventCategories(r -> {}).eventCategoryGroupList()).hasSize(3);
    assertThat(
            client
                .describeEventCategories(r -> r.sourceType("replication-task"))
                .eventCategoryGroupList()
                .getFirst()
                .eventCategories())
        .containsExactly("configuration change", "creation", "deletion", "failure", "state change");
    assertThatThrownBy(() -> client.describeEventCategories(r -> r.sourceType("party")))
        .hasMessageContaining("party");
  }

  @Test
  void a_subscription_is_kept_changed_and_deleted() {
    String topic = "arn:aws:sns:eu-central-1:123456789012:topic";
    EventSubscription created =
        client
            .createEventSubscription(r ->
                r.subscriptionName("sub")
                    .snsTopicArn(topic)
                    .sourceType("replication-instance")
                    .sourceIds("i")
                    .eventCategories("Creation", "low_storage"))
            .eventSubscription();
    assertThat(created.status()).isEqualTo("creating");
    assertThat(created.eventCategoriesList()).containsExactly("creation", "low storage");
    assertThat(created.enabled()).isTrue();
    assertThat(created.subscriptionCreationTime())
        .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}");
    assertThatThrownBy(
            () -> client.createEventSubscription(r -> r.subscriptionName("sub").snsTopicArn(topic)))
        .isInstanceOf(ResourceAlreadyExistsException.class);

    client.modifyEventSubscription(
        r -> r.subscriptionName("sub").enabled(false).eventCategories("deletion"));
    EventSubscription changed =
        client
            .describeEventSubscriptions(r -> r.subscriptionName("sub"))
            .eventSubscriptionsList()
            .getFirst();
    assertThat(changed.status()).isEqualTo("active");
    assertThat(changed.enabled()).isFalse();
    assertThat(changed.eventCategoriesList()).containsExactly("deletion");
    assertThat(changed.sourceIdsList()).containsExactly("i");

    assertThat(
            client
                .deleteEventSubscription(r -> r.subscriptionName("sub"))
                .eventSubscription()
                .status())
        .isEqualTo("deleting");
    assertThatThrownBy(() -> client.describeEventSubscriptions(r -> r.subscriptionName("sub")))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThatThrownBy(() ->
            client.createEventSubscription(r -> r.subscriptionName("sub").snsTopicArn("topic")))
        .isInstanceOf(SnsInvalidTopicException.class);
    assertThatThrownBy(() ->
            client.createEventSubscription(
                r -> r.subscriptionName("sub").snsTopicArn(topic).sourceIds("i")))
        .hasMessageContaining("SourceType");
  }

  @Test
  void the_account_has_quotas_with_real_use_and_a_stable_identifier() {
    client.createReplicationInstance(r ->
        r.replicationInstanceIdentifier("i")
            .replicationInstanceClass("dms.c5.large")
            .allocatedStorage(77));
    service.createEndpoint("e", "source");
    var account = client.describeAccountAttributes();
    assertThat(account.accountQuotas())
        .extracting(quota -> quota.accountQuotaName() + " " + quota.used() + "/" + quota.max())
        .containsExactly(
            "ReplicationInstances 1/60",
            "Endpoints 1/1000",
            "ReplicationTasks 0/600",
            "ReplicationSubnetGroups 0/60",
            "EventSubscriptions 0/60",
            "Certificates 0/100",
            "DataProviders 0/1000",
            "InstanceProfiles 0/60",
            "MigrationProjects 0/50",
            "DataMigrations 0/600",
            "AllocatedStorage 77/30000");
    assertThat(account.uniqueAccountIdentifier()).matches("[a-z0-9]{12}");
    service.close();
    service = new Service(directory, new FakeConnector());
    assertThat(service.client.describeAccountAttributes().uniqueAccountIdentifier())
        .isEqualTo(account.uniqueAccountIdentifier());
  }
}
