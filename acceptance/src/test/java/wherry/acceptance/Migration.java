package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.CreateEndpointRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationTasksRequest;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import software.amazon.awssdk.services.databasemigration.waiters.DatabaseMigrationWaiter;
import wherry.sandbox.DatabaseServer;

/**
 * The API as tests speak it. Identifiers are unique for the JVM, so that tests can share one
 * service.
 */
final class Migration {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  private final DatabaseMigrationClient client;
  private final String instance;

  Migration(DatabaseMigrationClient client) {
    this.client = client;
    this.instance =
        client
            .createReplicationInstance(r ->
                r.replicationInstanceIdentifier("instance-" + NUMBER.incrementAndGet())
                    .replicationInstanceClass("dms.t3.medium"))
            .replicationInstance()
            .replicationInstanceArn();
    await()
        .atMost(PATIENCE)
        .until(() ->
            client
                .describeReplicationInstances(
                    r -> r.filters(filter("replication-instance-arn", instance)))
                .replicationInstances()
                .get(0)
                .replicationInstanceStatus()
                .equals("available"));
  }

  String instance() {
    return instance;
  }

  static Filter filter(String name, String value) {
    return Filter.builder().name(name).values(value).build();
  }

  /**
   * @param engine {@code postgres}, {@code mysql} or {@code mariadb}
   * @param database empty for MySQL and MariaDB
   */
  String endpoint(
      ReplicationEndpointTypeValue type, String engine, DatabaseServer server, String database) {
    return endpoint(type, engine, server, database, r -> {});
  }

  String endpoint(
      ReplicationEndpointTypeValue type,
      String engine,
      DatabaseServer server,
      String database,
      Consumer<CreateEndpointRequest.Builder> more) {
    return client
        .createEndpoint(r -> {
          r.endpointIdentifier("endpoint-" + NUMBER.incrementAndGet())
              .endpointType(type)
              .engineName(engine)
              .serverName(server.host())
              .port(server.port())
              .username(server.user())
              .password(server.password());
          if (!database.isEmpty()) {
            r.databaseName(database);
          }
          more.accept(r);
        })
        .endpoint()
        .endpointArn();
  }

  /** A full-load task. */
  String task(String source, String target, String mappings, String settings) {
    return task(MigrationTypeValue.FULL_LOAD, source, target, mappings, settings, r -> {});
  }

  String task(
      MigrationTypeValue type,
      String source,
      String target,
      String mappings,
      String settings,
      Consumer<CreateReplicationTaskRequest.Builder> more) {
    String arn =
        client
            .createReplicationTask(r ->
                r.replicationTaskIdentifier("task-" + NUMBER.incrementAndGet())
                    .sourceEndpointArn(source)
                    .targetEndpointArn(target)
                    .replicationInstanceArn(instance)
                    .migrationType(type)
                    .tableMappings(mappings)
                    .replicationTaskSettings(settings)
                    .applyMutation(more))
            .replicationTask()
            .replicationTaskArn();
    await().atMost(PATIENCE).until(() -> describe(arn).status().equals("ready"));
    return arn;
  }

  ReplicationTask start(String task, StartReplicationTaskTypeValue how) {
    return client
        .startReplicationTask(r -> r.replicationTaskArn(task).startReplicationTaskType(how))
        .replicationTask();
  }

  /** Runs the task and returns it once it rests again. */
  ReplicationTask run(String task, StartReplicationTaskTypeValue how) {
    start(task, how);
    return awaitRest(task);
  }

  ReplicationTask awaitRest(String task) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> List.of("stopped", "failed").contains(describe(task).status()));
    return describe(task);
  }

  /** Stops the task and returns it once it rests. */
  ReplicationTask stop(String task) {
    client.stopReplicationTask(r -> r.replicationTaskArn(task));
    return awaitRest(task);
  }

  /** Deletes the task and returns once it is gone. */
  void delete(String task) {
    client.deleteReplicationTask(r -> r.replicationTaskArn(task));
    awaiting(w -> w.waitUntilReplicationTaskDeleted(withArn(task)));
  }

  /** One of the waiters of the SDK, which looks more often than the 15 s that it has by default. */
  void awaiting(Consumer<DatabaseMigrationWaiter> wanted) {
    try (DatabaseMigrationWaiter waiter =
        DatabaseMigrationWaiter.builder()
            .client(client)
            .overrideConfiguration(c ->
                c.backoffStrategyV2(BackoffStrategy.fixedDelay(BETWEEN_LOOKS))
                    .maxAttempts(Integer.MAX_VALUE)
                    .waitTimeout(PATIENCE))
            .build()) {
      wanted.accept(waiter);
    }
  }

  static Consumer<DescribeReplicationTasksRequest.Builder> withArn(String task) {
    return r -> r.filters(filter("replication-task-arn", task));
  }

  ReplicationTask describe(String task) {
    return client.describeReplicationTasks(withArn(task)).replicationTasks().get(0);
  }

  List<TableStatistics> tables(String task) {
    return client.describeTableStatisticsPaginator(r -> r.replicationTaskArn(task)).stream()
        .flatMap(page -> page.tableStatistics().stream())
        .toList();
  }

  TableStatistics table(String task, String name) {
    List<TableStatistics> found =
        tables(task).stream().filter(t -> t.tableName().equals(name)).toList();
    assertThat(found).as("statistics of table " + name).hasSize(1);
    return found.get(0);
  }

  /** Takes all tables of a schema to a schema of another name. */
  static String wholeSchema(String schema, String targetSchema) {
    return """
    {"rules":[
      {"rule-type":"selection","rule-id":"1","rule-name":"all","rule-action":"include",
       "object-locator":{"schema-name":"%s","table-name":"%%"}},
      {"rule-type":"transformation","rule-id":"2","rule-name":"schema","rule-action":"rename","rule-target":"schema",
       "object-locator":{"schema-name":"%s"},"value":"%s"}]}\
    """
        .formatted(schema, schema, targetSchema);
  }
}
