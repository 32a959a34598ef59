package wherry.server.api;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.DataProvider;
import software.amazon.awssdk.services.databasemigration.model.DataProviderDescriptor;
import software.amazon.awssdk.services.databasemigration.model.InstanceProfile;
import software.amazon.awssdk.services.databasemigration.model.MigrationProject;
import wherry.server.run.MigrationStatus;
import wherry.server.run.TaskRecords;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;

/** What stands on what among data providers, profiles, projects and data migrations. */
final class ProjectUse {
  private final Shelf<MigrationProject> projects;
  private final Shelf<DataMigration> migrations;
  private final TaskRecords runs;

  ProjectUse(Store store) {
    this.runs = new TaskRecords(store);
    this.projects = projects(store);
    this.migrations = migrations(store);
  }

  static Shelf<DataProvider> providers(Store store) {
    return new Shelf<>(
        store,
        ResourceKind.DATA_PROVIDER,
        Shapes::encode,
        json -> Shapes.decode(json, DataProvider.class));
  }

  static Shelf<InstanceProfile> profiles(Store store) {
    return new Shelf<>(
        store,
        ResourceKind.INSTANCE_PROFILE,
        Shapes::encode,
        json -> Shapes.decode(json, InstanceProfile.class));
  }

  static Shelf<MigrationProject> projects(Store store) {
    return new Shelf<>(
        store,
        ResourceKind.MIGRATION_PROJECT,
        Shapes::encode,
        json -> Shapes.decode(json, MigrationProject.class));
  }

  static Shelf<DataMigration> migrations(Store store) {
    return new Shelf<>(
        store,
        ResourceKind.DATA_MIGRATION,
        Shapes::encode,
        json -> Shapes.decode(json, DataMigration.class));
  }

  /** The providers that a project names, source first. */
  static Stream<DataProviderDescriptor> descriptors(MigrationProject project) {
    return Stream.concat(
        project.sourceDataProviderDescriptors().stream(),
        project.targetDataProviderDescriptors().stream());
  }

  private List<MigrationProject> standingOn(String arn) {
    return projects.list().stream()
        .map(Shelf.Item::shape)
        .filter(project ->
            arn.equals(project.instanceProfileArn())
                || descriptors(project).anyMatch(d -> arn.equals(d.dataProviderArn())))
        .toList();
  }

  /**
   * @param arn of a data provider or an instance profile
   * @throws Fault InvalidResourceStateFault, naming the projects that use it
   */
  void refuseAny(String noun, String arn) {
    List<MigrationProject> users = standingOn(arn);
    if (!users.isEmpty()) {
      throw Fault.invalidResourceState(
          noun
              + " "
              + arn
              + " is used by migration project "
              + users.stream()
                  .map(MigrationProject::migrationProjectName)
                  .collect(Collectors.joining(", "))
              + ". Delete or modify the project first.");
    }
  }

  /**
   * @param arn of a data provider, an instance profile or a migration project
   * @throws Fault InvalidResourceStateFault, naming the data migrations that run on it
   */
  void refuseRunning(String noun, String arn) {
    List<String> projectArns =
        Stream.concat(
                Stream.of(arn), standingOn(arn).stream().map(MigrationProject::migrationProjectArn))
            .toList();
    List<DataMigration> running =
        ofProjects(projectArns::contains)
            .filter(migration -> !MigrationStatus.of(migration).isResting())
            .toList();
    if (!running.isEmpty()) {
      throw Fault.invalidResourceState(
          noun
              + " "
              + arn
              + " cannot be modified while it is used by "
              + names(running)
              + ". Stop the data migration first.");
    }
  }

  /**
   * @throws Fault InvalidResourceStateFault, naming the data migrations of the project
   */
  void refuseProjectInUse(String projectArn) {
    List<DataMigration> migrations = ofProjects(projectArn::equals).toList();
    if (!migrations.isEmpty()) {
      throw Fault.invalidResourceState(
          "Migration project "
              + projectArn
              + " has "
              + names(migrations)
              + ". Delete the data migration first.");
    }
  }

  /**
   * Data migrations keep their place, and a replication slot, in the databases that they began
   * with.
   *
   * @throws Fault InvalidResourceStateFault, naming the data migrations that have begun
   */
  void refuseStarted(String projectArn) {
    List<DataMigration> started =
        ofProjects(projectArn::equals)
            .filter(migration -> runs.run(migration.dataMigrationArn()).everStarted())
            .toList();
    if (!started.isEmpty()) {
      throw Fault.invalidResourceState(
          "Migration project "
              + projectArn
              + " cannot get other data providers, for "
              + names(started)
              + " has begun with these. Delete the data migration first, or make another project.");
    }
  }

  private Stream<DataMigration> ofProjects(Predicate<String> projectArn) {
    return migrations.list().stream()
        .map(Shelf.Item::shape)
        .filter(migration -> projectArn.test(migration.migrationProjectArn()));
  }

  private static String names(List<DataMigration> migrations) {
    return migrations.stream()
        .map(migration ->
            "data migration "
                + migration.dataMigrationName()
                + " ("
                + migration.dataMigrationStatus()
                + ")")
        .collect(Collectors.joining(", "));
  }
}
