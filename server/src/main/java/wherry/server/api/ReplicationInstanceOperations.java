package wherry.server.api;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationInstanceRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationInstanceResponse;
import software.amazon.awssdk.services.databasemigration.model.DeleteReplicationInstanceRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteReplicationInstanceResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationInstancesRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationInstancesResponse;
import software.amazon.awssdk.services.databasemigration.model.ModifyReplicationInstanceRequest;
import software.amazon.awssdk.services.databasemigration.model.ModifyReplicationInstanceResponse;
import software.amazon.awssdk.services.databasemigration.model.RebootReplicationInstanceRequest;
import software.amazon.awssdk.services.databasemigration.model.RebootReplicationInstanceResponse;
import software.amazon.awssdk.services.databasemigration.model.ReplicationInstance;
import software.amazon.awssdk.services.databasemigration.model.ReplicationPendingModifiedValues;
import software.amazon.awssdk.services.databasemigration.model.ReplicationSubnetGroup;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;

/**
 * Replication instances: named capacity in this process. What takes AWS minutes is done when the
 * answer is sent, so the answer says {@code creating} or {@code modifying}, as clients expect, and
 * the next Describe {@code available}. Safe for all threads.
 */
public final class ReplicationInstanceOperations {
  private static final String AVAILABLE = "available";

  private static final Filters<Shelf.Item<ReplicationInstance>> FILTERS =
      Filters.<Shelf.Item<ReplicationInstance>>on("Replication Instances")
          .by("replication-instance-arn", Shelf.Item::arn)
          .by("replication-instance-id", item -> item.shape().replicationInstanceIdentifier())
          .by("replication-instance-class", item -> item.shape().replicationInstanceClass())
          .by("engine-version", item -> item.shape().engineVersion());

  private final Store store;
  private final SubnetGroups subnetGroups;
  private final AccountFacts account;
  private final InstanceHooks hooks;
  private final EventLog events;
  private final Shelf<ReplicationInstance> shelf;

  ReplicationInstanceOperations(
      Store store, SubnetGroups subnetGroups, AccountFacts account, InstanceHooks hooks) {
    this.store = store;
    this.subnetGroups = subnetGroups;
    this.account = account;
    this.hooks = hooks;
    this.events = new EventLog(store);
    this.shelf = ReplicationInstances.shelf(store);
  }

  public CreateReplicationInstanceResponse createReplicationInstance(
      CreateReplicationInstanceRequest request, Caller caller) {
    String identifier = Identifiers.instance(request.replicationInstanceIdentifier());
    String arn = Arn.fresh(caller, ResourceKind.INSTANCE, request.resourceIdentifier());
    var tags = TagRules.checked(request.tags());
    ReplicationInstance instance = instance(request, caller, identifier, arn);
    store.atomically(() -> {
      Quota.INSTANCES.requireRoom(store);
      requireStorage(instance.allocatedStorage());
      shelf.insert(arn, identifier, instance);
      store.tags().put(arn, tags);
      events.instance(identifier, "creation", "The replication instance is being created.");
      events.instance(identifier, "creation", "The replication instance has been created.");
      return arn;
    });
    return CreateReplicationInstanceResponse.builder()
        .replicationInstance(withStatus(instance, "creating"))
        .build();
  }

  /** The single private address is deprecated but AWS still sends it, and scripts read it. */
  @SuppressWarnings("deprecation")
  private ReplicationInstance instance(
      CreateReplicationInstanceRequest request, Caller caller, String identifier, String arn) {
    boolean multiAz = Boolean.TRUE.equals(request.multiAZ());
    if (multiAz && request.availabilityZone() != null) {
      throw Fault.invalidParameterCombination(
          "AvailabilityZone cannot be set when MultiAZ is true.");
    }
    String instanceClass = request.replicationInstanceClass();
    int storage = InstanceClasses.defaultStorageGigabytes(instanceClass);
    String latest = InstanceClasses.ENGINE_VERSIONS.getLast();
    return ReplicationInstance.builder()
        .replicationInstanceIdentifier(identifier)
        .replicationInstanceArn(arn)
        .replicationInstanceClass(instanceClass)
        .replicationInstanceStatus(AVAILABLE)
        .instanceCreateTime(Instant.now().truncatedTo(ChronoUnit.MILLIS))
        .allocatedStorage(
            request.allocatedStorage() == null
                ? storage
                : InstanceClasses.checkedStorageGigabytes(request.allocatedStorage()))
        .engineVersion(
            request.engineVersion() == null
                ? latest
                : InstanceClasses.checkedEngineVersion(request.engineVersion()))
        .autoMinorVersionUpgrade(!Boolean.FALSE.equals(request.autoMinorVersionUpgrade()))
        .publiclyAccessible(!Boolean.FALSE.equals(request.publiclyAccessible()))
        .multiAZ(multiAz)
        .availabilityZone(
            Objects.requireNonNullElseGet(
                request.availabilityZone(), () -> AccountFacts.availabilityZone(caller, 0)))
        .secondaryAvailabilityZone(multiAz ? AccountFacts.availabilityZone(caller, 1) : null)
        .preferredMaintenanceWindow(
            request.preferredMaintenanceWindow() == null
                ? MaintenanceWindow.random()
                : MaintenanceWindow.checked(request.preferredMaintenanceWindow()))
        .pendingModifiedValues(ReplicationPendingModifiedValues.builder().build())
        .kmsKeyId(
            Objects.requireNonNullElseGet(request.kmsKeyId(), () -> account.kmsKeyArn(caller)))
        .vpcSecurityGroups(
            ReplicationInstances.securityGroups(request.vpcSecurityGroupIds(), account))
        .replicationSubnetGroup(subnetGroup(request, caller))
        .replicationInstancePrivateIpAddresses("127.0.0.1")
        .replicationInstancePrivateIpAddress("127.0.0.1")
        .replicationInstancePublicIpAddresses(List.of())
        .replicationInstanceIpv6Addresses(List.of())
        .dnsNameServers(ReplicationInstances.nameServers(request.dnsNameServers()))
        .networkType(ReplicationInstances.networkType(request.networkType()))
        .kerberosAuthenticationSettings(request.kerberosAuthenticationSettings())
        .build();
  }

  private ReplicationSubnetGroup subnetGroup(
      CreateReplicationInstanceRequest request, Caller caller) {
    String identifier =
        Objects.requireNonNullElse(
            request.replicationSubnetGroupIdentifier(), SubnetGroups.DEFAULT);
    return subnetGroups.require(caller, identifier);
  }

  private void requireStorage(int gigabytes) {
    long used = ReplicationInstances.storageGigabytes(store);
    if (used + gigabytes > Quota.ALLOCATED_STORAGE_GIGABYTES) {
      throw Fault.of(
          "StorageQuotaExceededFault",
          "The storage quota of "
              + Quota.ALLOCATED_STORAGE_GIGABYTES
              + " GB is used up: "
              + used
              + " GB are allocated, "
              + gigabytes
              + " GB more were asked for.");
    }
  }

  public DescribeReplicationInstancesResponse describeReplicationInstances(
      DescribeReplicationInstancesRequest request) {
    var found = FILTERS.require(request.filters(), shelf.list());
    var page = Page.of(found, Shelf.Item::key, request.maxRecords(), request.marker());
    return DescribeReplicationInstancesResponse.builder()
        .replicationInstances(page.items().stream().map(item -> current(item.shape())).toList())
        .marker(page.marker())
        .build();
  }

  public ModifyReplicationInstanceResponse modifyReplicationInstance(
      ModifyReplicationInstanceRequest request) {
    ReplicationInstance after =
        store.atomically(() -> {
          ReplicationInstance before = shelf.require(request.replicationInstanceArn()).shape();
          ReplicationInstance changed =
              shelf.change(
                  request.replicationInstanceArn(),
                  ReplicationInstance::replicationInstanceIdentifier,
                  instance -> ReplicationInstances.modified(instance, request, account));
          requireStorage(Math.max(0, changed.allocatedStorage() - before.allocatedStorage()));
          tellChanges(before, changed);
          return changed;
        });
    return ModifyReplicationInstanceResponse.builder()
        .replicationInstance(withStatus(current(after), "modifying"))
        .build();
  }

  private void tellChanges(ReplicationInstance before, ReplicationInstance after) {
    String name = after.replicationInstanceIdentifier();
    String category = "configuration change";
    if (!before.replicationInstanceClass().equals(after.replicationInstanceClass())) {
      events.instance(
          name,
          category,
          "The replication instance class for this replication instance is being changed.");
      events.instance(
          name,
          category,
          "The replication instance class for this replication instance has changed.");
    }
    if (!before.allocatedStorage().equals(after.allocatedStorage())) {
      events.instance(
          name, category, "The storage for the replication instance is being increased.");
      events.instance(
          name, category, "The storage for the replication instance has been increased.");
    }
    if (!before.multiAZ().equals(after.multiAZ())) {
      String zones = after.multiAZ() ? "Multi-AZ" : "Single-AZ";
      events.instance(
          name,
          category,
          "The replication instance is transitioning to a " + zones + " configuration.");
      events.instance(
          name,
          category,
          "The replication instance has finished transitioning to a " + zones + " configuration.");
    }
    if (!before.engineVersion().equals(after.engineVersion())) {
      String message =
          "The replication engine software has been updated to " + after.engineVersion() + ".";
      events.instance(name, "maintenance", message);
    }
  }

  public RebootReplicationInstanceResponse rebootReplicationInstance(
      RebootReplicationInstanceRequest request) {
    if (Boolean.TRUE.equals(request.forceFailover())
        && Boolean.TRUE.equals(request.forcePlannedFailover())) {
      throw Fault.invalidParameterCombination(
          "ForceFailover and ForcePlannedFailover cannot both be true.");
    }
    ReplicationInstance instance = shelf.require(request.replicationInstanceArn()).shape();
    String name = instance.replicationInstanceIdentifier();
    events.instance(
        name, "maintenance", "Offline maintenance of the replication instance is taking place.");
    hooks.restartTasks(request.replicationInstanceArn());
    events.instance(
        name, "maintenance", "Offline maintenance of the replication instance is complete.");
    return RebootReplicationInstanceResponse.builder()
        .replicationInstance(withStatus(current(instance), "rebooting"))
        .build();
  }

  public DeleteReplicationInstanceResponse deleteReplicationInstance(
      DeleteReplicationInstanceRequest request) {
    String arn = request.replicationInstanceArn();
    ReplicationInstance deleted =
        store.atomically(() -> {
          ReplicationInstance instance = shelf.require(arn).shape();
          TaskUse.refuseAny("Replication instance", arn, new TaskUse(store).ofInstance(arn));
          store.resources().delete(arn);
          String name = instance.replicationInstanceIdentifier();
          events.instance(name, "deletion", "The replication instance is being deleted.");
          events.instance(name, "deletion", "The replication instance has been deleted.");
          return instance;
        });
    return DeleteReplicationInstanceResponse.builder()
        .replicationInstance(withStatus(current(deleted), "deleting"))
        .build();
  }

  /** With its subnet group as that is now. */
  private ReplicationInstance current(ReplicationInstance instance) {
    return instance.toBuilder()
        .replicationSubnetGroup(subnetGroups.current(instance.replicationSubnetGroup()))
        .build();
  }

  private static ReplicationInstance withStatus(ReplicationInstance instance, String status) {
    return instance.toBuilder().replicationInstanceStatus(status).build();
  }
}
