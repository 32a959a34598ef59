package wherry.chaos;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import software.amazon.awssdk.services.databasemigration.model.TableToReload;
import wherry.demo.Mappings;
import wherry.sandbox.SandboxException;

/** A task with an instance and endpoints of its own, through the public API. */
final class TaskApi {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Service service;
  private final String identifier;
  private final Place source;
  private final Place target;
  private String taskArn = "";

  /**
   * A task that is yet to be created.
   *
   * @param identifier what nobody else on the service is named after
   */
  TaskApi(Service service, String identifier, Place source, Place target) {
    this.service = service;
    this.identifier = identifier;
    this.source = source;
    this.target = target;
  }

  /** The target's ports are those of the proxies in front of the servers. */
  void create(int sourcePort, int targetPort, String settings) throws InterruptedException {
    String instance =
        service
            .client()
            .createReplicationInstance(r ->
                r.replicationInstanceIdentifier(identifier)
                    .replicationInstanceClass("dms.t3.medium"))
            .replicationInstance()
            .replicationInstanceArn();
    Patience.await(
        "the replication instance",
        PATIENCE,
        () ->
            service.client().describeReplicationInstances().replicationInstances().stream()
                .allMatch(i -> i.replicationInstanceStatus().equals("available")));
    String from = endpoint(ReplicationEndpointTypeValue.SOURCE, source, sourcePort);
    String to = endpoint(ReplicationEndpointTypeValue.TARGET, target, targetPort);
    taskArn =
        service
            .client()
            .createReplicationTask(r ->
                r.replicationTaskIdentifier(identifier)
                    .sourceEndpointArn(from)
                    .targetEndpointArn(to)
                    .replicationInstanceArn(instance)
                    .migrationType(MigrationTypeValue.FULL_LOAD_AND_CDC)
                    .tableMappings(Mappings.wholeSchema(source.schema(), target.schema()))
                    .replicationTaskSettings(settings))
            .replicationTask()
            .replicationTaskArn();
    awaitStatus("ready");
  }

  boolean isCreated() {
    return !taskArn.isEmpty();
  }

  private String endpoint(ReplicationEndpointTypeValue type, Place place, int port) {
    return service
        .client()
        .createEndpoint(r -> {
          r.endpointIdentifier(identifier + "-" + type.toString().toLowerCase(Locale.ROOT))
              .endpointType(type)
              .engineName(place.dialect().engineName())
              .serverName(place.server().host())
              .port(port)
              .username(place.server().user())
              .password(place.server().password());
          if (place.dialect() == Dialect.POSTGRES) {
            r.databaseName(place.database());
          }
        })
        .endpoint()
        .endpointArn();
  }

  void start(StartReplicationTaskTypeValue how) {
    service
        .client()
        .startReplicationTask(r -> r.replicationTaskArn(taskArn).startReplicationTaskType(how));
  }

  void stop() throws InterruptedException {
    service.client().stopReplicationTask(r -> r.replicationTaskArn(taskArn));
    awaitStatus("stopped");
  }

  /** Deletes the task, and with it whatever it owns in the source. */
  void delete() throws InterruptedException {
    service.client().deleteReplicationTask(r -> r.replicationTaskArn(taskArn));
    Patience.await(
        "the task to be deleted",
        PATIENCE,
        () ->
            service.client().describeReplicationTasks().replicationTasks().stream()
                .noneMatch(task -> task.replicationTaskArn().equals(taskArn)));
  }

  void reload(Collection<Table> tables) {
    reloadNamed(tables.stream().map(Table::sqlName).toList());
  }

  void reloadNamed(Collection<String> tables) {
    List<TableToReload> all =
        tables.stream()
            .map(table ->
                TableToReload.builder().schemaName(source.schema()).tableName(table).build())
            .toList();
    service.client().reloadTables(r -> r.replicationTaskArn(taskArn).tablesToReload(all));
  }

  ReplicationTask describe() {
    ReplicationTask task =
        service
            .client()
            .describeReplicationTasks(
                r -> r.filters(f -> f.name("replication-task-arn").values(taskArn)))
            .replicationTasks()
            .get(0);
    if (task.status().equals("failed")) {
      throw new SandboxException("the task failed: " + task.lastFailureMessage());
    }
    return task;
  }

  List<TableStatistics> tables() {
    return service
        .client()
        .describeTableStatistics(r -> r.replicationTaskArn(taskArn))
        .tableStatistics();
  }

  /** Whether all tables are loaded, those of the workload that is. */
  boolean isLoaded() {
    describe();
    List<TableStatistics> tables = tables();
    tables.stream()
        .filter(table -> table.tableState().equals("Table error"))
        .findFirst()
        .ifPresent(table -> {
          throw new SandboxException(
              "table "
                  + table.tableName()
                  + " is in error after "
                  + table.fullLoadRows()
                  + " rows");
        });
    return tables.size() == Table.values().length
        && tables.stream().allMatch(table -> table.tableState().equals("Table completed"));
  }

  /** When the last of these tables was loaded. */
  boolean isLoadedSince(Collection<Table> reloaded, Instant since) {
    return isLoaded()
        && tables().stream()
            .filter(table ->
                reloaded.stream().anyMatch(each -> each.sqlName().equals(table.tableName())))
            .allMatch(table -> table.fullLoadEndTime().isAfter(since));
  }

  /** By which the control tables name the task. */
  String name() {
    return taskArn.substring(taskArn.lastIndexOf(':') + 1);
  }

  void awaitStatus(String status) throws InterruptedException {
    Patience.await("the task to be " + status, PATIENCE, () -> describe().status().equals(status));
  }
}
