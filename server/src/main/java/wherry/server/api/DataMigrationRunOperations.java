package wherry.server.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import software.amazon.awssdk.services.databasemigration.model.DataMigration;
import software.amazon.awssdk.services.databasemigration.model.DataMigrationSettings;
import software.amazon.awssdk.services.databasemigration.model.DataMigrationStatistics;
import software.amazon.awssdk.services.databasemigration.model.DescribeDataMigrationsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeDataMigrationsResponse;
import software.amazon.awssdk.services.databasemigration.model.StartDataMigrationRequest;
import software.amazon.awssdk.services.databasemigration.model.StartDataMigrationResponse;
import software.amazon.awssdk.services.databasemigration.model.StopDataMigrationRequest;
import software.amazon.awssdk.services.databasemigration.model.StopDataMigrationResponse;
import wherry.error.DmsException;
import wherry.server.run.MigrationRecords;
import wherry.server.run.MigrationStatus;
import wherry.server.run.MigrationSupervisor;
import wherry.server.run.TaskRun;
import wherry.server.store.Store;
import wherry.server.wire.Fault;
import wherry.task.MigrationType;
import wherry.task.TableState;
import wherry.task.TableStatistics;
import wherry.task.TaskDefinition;

/** Data migrations at work: start, stop, and what they have done. Safe for all threads. */
public final class DataMigrationRunOperations {
  private static final Filters<Shelf.Item<DataMigration>> FILTERS =
      Filters.<Shelf.Item<DataMigration>>on("Data migrations")
          .by("data-migration-arn", Shelf.Item::arn)
          .by("data-migration-name", item -> item.shape().dataMigrationName())
          .byAny(
              "data-migration-identifier",
              item -> List.of(item.arn(), item.shape().dataMigrationName()))
          .by("migration-project-identifier", item -> item.shape().migrationProjectArn());

  private final MigrationSupervisor supervisor;
  private final MigrationRecords records;
  private final Shelf<DataMigration> shelf;

  DataMigrationRunOperations(Store store, MigrationSupervisor supervisor) {
    this.supervisor = supervisor;
    this.records = supervisor.records();
    this.shelf = ProjectUse.migrations(store);
  }

  public StartDataMigrationResponse startDataMigration(StartDataMigrationRequest request) {
    DataMigration before = shelf.requireNamed(request.dataMigrationIdentifier()).shape();
    String arn = before.dataMigrationArn();
    if (!MigrationStatus.of(before).isResting()) {
      throw cannotStart(before);
    }
    String startType = request.startTypeAsString();
    TaskDefinition.Start how = how(startType, before);
    try {
      supervisor.checkProviders(before);
    } catch (DmsException e) {
      throw Fault.failedDependency(String.valueOf(e.getMessage()));
    }
    requireRoom();
    DataMigration starting =
        records
            .transition(
                arn,
                MigrationStatus::isResting,
                m ->
                    m.toBuilder()
                        .dataMigrationStatus(MigrationStatus.STARTING.wire())
                        .dataMigrationStartTime(Instant.now())
                        .dataMigrationEndTime(null)
                        .stopReason(null)
                        .lastFailureMessage(null)
                        .build())
            .orElseThrow(() -> cannotStart(shelf.require(arn).shape()));
    supervisor.start(arn, how, startType.equals("reload-target"));
    return StartDataMigrationResponse.builder()
        .dataMigration(described(starting, false, false))
        .build();
  }

  private void requireRoom() {
    long running = records.list().stream().filter(m -> !MigrationStatus.of(m).isResting()).count();
    if (running >= Quota.DATA_MIGRATIONS_RUNNING) {
      throw Fault.resourceQuotaExceeded(
          "The quota of "
              + Quota.DATA_MIGRATIONS_RUNNING
              + " running data migrations is used up. Wait for one to end, or stop it.");
    }
  }

  private static Fault cannotStart(DataMigration migration) {
    return DataMigrationOperations.wrongStatus(
        migration, "it can be started when it is ready, stopped or failed.");
  }

  /**
   * @throws Fault InvalidOperationFault when the type of start does not fit what was done so far
   */
  private TaskDefinition.Start how(String startType, DataMigration migration) {
    TaskRun run = supervisor.run(migration.dataMigrationArn());
    MigrationType type = MigrationType.ofWire(migration.dataMigrationTypeAsString());
    boolean first = startType.equals("start-replication");
    if (first == run.everStarted()) {
      throw Fault.invalidOperation(
          first
              ? "start-replication is for the first start of a data migration. This one has run"
                  + " before: use resume-processing to go on, or reload-target to begin anew."
              : startType + " is for data migrations that have run before; use start-replication.");
    }
    if (startType.equals("reload-target") && !type.loads()) {
      throw Fault.invalidOperation(
          "A data migration of type cdc loads nothing, so reload-target has nothing to do; use"
              + " resume-processing.");
    }
    return startType.equals("resume-processing") ? run.afterRestart() : TaskDefinition.Start.FRESH;
  }

  public StopDataMigrationResponse stopDataMigration(StopDataMigrationRequest request) {
    DataMigration before = shelf.requireNamed(request.dataMigrationIdentifier()).shape();
    String arn = before.dataMigrationArn();
    DataMigration stopping =
        records
            .transition(
                arn,
                MigrationStatus::isRunning,
                m -> m.toBuilder().dataMigrationStatus(MigrationStatus.STOPPING.wire()).build())
            .orElseThrow(() ->
                DataMigrationOperations.wrongStatus(
                    shelf.require(arn).shape(), "only one that runs can be stopped."));
    supervisor.stop(arn);
    return StopDataMigrationResponse.builder()
        .dataMigration(described(stopping, false, false))
        .build();
  }

  public DescribeDataMigrationsResponse describeDataMigrations(
      DescribeDataMigrationsRequest request) {
    var page = shelf.page(FILTERS, request.filters(), request.maxRecords(), request.marker());
    return DescribeDataMigrationsResponse.builder()
        .dataMigrations(
            page.items().stream()
                .map(item ->
                    described(
                        item.shape(),
                        Boolean.TRUE.equals(request.withoutSettings()),
                        Boolean.TRUE.equals(request.withoutStatistics())))
                .toList())
        .marker(page.marker())
        .build();
  }

  private DataMigration described(
      DataMigration migration, boolean withoutSettings, boolean withoutStatistics) {
    String arn = migration.dataMigrationArn();
    DataMigration.Builder described = migration.toBuilder();
    if (withoutSettings) {
      described.dataMigrationSettings((DataMigrationSettings) null);
      described.sourceDataSettings(List.of()).targetDataSettings(List.of());
    }
    if (!withoutStatistics) {
      described.dataMigrationStatistics(statistics(migration));
    }
    String trouble = supervisor.trouble(arn);
    if (!trouble.isEmpty()) {
      described.lastFailureMessage(trouble);
    }
    return described.build();
  }

  private DataMigrationStatistics statistics(DataMigration migration) {
    String arn = migration.dataMigrationArn();
    TaskRun run = supervisor.run(arn);
    List<TableStatistics> tables = supervisor.statistics(arn);
    int leftTables = run.objects().leftTables().size();
    MigrationType type = MigrationType.ofWire(migration.dataMigrationTypeAsString());
    DataMigrationStatistics.Builder statistics =
        DataMigrationStatistics.builder()
            .tablesLoaded(count(tables, s -> type.loads() && s == TableState.COMPLETED))
            .tablesLoading(
                count(tables, s -> s == TableState.FULL_LOAD || s == TableState.BEING_RELOADED))
            .tablesQueued(count(tables, s -> s == TableState.BEFORE_LOAD))
            .tablesErrored(
                leftTables
                    + count(
                        tables,
                        s ->
                            s == TableState.ERROR
                                || s == TableState.CANCELLED
                                || s == TableState.DOES_NOT_EXIST))
            .fullLoadPercentage(type.loads() ? TableStatistics.percent(tables) : 0)
            .elapsedTimeMillis(elapsed(run))
            .startTime(run.startedAt())
            .stopTime(run.stoppedAt());
    supervisor
        .progress(arn)
        .ifPresent(progress -> statistics.cdcLatency((int) progress.targetLatency().toSeconds()));
    return statistics.build();
  }

  private static long elapsed(TaskRun run) {
    Instant from = run.startedAt();
    return from == null
        ? 0
        : Duration.between(from, Objects.requireNonNullElseGet(run.stoppedAt(), Instant::now))
            .toMillis();
  }

  private static int count(List<TableStatistics> tables, Predicate<TableState> states) {
    return (int) tables.stream().filter(table -> states.test(table.state())).count();
  }
}
