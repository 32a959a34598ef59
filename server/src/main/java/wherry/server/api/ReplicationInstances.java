package wherry.server.api;

import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.ModifyReplicationInstanceRequest;
import software.amazon.awssdk.services.databasemigration.model.ReplicationInstance;
import software.amazon.awssdk.services.databasemigration.model.ReplicationPendingModifiedValues;
import software.amazon.awssdk.services.databasemigration.model.VpcSecurityGroupMembership;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;

/** The stored replication instances, and the rules that creating and modifying share. */
final class ReplicationInstances {
  private static final int MOST_NAME_SERVERS = 4;

  private ReplicationInstances() {}

  static Shelf<ReplicationInstance> shelf(Store store) {
    return new Shelf<>(
        store,
        ResourceKind.INSTANCE,
        Shapes::encode,
        json -> Shapes.decode(json, ReplicationInstance.class));
  }

  /** Allocated to all instances together. */
  static long storageGigabytes(Store store) {
    return shelf(store).list().stream().mapToLong(item -> item.shape().allocatedStorage()).sum();
  }

  /** The instance after a modification; members that the request leaves out stay. */
  static ReplicationInstance modified(
      ReplicationInstance before, ModifyReplicationInstanceRequest request, AccountFacts account) {
    ReplicationInstance.Builder after = before.toBuilder();
    if (request.replicationInstanceIdentifier() != null) {
      after.replicationInstanceIdentifier(
          Identifiers.instance(request.replicationInstanceIdentifier()));
    }
    if (request.replicationInstanceClass() != null) {
      InstanceClasses.defaultStorageGigabytes(request.replicationInstanceClass());
      after.replicationInstanceClass(request.replicationInstanceClass());
    }
    if (request.allocatedStorage() != null) {
      after.allocatedStorage(InstanceClasses.checkedStorageGigabytes(request.allocatedStorage()));
    }
    if (request.engineVersion() != null) {
      after.engineVersion(upgraded(before.engineVersion(), request));
    }
    if (request.preferredMaintenanceWindow() != null) {
      after.preferredMaintenanceWindow(
          MaintenanceWindow.checked(request.preferredMaintenanceWindow()));
    }
    if (request.multiAZ() != null) {
      after.multiAZ(request.multiAZ());
    }
    if (request.autoMinorVersionUpgrade() != null) {
      after.autoMinorVersionUpgrade(request.autoMinorVersionUpgrade());
    }
    if (request.networkType() != null) {
      after.networkType(networkType(request.networkType()));
    }
    if (request.hasVpcSecurityGroupIds()) {
      after.vpcSecurityGroups(securityGroups(request.vpcSecurityGroupIds(), account));
    }
    if (request.kerberosAuthenticationSettings() != null) {
      after.kerberosAuthenticationSettings(request.kerberosAuthenticationSettings());
    }
    // Nothing waits for a maintenance window: there is no hardware to change.
    return after.pendingModifiedValues(ReplicationPendingModifiedValues.builder().build()).build();
  }

  private static String upgraded(String from, ModifyReplicationInstanceRequest request) {
    String to = InstanceClasses.checkedEngineVersion(request.engineVersion());
    boolean allowed = Boolean.TRUE.equals(request.allowMajorVersionUpgrade());
    if (!majorOf(from).equals(majorOf(to)) && !allowed) {
      throw Fault.invalidParameterCombination(
          "Engine version "
              + to
              + " is a major upgrade from "
              + from
              + ": set AllowMajorVersionUpgrade to true.");
    }
    return to;
  }

  /** The part that AWS counts as major: {@code 3.6} of {@code 3.6.1}. */
  private static String majorOf(String version) {
    return version.substring(0, version.lastIndexOf('.'));
  }

  static String networkType(@Nullable String networkType) {
    if (networkType == null) {
      return "IPV4";
    }
    if (!List.of("IPV4", "DUAL").contains(networkType)) {
      throw Fault.invalidParameterValue(
          "The NetworkType \"" + networkType + "\" is not valid: it is IPV4 or DUAL.");
    }
    return networkType;
  }

  static @Nullable String nameServers(@Nullable String servers) {
    if (servers != null && servers.split(",", -1).length > MOST_NAME_SERVERS) {
      throw Fault.invalidParameterValue(
          "DnsNameServers takes up to four addresses, separated by commas.");
    }
    return servers;
  }

  static List<VpcSecurityGroupMembership> securityGroups(List<String> ids, AccountFacts account) {
    List<String> given = ids.isEmpty() ? List.of(account.securityGroupId()) : ids;
    return given.stream()
        .map(id ->
            VpcSecurityGroupMembership.builder().vpcSecurityGroupId(id).status("active").build())
        .toList();
  }
}
