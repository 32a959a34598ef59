package wherry.server.api;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import tools.jackson.databind.node.ObjectNode;
import wherry.connector.Connector;
import wherry.flow.ByteBudget;
import wherry.server.run.ConnectionTester;
import wherry.server.run.EndpointDatabases;
import wherry.server.run.EndpointResolver;
import wherry.server.run.Engines;
import wherry.server.run.MigrationSupervisor;
import wherry.server.run.SchemaRefresher;
import wherry.server.run.TaskAssessor;
import wherry.server.run.TaskSupervisor;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Contract;
import wherry.server.wire.Router;
import wherry.server.wire.Shapes;

/**
 * The control plane in this process, behind the SDK's own client. A fault that an operation does
 * not declare fails the test.
 */
final class Service implements AutoCloseable {
  static final String ACCOUNT = "123456789012";
  private static final Caller CALLER = new Caller(ACCOUNT, "eu-central-1", "AKIDTEST");

  final Store store;
  final EndpointResolver endpoints;
  final DatabaseMigrationClient client;
  final List<String> restarted = new CopyOnWriteArrayList<>();

  private final ConnectionTester tester;
  private final SchemaRefresher refresher;
  private final TaskSupervisor supervisor;
  private final TaskAssessor assessor;
  private final MigrationSupervisor migrations;
  private final InProcessHttp http;

  Service(Path directory, Connector... connectors) {
    this(directory, Duration.ofMinutes(3), connectors);
  }

  Service(Path directory, Duration testTimeout, Connector... connectors) {
    store = Store.open(directory, Optional.empty());
    Engines engines = new Engines(List.of(connectors));
    endpoints = new EndpointResolver(store, engines);
    EndpointDatabases databases = new EndpointDatabases(engines, endpoints);
    tester = new ConnectionTester(store, databases, testTimeout);
    refresher = new SchemaRefresher(store, databases);
    Path logs = directory.resolve("logs");
    ByteBudget heap = new ByteBudget(1 << 20);
    supervisor = new TaskSupervisor(store, engines, endpoints::resolve, logs, Duration.ZERO, heap);
    assessor = new TaskAssessor(store, supervisor);
    migrations = new MigrationSupervisor(store, engines, logs, heap);
    List<Object> operations =
        new ArrayList<>(Operations.of(store, engines, tester, refresher, new Hooks()));
    operations.add(new ReplicationTaskOperations(store, supervisor));
    operations.add(new TaskRunOperations(store, supervisor));
    operations.add(new AssessmentOperations(store, supervisor, assessor));
    operations.add(new DataMigrationOperations(store, migrations));
    operations.add(new DataMigrationRunOperations(store, migrations));
    Router router =
        new Router(
            Contract.load(),
            operations,
            (operation, fault) -> {
              throw new AssertionError(operation + " does not declare " + fault.code());
            });
    http = new InProcessHttp(router, CALLER);
    client =
        DatabaseMigrationClient.builder()
            .httpClient(http)
            .region(Region.EU_CENTRAL_1)
            .endpointOverride(URI.create("http://127.0.0.1"))
            .credentialsProvider(AnonymousCredentialsProvider.create())
            .build();
    tester.resume();
    refresher.resume();
  }

  /** Calls an operation of Secrets Manager. */
  ObjectNode secrets(String operation, ObjectNode request) {
    return Operations.secrets(store).answer(operation, request, CALLER);
  }

  private final class Hooks implements InstanceHooks {
    @Override
    public long logSizeBytes(String taskArn) {
      return 4711;
    }

    @Override
    public void restartTasks(String instanceArn) {
      restarted.add(instanceArn);
    }
  }

  /** Every answer so far, as text. */
  List<String> answers() {
    return http.answers();
  }

  String createInstance(String identifier) {
    return client
        .createReplicationInstance(r ->
            r.replicationInstanceIdentifier(identifier).replicationInstanceClass("dms.t3.micro"))
        .replicationInstance()
        .replicationInstanceArn();
  }

  String createEndpoint(String identifier, String type) {
    return createEndpoint(identifier, type, "postgres", "db.example.org");
  }

  String createEndpoint(String identifier, String type, String engine, String server) {
    return client
        .createEndpoint(r ->
            r.endpointIdentifier(identifier)
                .endpointType(type)
                .engineName(engine)
                .serverName(server)
                .port(5432)
                .databaseName("app")
                .username("dms")
                .password("correct-horse-battery"))
        .endpoint()
        .endpointArn();
  }

  /** A task as the task operations would have stored it. */
  void putTask(
      String identifier, String status, String sourceArn, String targetArn, String instanceArn) {
    String arn = "arn:aws:dms:eu-central-1:" + ACCOUNT + ":task:" + identifier;
    ReplicationTask task =
        ReplicationTask.builder()
            .replicationTaskArn(arn)
            .replicationTaskIdentifier(identifier)
            .status(status)
            .sourceEndpointArn(sourceArn)
            .targetEndpointArn(targetArn)
            .replicationInstanceArn(instanceArn)
            .build();
    store.resources().delete(arn);
    store
        .resources()
        .insert(
            new Resource(ResourceKind.TASK, arn, identifier, Shapes.encode(task), Instant.now()));
  }

  @Override
  public void close() {
    client.close();
    migrations.close();
    assessor.close();
    supervisor.close();
    tester.close();
    refresher.close();
    store.close();
  }
}
