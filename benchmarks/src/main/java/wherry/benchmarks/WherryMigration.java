package wherry.benchmarks;

import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.DataProviderSettings;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationMigrationTypeValue;
import wherry.demo.ServiceProcess;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.SandboxException;

/**
 * A homogeneous data migration by the service, through its API: from the call that starts it until
 * the API says that it has stopped, with every row, index and key.
 */
final class WherryMigration implements DatabaseMover {
  private static final long LOOK_MILLISECONDS = 100;

  private final ServiceProcess service;
  private final DatabaseMigrationClient client;
  private final DatabaseServer source;
  private final DatabaseServer target;
  private final int jobs;
  private final String project;
  private String migration = "";

  /**
   * @param secret that opens both servers
   */
  WherryMigration(
      ServiceProcess service,
      DatabaseMigrationClient client,
      DatabaseServer source,
      DatabaseServer target,
      String secret,
      int jobs) {
    this.service = service;
    this.client = client;
    this.source = source;
    this.target = target;
    this.jobs = jobs;
    String profile = client.createInstanceProfile(r -> {}).instanceProfile().instanceProfileArn();
    String from = provider(source);
    String to = provider(target);
    project =
        client
            .createMigrationProject(r ->
                r.instanceProfileIdentifier(profile)
                    .sourceDataProviderDescriptors(
                        d -> d.dataProviderIdentifier(from).secretsManagerSecretId(secret))
                    .targetDataProviderDescriptors(
                        d -> d.dataProviderIdentifier(to).secretsManagerSecretId(secret)))
            .migrationProject()
            .migrationProjectArn();
  }

  private String provider(DatabaseServer server) {
    Consumer<DataProviderSettings.Builder> settings =
        server instanceof PostgresServer
            ? s ->
                s.postgreSqlSettings(p ->
                    p.serverName(server.host())
                        .port(server.port())
                        .databaseName(BenchmarkDatabase.NAME))
            : s -> s.mariaDbSettings(p -> p.serverName(server.host()).port(server.port()));
    String engine = server instanceof PostgresServer ? "postgres" : "mariadb";
    return client
        .createDataProvider(r -> r.engine(engine).settings(settings))
        .dataProvider()
        .dataProviderArn();
  }

  @Override
  public String name() {
    return source instanceof MariaDbServer ? "Wherry MariaDB" : "Wherry PostgreSQL";
  }

  @Override
  public DatabaseServer source() {
    return source;
  }

  @Override
  public DatabaseServer target() {
    return target;
  }

  @Override
  public Optional<String> missing() {
    return source instanceof PostgresServer
        ? Programs.missing("pg_dump", "postgresql-client")
        : Optional.empty();
  }

  @Override
  public void prepare() {
    BenchmarkDatabase.clear(target);
    if (!migration.isEmpty()) {
      client.deleteDataMigration(r -> r.dataMigrationIdentifier(migration));
    }
    String schema = source instanceof PostgresServer ? "public" : BenchmarkDatabase.NAME;
    migration =
        client
            .createDataMigration(r ->
                r.migrationProjectIdentifier(project)
                    .dataMigrationType(MigrationTypeValue.FULL_LOAD)
                    .serviceAccessRoleArn("arn:aws:iam::123456789012:role/any")
                    .numberOfJobs(jobs)
                    .selectionRules(
                        """
                        {"rules": [{"rule-type": "selection", "rule-id": "1", "rule-name": "1",
                          "rule-action": "include",
                          "object-locator": {"schema-name": "%s", "table-name": "%%"}}]}
                        """
                            .formatted(schema)))
            .dataMigration()
            .dataMigrationArn();
  }

  @Override
  public void move() {
    client.startDataMigration(r ->
        r.dataMigrationIdentifier(migration)
            .startType(StartReplicationMigrationTypeValue.START_REPLICATION));
    for (DataMigration now = look(); !now.dataMigrationStatus().equals("stopped"); now = look()) {
      if (now.dataMigrationStatus().equals("failed")) {
        throw new SandboxException("the data migration failed: " + now.lastFailureMessage());
      }
      service.pause(LOOK_MILLISECONDS);
    }
  }

  private DataMigration look() {
    Filter mine = Filter.builder().name("data-migration-arn").values(migration).build();
    return client.describeDataMigrations(r -> r.filters(mine)).dataMigrations().getFirst();
  }

  @Override
  public double cpuSeconds() {
    return service.usage().cpuSeconds();
  }
}
