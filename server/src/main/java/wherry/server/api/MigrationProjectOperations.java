package wherry.server.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.services.databasemigration.model.CreateMigrationProjectRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateMigrationProjectResponse;
import software.amazon.awssdk.services.databasemigration.model.DataProvider;
import software.amazon.awssdk.services.databasemigration.model.DataProviderDescriptor;
import software.amazon.awssdk.services.databasemigration.model.DataProviderDescriptorDefinition;
import software.amazon.awssdk.services.databasemigration.model.DeleteMigrationProjectRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteMigrationProjectResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeMigrationProjectsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeMigrationProjectsResponse;
import software.amazon.awssdk.services.databasemigration.model.InstanceProfile;
import software.amazon.awssdk.services.databasemigration.model.MigrationProject;
import software.amazon.awssdk.services.databasemigration.model.ModifyMigrationProjectRequest;
import software.amazon.awssdk.services.databasemigration.model.ModifyMigrationProjectResponse;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;

/**
 * Migration projects: a source and a target, each with the secret that opens it. Safe for all
 * threads.
 */
public final class MigrationProjectOperations {
  private static final Filters<Shelf.Item<MigrationProject>> FILTERS =
      Filters.<Shelf.Item<MigrationProject>>on("Migration projects")
          .byAny(
              "migration-project-identifier",
              item -> List.of(item.arn(), item.shape().migrationProjectName()))
          .byAny(
              "instance-profile-identifier",
              item ->
                  List.of(item.shape().instanceProfileArn(), item.shape().instanceProfileName()))
          .byAny(
              "data-provider-identifier",
              item ->
                  ProjectUse.descriptors(item.shape())
                      .flatMap(d -> List.of(d.dataProviderArn(), d.dataProviderName()).stream())
                      .toList());

  private final Store store;
  private final ProjectUse use;
  private final Shelf<MigrationProject> shelf;
  private final Shelf<DataProvider> providers;
  private final Shelf<InstanceProfile> profiles;

  MigrationProjectOperations(Store store) {
    this.store = store;
    this.use = new ProjectUse(store);
    this.shelf = ProjectUse.projects(store);
    this.providers = ProjectUse.providers(store);
    this.profiles = ProjectUse.profiles(store);
  }

  public CreateMigrationProjectResponse createMigrationProject(
      CreateMigrationProjectRequest request, Caller caller) {
    String arn = Arn.fresh(caller, ResourceKind.MIGRATION_PROJECT, null);
    String name = Identifiers.named("MigrationProjectName", request.migrationProjectName(), arn);
    Map<String, String> tags = TagRules.checked(request.tags());
    MigrationProject project =
        store.atomically(() -> {
          InstanceProfile profile =
              profiles.requireNamed(request.instanceProfileIdentifier()).shape();
          MigrationProject made =
              MigrationProject.builder()
                  .migrationProjectArn(arn)
                  .migrationProjectName(name)
                  .migrationProjectCreationTime(Instant.now())
                  .sourceDataProviderDescriptors(
                      descriptors(
                          "SourceDataProviderDescriptors", request.sourceDataProviderDescriptors()))
                  .targetDataProviderDescriptors(
                      descriptors(
                          "TargetDataProviderDescriptors", request.targetDataProviderDescriptors()))
                  .instanceProfileArn(profile.instanceProfileArn())
                  .instanceProfileName(profile.instanceProfileName())
                  .transformationRules(request.transformationRules())
                  .description(request.description())
                  .schemaConversionApplicationAttributes(
                      request.schemaConversionApplicationAttributes())
                  .build();
          shelf.add(arn, name, made, tags);
          return made;
        });
    return CreateMigrationProjectResponse.builder().migrationProject(project).build();
  }

  private List<DataProviderDescriptor> descriptors(
      String member, List<DataProviderDescriptorDefinition> given) {
    if (given.size() != 1) {
      throw Fault.invalidParameterValue(
          member + " must have exactly one data provider, not " + given.size() + ".");
    }
    DataProviderDescriptorDefinition only = given.getFirst();
    DataProvider provider = providers.requireNamed(only.dataProviderIdentifier()).shape();
    return List.of(
        DataProviderDescriptor.builder()
            .dataProviderArn(provider.dataProviderArn())
            .dataProviderName(provider.dataProviderName())
            .secretsManagerSecretId(only.secretsManagerSecretId())
            .secretsManagerAccessRoleArn(only.secretsManagerAccessRoleArn())
            .build());
  }

  public DescribeMigrationProjectsResponse describeMigrationProjects(
      DescribeMigrationProjectsRequest request) {
    var page = shelf.page(FILTERS, request.filters(), request.maxRecords(), request.marker());
    return DescribeMigrationProjectsResponse.builder()
        .migrationProjects(page.items().stream().map(item -> current(item.shape())).toList())
        .marker(page.marker())
        .build();
  }

  /** Names may have changed since the project was made; ARNs do not. */
  private MigrationProject current(MigrationProject kept) {
    return kept.toBuilder()
        .instanceProfileName(
            profiles.require(kept.instanceProfileArn()).shape().instanceProfileName())
        .sourceDataProviderDescriptors(current(kept.sourceDataProviderDescriptors()))
        .targetDataProviderDescriptors(current(kept.targetDataProviderDescriptors()))
        .build();
  }

  private List<DataProviderDescriptor> current(List<DataProviderDescriptor> kept) {
    return kept.stream()
        .map(d ->
            d.toBuilder()
                .dataProviderName(providers.require(d.dataProviderArn()).shape().dataProviderName())
                .build())
        .toList();
  }

  public ModifyMigrationProjectResponse modifyMigrationProject(
      ModifyMigrationProjectRequest request) {
    String arn = shelf.requireNamed(request.migrationProjectIdentifier()).arn();
    if (request.migrationProjectName() != null) {
      Identifiers.check("MigrationProjectName", request.migrationProjectName(), 255);
    }
    MigrationProject changed =
        shelf.changeNamed(
            arn,
            MigrationProject::migrationProjectName,
            before -> {
              use.refuseRunning("Migration project", arn);
              MigrationProject after = changed(before, request);
              if (!providerArns(before).equals(providerArns(after))) {
                use.refuseStarted(arn);
              }
              return after;
            });
    return ModifyMigrationProjectResponse.builder().migrationProject(changed).build();
  }

  private static List<String> providerArns(MigrationProject project) {
    return ProjectUse.descriptors(project).map(DataProviderDescriptor::dataProviderArn).toList();
  }

  private MigrationProject changed(MigrationProject before, ModifyMigrationProjectRequest request) {
    MigrationProject.Builder after =
        before.toBuilder()
            .migrationProjectName(
                Objects.requireNonNullElse(
                    request.migrationProjectName(), before.migrationProjectName()));
    if (request.hasSourceDataProviderDescriptors()) {
      after.sourceDataProviderDescriptors(
          descriptors("SourceDataProviderDescriptors", request.sourceDataProviderDescriptors()));
    }
    if (request.hasTargetDataProviderDescriptors()) {
      after.targetDataProviderDescriptors(
          descriptors("TargetDataProviderDescriptors", request.targetDataProviderDescriptors()));
    }
    if (request.instanceProfileIdentifier() != null) {
      InstanceProfile profile = profiles.requireNamed(request.instanceProfileIdentifier()).shape();
      after
          .instanceProfileArn(profile.instanceProfileArn())
          .instanceProfileName(profile.instanceProfileName());
    }
    if (request.transformationRules() != null) {
      after.transformationRules(request.transformationRules());
    }
    if (request.description() != null) {
      after.description(request.description());
    }
    if (request.schemaConversionApplicationAttributes() != null) {
      after.schemaConversionApplicationAttributes(request.schemaConversionApplicationAttributes());
    }
    return after.build();
  }

  public DeleteMigrationProjectResponse deleteMigrationProject(
      DeleteMigrationProjectRequest request) {
    MigrationProject deleted =
        shelf.deleteNamed(request.migrationProjectIdentifier(), use::refuseProjectInUse);
    return DeleteMigrationProjectResponse.builder().migrationProject(deleted).build();
  }
}
