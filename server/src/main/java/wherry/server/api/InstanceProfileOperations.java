package wherry.server.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.CreateInstanceProfileRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateInstanceProfileResponse;
import software.amazon.awssdk.services.databasemigration.model.DeleteInstanceProfileRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteInstanceProfileResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeInstanceProfilesRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeInstanceProfilesResponse;
import software.amazon.awssdk.services.databasemigration.model.InstanceProfile;
import software.amazon.awssdk.services.databasemigration.model.ModifyInstanceProfileRequest;
import software.amazon.awssdk.services.databasemigration.model.ModifyInstanceProfileResponse;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;

/**
 * Instance profiles: the network that a migration project runs in. Bookkeeping: it runs in the
 * service's own. Safe for all threads.
 */
public final class InstanceProfileOperations {
  private static final Set<String> NETWORK_TYPES = Set.of("IPV4", "IPV6", "DUAL");
  private static final Filters<Shelf.Item<InstanceProfile>> FILTERS =
      Filters.<Shelf.Item<InstanceProfile>>on("Instance profiles")
          .byAny(
              "instance-profile-identifier",
              item -> List.of(item.arn(), item.shape().instanceProfileName()));

  private final SubnetGroups subnetGroups;
  private final AccountFacts account;
  private final ProjectUse use;
  private final Shelf<InstanceProfile> shelf;

  InstanceProfileOperations(Store store, SubnetGroups subnetGroups, AccountFacts account) {
    this.subnetGroups = subnetGroups;
    this.account = account;
    this.use = new ProjectUse(store);
    this.shelf = ProjectUse.profiles(store);
  }

  public CreateInstanceProfileResponse createInstanceProfile(
      CreateInstanceProfileRequest request, Caller caller) {
    String arn = Arn.fresh(caller, ResourceKind.INSTANCE_PROFILE, null);
    String name = Identifiers.named("InstanceProfileName", request.instanceProfileName(), arn);
    Map<String, String> tags = TagRules.checked(request.tags());
    InstanceProfile profile =
        InstanceProfile.builder()
            .instanceProfileArn(arn)
            .instanceProfileName(name)
            .instanceProfileCreationTime(Instant.now())
            .description(request.description())
            .availabilityZone(request.availabilityZone())
            .kmsKeyArn(
                Objects.requireNonNullElseGet(request.kmsKeyArn(), () -> account.kmsKeyArn(caller)))
            .publiclyAccessible(!Boolean.FALSE.equals(request.publiclyAccessible()))
            .networkType(networkType(request.networkType(), "IPV4"))
            .subnetGroupIdentifier(
                subnetGroup(
                    caller,
                    Objects.requireNonNullElse(
                        request.subnetGroupIdentifier(), SubnetGroups.DEFAULT)))
            .vpcSecurityGroups(request.vpcSecurityGroups())
            .build();
    shelf.add(arn, name, profile, tags);
    return CreateInstanceProfileResponse.builder().instanceProfile(profile).build();
  }

  private static String networkType(@Nullable String given, String otherwise) {
    if (given != null && !NETWORK_TYPES.contains(given)) {
      throw Fault.invalidParameterValue(
          "The NetworkType \"" + given + "\" is not valid: it is IPV4, IPV6 or DUAL.");
    }
    return Objects.requireNonNullElse(given, otherwise);
  }

  private String subnetGroup(Caller caller, String identifier) {
    return subnetGroups.require(caller, identifier).replicationSubnetGroupIdentifier();
  }

  public DescribeInstanceProfilesResponse describeInstanceProfiles(
      DescribeInstanceProfilesRequest request) {
    var page = shelf.page(FILTERS, request.filters(), request.maxRecords(), request.marker());
    return DescribeInstanceProfilesResponse.builder()
        .instanceProfiles(page.items().stream().map(Shelf.Item::shape).toList())
        .marker(page.marker())
        .build();
  }

  public ModifyInstanceProfileResponse modifyInstanceProfile(
      ModifyInstanceProfileRequest request, Caller caller) {
    String arn = shelf.requireNamed(request.instanceProfileIdentifier()).arn();
    if (request.instanceProfileName() != null) {
      Identifiers.check("InstanceProfileName", request.instanceProfileName(), 255);
    }
    InstanceProfile changed =
        shelf.changeNamed(
            arn,
            InstanceProfile::instanceProfileName,
            before -> {
              use.refuseRunning("Instance profile", arn);
              return changed(before, request, caller);
            });
    return ModifyInstanceProfileResponse.builder().instanceProfile(changed).build();
  }

  private InstanceProfile changed(
      InstanceProfile before, ModifyInstanceProfileRequest request, Caller caller) {
    InstanceProfile.Builder after =
        before.toBuilder().networkType(networkType(request.networkType(), before.networkType()));
    if (request.instanceProfileName() != null) {
      after.instanceProfileName(request.instanceProfileName());
    }
    if (request.description() != null) {
      after.description(request.description());
    }
    if (request.availabilityZone() != null) {
      after.availabilityZone(request.availabilityZone());
    }
    if (request.kmsKeyArn() != null) {
      after.kmsKeyArn(request.kmsKeyArn());
    }
    if (request.publiclyAccessible() != null) {
      after.publiclyAccessible(request.publiclyAccessible());
    }
    if (request.subnetGroupIdentifier() != null) {
      after.subnetGroupIdentifier(subnetGroup(caller, request.subnetGroupIdentifier()));
    }
    if (request.hasVpcSecurityGroups()) {
      after.vpcSecurityGroups(request.vpcSecurityGroups());
    }
    return after.build();
  }

  public DeleteInstanceProfileResponse deleteInstanceProfile(DeleteInstanceProfileRequest request) {
    InstanceProfile deleted =
        shelf.deleteNamed(
            request.instanceProfileIdentifier(), arn -> use.refuseAny("Instance profile", arn));
    return DeleteInstanceProfileResponse.builder().instanceProfile(deleted).build();
  }
}
