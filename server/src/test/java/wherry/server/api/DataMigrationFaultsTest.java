package wherry.server.api;

import static org.awaitility.Awaitility.await;
import static wherry.server.api.MigrationParts.assertFault;
import static wherry.server.api.MigrationParts.filter;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationMigrationTypeValue;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.wire.Shapes;

/**
 * What each operation of data providers, instance profiles, migration projects and data migrations
 * refuses, with the faults of its model.
 */
class DataMigrationFaultsTest {
  @TempDir Path directory;
  private Service service;
  private DatabaseMigrationClient client;
  private MigrationParts parts;

  @BeforeEach
  void a_project_with_a_data_migration() {
    service = new Service(directory, new FakeConnector());
    client = service.client;
    parts = MigrationParts.ofPostgres(service);
  }

  @AfterEach
  void end() {
    service.close();
  }

  private void put(String name, String status) {
    DataMigration migration = parts.described(name).toBuilder().dataMigrationStatus(status).build();
    Resource kept = service.store.resources().find(migration.dataMigrationArn()).orElseThrow();
    service
        .store
        .resources()
        .replace(
            new Resource(
                kept.kind(),
                kept.arn(),
                kept.identifier(),
                Shapes.encode(migration),
                kept.createdAt()));
  }

  /** As many more as there may be. */
  private void fill(ResourceKind kind, int most, String json) {
    service.store.atomically(() -> {
      for (long i = service.store.resources().count(kind); i < most; i++) {
        String arn = "arn:aws:dms:eu-central-1:123456789012:" + kind + ":" + i;
        service.store.resources().insert(new Resource(kind, arn, "n" + i, json, Instant.now()));
      }
      return kind;
    });
  }

  @Test
  void what_is_not_there_is_not_found_by_any_operation() {
    String nobody = "nobody";
    String arn = "arn:aws:dms:eu-central-1:123456789012:data-provider:NOBODY";
    List<Supplier<Object>> calls =
        List.of(
            () -> client.modifyDataProvider(r -> r.dataProviderIdentifier(nobody)),
            () -> client.deleteDataProvider(r -> r.dataProviderIdentifier(arn)),
            () ->
                client.describeDataProviders(
                    r -> r.filters(filter("data-provider-identifier", nobody))),
            () -> client.createInstanceProfile(r -> r.subnetGroupIdentifier(nobody)),
            () -> client.modifyInstanceProfile(r -> r.instanceProfileIdentifier(nobody)),
            () -> client.deleteInstanceProfile(r -> r.instanceProfileIdentifier(arn)),
            () ->
                client.describeInstanceProfiles(
                    r -> r.filters(filter("instance-profile-identifier", nobody))),
            () ->
                client.createMigrationProject(r ->
                    r.instanceProfileIdentifier(nobody)
                        .sourceDataProviderDescriptors(d -> d.dataProviderIdentifier("source"))
                        .targetDataProviderDescriptors(d -> d.dataProviderIdentifier("target"))),
            () ->
                client.createMigrationProject(r ->
                    r.instanceProfileIdentifier("project-profile")
                        .sourceDataProviderDescriptors(d -> d.dataProviderIdentifier("source"))
                        .targetDataProviderDescriptors(d -> d.dataProviderIdentifier(arn))),
            () -> client.modifyMigrationProject(r -> r.migrationProjectIdentifier(nobody)),
            () -> client.deleteMigrationProject(r -> r.migrationProjectIdentifier(arn)),
            () ->
                client.describeMigrationProjects(
                    r -> r.filters(filter("migration-project-identifier", nobody))),
            () -> parts.migration("other", nobody, r -> {}),
            () -> client.modifyDataMigration(r -> r.dataMigrationIdentifier(nobody)),
            () -> client.deleteDataMigration(r -> r.dataMigrationIdentifier(arn)),
            () ->
                client.startDataMigration(r ->
                    r.dataMigrationIdentifier(nobody)
                        .startType(StartReplicationMigrationTypeValue.START_REPLICATION)),
            () -> client.stopDataMigration(r -> r.dataMigrationIdentifier(nobody)),
            () ->
                client.describeDataMigrations(
                    r -> r.filters(filter("data-migration-name", nobody))));
    for (Supplier<Object> call : calls) {
      assertFault("ResourceNotFoundFault", "found", call::get);
    }
  }

  @Test
  void a_name_that_is_taken_is_refused_also_when_it_is_given_later() {
    parts.postgresProvider("third");
    parts.project("second", "source", "target");
    parts.migration("again", "project", r -> {});
    String taken = "has this name already";
    assertFault(
        "InvalidResourceStateFault",
        taken,
        () ->
            client.modifyDataProvider(
                r -> r.dataProviderIdentifier("third").dataProviderName("source")));
    assertFault(
        "InvalidResourceStateFault",
        taken,
        () ->
            client.modifyInstanceProfile(r ->
                r.instanceProfileIdentifier("second-profile")
                    .instanceProfileName("project-profile")));
    assertFault(
        "InvalidResourceStateFault",
        taken,
        () ->
            client.modifyMigrationProject(
                r -> r.migrationProjectIdentifier("second").migrationProjectName("PROJECT")));
    assertFault(
        "InvalidResourceStateFault",
        taken,
        () ->
            client.modifyDataMigration(
                r -> r.dataMigrationIdentifier("again").dataMigrationName("moves")));
    assertFault(
        "ResourceAlreadyExistsFault",
        "already exists",
        () -> client.createInstanceProfile(r -> r.instanceProfileName("project-profile")));
    assertFault(
        "ResourceAlreadyExistsFault",
        "already exists",
        () ->
            client.createMigrationProject(r ->
                r.migrationProjectName("project")
                    .instanceProfileIdentifier("project-profile")
                    .sourceDataProviderDescriptors(d -> d.dataProviderIdentifier("source"))
                    .targetDataProviderDescriptors(d -> d.dataProviderIdentifier("target"))));
  }

  @Test
  void no_kind_grows_beyond_its_quota() {
    fill(ResourceKind.DATA_PROVIDER, 1000, "{}");
    assertFault("ResourceQuotaExceededFault", "1000", () -> parts.postgresProvider("more"));
    fill(ResourceKind.INSTANCE_PROFILE, 60, "{}");
    assertFault("ResourceQuotaExceededFault", "60", () -> client.createInstanceProfile(r -> {}));
    fill(ResourceKind.MIGRATION_PROJECT, 50, "{}");
    assertFault(
        "ResourceQuotaExceededFault",
        "50",
        () ->
            client.createMigrationProject(r ->
                r.instanceProfileIdentifier("project-profile")
                    .sourceDataProviderDescriptors(d -> d.dataProviderIdentifier("source"))
                    .targetDataProviderDescriptors(d -> d.dataProviderIdentifier("target"))));
    DataMigration running =
        parts.described("moves").toBuilder().dataMigrationStatus("load-running").build();
    fill(ResourceKind.DATA_MIGRATION, 101, Shapes.encode(running));
    assertFault("ResourceQuotaExceededFault", "100 running", () -> parts.start("moves"));
    fill(ResourceKind.DATA_MIGRATION, 600, "{}");
    assertFault(
        "ResourceQuotaExceededFault", "600", () -> parts.migration("more", "project", r -> {}));
  }

  @Test
  void what_a_running_data_migration_stands_on_stays_as_it_is() {
    for (String status :
        List.of("starting", "load-running", "load-complete-replication-ongoing", "stopping")) {
      put("moves", status);
      List<Supplier<Object>> calls =
          List.of(
              () -> client.modifyDataProvider(r -> r.dataProviderIdentifier("source")),
              () ->
                  client.modifyInstanceProfile(r -> r.instanceProfileIdentifier("project-profile")),
              () -> client.modifyMigrationProject(r -> r.migrationProjectIdentifier("project")),
              () -> client.modifyDataMigration(r -> r.dataMigrationIdentifier("moves")),
              () -> client.deleteDataMigration(r -> r.dataMigrationIdentifier("moves")),
              () -> parts.start("moves"));
      for (Supplier<Object> call : calls) {
        assertFault("InvalidResourceStateFault", status, call::get);
      }
    }
    assertFault(
        "InvalidResourceStateFault",
        "stopping",
        () -> client.stopDataMigration(r -> r.dataMigrationIdentifier("moves")));
    put("moves", "ready");
  }

  @Test
  void a_start_is_refused_where_what_it_depends_on_is_of_no_use() {
    client.modifyDataProvider(r -> r.dataProviderIdentifier("target").virtual(true));
    assertFault("FailedDependencyFault", "is virtual", () -> parts.start("moves"));

    client.modifyDataProvider(r ->
        r.dataProviderIdentifier("target")
            .virtual(false)
            .engine("mysql")
            .exactSettings(true)
            .settings(s -> s.mySqlSettings(p -> p.serverName("db.example.org"))));
    assertFault("FailedDependencyFault", "engines of one family", () -> parts.start("moves"));
  }

  @Test
  void a_project_keeps_the_databases_that_a_data_migration_has_begun_with() {
    parts.postgresProvider("third");
    parts.start("moves");
    await().until(() -> parts.described("moves").dataMigrationStatus().equals("failed"));

    assertFault(
        "InvalidResourceStateFault",
        "data migration moves (failed) has begun",
        () ->
            client.modifyMigrationProject(r ->
                r.migrationProjectIdentifier("project")
                    .sourceDataProviderDescriptors(d -> d.dataProviderIdentifier("third"))));
    client.modifyMigrationProject(r ->
        r.migrationProjectIdentifier("project")
            .sourceDataProviderDescriptors(
                d -> d.dataProviderIdentifier("source").secretsManagerSecretId("other")));
    assertFault(
        "FailedDependencyFault",
        "There is no secret other",
        () ->
            client.startDataMigration(r ->
                r.dataMigrationIdentifier("moves")
                    .startType(StartReplicationMigrationTypeValue.RESUME_PROCESSING)));
  }
}
