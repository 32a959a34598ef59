package wherry.server.api;

import java.util.List;
import software.amazon.awssdk.services.databasemigration.model.DescribeRefreshSchemasStatusRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeRefreshSchemasStatusResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeSchemasRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeSchemasResponse;
import software.amazon.awssdk.services.databasemigration.model.RefreshSchemasRequest;
import software.amazon.awssdk.services.databasemigration.model.RefreshSchemasResponse;
import software.amazon.awssdk.services.databasemigration.model.RefreshSchemasStatus;
import wherry.server.run.SchemaRefresher;
import wherry.server.store.ResourceKind;
import wherry.server.store.SchemaRefreshes;
import wherry.server.store.SchemaRefreshes.Refresh;
import wherry.server.store.Store;
import wherry.server.wire.Fault;

/** The schemas of an endpoint's database. Safe for all threads. */
public final class SchemaOperations {
  private final Store store;
  private final SchemaRefresher refresher;

  SchemaOperations(Store store, SchemaRefresher refresher) {
    this.store = store;
    this.refresher = refresher;
  }

  /** Asks the database in the background; how it went is in DescribeRefreshSchemasStatus. */
  public RefreshSchemasResponse refreshSchemas(RefreshSchemasRequest request) {
    Refresh refresh =
        store.atomically(() -> {
          Lookup.require(store, ResourceKind.ENDPOINT, request.endpointArn());
          Lookup.require(store, ResourceKind.INSTANCE, request.replicationInstanceArn());
          boolean busy =
              store
                  .schemaRefreshes()
                  .find(request.endpointArn())
                  .filter(before -> before.status().equals(SchemaRefreshes.REFRESHING))
                  .isPresent();
          if (busy) {
            throw Fault.invalidResourceState(
                "The schemas of endpoint "
                    + request.endpointArn()
                    + " are already being refreshed.");
          }
          return refresher.begin(request.endpointArn(), request.replicationInstanceArn());
        });
    return RefreshSchemasResponse.builder().refreshSchemasStatus(status(refresh)).build();
  }

  public DescribeRefreshSchemasStatusResponse describeRefreshSchemasStatus(
      DescribeRefreshSchemasStatusRequest request) {
    Lookup.require(store, ResourceKind.ENDPOINT, request.endpointArn());
    Refresh refresh =
        store
            .schemaRefreshes()
            .find(request.endpointArn())
            .orElseThrow(() ->
                Fault.resourceNotFound(
                    "The schemas of endpoint "
                        + request.endpointArn()
                        + " have not been refreshed yet. Call"
                        + " RefreshSchemas first."));
    return DescribeRefreshSchemasStatusResponse.builder()
        .refreshSchemasStatus(status(refresh))
        .build();
  }

  /** What the last refresh found; when there was none yet, the database is asked now. */
  public DescribeSchemasResponse describeSchemas(DescribeSchemasRequest request) {
    Lookup.require(store, ResourceKind.ENDPOINT, request.endpointArn());
    var page =
        Page.of(
            schemas(request.endpointArn()), name -> name, request.maxRecords(), request.marker());
    return DescribeSchemasResponse.builder().schemas(page.items()).marker(page.marker()).build();
  }

  private List<String> schemas(String endpointArn) {
    if (store.schemaRefreshes().find(endpointArn).isEmpty()) {
      Refresh refresh = refresher.refreshNow(endpointArn);
      if (refresh.status().equals(SchemaRefreshes.FAILED)) {
        throw Fault.invalidResourceState(
            "The schemas of endpoint "
                + endpointArn
                + " cannot be listed. "
                + refresh.lastFailure());
      }
    }
    return store.schemaRefreshes().schemas(endpointArn);
  }

  private static RefreshSchemasStatus status(Refresh refresh) {
    return RefreshSchemasStatus.builder()
        .endpointArn(refresh.endpointArn())
        .replicationInstanceArn(refresh.instanceArn().isEmpty() ? null : refresh.instanceArn())
        .status(refresh.status())
        .lastRefreshDate(refresh.refreshedAt())
        .lastFailureMessage(refresh.lastFailure().isEmpty() ? null : refresh.lastFailure())
        .build();
  }
}
