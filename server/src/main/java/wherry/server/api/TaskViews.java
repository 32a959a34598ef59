package wherry.server.api;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTaskStats;
import wherry.server.run.TaskRun;
import wherry.task.ChangeCounts;
import wherry.task.MigrationType;
import wherry.task.TableState;
import wherry.task.TableStatistics;

/** Tasks and tables in the API's shapes, computed from real counts at the moment of asking. */
final class TaskViews {
  private TaskViews() {}

  static ReplicationTaskStats stats(MigrationType type, TaskRun run, List<TableStatistics> tables) {
    ReplicationTaskStats.Builder stats =
        ReplicationTaskStats.builder()
            .fullLoadProgressPercent(percent(type, run, tables))
            .elapsedTimeMillis(elapsed(run))
            .tablesLoaded(count(tables, s -> s == TableState.COMPLETED))
            .tablesLoading(
                count(tables, s -> s == TableState.FULL_LOAD || s == TableState.BEING_RELOADED))
            .tablesQueued(count(tables, s -> s == TableState.BEFORE_LOAD))
            .tablesErrored(
                count(
                    tables,
                    s ->
                        s == TableState.ERROR
                            || s == TableState.CANCELLED
                            || s == TableState.DOES_NOT_EXIST))
            .freshStartDate(run.freshStartAt())
            .startDate(run.startedAt())
            .stopDate(run.stoppedAt());
    first(tables).ifPresent(stats::fullLoadStartDate);
    last(tables).ifPresent(stats::fullLoadFinishDate);
    return stats.build();
  }

  /** Where nothing is to be loaded all of it is. */
  private static int percent(MigrationType type, TaskRun run, List<TableStatistics> tables) {
    return type.loads() ? TableStatistics.percent(tables) : run.everStarted() ? 100 : 0;
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

  private static Optional<Instant> first(List<TableStatistics> tables) {
    return tables.stream()
        .flatMap(t -> Optional.ofNullable(t.startedAt()).stream())
        .min(Comparator.naturalOrder());
  }

  /** When the last table ended; empty while one has not. */
  private static Optional<Instant> last(List<TableStatistics> tables) {
    return tables.stream().allMatch(t -> t.state().isOver())
        ? tables.stream()
            .flatMap(t -> Optional.ofNullable(t.endedAt()).stream())
            .max(Comparator.naturalOrder())
        : Optional.empty();
  }

  static software.amazon.awssdk.services.databasemigration.model.TableStatistics table(
      TableStatistics table) {
    ChangeCounts changes = table.changes();
    return software.amazon.awssdk.services.databasemigration.model.TableStatistics.builder()
        .schemaName(table.table().schema())
        .tableName(table.table().name())
        .inserts(changes.inserts())
        .deletes(changes.deletes())
        .updates(changes.updates())
        .ddls(changes.ddls())
        .appliedInserts(changes.appliedInserts())
        .appliedDeletes(changes.appliedDeletes())
        .appliedUpdates(changes.appliedUpdates())
        .appliedDdls(changes.appliedDdls())
        .fullLoadRows(table.loaded())
        .fullLoadCondtnlChkFailedRows(0L)
        .fullLoadErrorRows(table.rejected())
        .fullLoadStartTime(table.startedAt())
        .fullLoadEndTime(table.endedAt())
        .fullLoadReloaded(table.reloaded())
        .lastUpdateTime(table.updatedAt())
        .tableState(table.state().wire())
        .validationPendingRecords(0L)
        .validationFailedRecords(0L)
        .validationSuspendedRecords(0L)
        .validationState("Not enabled")
        .build();
  }
}
