package wherry.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationInstanceRequest;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationException;
import software.amazon.awssdk.services.databasemigration.model.Event;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.InvalidResourceStateException;
import software.amazon.awssdk.services.databasemigration.model.ReplicationInstance;
import software.amazon.awssdk.services.databasemigration.model.ReplicationSubnetGroupDoesNotCoverEnoughAZsException;
import software.amazon.awssdk.services.databasemigration.model.ResourceAlreadyExistsException;
import software.amazon.awssdk.services.databasemigration.model.ResourceNotFoundException;
import software.amazon.awssdk.services.databasemigration.model.ResourceQuotaExceededException;
import software.amazon.awssdk.services.databasemigration.model.StorageQuotaExceededException;
import software.amazon.awssdk.services.databasemigration.model.Tag;

class ReplicationInstanceTest {
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

  private static CreateReplicationInstanceRequest.Builder wanted(String identifier) {
    return CreateReplicationInstanceRequest.builder()
        .replicationInstanceIdentifier(identifier)
        .replicationInstanceClass("dms.t3.micro");
  }

  private static Filter filter(String name, String... values) {
    return Filter.builder().name(name).values(values).build();
  }

  private ReplicationInstance find(String identifier) {
    return client
        .describeReplicationInstances(r -> r.filters(filter("replication-instance-id", identifier)))
        .replicationInstances()
        .getFirst();
  }

  @Test
  void an_instance_is_created_with_the_defaults_of_the_reference_and_soon_available() {
    ReplicationInstance created =
        client.createReplicationInstance(wanted("My-Instance").build()).replicationInstance();
    assertThat(created.replicationInstanceStatus()).isEqualTo("creating");
    assertThat(created.replicationInstanceIdentifier()).isEqualTo("my-instance");
    assertThat(created.replicationInstanceArn())
        .matches("arn:aws:dms:eu-central-1:123456789012:rep:[A-Z2-7]{26}");

    client
        .waiter()
        .waitUntilReplicationInstanceAvailable(
            r -> r.filters(filter("replication-instance-id", "my-instance")));
    ReplicationInstance instance = find("MY-INSTANCE");
    assertThat(instance.replicationInstanceStatus()).isEqualTo("available");
    assertThat(instance.allocatedStorage()).isEqualTo(50);
    assertThat(instance.autoMinorVersionUpgrade()).isTrue();
    assertThat(instance.publiclyAccessible()).isTrue();
    assertThat(instance.multiAZ()).isFalse();
    assertThat(instance.networkType()).isEqualTo("IPV4");
    assertThat(instance.pendingModifiedValues()).isNotNull();
    assertThat(instance.replicationSubnetGroup().replicationSubnetGroupIdentifier())
        .isEqualTo("default");
    assertThat(instance.preferredMaintenanceWindow())
        .matches("[a-z]{3}:\\d\\d:\\d\\d-[a-z]{3}:\\d\\d:\\d\\d");
    assertThat(instance.vpcSecurityGroups())
        .singleElement()
        .satisfies(g -> assertThat(g.status()).isEqualTo("active"));
    assertThat(instance.kmsKeyId()).startsWith("arn:aws:kms:eu-central-1:123456789012:key/");
    assertThat(instance.instanceCreateTime()).isEqualTo(created.instanceCreateTime());
  }

  @Test
  void deleting_says_so_at_once_and_the_waiter_sees_it_gone() {
    String arn = service.createInstance("i");
    assertThat(
            client
                .deleteReplicationInstance(r -> r.replicationInstanceArn(arn))
                .replicationInstance())
        .extracting(ReplicationInstance::replicationInstanceStatus)
        .isEqualTo("deleting");
    client
        .waiter()
        .waitUntilReplicationInstanceDeleted(
            r -> r.filters(filter("replication-instance-arn", arn)));
    assertThat(client.describeReplicationInstances().replicationInstances()).isEmpty();
    assertThatThrownBy(() -> client.deleteReplicationInstance(r -> r.replicationInstanceArn(arn)))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("not found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1a", "a-", "a--b", "a_b", "ä", "-a", "a b"})
  void a_malformed_identifier_is_refused(String identifier) {
    assertThatThrownBy(() -> client.createReplicationInstance(wanted(identifier).build()))
        .hasMessageContaining("not a valid identifier")
        .satisfies(e -> assertThat(code(e)).isEqualTo("InvalidParameterValueException"));
  }

  @Test
  void an_identifier_has_at_most_63_characters() {
    service.createInstance("a".repeat(63));
    assertThatThrownBy(() -> service.createInstance("a".repeat(64)))
        .hasMessageContaining("at most 63 characters");
  }

  @Test
  void identifiers_and_resource_identifiers_are_unique() {
    String arn =
        client
            .createReplicationInstance(wanted("one").resourceIdentifier("chosen").build())
            .replicationInstance()
            .replicationInstanceArn();
    assertThat(arn).endsWith(":rep:chosen");
    assertThatThrownBy(() -> service.createInstance("ONE"))
        .isInstanceOfSatisfying(
            ResourceAlreadyExistsException.class, e -> assertThat(e.resourceArn()).isEqualTo(arn))
        .hasMessageContaining("The resource you are attempting to create already exists.");
    assertThatThrownBy(() ->
            client.createReplicationInstance(wanted("two").resourceIdentifier("chosen").build()))
        .isInstanceOf(ResourceAlreadyExistsException.class);
  }

  @ParameterizedTest
  @CsvSource({"5,true", "6144,true", "4,false", "6145,false", "-1,false"})
  void storage_has_its_bounds(int gigabytes, boolean accepted) {
    var request = wanted("i").allocatedStorage(gigabytes).build();
    if (accepted) {
      ReplicationInstance created = client.createReplicationInstance(request).replicationInstance();
      assertThat(created.allocatedStorage()).isEqualTo(gigabytes);
    } else {
      assertThatThrownBy(() -> client.createReplicationInstance(request))
          .hasMessageContaining("AllocatedStorage");
    }
  }

  @Test
  void what_does_not_go_together_or_is_malformed_is_refused() {
    assertThatThrownBy(() ->
            client.createReplicationInstance(
                wanted("i").multiAZ(true).availabilityZone("a").build()))
        .satisfies(e -> assertThat(code(e)).isEqualTo("InvalidParameterCombinationException"));
    assertThatThrownBy(() ->
            client.createReplicationInstance(
                wanted("i").preferredMaintenanceWindow("sun:06:00-sun:06:29").build()))
        .hasMessageContaining("at least 30 minutes");
    assertThatThrownBy(() ->
            client.createReplicationInstance(
                wanted("i").replicationInstanceClass("dms.x.y").build()))
        .hasMessageContaining("dms.x.y");
    assertThatThrownBy(
            () -> client.createReplicationInstance(wanted("i").networkType("IPV9").build()))
        .hasMessageContaining("NetworkType");
    assertThatThrownBy(
            () -> client.createReplicationInstance(wanted("i").dnsNameServers("a,b,c,d,e").build()))
        .hasMessageContaining("up to four");
    client.createReplicationInstance(
        wanted("i").preferredMaintenanceWindow("sun:23:45-mon:00:15").build());
  }

  @Test
  void sixty_instances_are_the_most() {
    for (int i = 0; i < 60; i++) {
      service.createInstance("i" + i);
    }
    assertThatThrownBy(() -> service.createInstance("one-more"))
        .isInstanceOf(ResourceQuotaExceededException.class);
    assertThat(client.describeAccountAttributes().accountQuotas())
        .anySatisfy(quota -> {
          assertThat(quota.accountQuotaName()).isEqualTo("ReplicationInstances");
          assertThat(quota.used()).isEqualTo(60);
          assertThat(quota.max()).isEqualTo(60);
        });
  }

  @Test
  void all_instances_share_the_storage_quota() {
    for (int i = 0; i < 4; i++) {
      client.createReplicationInstance(wanted("i" + i).allocatedStorage(6144).build());
    }
    assertThatThrownBy(
            () -> client.createReplicationInstance(wanted("more").allocatedStorage(6144).build()))
        .isInstanceOf(StorageQuotaExceededException.class);
  }

  @Test
  void pages_survive_inserts_and_deletes_between_them() {
    List<String> arns = new ArrayList<>();
    for (int i = 0; i < 45; i++) {
      arns.add(service.createInstance("i" + i));
    }
    var first = client.describeReplicationInstances(r -> r.maxRecords(20));
    assertThat(first.replicationInstances()).hasSize(20);
    List<String> seen =
        first.replicationInstances().stream()
            .map(ReplicationInstance::replicationInstanceArn)
            .toList();
    List<String> unseen = new ArrayList<>(arns);
    unseen.removeAll(seen);

    client.deleteReplicationInstance(r -> r.replicationInstanceArn(seen.get(3)));
    client.deleteReplicationInstance(r -> r.replicationInstanceArn(seen.get(19)));
    String gone = unseen.removeFirst();
    client.deleteReplicationInstance(r -> r.replicationInstanceArn(gone));
    unseen.add(service.createInstance("late"));

    String marker = first.marker();
    List<String> rest = new ArrayList<>();
    while (marker != null) {
      String from = marker;
      var page = client.describeReplicationInstances(r -> r.maxRecords(20).marker(from));
      rest.addAll(
          page.replicationInstances().stream()
              .map(ReplicationInstance::replicationInstanceArn)
              .toList());
      marker = page.marker();
    }
    assertThat(rest).containsExactlyInAnyOrderElementsOf(unseen).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 19, 101})
  void max_records_is_from_20_to_100(int maxRecords) {
    assertThatThrownBy(() -> client.describeReplicationInstances(r -> r.maxRecords(maxRecords)))
        .satisfies(e -> assertThat(code(e)).isEqualTo("InvalidParameterValueException"));
    assertThatThrownBy(() -> client.describeReplicationInstances(r -> r.marker("§")))
        .hasMessageContaining("Marker");
  }

  @Test
  void filters_are_anded_their_values_ored_and_no_match_is_a_fault() {
    service.createInstance("one");
    client.createReplicationInstance(
        wanted("two").replicationInstanceClass("dms.c5.large").build());
    assertThat(
            client
                .describeReplicationInstances(r ->
                    r.filters(
                        filter("replication-instance-id", "one", "two", "three"),
                        filter("replication-instance-class", "dms.c5.large")))
                .replicationInstances())
        .extracting(ReplicationInstance::replicationInstanceIdentifier)
        .containsExactly("two");
    assertThatThrownBy(() -> find("none"))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("No Replication Instances found matching provided filters.");
    assertThatThrownBy(
            () -> client.describeReplicationInstances(r -> r.filters(filter("colour", "red"))))
        .hasMessageContaining("\"colour\"")
        .satisfies(e -> assertThat(code(e)).isEqualTo("InvalidParameterValueException"));
  }

  @Test
  void a_modification_changes_what_is_given_and_is_told_by_events() {
    String arn = service.createInstance("before");
    assertThat(
            client
                .modifyReplicationInstance(r ->
                    r.replicationInstanceArn(arn)
                        .replicationInstanceIdentifier("After")
                        .replicationInstanceClass("dms.r5.large")
                        .multiAZ(true)
                        .applyImmediately(true))
                .replicationInstance()
                .replicationInstanceStatus())
        .isEqualTo("modifying");
    ReplicationInstance after = find("after");
    assertThat(after.replicationInstanceArn()).isEqualTo(arn);
    assertThat(after.replicationInstanceClass()).isEqualTo("dms.r5.large");
    assertThat(after.multiAZ()).isTrue();
    assertThat(after.allocatedStorage()).isEqualTo(50);
    assertThat(after.replicationInstanceStatus()).isEqualTo("available");

    client.deleteReplicationInstance(r -> r.replicationInstanceArn(arn));
    assertThat(
            client
                .describeEvents(r -> r.sourceType("replication-instance").sourceIdentifier("after"))
                .events())
        .extracting(Event::message)
        .contains(
            "The replication instance class for this replication instance has changed.",
            "The replication instance has finished transitioning to a Multi-AZ configuration.",
            "The replication instance has been deleted.");
    assertThat(client.describeEvents(r -> r.eventCategories("ConfigurationChange")).events())
        .hasSize(4)
        .allSatisfy(
            event -> assertThat(event.eventCategories()).containsExactly("configuration change"));
  }

  @Test
  void a_name_that_another_instance_has_cannot_be_taken_and_nothing_has_changed() {
    service.createInstance("one");
    String arn = service.createInstance("two");
    assertThatThrownBy(() ->
            client.modifyReplicationInstance(r ->
                r.replicationInstanceArn(arn).replicationInstanceIdentifier("one").multiAZ(true)))
        .isInstanceOf(ResourceAlreadyExistsException.class);
    assertThat(find("two").multiAZ()).isFalse();
  }

  @Test
  void an_instance_that_a_task_runs_on_is_not_deleted_and_its_logs_are_listed() {
    String arn = service.createInstance("i");
    service.putTask("my-task", "stopped", "s", "t", arn);
    assertThatThrownBy(() -> client.deleteReplicationInstance(r -> r.replicationInstanceArn(arn)))
        .isInstanceOf(InvalidResourceStateException.class)
        .hasMessageContaining("my-task");
    assertThat(
            client
                .describeReplicationInstanceTaskLogs(r -> r.replicationInstanceArn(arn))
                .replicationInstanceTaskLogs())
        .singleElement()
        .satisfies(log -> {
          assertThat(log.replicationTaskName()).isEqualTo("my-task");
          assertThat(log.replicationInstanceTaskLogSize()).isEqualTo(4711);
        });
  }

  @Test
  void a_reboot_restarts_the_tasks() {
    String arn = service.createInstance("i");
    assertThat(
            client
                .rebootReplicationInstance(r -> r.replicationInstanceArn(arn))
                .replicationInstance())
        .extracting(ReplicationInstance::replicationInstanceStatus)
        .isEqualTo("rebooting");
    assertThat(service.restarted).containsExactly(arn);
    assertThat(find("i").replicationInstanceStatus()).isEqualTo("available");
  }

  @Test
  void classes_versions_and_maintenance_are_told() {
    var orderable = client.describeOrderableReplicationInstances(r -> r.maxRecords(100));
    assertThat(orderable.orderableReplicationInstances()).hasSize(100);
    assertThat(orderable.marker()).isNotNull();
    assertThat(
            client.describeOrderableReplicationInstancesPaginator().stream()
                .flatMap(page -> page.orderableReplicationInstances().stream()))
        .hasSizeGreaterThan(200)
        .doesNotHaveDuplicates();
    assertThat(client.describeEngineVersions(r -> {}).engineVersions().getFirst().version())
        .isEqualTo("3.6.1");
    assertThat(client.describePendingMaintenanceActions(r -> {}).pendingMaintenanceActions())
        .isEmpty();
    String arn = service.createInstance("i");
    assertThatThrownBy(() ->
            client.applyPendingMaintenanceAction(r ->
                r.replicationInstanceArn(arn).applyAction("os-upgrade").optInType("immediate")))
        .isInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void a_subnet_group_keeps_its_subnets_and_cannot_be_deleted_while_used() {
    var group =
        client
            .createReplicationSubnetGroup(r ->
                r.replicationSubnetGroupIdentifier("My.Group")
                    .replicationSubnetGroupDescription("d")
                    .subnetIds("subnet-1", "subnet-2")
                    .tags(Tag.builder().key("team").value("a").build()))
            .replicationSubnetGroup();
    assertThat(group.replicationSubnetGroupIdentifier()).isEqualTo("my.group");
    assertThat(group.subnets())
        .extracting(s -> s.subnetIdentifier())
        .containsExactly("subnet-1", "subnet-2");
    assertThat(group.subnets())
        .extracting(s -> s.subnetAvailabilityZone().name())
        .doesNotHaveDuplicates();

    String arn =
        client
            .createReplicationInstance(
                wanted("i").replicationSubnetGroupIdentifier("MY.GROUP").build())
            .replicationInstance()
            .replicationInstanceArn();
    assertThatThrownBy(() ->
            client.deleteReplicationSubnetGroup(
                r -> r.replicationSubnetGroupIdentifier("my.group")))
        .isInstanceOf(InvalidResourceStateException.class)
        .hasMessageContaining("replication instance i");
    client.modifyReplicationSubnetGroup(r ->
        r.replicationSubnetGroupIdentifier("my.group")
            .subnetIds("subnet-3", "subnet-4", "subnet-5"));
    assertThat(find("i").replicationSubnetGroup().subnets()).hasSize(3);
    assertThat(find("i").replicationSubnetGroup().replicationSubnetGroupDescription())
        .isEqualTo("d");
    client.deleteReplicationInstance(r -> r.replicationInstanceArn(arn));
    client.deleteReplicationSubnetGroup(r -> r.replicationSubnetGroupIdentifier("my.group"));
    assertThat(client.describeReplicationSubnetGroups(r -> {}).replicationSubnetGroups()).isEmpty();
  }

  @Test
  void the_default_subnet_group_is_there_for_who_asks_and_a_group_needs_two_zones() {
    assertThat(client.describeReplicationSubnetGroups(r -> {}).replicationSubnetGroups()).isEmpty();
    assertThat(
            client
                .describeReplicationSubnetGroups(
                    r -> r.filters(filter("replication-subnet-group-id", "default")))
                .replicationSubnetGroups())
        .hasSize(1);
    assertThatThrownBy(() -> group("default", "a", "b")).hasMessageContaining("\"default\"");
    assertThatThrownBy(() -> group("g", "a"))
        .isInstanceOf(ReplicationSubnetGroupDoesNotCoverEnoughAZsException.class);
    assertThatThrownBy(() -> group("g", "a", "a"))
        .isInstanceOf(ReplicationSubnetGroupDoesNotCoverEnoughAZsException.class);
  }

  private void group(String identifier, String... subnets) {
    client.createReplicationSubnetGroup(r ->
        r.replicationSubnetGroupIdentifier(identifier)
            .replicationSubnetGroupDescription("d")
            .subnetIds(subnets));
  }

  private static String code(Throwable thrown) {
    return ((DatabaseMigrationException) thrown).awsErrorDetails().errorCode();
  }
}
