package wherry.server.run;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The metrics of tasks in the text format of Prometheus: those of AWS DMS ("Monitoring AWS DMS
 * tasks"), namespace and name in snake case, with the dimensions that they have in CloudWatch.
 */
final class TaskMetrics {
  /**
   * @param instance ReplicationInstanceIdentifier
   * @param task resource id of the task's ARN, which is what CloudWatch has as
   *     ReplicationTaskIdentifier
   * @param status of the task
   */
  record Row(String instance, String task, String status, TaskGauges gauges) {
    private String labels() {
      return "replication_instance_identifier=\""
          + instance
          + "\",replication_task_identifier=\""
          + task
          + "\"";
    }
  }

  private record Gauge(String name, String help, ToDoubleFunction<TaskGauges> value) {}

  private static final List<Gauge> GAUGES =
      List.of(
          new Gauge(
              "full_load_throughput_rows_target",
              "Rows per second that the full load sends to the target.",
              TaskGauges::loadedPerSecond),
          new Gauge(
              "cdc_incoming_changes",
              "Changes that wait to be applied.",
              gauges -> gauges.progress().map(p -> p.waiting()).orElse(0L)),
          new Gauge(
              "cdc_changes_memory_target",
              "Changes committed at the source that wait in memory to be committed at the target.",
              gauges -> gauges.progress().map(p -> p.waiting()).orElse(0L)),
          new Gauge(
              "cdc_throughput_rows_source",
              "Changes per second read from the source.",
              TaskGauges::capturedPerSecond),
          new Gauge(
              "cdc_throughput_rows_target",
              "Changes per second committed at the target.",
              TaskGauges::appliedPerSecond),
          new Gauge(
              "cdc_latency_source",
              "Seconds that capture is behind the last commit of the source.",
              gauges -> gauges.progress().map(p -> p.sourceLatency().toMillis()).orElse(0L) / 1e3),
          new Gauge(
              "cdc_latency_target",
              "Seconds since the source committed the oldest transaction that is not on the target.",
              gauges -> gauges.progress().map(p -> p.targetLatency().toMillis()).orElse(0L) / 1e3));

  private TaskMetrics() {}

  static String text(List<Row> rows) {
    StringBuilder text = new StringBuilder();
    head(text, "replication_task_status", "1 for the status that the task has.");
    for (Row row : rows) {
      line(text, "replication_task_status", row.labels() + ",status=\"" + row.status() + "\"", 1);
    }
    for (Gauge gauge : GAUGES) {
      head(text, gauge.name(), gauge.help());
      for (Row row : rows) {
        line(text, gauge.name(), row.labels(), gauge.value().applyAsDouble(row.gauges()));
      }
    }
    return text.toString();
  }

  private static void head(StringBuilder text, String name, String help) {
    text.append("# HELP aws_dms_").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE aws_dms_").append(name).append(" gauge\n");
  }

  private static void line(StringBuilder text, String name, String labels, double value) {
    text.append("aws_dms_").append(name).append('{').append(labels).append("} ");
    text.append(String.format(Locale.ROOT, "%.3f", value)).append('\n');
  }
}
