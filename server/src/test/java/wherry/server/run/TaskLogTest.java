package wherry.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wherry.task.TaskListener.Component;
import wherry.task.TaskListener.Severity;

class TaskLogTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void choose_the_file() {
    file = TaskLog.file(directory, "my-instance", "ABC");
  }

  private TaskLog log(boolean enabled, Map<String, String> severities) {
    return new TaskLog(file, enabled, severities);
  }

  @Test
  void lines_look_as_aws_dms_writes_them() throws IOException {
    log(true, Map.of()).write(Component.TARGET_LOAD, Severity.WARNING, "slow target");
    assertThat(file).hasFileName("dms-task-ABC.log");
    assertThat(Files.readString(file))
        .matches(
            "\\d{8}: \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d \\[TARGET_LOAD     ]W:  slow target\\R");
  }

  @Test
  void nothing_is_written_without_enable_logging() {
    log(false, Map.of()).write(Component.TASK_MANAGER, Severity.ERROR, "never seen");
    assertThat(file).doesNotExist();
  }

  @Test
  void a_component_writes_down_to_its_severity_and_a_change_takes_effect_at_once()
      throws IOException {
    TaskLog log = log(true, Map.of("TASK_MANAGER", "LOGGER_SEVERITY_ERROR"));
    log.write(Component.TASK_MANAGER, Severity.WARNING, "left out");
    log.write(Component.TABLES_MANAGER, Severity.INFO, "by default");
    log.write(Component.TABLES_MANAGER, Severity.DEBUG, "left out, too");
    log.severities(Map.of("TASK_MANAGER", "LOGGER_SEVERITY_DEBUG"));
    log.write(Component.TASK_MANAGER, Severity.DEBUG, "after the change");
    assertThat(Files.readAllLines(file)).hasSize(2).first().asString().endsWith("by default");
  }

  @Test
  void a_log_is_measured_with_its_rotated_part_and_deleted_with_it() throws IOException {
    TaskLog log = log(true, Map.of());
    String megabyte = "x".repeat(1 << 20);
    for (int i = 0; i < 18; i++) {
      log.write(Component.TASK_MANAGER, Severity.INFO, megabyte);
    }
    assertThat(Files.size(file)).isLessThan(16L << 20);
    assertThat(TaskLog.bytes(file)).isGreaterThan(18L << 20);
    TaskLog.delete(file);
    assertThat(TaskLog.bytes(file)).isZero();
  }
}
