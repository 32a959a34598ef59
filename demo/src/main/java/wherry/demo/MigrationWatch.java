package wherry.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import wherry.sandbox.SandboxException;

/** Follows running tasks through the API and shows how far each is, and how far behind. */
final class MigrationWatch {
  private static final long POLL_MILLISECONDS = 250;
  private static final Duration CATCH_UP_TIMEOUT = Duration.ofMinutes(5);

  private final MigrationApi api;
  private final Display display;
  private final Map<Way, String> tasks;
  private final long startNanos = System.nanoTime();

  /**
   * @param tasks the ARNs of running tasks
   */
  MigrationWatch(MigrationApi api, Display display, Map<Way, String> tasks) {
    this.api = api;
    this.display = display;
    this.tasks = tasks;
  }

  /** Returns when every table of every task is loaded. */
  void untilLoaded() {
    while (!tasks.entrySet().stream().allMatch(task -> loaded(task.getKey(), task.getValue()))) {
      show();
      api.pause(POLL_MILLISECONDS);
    }
    display.line(summary());
  }

  private boolean loaded(Way way, String task) {
    List<TableStatistics> tables = api.tables(task);
    for (TableStatistics table : tables) {
      if (table.tableState().equals("Table error")) {
        throw new SandboxException(
            "table %s of %s could not be loaded; the service's log ends:\n%s"
                .formatted(table.tableName(), way.name(), api.logTail()));
      }
    }
    return tables.size() >= way.tables().size()
        && tables.stream().allMatch(table -> table.tableState().equals("Table completed"));
  }

  /** Looks on for a while. */
  void during(Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < deadline) {
      show();
      api.pause(POLL_MILLISECONDS);
    }
  }

  /**
   * Returns when the orders that were written last are on the targets and no task is behind.
   *
   * @param lastOrders by way
   */
  void untilCaughtUp(Map<Way, Long> lastOrders) throws SQLException {
    long deadline = System.nanoTime() + CATCH_UP_TIMEOUT.toNanos();
    for (Map.Entry<Way, String> task : tasks.entrySet()) {
      Way way = task.getKey();
      while (!arrived(way, lastOrders.getOrDefault(way, 0L)) || api.lag(task.getValue()) > 0) {
        if (System.nanoTime() > deadline) {
          throw new SandboxException(
              way.name() + " has not caught up within " + CATCH_UP_TIMEOUT.toSeconds() + " s");
        }
        show();
        api.pause(POLL_MILLISECONDS);
      }
      display.line("  " + progress(way, task.getValue()));
    }
  }

  private static boolean arrived(Way way, long order) throws SQLException {
    try (Connection target = way.target().connect();
        PreparedStatement query =
            target.prepareStatement(
                "SELECT 1 FROM %s.orders WHERE o_orderkey = ?"
                    .formatted(way.target().engine().quoted(way.target().schema())))) {
      query.setLong(1, order);
      return query.executeQuery().next();
    }
  }

  private void show() {
    tasks.forEach(this::requireRunning);
    display.status(
        tasks.entrySet().stream()
            .map(task -> progress(task.getKey(), task.getValue()))
            .collect(Collectors.joining(" | ")));
  }

  private void requireRunning(Way way, String arn) {
    ReplicationTask task = api.task(arn);
    if (!List.of("starting", "running").contains(task.status())) {
      throw new SandboxException(
          "the task %s is %s, stop reason %s: %s"
              .formatted(way.name(), task.status(), task.stopReason(), task.lastFailureMessage()));
    }
  }

  /**
   * For instance {@code PostgreSQL to MariaDB: 9/9 tables, 120,000 rows, 514 changes, 37 waiting,
   * lag 0.4 s}. The applications write all the time, so where no change is known of, the task has
   * not yet begun to read those that wait in the source's log.
   */
  private String progress(Way way, String task) {
    List<TableStatistics> tables = api.tables(task);
    long done =
        tables.stream().filter(table -> table.tableState().equals("Table completed")).count();
    long rows = tables.stream().mapToLong(TableStatistics::fullLoadRows).sum();
    long changes =
        tables.stream()
            .mapToLong(t -> t.appliedInserts() + t.appliedUpdates() + t.appliedDeletes())
            .sum();
    long waiting = api.waitingChanges(task);
    String behind =
        changes + waiting == 0
            ? "changes wait for the load"
            : String.format(
                Locale.ROOT,
                "%,d changes, %,d waiting, lag %.1f s",
                changes,
                waiting,
                api.lag(task));
    return String.format(
        Locale.ROOT,
        "%s: %d/%d tables, %,d rows, %s",
        way.name(),
        done,
        way.tables().size(),
        rows,
        behind);
  }

  private String summary() {
    double seconds = Duration.ofNanos(System.nanoTime() - startNanos).toMillis() / 1000.0;
    StringBuilder text = new StringBuilder();
    long all = 0;
    for (Map.Entry<Way, String> task : tasks.entrySet()) {
      text.append("  ").append(task.getKey().name()).append('\n');
      for (TableStatistics table : api.tables(task.getValue())) {
        all += table.fullLoadRows();
        text.append(
            String.format(
                Locale.ROOT,
                "    %-12s %-16s %,12d rows%s%n",
                table.tableName(),
                table.tableState(),
                table.fullLoadRows(),
                table.fullLoadErrorRows() > 0
                    ? ", " + table.fullLoadErrorRows() + " rejected"
                    : ""));
      }
    }
    return text
        + String.format(
            Locale.ROOT, "  %,d rows in %.1f s, %,.0f rows/s", all, seconds, all / seconds);
  }
}
