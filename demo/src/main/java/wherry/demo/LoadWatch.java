package wherry.demo;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.databasemigration.model.ReplicationTask;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import wherry.sandbox.SandboxException;

/** Follows a running task through the API and shows how far it is. */
final class LoadWatch {
  private static final long POLL_MILLISECONDS = 250;
  private static final int BAR_WIDTH = 24;
  private static final double NANOS_PER_SECOND = 1e9;

  private final MigrationApi api;
  private final Display display;
  private final long expectedRows;
  private final int expectedTables;
  private final long startNanos = System.nanoTime();

  /**
   * @param expectedRows how many rows the source holds, for the estimate of the time left
   */
  LoadWatch(MigrationApi api, Display display, long expectedRows, int expectedTables) {
    this.api = api;
    this.display = display;
    this.expectedRows = expectedRows;
    this.expectedTables = expectedTables;
  }

  /**
   * Returns the statistics of the task's tables when it has ended.
   *
   * @throws SandboxException with the service's explanation when it did not end by finishing its
   *     load
   */
  List<TableStatistics> untilFinished(String taskArn) {
    while (true) {
      ReplicationTask task = api.task(taskArn);
      List<TableStatistics> tables = api.tables(taskArn);
      display.status(progress(tables));
      if (task.status().equals("failed") || task.status().equals("stopped")) {
        if (!String.valueOf(task.stopReason()).contains("FULL_LOAD_ONLY_FINISHED")) {
          throw new SandboxException(
              "the task ended %s, stop reason %s: %s"
                  .formatted(task.status(), task.stopReason(), task.lastFailureMessage()));
        }
        display.line(summary(tables));
        return tables;
      }
      api.pause(POLL_MILLISECONDS);
    }
  }

  /**
   * For instance {@code [#####...] 3/9 tables, 120,000 of 866,602 rows, 98,000 rows/s, 7 s left;
   * loading orders}.
   */
  private String progress(List<TableStatistics> tables) {
    long rows = rows(tables);
    long done =
        tables.stream().filter(table -> table.tableState().equals("Table completed")).count();
    double seconds = (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
    double rate = rows / seconds;
    int filled = (int) Math.min(BAR_WIDTH, BAR_WIDTH * rows / Math.max(1, expectedRows));
    String left =
        rows == 0 ? "" : ", " + Math.round(Math.max(0, expectedRows - rows) / rate) + " s left";
    String loading =
        tables.stream()
            .filter(table -> table.tableState().equals("Full load"))
            .map(TableStatistics::tableName)
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "[%s%s] %d/%d tables, %,d of %,d rows, %,.0f rows/s%s%s",
        "#".repeat(filled),
        ".".repeat(BAR_WIDTH - filled),
        done,
        expectedTables,
        rows,
        expectedRows,
        rate,
        left,
        loading.isEmpty() ? "" : "; loading " + loading);
  }

  private String summary(List<TableStatistics> tables) {
    Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
    StringBuilder text = new StringBuilder();
    for (TableStatistics table : tables) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-12s %-16s %,12d rows%s%n",
              table.tableName(),
              table.tableState(),
              table.fullLoadRows(),
              table.fullLoadErrorRows() > 0 ? ", " + table.fullLoadErrorRows() + " rejected" : ""));
    }
    double seconds = elapsed.toMillis() / 1000.0;
    text.append(
        String.format(
            Locale.ROOT,
            "  %,d rows in %.1f s, %,.0f rows/s",
            rows(tables),
            seconds,
            rows(tables) / seconds));
    return text.toString();
  }

  private static long rows(List<TableStatistics> tables) {
    return tables.stream().mapToLong(TableStatistics::fullLoadRows).sum();
  }
}
