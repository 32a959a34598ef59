package wherry.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import wherry.change.Checkpoint;
import wherry.task.SettingsDocument;
import wherry.task.TaskDefinition;

class TaskRunTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final TaskRun NEW =
      TaskRun.none(SettingsDocument.parse("{\"Logging\":{\"EnableLogging\":true}}"));

  @Test
  void a_run_is_the_same_after_the_store() {
    TaskRun run =
        NEW.started(TaskDefinition.Start.FRESH, NOW)
            .hasBegun()
            .at("0/16B3748")
            .reached(checkpoint("0/16B3750"))
            .stopped(NOW.plusSeconds(1), true);
    assertThat(TaskRun.parse(run.json())).isEqualTo(run);
    assertThat(TaskRun.parse(NEW.json())).isEqualTo(NEW);
  }

  @Test
  void a_run_of_a_version_that_captured_no_changes_is_understood() {
    TaskRun run =
        TaskRun.parse(
            """
            {"given":{},"start":"FRESH","begun":true,"startedAt":"2026-01-02T03:04:05.678Z",
             "endedByItself":true,"position":"0/16B3748"}
            """);
    assertThat(run.startedAt()).isEqualTo(NOW);
    assertThat(run.captureStart()).isEmpty();
    assertThat(run.checkpoint()).isEmpty();
  }

  @Test
  void the_first_checkpoint_is_where_capture_began_and_a_fresh_start_forgets_both() {
    TaskRun run =
        NEW.started(TaskDefinition.Start.FRESH, NOW)
            .reached(checkpoint("0/10"))
            .reached(checkpoint("0/20"));
    assertThat(run.captureStart()).isEqualTo("0/10");
    assertThat(run.checkpoint()).isEqualTo("checkpoint:V1#1#0/20#0#0#*#0#0");
    TaskRun resumed = run.stopped(NOW, false).started(TaskDefinition.Start.RESUME, NOW);
    assertThat(resumed.captureStart()).isEqualTo("0/10");
    assertThat(resumed.checkpoint()).isEqualTo(run.checkpoint());
    assertThat(resumed.started(TaskDefinition.Start.FRESH, NOW).checkpoint()).isEmpty();
  }

  private static Checkpoint checkpoint(String position) {
    return new Checkpoint(position, NOW, position, List.of(), "a log");
  }

  @Test
  void
      a_restart_of_the_service_repeats_a_start_that_had_not_come_to_loading_and_resumes_one_that_had() {
    TaskRun started = NEW.started(TaskDefinition.Start.FRESH, NOW);
    assertThat(started.afterRestart()).isEqualTo(TaskDefinition.Start.FRESH);
    assertThat(started.hasBegun().afterRestart()).isEqualTo(TaskDefinition.Start.RESUME);
  }

  @Test
  void a_resume_keeps_the_date_of_the_fresh_start() {
    TaskRun resumed =
        NEW.started(TaskDefinition.Start.FRESH, NOW)
            .stopped(NOW.plusSeconds(5), false)
            .started(TaskDefinition.Start.RESUME, NOW.plusSeconds(9));
    assertThat(resumed.freshStartAt()).isEqualTo(NOW);
    assertThat(resumed.startedAt()).isEqualTo(NOW.plusSeconds(9));
    assertThat(resumed.stoppedAt()).isNull();
    assertThat(NEW.everStarted()).isFalse();
    assertThat(resumed.everStarted()).isTrue();
  }
}
