package wherry.server.wire;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.services.databasemigration.model.CreateEndpointRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateEndpointResponse;
import software.amazon.awssdk.services.databasemigration.model.DeleteEndpointRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteEndpointResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeEndpointsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeEndpointsResponse;
import software.amazon.awssdk.services.databasemigration.model.Endpoint;

/** The smallest service that a client can talk with: endpoints in memory. */
public final class EchoApi {
  private final Map<String, Endpoint> endpoints = new ConcurrentHashMap<>();

  public CreateEndpointResponse createEndpoint(CreateEndpointRequest request, Caller caller) {
    String arn =
        "arn:"
            + caller.partition()
            + ":dms:"
            + caller.region()
            + ":"
            + caller.accountId()
            + ":endpoint:"
            + request.endpointIdentifier();
    Endpoint endpoint =
        Endpoint.builder()
            .endpointIdentifier(request.endpointIdentifier())
            .endpointArn(arn)
            .engineName(request.engineName())
            .port(request.port())
            .status("active")
            .build();
    if (endpoints.putIfAbsent(request.endpointIdentifier(), endpoint) != null) {
      throw Fault.resourceAlreadyExists(
          "The resource you are attempting to create already exists.", arn);
    }
    return CreateEndpointResponse.builder().endpoint(endpoint).build();
  }

  public DescribeEndpointsResponse describeEndpoints(DescribeEndpointsRequest request) {
    if (request.hasFilters() && !request.filters().isEmpty()) {
      throw Fault.resourceNotFound("No Endpoints found matching provided filters");
    }
    return DescribeEndpointsResponse.builder().endpoints(List.copyOf(endpoints.values())).build();
  }

  public DeleteEndpointResponse deleteEndpoint(DeleteEndpointRequest request) {
    throw new IllegalStateException("a bug with a secret: hunter2");
  }
}
