package wherry.server.api;

import java.util.List;
import software.amazon.awssdk.services.databasemigration.model.Connection;
import software.amazon.awssdk.services.databasemigration.model.DeleteConnectionRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteConnectionResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeConnectionsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeConnectionsResponse;
import software.amazon.awssdk.services.databasemigration.model.TestConnectionRequest;
import software.amazon.awssdk.services.databasemigration.model.TestConnectionResponse;
import wherry.server.run.ConnectionTester;
import wherry.server.store.ConnectionTest;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Fault;

/**
 * Connections: what became of the last test of an endpoint from an instance. Safe for all threads.
 */
public final class ConnectionOperations {
  private static final Filters<ConnectionTest> FILTERS =
      Filters.<ConnectionTest>on("Connections")
          .by("endpoint-arn", ConnectionTest::endpointArn)
          .by("replication-instance-arn", ConnectionTest::instanceArn);

  private final Store store;
  private final ConnectionTester tester;

  ConnectionOperations(Store store, ConnectionTester tester) {
    this.store = store;
    this.tester = tester;
  }

  /** Really connects, in the background; the result is in DescribeConnections. */
  public TestConnectionResponse testConnection(TestConnectionRequest request) {
    ConnectionTest test =
        store.atomically(() -> {
          Lookup.require(store, ResourceKind.INSTANCE, request.replicationInstanceArn());
          Lookup.require(store, ResourceKind.ENDPOINT, request.endpointArn());
          return tester
              .begin(request.endpointArn(), request.replicationInstanceArn())
              .orElseThrow(() ->
                  Fault.invalidResourceState(
                      "The connection between endpoint "
                          + request.endpointArn()
                          + " and replication instance "
                          + request.replicationInstanceArn()
                          + " is already being tested."));
        });
    return TestConnectionResponse.builder().connection(connection(test)).build();
  }

  public DescribeConnectionsResponse describeConnections(DescribeConnectionsRequest request) {
    var found = FILTERS.require(request.filters(), store.connectionTests().list());
    var page =
        Page.of(
            found,
            test -> test.endpointArn() + "|" + test.instanceArn(),
            request.maxRecords(),
            request.marker());
    List<Connection> connections = page.items().stream().map(this::connection).toList();
    return DescribeConnectionsResponse.builder()
        .connections(connections)
        .marker(page.marker())
        .build();
  }

  public DeleteConnectionResponse deleteConnection(DeleteConnectionRequest request) {
    Connection deleted =
        store.atomically(() -> {
          ConnectionTest test = require(request.endpointArn(), request.replicationInstanceArn());
          if (test.status().equals("testing")) {
            throw Fault.invalidResourceState(
                "The connection of endpoint "
                    + test.endpointArn()
                    + " is being tested. Wait for the result first.");
          }
          Connection connection = connection(test);
          store.connectionTests().delete(test.endpointArn(), test.instanceArn());
          return connection;
        });
    return DeleteConnectionResponse.builder()
        .connection(deleted.toBuilder().status("deleting").build())
        .build();
  }

  private ConnectionTest require(String endpointArn, String instanceArn) {
    return store
        .connectionTests()
        .find(endpointArn, instanceArn)
        .orElseThrow(() ->
            Fault.resourceNotFound(
                "There is no connection between endpoint "
                    + endpointArn
                    + " and replication instance "
                    + instanceArn
                    + "."));
  }

  private Connection connection(ConnectionTest test) {
    return Connection.builder()
        .endpointArn(test.endpointArn())
        .endpointIdentifier(identifier(test.endpointArn()))
        .replicationInstanceArn(test.instanceArn())
        .replicationInstanceIdentifier(identifier(test.instanceArn()))
        .status(test.status())
        .lastFailureMessage(test.lastFailure().isEmpty() ? null : test.lastFailure())
        .build();
  }

  private String identifier(String arn) {
    return store.resources().find(arn).map(Resource::identifier).orElse("");
  }
}
