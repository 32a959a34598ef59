package wherry.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import wherry.demo.Mappings;
import wherry.demo.ServiceProcess;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.SandboxException;

/**
 * A task of full load and change processing by the service, through its API. It is stopped between
 * turns; a move takes from the call that resumes it until the target shows the turn's mark.
 */
final class WherryReplication implements Replicator {
  private final String name;
  private final ServiceProcess service;
  private final DatabaseMigrationClient client;
  private final DatabaseServer source;
  private final PostgresServer target;
  private final String database;
  private final String taskArn;
  private int turn;

  /**
   * Loads the source's tables and returns when changes flow.
   *
   * @param database of the target, to be created
   * @param batch whether changes are applied in batches
   */
  WherryReplication(
      String name,
      ServiceProcess service,
      DatabaseMigrationClient client,
      String instanceArn,
      DatabaseServer source,
      String sourceArn,
      PostgresServer target,
      String database,
      boolean batch) {
    this.name = name;
    this.service = service;
    this.client = client;
    this.source = source;
    this.target = target;
    this.database = database;
    target.createDatabase(database);
    String targetArn =
        client
            .createEndpoint(r ->
                r.endpointIdentifier("target-" + database)
                    .endpointType("target")
                    .engineName("postgres")
                    .serverName(target.host())
                    .port(target.port())
                    .username(target.user())
                    .password(target.password())
                    .databaseName(database))
            .endpoint()
            .endpointArn();
    taskArn =
        client
            .createReplicationTask(r ->
                r.replicationTaskIdentifier("bench-" + database)
                    .sourceEndpointArn(sourceArn)
                    .targetEndpointArn(targetArn)
                    .replicationInstanceArn(instanceArn)
                    .migrationType(MigrationTypeValue.FULL_LOAD_AND_CDC)
                    .tableMappings(Mappings.wholeSchema(ChangeTable.SCHEMA, ChangeTable.SCHEMA))
                    .replicationTaskSettings(
                        "{\"TargetMetadata\": {\"BatchApplyEnabled\": " + batch + "}}"))
            .replicationTask()
            .replicationTaskArn();
    awaitStatus("ready");
    start(StartReplicationTaskTypeValue.START_REPLICATION);
    Waiting.until("the load of " + name, this::isLoaded);
    target.executeIn(database, "VACUUM (FREEZE, ANALYZE) bench.item");
  }

  private boolean isLoaded() {
    task();
    List<String> states =
        client
            .describeTableStatistics(r -> r.replicationTaskArn(taskArn))
            .tableStatistics()
            .stream()
            .map(table -> table.tableState())
            .toList();
    return states.size() == 2 && states.stream().allMatch("Table completed"::equals);
  }

  private ReplicationTask task() {
    ReplicationTask task =
        client
            .describeReplicationTasks(r ->
                r.filters(Filter.builder().name("replication-task-arn").values(taskArn).build()))
            .replicationTasks()
            .get(0);
    if (task.status().equals("failed")) {
      throw new SandboxException(name + " failed: " + task.lastFailureMessage());
    }
    return task;
  }

  private void awaitStatus(String status) {
    Waiting.until(
        String.format(Locale.ROOT, "%s to be %s", name, status),
        () -> task().status().equals(status));
  }

  private void start(StartReplicationTaskTypeValue how) {
    client.startReplicationTask(r -> r.replicationTaskArn(taskArn).startReplicationTaskType(how));
  }

  @Override
  public String name() {
    return name;
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
  public Optional<String> copy() {
    return Optional.of(database);
  }

  @Override
  public void upTo(int turn) {
    this.turn = turn;
  }

  @Override
  public void prepare() {
    if (task().status().equals("running")) {
      client.stopReplicationTask(r -> r.replicationTaskArn(taskArn));
      awaitStatus("stopped");
    }
  }

  /** Lets it go on after a rest. */
  void resume() {
    start(StartReplicationTaskTypeValue.RESUME_PROCESSING);
    awaitStatus("running");
  }

  @Override
  public void move() {
    start(StartReplicationTaskTypeValue.RESUME_PROCESSING);
    ChangeTable.await(target, database, turn, this::task);
  }

  @Override
  public double cpuSeconds() {
    return service.usage().cpuSeconds();
  }
}
