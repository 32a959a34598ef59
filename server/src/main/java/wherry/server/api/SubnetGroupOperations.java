package wherry.server.api;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationSubnetGroupRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationSubnetGroupResponse;
import software.amazon.awssdk.services.databasemigration.model.DeleteReplicationSubnetGroupRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteReplicationSubnetGroupResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationSubnetGroupsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationSubnetGroupsResponse;
import software.amazon.awssdk.services.databasemigration.model.ModifyReplicationSubnetGroupRequest;
import software.amazon.awssdk.services.databasemigration.model.ModifyReplicationSubnetGroupResponse;
import software.amazon.awssdk.services.databasemigration.model.ReplicationInstance;
import software.amazon.awssdk.services.databasemigration.model.ReplicationSubnetGroup;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;

/** Replication subnet groups. Safe for all threads. */
public final class SubnetGroupOperations {
  private static final Filters<Shelf.Item<ReplicationSubnetGroup>> FILTERS =
      Filters.<Shelf.Item<ReplicationSubnetGroup>>on("Replication Subnet Groups")
          .by(
              "replication-subnet-group-id",
              item -> item.shape().replicationSubnetGroupIdentifier());

  private final Store store;
  private final SubnetGroups groups;

  SubnetGroupOperations(Store store, SubnetGroups groups) {
    this.store = store;
    this.groups = groups;
  }

  public CreateReplicationSubnetGroupResponse createReplicationSubnetGroup(
      CreateReplicationSubnetGroupRequest request, Caller caller) {
    String identifier = Identifiers.subnetGroup(request.replicationSubnetGroupIdentifier());
    var tags = TagRules.checked(request.tags());
    ReplicationSubnetGroup group =
        groups.group(
            caller, identifier, request.replicationSubnetGroupDescription(), request.subnetIds());
    String arn = Arn.of(caller, ResourceKind.SUBNET_GROUP, identifier);
    store.atomically(() -> {
      Quota.SUBNET_GROUPS.requireRoom(store);
      groups.shelf().insert(arn, identifier, group);
      store.tags().put(arn, tags);
      return arn;
    });
    return CreateReplicationSubnetGroupResponse.builder().replicationSubnetGroup(group).build();
  }

  public DescribeReplicationSubnetGroupsResponse describeReplicationSubnetGroups(
      DescribeReplicationSubnetGroupsRequest request, Caller caller) {
    boolean named = !request.filters().isEmpty();
    // The default group is found by who asks for it, but it is nobody's and so not in the list.
    List<Shelf.Item<ReplicationSubnetGroup>> all =
        named
            ? Stream.concat(groups.shelf().list().stream(), Stream.of(defaultItem(caller))).toList()
            : groups.shelf().list();
    var page =
        Page.of(
            FILTERS.require(request.filters(), all),
            Shelf.Item::key,
            request.maxRecords(),
            request.marker());
    return DescribeReplicationSubnetGroupsResponse.builder()
        .replicationSubnetGroups(page.items().stream().map(Shelf.Item::shape).toList())
        .marker(page.marker())
        .build();
  }

  private Shelf.Item<ReplicationSubnetGroup> defaultItem(Caller caller) {
    String arn = Arn.of(caller, ResourceKind.SUBNET_GROUP, SubnetGroups.DEFAULT);
    ReplicationSubnetGroup group = groups.byDefault(caller);
    return new Shelf.Item<>(
        new Resource(ResourceKind.SUBNET_GROUP, arn, SubnetGroups.DEFAULT, "", Instant.EPOCH),
        group);
  }

  public ModifyReplicationSubnetGroupResponse modifyReplicationSubnetGroup(
      ModifyReplicationSubnetGroupRequest request, Caller caller) {
    String identifier = request.replicationSubnetGroupIdentifier().toLowerCase(Locale.ROOT);
    String arn = groups.shelf().requireIdentifier(identifier).arn();
    ReplicationSubnetGroup changed =
        groups
            .shelf()
            .change(
                arn,
                ReplicationSubnetGroup::replicationSubnetGroupIdentifier,
                before ->
                    groups.group(
                        caller,
                        identifier,
                        Objects.requireNonNullElse(
                            request.replicationSubnetGroupDescription(),
                            before.replicationSubnetGroupDescription()),
                        request.subnetIds()));
    return ModifyReplicationSubnetGroupResponse.builder().replicationSubnetGroup(changed).build();
  }

  public DeleteReplicationSubnetGroupResponse deleteReplicationSubnetGroup(
      DeleteReplicationSubnetGroupRequest request) {
    String identifier = request.replicationSubnetGroupIdentifier().toLowerCase(Locale.ROOT);
    store.atomically(() -> {
      String arn = groups.shelf().requireIdentifier(identifier).arn();
      refuseUsed(identifier);
      return store.resources().delete(arn);
    });
    return DeleteReplicationSubnetGroupResponse.builder().build();
  }

  private void refuseUsed(String identifier) {
    List<String> users =
        store.resources().list(ResourceKind.INSTANCE).stream()
            .map(resource -> Shapes.decode(resource.wireJson(), ReplicationInstance.class))
            .filter(instance ->
                identifier.equals(
                    instance.replicationSubnetGroup().replicationSubnetGroupIdentifier()))
            .map(ReplicationInstance::replicationInstanceIdentifier)
            .toList();
    if (!users.isEmpty()) {
      throw Fault.invalidResourceState(
          "The replication subnet group "
              + identifier
              + " is used by replication instance "
              + String.join(", ", users)
              + ". Delete the instance first.");
    }
  }
}
