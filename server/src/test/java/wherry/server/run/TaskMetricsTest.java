package wherry.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import wherry.task.ChangeProgress;

class TaskMetricsTest {
  private final TaskGauges gauges = new TaskGauges();

  private String text() {
    return TaskMetrics.text(List.of(new TaskMetrics.Row("local", "ABC", "running", gauges)));
  }

  private static ChangeProgress progress(long captured, long applied) {
    return new ChangeProgress(
        "0/10",
        captured,
        applied,
        captured - applied,
        1000,
        Duration.ofMillis(1500),
        Duration.ofMillis(2250),
        7);
  }

  @Test
  void metrics_have_the_names_and_dimensions_of_cloud_watch() {
    gauges.progress(progress(500, 460));

    assertThat(text().lines())
        .contains(
            "# TYPE aws_dms_cdc_latency_target gauge",
            "aws_dms_cdc_latency_source"
                + "{replication_instance_identifier=\"local\",replication_task_identifier=\"ABC\"} 1.500",
            "aws_dms_cdc_latency_target"
                + "{replication_instance_identifier=\"local\",replication_task_identifier=\"ABC\"} 2.250",
            "aws_dms_cdc_incoming_changes"
                + "{replication_instance_identifier=\"local\",replication_task_identifier=\"ABC\"} 40.000",
            "aws_dms_replication_task_status"
                + "{replication_instance_identifier=\"local\",replication_task_identifier=\"ABC\",status=\"running\"} 1.000");
  }

  @Test
  void every_line_is_of_the_text_format_of_prometheus() {
    assertThat(text().lines())
        .allMatch(line ->
            line.matches("# (HELP|TYPE) aws_dms_[a-z_]+ .+")
                || line.matches("aws_dms_[a-z_]+\\{([a-z_]+=\"[^\"]*\",?)+} \\d+\\.\\d{3}"));
  }

  @Test
  void rates_are_averages_of_the_last_seconds_and_never_below_zero() {
    assertThat(gauges.loadedPerSecond()).isZero();
    long second = TimeUnit.SECONDS.toNanos(1);
    for (int i = 0; i <= 30; i++) {
      gauges.progress(progress(i < 20 ? 0 : 100L * (i - 20), i < 20 ? 0 : 50L * (i - 20)));
      gauges.sample(i * second, 10L * i);
    }
    assertThat(gauges.loadedPerSecond()).isEqualTo(10);
    assertThat(gauges.capturedPerSecond()).isEqualTo(100);
    assertThat(gauges.appliedPerSecond()).isEqualTo(50);

    gauges.sample(31 * second, 0);
    assertThat(gauges.loadedPerSecond()).isZero();
  }
}
