package wherry.server.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.databasemigration.model.CreateEndpointRequest;
import software.amazon.awssdk.services.databasemigration.model.CreateEndpointResponse;
import software.amazon.awssdk.services.databasemigration.model.DeleteEndpointRequest;
import software.amazon.awssdk.services.databasemigration.model.DeleteEndpointResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeEndpointsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeEndpointsResponse;
import software.amazon.awssdk.services.databasemigration.model.Endpoint;
import software.amazon.awssdk.services.databasemigration.model.ModifyEndpointRequest;
import software.amazon.awssdk.services.databasemigration.model.ModifyEndpointResponse;
import wherry.connector.Connector;
import wherry.connector.EndpointSetting;
import wherry.server.run.ConnectionTester;
import wherry.server.run.Engines;
import wherry.server.store.DuplicateResourceException;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;
import wherry.server.wire.Shapes;

/**
 * Endpoints: where a database is and how to get into it. Secrets go in and never come out. Safe for
 * all threads.
 */
public final class EndpointOperations {
  private static final Filters<Shown> FILTERS =
      Filters.<Shown>on("Endpoints")
          .by("endpoint-arn", shown -> shown.endpoint().endpointArn())
          .by("endpoint-type", shown -> shown.endpoint().endpointTypeAsString())
          .by("endpoint-id", shown -> shown.endpoint().endpointIdentifier())
          .by("engine-name", shown -> shown.endpoint().engineName());

  private final Store store;
  private final Engines engines;
  private final AccountFacts account;
  private final ConnectionTester tester;

  EndpointOperations(Store store, Engines engines, AccountFacts account, ConnectionTester tester) {
    this.store = store;
    this.engines = engines;
    this.account = account;
    this.tester = tester;
  }

  private record Shown(String key, Endpoint endpoint) {}

  public CreateEndpointResponse createEndpoint(CreateEndpointRequest request, Caller caller) {
    String identifier = Identifiers.endpoint(request.endpointIdentifier());
    EngineCatalog.requireServed(engines, request.engineName());
    String arn = Arn.fresh(caller, ResourceKind.ENDPOINT, request.resourceIdentifier());
    Map<String, String> tags = TagRules.checked(request.tags());
    EndpointDocument document =
        EndpointDocument.empty().with(Shapes.toJson(request), true, settings(request.engineName()));
    complete(document, arn, caller);
    store.atomically(() -> {
      Quota.ENDPOINTS.requireRoom(store);
      requireCertificate(request.certificateArn());
      insert(
          new Resource(
              ResourceKind.ENDPOINT, arn, identifier, document.json().toString(), Instant.now()));
      store.resources().putSecrets(arn, document.secrets());
      store.tags().put(arn, tags);
      return arn;
    });
    return CreateEndpointResponse.builder().endpoint(shape(document)).build();
  }

  private void complete(EndpointDocument document, String arn, Caller caller) {
    document.json().put("EndpointArn", arn);
    document.json().put("EngineDisplayName", EngineCatalog.displayName(document.engine()));
    document.json().put("Status", "active");
    if (!document.json().has("SslMode")) {
      document.json().put("SslMode", "none");
    }
    if (!document.json().has("KmsKeyId")) {
      document.json().put("KmsKeyId", account.kmsKeyArn(caller));
    }
  }

  private void requireCertificate(@Nullable String arn) {
    if (arn != null && !arn.isEmpty()) {
      Lookup.require(store, ResourceKind.CERTIFICATE, arn);
    }
  }

  private void insert(Resource resource) {
    try {
      store.resources().insert(resource);
    } catch (DuplicateResourceException e) {
      throw Fault.resourceAlreadyExists(
          "The resource you are attempting to create already exists.", e.existingArn());
    }
  }

  public DescribeEndpointsResponse describeEndpoints(DescribeEndpointsRequest request) {
    List<Shown> all =
        store.resources().list(ResourceKind.ENDPOINT).stream()
            .map(resource -> new Shown(Shelf.key(resource), shape(document(resource))))
            .toList();
    var page =
        Page.of(
            FILTERS.require(request.filters(), all),
            Shown::key,
            request.maxRecords(),
            request.marker());
    return DescribeEndpointsResponse.builder()
        .endpoints(page.items().stream().map(Shown::endpoint).toList())
        .marker(page.marker())
        .build();
  }

  /**
   * Merges; what was found by connection tests is worth nothing afterwards, so they are run again.
   */
  public ModifyEndpointResponse modifyEndpoint(ModifyEndpointRequest request) {
    String arn = request.endpointArn();
    EndpointDocument after =
        store.atomically(() -> {
          Resource before = Lookup.require(store, ResourceKind.ENDPOINT, arn);
          TaskUse.refuseRunning("Endpoint", arn, new TaskUse(store).ofEndpoint(arn));
          EndpointDocument changed = changed(before, request);
          replace(before, changed);
          store.resources().putSecrets(arn, changed.secrets());
          return changed;
        });
    tester.restartTestsOf(arn);
    return ModifyEndpointResponse.builder().endpoint(shape(after)).build();
  }

  private EndpointDocument changed(Resource before, ModifyEndpointRequest request) {
    EndpointDocument document =
        EndpointDocument.stored(before.wireJson(), store.resources().secrets(before.arn()));
    String engine = Optional.ofNullable(request.engineName()).orElse(document.engine());
    EngineCatalog.requireServed(engines, engine);
    if (request.endpointIdentifier() != null) {
      Identifiers.endpoint(request.endpointIdentifier());
    }
    requireCertificate(request.certificateArn());
    boolean exact = Boolean.TRUE.equals(request.exactSettings());
    EndpointDocument changed = document.with(Shapes.toJson(request), exact, settings(engine));
    changed.json().put("EngineDisplayName", EngineCatalog.displayName(engine));
    return changed;
  }

  private void replace(Resource before, EndpointDocument after) {
    String identifier = after.json().path("EndpointIdentifier").asString(before.identifier());
    try {
      store
          .resources()
          .replace(
              new Resource(
                  before.kind(),
                  before.arn(),
                  identifier,
                  after.json().toString(),
                  before.createdAt()));
    } catch (DuplicateResourceException e) {
      throw Fault.resourceAlreadyExists(
          "The resource you are attempting to create already exists.", e.existingArn());
    }
  }

  public DeleteEndpointResponse deleteEndpoint(DeleteEndpointRequest request) {
    String arn = request.endpointArn();
    Endpoint deleted =
        store.atomically(() -> {
          Endpoint endpoint = shape(document(Lookup.require(store, ResourceKind.ENDPOINT, arn)));
          TaskUse.refuseAny("Endpoint", arn, new TaskUse(store).ofEndpoint(arn));
          store.resources().delete(arn);
          return endpoint;
        });
    return DeleteEndpointResponse.builder()
        .endpoint(deleted.toBuilder().status("deleting").build())
        .build();
  }

  /** Without secrets: for showing. */
  private static EndpointDocument document(Resource resource) {
    return EndpointDocument.stored(resource.wireJson(), Map.of());
  }

  private Endpoint shape(EndpointDocument document) {
    return document.shape(settings(document.engine()));
  }

  private List<EndpointSetting> settings(String engine) {
    return engines.find(engine).map(Connector::settings).orElse(List.of());
  }
}
