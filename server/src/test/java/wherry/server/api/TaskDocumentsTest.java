package wherry.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import wherry.server.wire.Fault;

class TaskDocumentsTest {
  @Test
  void a_document_read_from_us_may_come_back_with_the_names_of_its_log() {
    TaskDocuments logged =
        TaskDocuments.created("{\"Logging\":{\"EnableLogging\":true}}")
            .withLogNames("instance", "ABC");
    assertThat(logged.document().path("Logging").path("CloudWatchLogGroup").asString())
        .isEqualTo("dms-tasks-instance");
    assertThat(logged.merged(logged.document().toString()).document()).isEqualTo(logged.document());
  }

  @Test
  void names_of_a_log_cannot_be_chosen() {
    assertThatThrownBy(
            () -> TaskDocuments.created("{\"Logging\":{\"CloudWatchLogGroup\":\"mine\"}}"))
        .isInstanceOf(Fault.class)
        .hasMessage(
            "Task Settings CloudWatchLogGroup or CloudWatchLogStream cannot be set on create.");
  }

  @Test
  void what_users_have_said_is_remembered_apart_from_defaults() {
    TaskDocuments documents =
        TaskDocuments.created("{\"TargetMetadata\":{\"LobMaxSize\":64}}")
            .merged("{\"TargetMetadata\":{\"TargetSchema\":\"s\"}}");
    assertThat(documents.given().toString())
        .isEqualTo("{\"TargetMetadata\":{\"LobMaxSize\":64,\"TargetSchema\":\"s\"}}");
    assertThat(TaskDocuments.created(null).given()).isEmpty();
  }

  @Test
  void a_change_of_severities_is_told_from_other_changes() {
    TaskDocuments before = TaskDocuments.created("{}");
    String severity =
        "{\"Logging\":{\"LogComponents\":[{\"Id\":\"TARGET_LOAD\",\"Severity\":\"LOGGER_SEVERITY_DEBUG\"}]}}";
    assertThat(before.merged(severity).differsOnlyInSeverities(before)).isTrue();
    assertThat(
            before
                .merged("{\"FullLoadSettings\":{\"CommitRate\":5}}")
                .differsOnlyInSeverities(before))
        .isFalse();
  }

  @Test
  void deleting_logs_is_a_command_and_leaves_no_trace_in_the_document() {
    String command = "{\"Logging\":{\"DeleteTaskLogs\":true}}";
    assertThat(TaskDocuments.asksToDeleteLogs(command)).isTrue();
    TaskDocuments after = TaskDocuments.created("{}").merged(command);
    assertThat(after.document()).isEqualTo(TaskDocuments.created("{}").document());
    assertThat(after.given().path("Logging")).isEmpty();
  }
}
