package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.CreateDataMigrationRequest;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.DmsSslModeValue;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationMigrationTypeValue;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import wherry.demo.ServiceProcess;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;

/** Data migrations of a service, from their data providers to their end. */
final class DataMigrations implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String ROLE = "arn:aws:iam::123456789012:role/dms";

  private final DatabaseMigrationClient client;
  private final SecretsManagerClient secrets;
  private DmsSslModeValue tls = DmsSslModeValue.NONE;
  private String certificateArn;

  DataMigrations(ServiceProcess service) {
    client = service.client();
    secrets = service.secrets();
  }

  /** Data providers that are made from now on have these settings. */
  void over(DmsSslModeValue mode, String certificate) {
    tls = mode;
    certificateArn = certificate;
  }

  /** A data migration of a shop that was not started yet. */
  String create(
      Shop shop, MigrationTypeValue type, Consumer<CreateDataMigrationRequest.Builder> more) {
    return create(shop.server(), shop.source(), shop.server(), shop.target(), type, more);
  }

  /**
   * A data migration that was not started yet.
   *
   * @param source database, of PostgreSQL only
   * @param target as source
   */
  String create(
      DatabaseServer from,
      String source,
      DatabaseServer to,
      String target,
      MigrationTypeValue type,
      Consumer<CreateDataMigrationRequest.Builder> more) {
    String profile = client.createInstanceProfile(r -> {}).instanceProfile().instanceProfileArn();
    String project =
        client
            .createMigrationProject(r ->
                r.instanceProfileIdentifier(profile)
                    .sourceDataProviderDescriptors(d ->
                        d.dataProviderIdentifier(provider(from, source))
                            .secretsManagerSecretId(secret(from)))
                    .targetDataProviderDescriptors(d ->
                        d.dataProviderIdentifier(provider(to, target))
                            .secretsManagerSecretId(secret(to))))
            .migrationProject()
            .migrationProjectArn();
    return client
        .createDataMigration(r ->
            r.migrationProjectIdentifier(project)
                .dataMigrationType(type)
                .serviceAccessRoleArn(ROLE)
                .numberOfJobs(2)
                .applyMutation(more))
        .dataMigration()
        .dataMigrationArn();
  }

  private String secret(DatabaseServer server) {
    String login =
        "{\"username\":\"%s\",\"password\":\"%s\"}".formatted(server.user(), server.password());
    return secrets.createSecret(r -> r.name(Fixture.newName("login")).secretString(login)).name();
  }

  private String provider(DatabaseServer server, String database) {
    return client
        .createDataProvider(r ->
            r.engine(engine(server))
                .settings(s -> {
                  switch (engine(server)) {
                    case "postgres" ->
                        s.postgreSqlSettings(p ->
                            p.serverName(server.host())
                                .port(server.port())
                                .databaseName(database)
                                .sslMode(tls)
                                .certificateArn(certificateArn));
                    case "mariadb" ->
                        s.mariaDbSettings(p ->
                            p.serverName(server.host())
                                .port(server.port())
                                .sslMode(tls)
                                .certificateArn(certificateArn));
                    default ->
                        s.mySqlSettings(p ->
                            p.serverName(server.host())
                                .port(server.port())
                                .sslMode(tls)
                                .certificateArn(certificateArn));
                  }
                }))
        .dataProvider()
        .dataProviderArn();
  }

  private static String engine(DatabaseServer server) {
    return server instanceof PostgresServer
        ? "postgres"
        : server instanceof MariaDbServer ? "mariadb" : "mysql";
  }

  DatabaseMigrationClient client() {
    return client;
  }

  SecretsManagerClient secrets() {
    return secrets;
  }

  DataMigration start(String migration) {
    return start(migration, StartReplicationMigrationTypeValue.START_REPLICATION);
  }

  DataMigration resume(String migration) {
    return start(migration, StartReplicationMigrationTypeValue.RESUME_PROCESSING);
  }

  DataMigration start(String migration, StartReplicationMigrationTypeValue type) {
    return client
        .startDataMigration(r -> r.dataMigrationIdentifier(migration).startType(type))
        .dataMigration();
  }

  /** Stops it, and waits until it is. */
  DataMigration stopped(String migration) {
    stop(migration);
    return awaitStatus(migration, "stopped", "failed");
  }

  /** Waits until it follows the changes. */
  void awaitReplicating(String migration) {
    DataMigration now =
        awaitStatus(
            migration, "load-complete-replication-ongoing", "replication-ongoing", "failed");
    assertThat(now.lastFailureMessage()).isNull();
  }

  void stop(String migration) {
    client.stopDataMigration(r -> r.dataMigrationIdentifier(migration));
  }

  DataMigration describe(String migration) {
    return client
        .describeDataMigrations(r -> r.filters(Migration.filter("data-migration-arn", migration)))
        .dataMigrations()
        .getFirst();
  }

  DataMigration awaitStatus(String migration, String... statuses) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> List.of(statuses).contains(describe(migration).dataMigrationStatus()));
    return describe(migration);
  }

  @Override
  public void close() {
    client.close();
    secrets.close();
  }
}
