package wherry.server.api;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import software.amazon.awssdk.services.databasemigration.model.AvailabilityZone;
import software.amazon.awssdk.services.databasemigration.model.ReplicationSubnetGroup;
import software.amazon.awssdk.services.databasemigration.model.Subnet;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;

/**
 * The subnet groups that users made, and {@code default}, which is always there. Bookkeeping: no
 * network is behind them.
 */
final class SubnetGroups {
  static final String DEFAULT = "default";
  private static final int LEAST_ZONES = 2;

  private final Shelf<ReplicationSubnetGroup> shelf;
  private final AccountFacts account;

  SubnetGroups(Store store, AccountFacts account) {
    this.account = account;
    this.shelf =
        new Shelf<>(
            store,
            ResourceKind.SUBNET_GROUP,
            Shapes::encode,
            json -> Shapes.decode(json, ReplicationSubnetGroup.class));
  }

  Shelf<ReplicationSubnetGroup> shelf() {
    return shelf;
  }

  /**
   * @throws Fault ResourceNotFoundFault
   */
  ReplicationSubnetGroup require(Caller caller, String identifier) {
    return identifier.equalsIgnoreCase(DEFAULT)
        ? byDefault(caller)
        : shelf.requireIdentifier(identifier.toLowerCase(Locale.ROOT)).shape();
  }

  /** The group as it is now, or as it was last seen when it is gone. */
  ReplicationSubnetGroup current(ReplicationSubnetGroup seen) {
    return shelf
        .findByIdentifier(
            Objects.requireNonNullElse(seen.replicationSubnetGroupIdentifier(), DEFAULT))
        .map(Shelf.Item::shape)
        .orElse(seen);
  }

  ReplicationSubnetGroup byDefault(Caller caller) {
    return group(caller, DEFAULT, DEFAULT, List.of("subnet-default-a", "subnet-default-b"));
  }

  /**
   * A group over these subnets, each in a zone of its own.
   *
   * @throws Fault ReplicationSubnetGroupDoesNotCoverEnoughAZs, InvalidSubnet
   */
  ReplicationSubnetGroup group(
      Caller caller, String identifier, String description, List<String> subnetIds) {
    if (subnetIds.stream().anyMatch(String::isBlank)) {
      throw Fault.invalidSubnet("A subnet id is empty.");
    }
    if (new HashSet<>(subnetIds).size() < LEAST_ZONES) {
      throw Fault.subnetGroupDoesNotCoverEnoughZones(
          "The replication subnet group "
              + identifier
              + " needs subnets in at least two Availability Zones; given"
              + " were "
              + subnetIds.size()
              + " subnets.");
    }
    List<Subnet> subnets = new ArrayList<>();
    for (String id : subnetIds) {
      String zone = AccountFacts.availabilityZone(caller, subnets.size());
      subnets.add(
          Subnet.builder()
              .subnetIdentifier(id)
              .subnetAvailabilityZone(AvailabilityZone.builder().name(zone).build())
              .subnetStatus("Active")
              .build());
    }
    return ReplicationSubnetGroup.builder()
        .replicationSubnetGroupIdentifier(identifier)
        .replicationSubnetGroupDescription(description)
        .vpcId(account.vpcId())
        .subnetGroupStatus("Complete")
        .subnets(subnets)
        .supportedNetworkTypes("IPV4")
        .isReadOnly(false)
        .build();
  }
}
