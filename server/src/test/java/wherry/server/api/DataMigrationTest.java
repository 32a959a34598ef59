package wherry.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static wherry.server.api.MigrationParts.JSON;
import static wherry.server.api.MigrationParts.assertFault;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.SourceDataSetting;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationMigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.TablePreparationMode;
import tools.jackson.databind.node.ObjectNode;
import wherry.server.wire.Fault;

/**
 * Data providers, instance profiles, migration projects, data migrations and secrets as documents.
 */
class DataMigrationTest {
  @TempDir Path directory;
  private Service service;
  private DatabaseMigrationClient client;
  private MigrationParts parts;

  @BeforeEach
  void a_service() {
    service = new Service(directory, new FakeConnector());
    client = service.client;
    parts = new MigrationParts(service);
  }

  @AfterEach
  void end() {
    service.close();
  }

  @Test
  void a_data_provider_keeps_the_settings_of_its_engine_and_modify_merges_or_replaces_them() {
    String arn = parts.postgresProvider("source");
    assertThat(arn).matches("arn:aws:dms:eu-central-1:123456789012:data-provider:[A-Z2-7]{26}");

    var merged =
        client
            .modifyDataProvider(r ->
                r.dataProviderIdentifier("source")
                    .description("changed")
                    .settings(s -> s.postgreSqlSettings(p -> p.port(6432))))
            .dataProvider();
    assertThat(merged.settings().postgreSqlSettings().serverName()).isEqualTo("db.example.org");
    assertThat(merged.settings().postgreSqlSettings().port()).isEqualTo(6432);

    var exact =
        client
            .modifyDataProvider(r ->
                r.dataProviderIdentifier(arn)
                    .exactSettings(true)
                    .settings(
                        s -> s.postgreSqlSettings(p -> p.serverName("other").databaseName("app"))))
            .dataProvider();
    assertThat(exact.settings().postgreSqlSettings().port()).isNull();
    assertThat(exact.description()).isEqualTo("changed");
    assertThat(client.describeDataProviders(r -> {}).dataProviders()).containsExactly(exact);
  }

  @Test
  void a_data_provider_of_bad_settings_is_refused() {
    assertFault(
        "InvalidParameterCombinationException",
        "PostgreSqlSettings",
        () ->
            client.createDataProvider(
                r -> r.engine("postgres").settings(s -> s.mySqlSettings(p -> p.serverName("h")))));
    assertFault(
        "InvalidParameterValueException",
        "DatabaseName is missing",
        () ->
            client.createDataProvider(r ->
                r.engine("postgres").settings(s -> s.postgreSqlSettings(p -> p.serverName("h")))));
    assertFault(
        "AccessDeniedFault",
        "not supported by this build",
        () ->
            client.createDataProvider(
                r -> r.engine("oracle").settings(s -> s.oracleSettings(p -> p.serverName("h")))));
    assertFault(
        "FailedDependencyFault",
        "Import it",
        () ->
            client.createDataProvider(r ->
                r.engine("mysql")
                    .settings(s ->
                        s.mySqlSettings(p ->
                            p.serverName("h")
                                .certificateArn("arn:aws:dms:eu-central-1:1:cert:NONE")))));
    parts.postgresProvider("twice");
    assertFault(
        "ResourceAlreadyExistsFault", "already exists", () -> parts.postgresProvider("TWICE"));
    assertFault(
        "ResourceNotFoundFault",
        "not found",
        () -> client.deleteDataProvider(r -> r.dataProviderIdentifier("nobody")));
  }

  @Test
  void what_a_project_stands_on_cannot_be_deleted_and_a_project_with_migrations_neither() {
    String source = parts.postgresProvider("source");
    String project = parts.project("project", source, parts.postgresProvider("target"));
    parts.migration("moves", "project", r -> {});

    assertFault(
        "InvalidResourceStateFault",
        "migration project project",
        () -> client.deleteDataProvider(r -> r.dataProviderIdentifier(source)));
    assertFault(
        "InvalidResourceStateFault",
        "migration project project",
        () -> client.deleteInstanceProfile(r -> r.instanceProfileIdentifier("project-profile")));
    assertFault(
        "InvalidResourceStateFault",
        "data migration moves (ready)",
        () -> client.deleteMigrationProject(r -> r.migrationProjectIdentifier(project)));

    client.deleteDataMigration(r -> r.dataMigrationIdentifier("moves"));
    await().until(() -> client.describeDataMigrations(r -> {}).dataMigrations().isEmpty());
    client.deleteMigrationProject(r -> r.migrationProjectIdentifier("project"));
    client.deleteDataProvider(r -> r.dataProviderIdentifier(source));
    client.deleteInstanceProfile(r -> r.instanceProfileIdentifier("project-profile"));
    assertThat(client.describeMigrationProjects(r -> {}).migrationProjects()).isEmpty();
  }

  @Test
  void projects_are_found_by_their_parts_and_show_names_as_they_are_now() {
    String source = parts.postgresProvider("source");
    String target = parts.postgresProvider("target");
    String project = parts.project("project", "source", "target");
    client.modifyDataProvider(r -> r.dataProviderIdentifier(source).dataProviderName("renamed"));

    for (String value : List.of(source, "target")) {
      var found =
          client
              .describeMigrationProjects(r ->
                  r.filters(
                      Filter.builder().name("data-provider-identifier").values(value).build()))
              .migrationProjects();
      assertThat(found).extracting(p -> p.migrationProjectArn()).containsExactly(project);
      assertThat(found.getFirst().sourceDataProviderDescriptors().getFirst().dataProviderName())
          .isEqualTo("renamed");
    }
    client.addTagsToResource(r -> r.resourceArn(target).tags(t -> t.key("team").value("a")));
    assertThat(client.listTagsForResource(r -> r.resourceArn(target)).tagList()).hasSize(1);
    assertFault(
        "ResourceNotFoundFault",
        "Data provider nobody not found",
        () ->
            client.modifyMigrationProject(r ->
                r.migrationProjectIdentifier(project)
                    .sourceDataProviderDescriptors(d -> d.dataProviderIdentifier("nobody"))));
  }

  @Test
  void a_data_migration_is_created_ready_and_never_shows_its_selection_rules() {
    parts.project("project", parts.postgresProvider("source"), parts.postgresProvider("target"));
    String rules =
        """
        {"rules":[{"rule-type":"selection","rule-id":"1","rule-name":"1","rule-action":"include",
         "object-locator":{"schema-name":"hidden%","table-name":"%"}}]}\
        """;

    DataMigration created =
        parts.migration("moves", "project", r -> r.selectionRules(rules).numberOfJobs(4));

    assertThat(created.dataMigrationStatus()).isEqualTo("creating");
    assertThat(parts.described("moves").dataMigrationStatus()).isEqualTo("ready");
    assertThat(parts.described("moves").dataMigrationSettings().numberOfJobs()).isEqualTo(4);
    assertThat(parts.described("moves").dataMigrationStatistics().fullLoadPercentage()).isZero();
    assertThat(service.answers()).noneMatch(answer -> answer.contains("hidden"));

    var bare =
        client
            .describeDataMigrations(r -> r.withoutSettings(true).withoutStatistics(true))
            .dataMigrations()
            .getFirst();
    assertThat(bare.dataMigrationSettings()).isNull();
    assertThat(bare.dataMigrationStatistics()).isNull();
  }

  @Test
  void a_data_migration_that_makes_no_sense_is_refused() {
    parts.project("same", parts.postgresProvider("source"), parts.postgresProvider("target"));
    parts.project("mixed", "source", parts.mySqlProvider("other"));

    assertFault(
        "ResourceNotFoundFault",
        "nowhere not found",
        () -> parts.migration("m", "nowhere", r -> {}));
    assertFault(
        "InvalidOperationFault",
        "engines of one family",
        () -> parts.migration("m", "mixed", r -> {}));
    assertFault(
        "InvalidParameterValueException",
        "NumberOfJobs",
        () -> parts.migration("m", "same", r -> r.numberOfJobs(0)));
    assertFault(
        "InvalidParameterValueException",
        "no JSON",
        () -> parts.migration("m", "same", r -> r.selectionRules("{")));
    assertFault(
        "InvalidParameterValueException",
        "no selection rule",
        () ->
            parts.migration(
                "m",
                "same",
                r ->
                    r.selectionRules(
                        "{\"rules\":[{\"rule-type\":\"transformation\",\"rule-id\":\"1\"}]}")));
    assertFault(
        "InvalidParameterValueException",
        "hyphen",
        () -> parts.migration("bad--name", "same", r -> {}));
    assertFault(
        "InvalidParameterCombinationException",
        "captures none",
        () ->
            parts.migration(
                "m",
                "same",
                r -> r.sourceDataSettings(SourceDataSetting.builder().slotName("s").build())));
    assertFault(
        "InvalidParameterCombinationException",
        "of type cdc",
        () ->
            parts.migration(
                "m",
                "same",
                r ->
                    r.dataMigrationType(MigrationTypeValue.CDC)
                        .targetDataSettings(
                            t -> t.tablePreparationMode(TablePreparationMode.TRUNCATE))));
    parts.migration("m", "same", r -> {});
    assertFault(
        "ResourceAlreadyExistsFault", "already", () -> parts.migration("M", "same", r -> {}));
  }

  @Test
  void a_start_needs_the_right_type_and_a_login_and_a_failure_is_told() {
    parts.project("project", parts.postgresProvider("source"), parts.postgresProvider("target"));
    parts.migration("moves", "project", r -> {});
    assertFault(
        "InvalidOperationFault",
        "have run before",
        () -> start(StartReplicationMigrationTypeValue.RESUME_PROCESSING));
    assertFault(
        "FailedDependencyFault",
        "There is no secret login",
        () -> start(StartReplicationMigrationTypeValue.START_REPLICATION));
    parts.secret("login", "{\"password\":\"correct-horse\"}");
    assertFault(
        "FailedDependencyFault",
        "has no username",
        () -> start(StartReplicationMigrationTypeValue.START_REPLICATION));
    service.secrets(
        "PutSecretValue",
        JSON.createObjectNode()
            .put("SecretId", "login")
            .put("SecretString", "{\"username\":\"dms\",\"password\":\"correct-horse\"}"));
    assertFault(
        "InvalidResourceStateFault",
        "only one that runs",
        () -> client.stopDataMigration(r -> r.dataMigrationIdentifier("moves")));

    assertThat(start(StartReplicationMigrationTypeValue.START_REPLICATION).dataMigrationStatus())
        .isEqualTo("starting");
    await().until(() -> parts.described("moves").dataMigrationStatus().equals("failed"));

    // The connector of this test carries no objects.
    assertThat(parts.described("moves").lastFailureMessage()).contains("cannot be carried");
    assertThat(parts.described("moves").dataMigrationEndTime()).isNotNull();
    assertFault(
        "InvalidOperationFault",
        "first start",
        () -> start(StartReplicationMigrationTypeValue.START_REPLICATION));
    assertFault(
        "InvalidParameterCombinationException",
        "before its first start",
        () ->
            client.modifyDataMigration(
                r -> r.dataMigrationIdentifier("moves").dataMigrationType(MigrationTypeValue.CDC)));
    assertThat(service.answers()).noneMatch(answer -> answer.contains("correct-horse"));
  }

  private DataMigration start(StartReplicationMigrationTypeValue type) {
    return client
        .startDataMigration(r -> r.dataMigrationIdentifier("moves").startType(type))
        .dataMigration();
  }

  @Test
  void a_secret_goes_in_and_never_comes_out() {
    parts.secret("login", "{\"username\":\"dms\",\"password\":\"correct-horse\"}");
    ObjectNode id = JSON.createObjectNode().put("SecretId", "login");

    ObjectNode shown = service.secrets("DescribeSecret", id);
    assertThat(shown.path("ARN").asString())
        .matches("arn:aws:secretsmanager:eu-central-1:123456789012:secret:login-[0-9a-f]{6}");
    assertThat(shown.toString()).doesNotContain("correct-horse");
    assertThat(service.secrets("ListSecrets", JSON.createObjectNode()).path("SecretList"))
        .hasSize(1);
    assertThatThrownBy(() -> service.secrets("GetSecretValue", id))
        .isInstanceOfSatisfying(
            Fault.class, fault -> assertThat(fault.code()).isEqualTo("AccessDeniedException"));
    assertThatThrownBy(() -> parts.secret("login", "{}"))
        .isInstanceOfSatisfying(
            Fault.class, fault -> assertThat(fault.code()).isEqualTo("ResourceExistsException"));

    parts.project("project", parts.postgresProvider("source"), parts.postgresProvider("target"));
    assertThatThrownBy(() -> service.secrets("DeleteSecret", id))
        .isInstanceOfSatisfying(
            Fault.class, fault -> assertThat(fault.code()).isEqualTo("InvalidRequestException"))
        .hasMessageContaining("project");
    client.deleteMigrationProject(r -> r.migrationProjectIdentifier("project"));
    service.secrets("DeleteSecret", id);
    assertThatThrownBy(() -> service.secrets("DescribeSecret", id))
        .isInstanceOfSatisfying(
            Fault.class, fault -> assertThat(fault.code()).isEqualTo("ResourceNotFoundException"));
  }
}
