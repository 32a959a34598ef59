package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;
import wherry.connector.PrepareMode;
import wherry.task.TaskSettings.ErrorBehavior;
import wherry.task.TaskSettings.RecordPolicy;

class TaskSettingsTest {
  @Test
  void the_defaults_are_those_that_aws_documents_but_no_lob_is_cut() {
    TaskSettings settings = settings("{}");

    assertThat(settings.targetSchema()).isEmpty();
    assertThat(settings.supportLobs()).isTrue();
    assertThat(settings.lobBytesMax()).isEmpty();
    assertThat(settings.prepareMode()).isEqualTo(PrepareMode.DROP_AND_CREATE);
    assertThat(settings.keyAfterLoad()).isFalse();
    assertThat(settings.indexesAfterLoad()).isFalse();
    assertThat(settings.subTasksMax()).isEqualTo(8);
    assertThat(settings.commitRate()).isEqualTo(10_000);
    assertThat(settings.controlSchema()).isEmpty();
    assertThat(settings.failOnNoTables()).isTrue();
    assertThat(settings.logging()).isFalse();
    assertThat(settings.errors())
        .isEqualTo(
            new ErrorBehavior(
                /* data */ RecordPolicy.LOG_ERROR,
                /* truncation */ RecordPolicy.LOG_ERROR,
                /* escalation */ RecordPolicy.SUSPEND_TABLE,
                /* escalationCount */ 0,
                /* tableStopsTask */ false,
                /* tableEscalationCount */ 0,
                /* recoverableCount */ -1,
                /* recoverableIntervalSeconds */ 5,
                /* recoverableThrottling */ true,
                /* recoverableIntervalMaxSeconds */ 1800,
                /* stopAtIntervalMax */ true));
  }

  @ParameterizedTest(name = "{0} cuts at {1} bytes")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                          | 0
          {'TargetMetadata':{'LimitedSizeLobMode':true}}              | 0
          {'TargetMetadata':{'LobMaxSize':null}}                      | 0
          {'TargetMetadata':{'LobMaxSize':0}}                         | 0
          {'TargetMetadata':{'LobMaxSize':32}}                        | 32768
          {'TargetMetadata':{'LobMaxSize':'64'}}                      | 65536
          {'TargetMetadata':{'LobMaxSize':102400}}                    | 104857600
          {'TargetMetadata':{'FullLobMode':true,'LobMaxSize':64}}     | 0
          {'TargetMetadata':{'FullLobMode':true,'InlineLobMaxSize':4}} | 0
          """)
  void lobs_are_cut_only_when_the_user_has_given_a_size_in_limited_mode(String given, int bytes) {
    assertThat(settings(given).lobBytesMax())
        .isEqualTo(bytes == 0 ? OptionalInt.empty() : OptionalInt.of(bytes));
  }

  @Test
  void settings_that_this_version_does_not_act_on_are_named() {
    assertThat(TaskSettings.withoutEffect(SettingsDocument.defaults(), MigrationType.FULL_LOAD))
        .isEmpty();
    assertThat(
            TaskSettings.withoutEffect(
                document(
                    "{'ValidationSettings':{'EnableValidation':true},'TTSettings':{'EnableTT':true},"
                        + "'BeforeImageSettings':{'EnableBeforeImage':true,'FieldName':'before'},"
                        + "'ControlTablesSettings':{'StatusTableEnabled':true,'HistoryTableEnabled':true}}"),
                MigrationType.FULL_LOAD))
        .extracting(text -> text.substring(0, text.indexOf(':')))
        .containsExactly(
            "ValidationSettings.EnableValidation",
            "ControlTablesSettings.StatusTableEnabled",
            "ControlTablesSettings.HistoryTableEnabled",
            "BeforeImageSettings.EnableBeforeImage",
            "TTSettings.EnableTT");
  }

  private static TaskSettings settings(String given) {
    ObjectNode parsed = SettingsDocument.parse(given.replace('\'', '"'));
    return TaskSettings.of(SettingsDocument.merge(SettingsDocument.defaults(), parsed), parsed);
  }

  private static ObjectNode document(String given) {
    return SettingsDocument.merge(
        SettingsDocument.defaults(), SettingsDocument.parse(given.replace('\'', '"')));
  }
}
