package wherry.demo;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.Connection;
import software.amazon.awssdk.services.databasemigration.model.CreateEndpointRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationInstanceRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeConnectionsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationInstancesRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationTasksRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeTableStatisticsRequest;
import software.amazon.awssdk.services.databasemigration.model.Filter;
import software.amazon.awssdk.services.databasemigration.model.MigrationTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.StartReplicationTaskTypeValue;
import software.amazon.awssdk.services.databasemigration.model.StopReplicationTaskRequest;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import software.amazon.awssdk.services.databasemigration.model.TestConnectionRequest;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.SandboxException;

/**
 * The steps of a migration as calls of the public API, each shown as the AWS CLI command that does
 * the same.
 */
public final class MigrationApi {
  private static final String INSTANCE_CLASS = "dms.t3.medium";
  private static final Duration TIMEOUT = Duration.ofMinutes(3);

  private static final long POLL_MILLISECONDS = 100;

  /**
   * Each look costs some milliseconds of processor time, which benchmarks of whole tasks measure.
   */
  private static final long TASK_POLL_MILLISECONDS = 500;

  private static final int STATISTICS_PAGE = 500;

  private final ServiceProcess service;
  private final DatabaseMigrationClient client;
  private final Display display;

  public MigrationApi(ServiceProcess service, DatabaseMigrationClient client, Display display) {
    this.service = service;
    this.client = client;
    this.display = display;
  }

  /** Creates a replication instance and returns its ARN when it is available. */
  public String createInstance(String identifier) {
    CreateReplicationInstanceRequest request =
        CreateReplicationInstanceRequest.builder()
            .replicationInstanceIdentifier(identifier)
            .replicationInstanceClass(INSTANCE_CLASS)
            .build();
    display.command(AwsCommand.of(service.endpoint(), request));
    String arn =
        client.createReplicationInstance(request).replicationInstance().replicationInstanceArn();
    DescribeReplicationInstancesRequest query =
        DescribeReplicationInstancesRequest.builder()
            .filters(filter("replication-instance-arn", arn))
            .build();
    await(
        "the replication instance to become available",
        () ->
            client.describeReplicationInstances(query).replicationInstances().stream()
                .anyMatch(instance -> "available".equals(instance.replicationInstanceStatus())));
    return arn;
  }

  /**
   * Creates an endpoint and returns its ARN.
   *
   * @param database the database to connect to; empty for MariaDB, whose databases are the schemas
   */
  public String createEndpoint(
      String identifier,
      ReplicationEndpointTypeValue type,
      Engine engine,
      DatabaseServer server,
      String database) {
    CreateEndpointRequest.Builder request =
        CreateEndpointRequest.builder()
            .endpointIdentifier(identifier)
            .endpointType(type)
            .engineName(engine.engineName())
            .serverName(server.host())
            .port(server.port())
            .username(server.user())
            .password(server.password());
    if (!database.isEmpty()) {
      request.databaseName(database);
    }
    display.command(AwsCommand.of(service.endpoint(), request.build()));
    return client.createEndpoint(request.build()).endpoint().endpointArn();
  }

  /**
   * Tests a connection and waits for the result; throws with the service's explanation when it
   * fails.
   */
  public void testConnection(String instanceArn, String endpointArn) {
    TestConnectionRequest request =
        TestConnectionRequest.builder()
            .replicationInstanceArn(instanceArn)
            .endpointArn(endpointArn)
            .build();
    display.command(AwsCommand.of(service.endpoint(), request));
    client.testConnection(request);
    DescribeConnectionsRequest query =
        DescribeConnectionsRequest.builder().filters(filter("endpoint-arn", endpointArn)).build();
    await(
        "the connection test to end",
        () -> {
          for (Connection connection : client.describeConnections(query).connections()) {
            if ("failed".equals(connection.status())) {
              throw new SandboxException(
                  "the connection test failed: " + connection.lastFailureMessage());
            }
          }
          return client.describeConnections(query).connections().stream()
              .anyMatch(connection -> "successful".equals(connection.status()));
        });
  }

  /** Creates a task and returns its ARN when it is ready. */
  public String createTask(
      String identifier,
      MigrationTypeValue type,
      String instanceArn,
      String sourceArn,
      String targetArn,
      String mappings,
      String settings) {
    CreateReplicationTaskRequest request =
        CreateReplicationTaskRequest.builder()
            .replicationTaskIdentifier(identifier)
            .sourceEndpointArn(sourceArn)
            .targetEndpointArn(targetArn)
            .replicationInstanceArn(instanceArn)
            .migrationType(type)
            .tableMappings(mappings)
            .replicationTaskSettings(settings)
            .build();
    display.command(AwsCommand.of(service.endpoint(), request));
    String arn = client.createReplicationTask(request).replicationTask().replicationTaskArn();
    await("the task to become ready", () -> "ready".equals(task(arn).status()));
    return arn;
  }

  public void startTask(String taskArn) {
    StartReplicationTaskRequest request =
        StartReplicationTaskRequest.builder()
            .replicationTaskArn(taskArn)
            .startReplicationTaskType(StartReplicationTaskTypeValue.START_REPLICATION)
            .build();
    display.command(AwsCommand.of(service.endpoint(), request));
    client.startReplicationTask(request);
  }

  /** Stops a task and returns when it is stopped. */
  public void stopTask(String taskArn) {
    StopReplicationTaskRequest request =
        StopReplicationTaskRequest.builder().replicationTaskArn(taskArn).build();
    display.command(AwsCommand.of(service.endpoint(), request));
    client.stopReplicationTask(request);
    await("the task to stop", () -> "stopped".equals(task(taskArn).status()));
  }

  /**
   * How many seconds the target is behind the source, by the service's metrics: the
   * CDCLatencyTarget of CloudWatch.
   */
  public double lag(String taskArn) {
    return gauge("aws_dms_cdc_latency_target", taskArn);
  }

  /**
   * Changes that the service has read and not yet applied: the CDCIncomingChanges of CloudWatch.
   */
  public long waitingChanges(String taskArn) {
    return (long) gauge("aws_dms_cdc_incoming_changes", taskArn);
  }

  /** The last lines that the service printed. */
  String logTail() {
    return service.logTail();
  }

  private double gauge(String name, String taskArn) {
    String resourceId = taskArn.substring(taskArn.lastIndexOf(':') + 1);
    return service
        .get("/metrics")
        .lines()
        .filter(line -> line.startsWith(name + "{"))
        .filter(line -> line.contains("\"" + resourceId + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElse(0);
  }

  /**
   * Waits, as long as it takes, until the task has stopped, and returns it as it is then; throws
   * when it fails.
   */
  public ReplicationTask awaitStopped(String taskArn) {
    while (true) {
      ReplicationTask task = task(taskArn);
      switch (task.status()) {
        case "stopped" -> {
          return task;
        }
        case "failed" ->
            throw new SandboxException("the task failed: " + task.lastFailureMessage());
        default -> service.pause(TASK_POLL_MILLISECONDS);
      }
    }
  }

  /** The task as the service describes it now. */
  public ReplicationTask task(String taskArn) {
    return client.describeReplicationTasks(taskQuery(taskArn)).replicationTasks().get(0);
  }

  /** The statistics of all its tables. */
  public List<TableStatistics> tables(String taskArn) {
    return client.describeTableStatisticsPaginator(statisticsQuery(taskArn)).stream()
        .flatMap(page -> page.tableStatistics().stream())
        .toList();
  }

  /** Shows the commands with which to watch the task. */
  public void showWatching(String taskArn) {
    display.command(AwsCommand.of(service.endpoint(), taskQuery(taskArn)));
    display.command(AwsCommand.of(service.endpoint(), statisticsQuery(taskArn)));
    display.command("curl -s " + service.endpoint() + "/metrics");
  }

  /** Waits a moment; throws when the service has died meanwhile. */
  public void pause(long milliseconds) {
    service.pause(milliseconds);
  }

  private static DescribeReplicationTasksRequest taskQuery(String taskArn) {
    return DescribeReplicationTasksRequest.builder()
        .filters(filter("replication-task-arn", taskArn))
        .withoutSettings(true)
        .build();
  }

  private static DescribeTableStatisticsRequest statisticsQuery(String taskArn) {
    return DescribeTableStatisticsRequest.builder()
        .replicationTaskArn(taskArn)
        .maxRecords(STATISTICS_PAGE)
        .build();
  }

  private static Filter filter(String name, String value) {
    return Filter.builder().name(name).values(value).build();
  }

  private void await(String what, Supplier<Boolean> condition) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!condition.get()) {
      if (System.nanoTime() > deadline) {
        throw new SandboxException("waited " + TIMEOUT.toSeconds() + " s in vain for " + what);
      }
      service.pause(POLL_MILLISECONDS);
    }
  }
}
