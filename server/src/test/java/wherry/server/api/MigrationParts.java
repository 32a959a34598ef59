package wherry.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.CreateDataMigrationRequest;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationException;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationMigrationTypeValue;
import tools.jackson.databind.json.JsonMapper;

/** Makes what data migrations stand on. */
final class MigrationParts {
  static final JsonMapper JSON = JsonMapper.builder().build();
  static final String ROLE = "arn:aws:iam::123456789012:role/dms";

  private final Service service;
  private final DatabaseMigrationClient client;

  MigrationParts(Service service) {
    this.service = service;
    this.client = service.client;
  }

  /**
   * A secret "login", a project "project" between two PostgreSQL, and its data migration "moves".
   */
  static MigrationParts ofPostgres(Service service) {
    MigrationParts parts = new MigrationParts(service);
    parts.secret("login", "{\"username\":\"dms\",\"password\":\"correct-horse\"}");
    parts.project("project", parts.postgresProvider("source"), parts.postgresProvider("target"));
    parts.migration("moves", "project", r -> {});
    return parts;
  }

  static void assertFault(String code, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DatabaseMigrationException.class,
            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  String postgresProvider(String name) {
    return client
        .createDataProvider(r ->
            r.dataProviderName(name)
                .engine("postgres")
                .settings(s ->
                    s.postgreSqlSettings(
                        p -> p.serverName("db.example.org").port(5432).databaseName("app"))))
        .dataProvider()
        .dataProviderArn();
  }

  String mySqlProvider(String name) {
    return client
        .createDataProvider(r ->
            r.dataProviderName(name)
                .engine("mysql")
                .settings(s -> s.mySqlSettings(p -> p.serverName("db.example.org").port(3306))))
        .dataProvider()
        .dataProviderArn();
  }

  void secret(String name, String value) {
    service.secrets(
        "CreateSecret", JSON.createObjectNode().put("Name", name).put("SecretString", value));
  }

  String project(String name, String source, String target) {
    String profile =
        client
            .createInstanceProfile(r -> r.instanceProfileName(name + "-profile"))
            .instanceProfile()
            .instanceProfileArn();
    return client
        .createMigrationProject(r ->
            r.migrationProjectName(name)
                .instanceProfileIdentifier(profile)
                .sourceDataProviderDescriptors(d ->
                    d.dataProviderIdentifier(source)
                        .secretsManagerSecretId("login")
                        .secretsManagerAccessRoleArn(ROLE))
                .targetDataProviderDescriptors(
                    d -> d.dataProviderIdentifier(target).secretsManagerSecretId("login")))
        .migrationProject()
        .migrationProjectArn();
  }

  DataMigration migration(
      String name, String project, Consumer<CreateDataMigrationRequest.Builder> more) {
    return client
        .createDataMigration(r ->
            r.dataMigrationName(name)
                .migrationProjectIdentifier(project)
                .dataMigrationType(MigrationTypeValue.FULL_LOAD)
                .serviceAccessRoleArn(ROLE)
                .applyMutation(more))
        .dataMigration();
  }

  DataMigration start(String name) {
    return client
        .startDataMigration(r ->
            r.dataMigrationIdentifier(name)
                .startType(StartReplicationMigrationTypeValue.START_REPLICATION))
        .dataMigration();
  }

  DataMigration described(String name) {
    return client
        .describeDataMigrations(r -> r.filters(filter("data-migration-name", name)))
        .dataMigrations()
        .getFirst();
  }

  static Filter filter(String name, String value) {
    return Filter.builder().name(name).values(value).build();
  }
}
