package wherry.server.api;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.databasemigration.model.ApplyPendingMaintenanceActionRequest;
import software.amazon.awssdk.services.databasemigration.model.ApplyPendingMaintenanceActionResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeEngineVersionsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeEngineVersionsResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeOrderableReplicationInstancesRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeOrderableReplicationInstancesResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribePendingMaintenanceActionsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribePendingMaintenanceActionsResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationInstanceTaskLogsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeReplicationInstanceTaskLogsResponse;
import software.amazon.awssdk.services.databasemigration.model.EngineVersion;
import software.amazon.awssdk.services.databasemigration.model.OrderableReplicationInstance;
import software.amazon.awssdk.services.databasemigration.model.ReplicationInstance;
import software.amazon.awssdk.services.databasemigration.model.ReplicationInstanceTaskLog;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;

/**
 * What can be told about instances without changing one: classes, versions, logs, maintenance. Safe
 * for all threads.
 */
public final class InstanceCatalogOperations {
  private static final Set<String> MAINTENANCE_ACTIONS =
      Set.of("os-upgrade", "system-update", "db-upgrade", "os-patch");
  private static final Set<String> OPT_IN_TYPES =
      Set.of("immediate", "next-maintenance", "undo-opt-in");

  private static final Filters<ReplicationInstance> MAINTENANCE_FILTERS =
      Filters.<ReplicationInstance>on("Pending Maintenance Actions")
          .by("replication-instance-arn", ReplicationInstance::replicationInstanceArn)
          .by("replication-instance-id", ReplicationInstance::replicationInstanceIdentifier);

  private final Store store;
  private final InstanceHooks hooks;
  private final Shelf<ReplicationInstance> shelf;

  InstanceCatalogOperations(Store store, InstanceHooks hooks) {
    this.store = store;
    this.hooks = hooks;
    this.shelf = ReplicationInstances.shelf(store);
  }

  public DescribeOrderableReplicationInstancesResponse describeOrderableReplicationInstances(
      DescribeOrderableReplicationInstancesRequest request, Caller caller) {
    List<OrderableReplicationInstance> all =
        InstanceClasses.ENGINE_VERSIONS.reversed().stream()
            .flatMap(version ->
                InstanceClasses.names().stream().map(name -> orderable(version, name, caller)))
            .toList();
    var page = Page.of(numbered(all), Numbered::key, request.maxRecords(), request.marker());
    return DescribeOrderableReplicationInstancesResponse.builder()
        .orderableReplicationInstances(page.items().stream().map(Numbered::item).toList())
        .marker(page.marker())
        .build();
  }

  private static OrderableReplicationInstance orderable(
      String version, String instanceClass, Caller caller) {
    int storage = InstanceClasses.defaultStorageGigabytes(instanceClass);
    return OrderableReplicationInstance.builder()
        .engineVersion(version)
        .replicationInstanceClass(instanceClass)
        .storageType("gp2")
        .minAllocatedStorage(InstanceClasses.LEAST_STORAGE_GIGABYTES)
        .maxAllocatedStorage(InstanceClasses.MOST_STORAGE_GIGABYTES)
        .defaultAllocatedStorage(storage)
        .includedAllocatedStorage(storage)
        .availabilityZones(
            IntStream.range(0, 3).mapToObj(n -> AccountFacts.availabilityZone(caller, n)).toList())
        .releaseStatus("prod")
        .build();
  }

  /** An entry of a fixed table; its place is its key. */
  private record Numbered<T>(int number, T item) {
    String key() {
      return "%06d".formatted(number);
    }
  }

  private static <T> List<Numbered<T>> numbered(List<T> items) {
    return IntStream.range(0, items.size()).mapToObj(i -> new Numbered<>(i, items.get(i))).toList();
  }

  public DescribeEngineVersionsResponse describeEngineVersions(
      DescribeEngineVersionsRequest request) {
    List<String> versions = InstanceClasses.ENGINE_VERSIONS;
    List<EngineVersion> all =
        versions.reversed().stream()
            .map(version ->
                EngineVersion.builder()
                    .version(version)
                    .releaseStatus("prod")
                    .availableUpgrades(
                        versions.subList(versions.indexOf(version) + 1, versions.size()))
                    .build())
            .toList();
    var page = Page.of(numbered(all), Numbered::key, request.maxRecords(), request.marker());
    return DescribeEngineVersionsResponse.builder()
        .engineVersions(page.items().stream().map(Numbered::item).toList())
        .marker(page.marker())
        .build();
  }

  public DescribeReplicationInstanceTaskLogsResponse describeReplicationInstanceTaskLogs(
      DescribeReplicationInstanceTaskLogsRequest request) {
    String arn = shelf.require(request.replicationInstanceArn()).arn();
    var page =
        Page.of(
            new TaskUse(store).ofInstance(arn),
            ReplicationTask::replicationTaskArn,
            request.maxRecords(),
            request.marker());
    return DescribeReplicationInstanceTaskLogsResponse.builder()
        .replicationInstanceArn(arn)
        .replicationInstanceTaskLogs(page.items().stream().map(this::log).toList())
        .marker(page.marker())
        .build();
  }

  private ReplicationInstanceTaskLog log(ReplicationTask task) {
    return ReplicationInstanceTaskLog.builder()
        .replicationTaskName(task.replicationTaskIdentifier())
        .replicationTaskArn(task.replicationTaskArn())
        .replicationInstanceTaskLogSize(hooks.logSizeBytes(task.replicationTaskArn()))
        .build();
  }

  /** Always empty: there is no hardware whose maintenance could be pending. */
  public DescribePendingMaintenanceActionsResponse describePendingMaintenanceActions(
      DescribePendingMaintenanceActionsRequest request) {
    if (request.replicationInstanceArn() != null) {
      shelf.require(request.replicationInstanceArn());
    }
    var instances = shelf.list().stream().map(Shelf.Item::shape).toList();
    MAINTENANCE_FILTERS.require(request.filters(), instances);
    Page.of(List.<String>of(), key -> key, request.maxRecords(), request.marker());
    return DescribePendingMaintenanceActionsResponse.builder()
        .pendingMaintenanceActions(List.of())
        .build();
  }

  public ApplyPendingMaintenanceActionResponse applyPendingMaintenanceAction(
      ApplyPendingMaintenanceActionRequest request) {
    requireOneOf("ApplyAction", request.applyAction(), MAINTENANCE_ACTIONS);
    requireOneOf("OptInType", request.optInType(), OPT_IN_TYPES);
    String arn = shelf.require(request.replicationInstanceArn()).arn();
    throw Fault.resourceNotFound(
        "There is no pending maintenance action "
            + request.applyAction()
            + " for replication instance "
            + arn
            + ".");
  }

  private static void requireOneOf(String parameter, String value, Set<String> allowed) {
    if (!allowed.contains(value)) {
      throw Fault.invalidParameterValue(
          "The "
              + parameter
              + " \""
              + value
              + "\" is not valid: it is one of "
              + String.join(", ", allowed.stream().sorted().toList())
              + ".");
    }
  }
}
