package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import wherry.testing.Seed;

class SettingsDocumentTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Test
  void a_task_without_settings_has_the_document_that_aws_returns_key_by_key_and_in_its_order()
      throws Exception {
    try (InputStream golden = getClass().getResourceAsStream("aws-default-settings.json")) {
      String expected = JSON.readTree(Objects.requireNonNull(golden)).toString();

      assertThat(SettingsDocument.defaults().toString()).isEqualTo(expected);
      assertThat(merged("{}").toString()).isEqualTo(expected);
    }
  }

  @Test
  void what_is_given_is_merged_key_by_key_over_what_is_there() {
    ObjectNode first =
        merged("{'FullLoadSettings':{'CommitRate':500},'Logging':{'EnableLogging':true}}");
    ObjectNode second =
        SettingsDocument.merge(first, parse("{'FullLoadSettings':{'MaxFullLoadSubTasks':3}}"));

    assertThat(second.at("/FullLoadSettings/CommitRate").asInt()).isEqualTo(500);
    assertThat(second.at("/FullLoadSettings/MaxFullLoadSubTasks").asInt()).isEqualTo(3);
    assertThat(second.at("/FullLoadSettings/TargetTablePrepMode").asString())
        .isEqualTo("DROP_AND_CREATE");
    assertThat(second.at("/Logging/EnableLogging").asBoolean()).isTrue();
  }

  @Test
  void the_order_of_keys_is_canonical_whatever_order_they_come_in() {
    assertThat(
            merged("{'TargetMetadata':{'LobMaxSize':64},'Logging':{'EnableLogging':false}}")
                .propertyNames())
        .containsExactlyElementsOf(SettingsDocument.defaults().propertyNames());
  }

  @Test
  void unknown_keys_are_dropped_and_nulls_mean_unchanged() {
    assertThat(
            merged(
                "{'Surprise':1,'FullLoadSettings':{'FullLoadEnabled':true,'ResumeEnabled':true,'CommitRate':null},'TargetMetadata':null,"
                    + "'Logging':{'DeleteTaskLogs':true},'ResyncSettings':{'EnableResync':true}}"))
        .isEqualTo(SettingsDocument.defaults());
  }

  @Test
  void booleans_and_numbers_may_come_as_strings() {
    ObjectNode merged =
        merged(
            "{'Logging':{'EnableLogging':'true'},'FullLoadSettings':{'CommitRate':' 500 '},'TargetMetadata':{'SupportLobs':'false'}}");

    assertThat(merged.at("/Logging/EnableLogging").isBoolean()).isTrue();
    assertThat(merged.at("/FullLoadSettings/CommitRate").toString()).isEqualTo("500");
    assertThat(merged.at("/TargetMetadata/SupportLobs").toString()).isEqualTo("false");
  }

  @ParameterizedTest(name = "{0}.{1} takes {2} to {3}")
  @CsvSource(
      textBlock =
          """
          FullLoadSettings,       MaxFullLoadSubTasks,         1,  49
          FullLoadSettings,       CommitRate,                  1,  50000
          FullLoadSettings,       TransactionConsistencyTimeout, 0, 2147483647
          TargetMetadata,         LobMaxSize,                  0,  102400
          TargetMetadata,         InlineLobMaxSize,            0,  102400
          TargetMetadata,         LobChunkSize,                0,  2147483647
          TargetMetadata,         LoadMaxFileSize,             0,  100000
          TargetMetadata,         ParallelLoadThreads,         0,  200
          TargetMetadata,         ParallelLoadBufferSize,      0,  1000
          TargetMetadata,         ParallelLoadQueuesPerThread, 0,  512
          TargetMetadata,         ParallelApplyThreads,        0,  32
          TargetMetadata,         ParallelApplyBufferSize,     0,  1000
          TargetMetadata,         ParallelApplyQueuesPerThread, 0, 512
          StreamBufferSettings,   CtrlStreamBufferSizeInMB,    1,  8
          ChangeProcessingTuning, StatementCacheSize,          0,  200
          ChangeProcessingTuning, RecoveryTimeout,             -1, 2147483647
          ControlTablesSettings,  HistoryTimeslotInMinutes,    1,  1440
          ErrorBehavior,          RecoverableErrorCount,       -1, 2147483647
          ErrorBehavior,          RecoverableErrorInterval,    0,  2147483647
          ErrorBehavior,          DataErrorEscalationCount,    0,  2147483647
          ErrorBehavior,          TableErrorEscalationCount,   0,  2147483647
          """)
  void a_number_keeps_to_its_range(String group, String key, long least, long most) {
    for (long allowed : new long[] {least, most}) {
      assertThat(
              merged("{'%s':{'%s':%d}}".formatted(group, key, allowed))
                  .path(group)
                  .path(key)
                  .asLong())
          .isEqualTo(allowed);
    }
    for (String refused :
        List.of(
            "" + (least - 1),
            "" + (most + 1),
            "99999999999999999999",
            "1.5",
            "true",
            "'many'",
            "[1]")) {
      refused("{'%s':{'%s':%s}}".formatted(group, key, refused))
          .isEqualTo(
              "Invalid task settings. %s.%s must be a whole number from %d to %d, not %s."
                  .formatted(group, key, least, most, json(refused)));
    }
  }

  @ParameterizedTest(name = "{0}.{1} takes {2}")
  @CsvSource(
      textBlock =
          """
          FullLoadSettings,   TargetTablePrepMode,        DO_NOTHING DROP_AND_CREATE TRUNCATE_BEFORE_LOAD
          ErrorBehavior,      DataErrorPolicy,            IGNORE_RECORD LOG_ERROR STOP_TASK SUSPEND_TABLE
          ErrorBehavior,      DataTruncationErrorPolicy,  IGNORE_RECORD LOG_ERROR STOP_TASK SUSPEND_TABLE
          ErrorBehavior,      DataErrorEscalationPolicy,  STOP_TASK SUSPEND_TABLE
          ErrorBehavior,      EventErrorPolicy,           IGNORE STOP_TASK
          ErrorBehavior,      TableErrorPolicy,           STOP_TASK SUSPEND_TABLE
          ErrorBehavior,      TableErrorEscalationPolicy, STOP_TASK
          ErrorBehavior,      ApplyErrorDeletePolicy,     IGNORE_RECORD LOG_ERROR STOP_TASK SUSPEND_TABLE
          ErrorBehavior,      ApplyErrorInsertPolicy,     IGNORE_RECORD INSERT_RECORD LOG_ERROR STOP_TASK SUSPEND_TABLE
          ErrorBehavior,      ApplyErrorUpdatePolicy,     IGNORE_RECORD LOG_ERROR STOP_TASK SUSPEND_TABLE UPDATE_RECORD
          ErrorBehavior,      ApplyErrorEscalationPolicy, LOG_ERROR STOP_TASK SUSPEND_TABLE
          ErrorBehavior,      DataMaskingErrorPolicy,     IGNORE_RECORD LOG_ERROR STOP_TASK SUSPEND_TABLE
          ValidationSettings, ValidationMode,             GROUP_LEVEL ROW_LEVEL
          """)
  void a_word_is_one_of_its_choices(String group, String key, String choices) {
    List<String> allowed = List.of(choices.split(" "));
    for (String word : allowed) {
      assertThat(
              merged("{'%s':{'%s':'%s'}}".formatted(group, key, word))
                  .path(group)
                  .path(key)
                  .asString())
          .isEqualTo(word);
    }
    refused(
            "{'%s':{'%s':'%s'}}"
                .formatted(group, key, allowed.getFirst().toLowerCase(java.util.Locale.ROOT)))
        .startsWith(
            "Invalid task settings. %s.%s must be one of %s, not ".formatted(group, key, allowed));
    refused("{'%s':{'%s':7}}".formatted(group, key)).endsWith("must be a string, not 7.");
  }

  static Stream<String> flags() {
    return places("", SettingsDocument.defaults())
        .filter(place -> SettingsDocument.defaults().at(place).isBoolean());
  }

  @ParameterizedTest
  @MethodSource("flags")
  void a_flag_is_true_or_false(String place) {
    for (String wrong : List.of("1", "'yes'", "{}", "[]")) {
      refused(nested(place, wrong))
          .contains(
              place.substring(1).replace('/', '.') + " must be true or false, not " + json(wrong));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "FullLoadSettings",
        "TargetMetadata",
        "Logging",
        "ErrorBehavior",
        "BeforeImageSettings",
        "CharacterSetSettings",
        "LoopbackPreventionSettings",
        "WherrySettings"
      })
  void a_group_is_an_object(String group) {
    refused("{'%s':'x'}".formatted(group))
        .isEqualTo("Invalid task settings. " + group + " must be a JSON object, not \"x\".");
    refused("{'%s':[]}".formatted(group)).contains(group + " must be a JSON object, not []");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'CharacterSetSupport':{'CharacterSet':'KLINGON','ReplaceWithCharacterCodePoint':63} | CharacterSet "KLINGON" is not known here. Use a name as UTF-8, ISO-8859-1 or US-ASCII.
          'CharacterSetSupport':{'CharacterSet':'no name','ReplaceWithCharacterCodePoint':63} | CharacterSet "no name" is not known here. Use a name as UTF-8, ISO-8859-1 or US-ASCII.
          'CharacterSetSupport':{'CharacterSet':'UTF-8'} | ReplaceWithCharacterCodePoint must be a code point from 0 to 1114111, not .
          'CharacterReplacements':{'SourceCharacterCodePoint':1} | CharacterReplacements must be an array, not {"SourceCharacterCodePoint":1}.
          'CharacterReplacements':[{'SourceCharacterCodePoint':1114112,'TargetCharacterCodePoint':0}] | SourceCharacterCodePoint must be a code point from 0 to 1114111, not 1114112.
          """)
  void characters_that_nobody_knows_are_refused_with_the_settings(String keys, String reason) {
    refused("{'CharacterSetSettings':{" + keys + "},'FullLoadSettings':{'CommitRate':0}}")
        .isEqualTo(
            "Invalid task settings. FullLoadSettings.CommitRate must be a whole number from 1 to 50000,"
                + " not 0. CharacterSetSettings: "
                + reason);
  }

  @Test
  void every_mistake_is_told_together() {
    refused(
            "{'FullLoadSettings':{'CommitRate':0,'TargetTablePrepMode':'DROP'},'Logging':{'EnableLogging':7},'TargetMetadata':[]}")
        .isEqualTo(
            "Invalid task settings. Logging.EnableLogging must be true or false, not 7."
                + " FullLoadSettings.CommitRate must be a whole number from 1 to 50000, not 0."
                + " FullLoadSettings.TargetTablePrepMode must be one of [DO_NOTHING, DROP_AND_CREATE, TRUNCATE_BEFORE_LOAD], not \"DROP\"."
                + " TargetMetadata must be a JSON object, not [].");
  }

  @Test
  void a_long_wrong_value_is_shown_in_part() {
    refused("{'FullLoadSettings':{'CommitRate':'" + "9".repeat(5000) + "'}}")
        .hasSizeLessThan(250)
        .endsWith("….");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "7", "'text'", "null"})
  void a_document_that_is_no_object_is_refused(String document) {
    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> parse(document))
        .withMessage("Invalid task settings document. A JSON object is expected.");
  }

  @Test
  void text_that_is_no_json_is_refused() {
    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> parse("{'a':"))
        .withMessageStartingWith("Invalid task settings document. Invalid json ");
  }

  // Logging

  @Test
  void log_components_are_merged_by_id() {
    ObjectNode merged =
        merged(
            "{'Logging':{'LogComponents':[{'Id':'TARGET_LOAD','Severity':'LOGGER_SEVERITY_DEBUG'},{'Severity':'LOGGER_SEVERITY_ERROR','Id':'DATA_RESYNC'}]}}");
    JsonNode components = merged.at("/Logging/LogComponents");

    assertThat(components.size())
        .isEqualTo(SettingsDocument.defaults().at("/Logging/LogComponents").size() + 1);
    assertThat(components.get(3).toString())
        .isEqualTo(json("{'Severity':'LOGGER_SEVERITY_DEBUG','Id':'TARGET_LOAD'}"));
    assertThat(components.get(components.size() - 1).toString())
        .isEqualTo(json("{'Severity':'LOGGER_SEVERITY_ERROR','Id':'DATA_RESYNC'}"));
    assertThat(components.get(0).path("Severity").asString()).isEqualTo("LOGGER_SEVERITY_DEFAULT");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'Id':'TARGET_LOAD','Severity':'LOUD'} | Logging.LogComponents.TARGET_LOAD.Severity must be one of [LOGGER_SEVERITY_DEBUG, LOGGER_SEVERITY_DEFAULT, LOGGER_SEVERITY_DETAILED_DEBUG, LOGGER_SEVERITY_ERROR, LOGGER_SEVERITY_INFO, LOGGER_SEVERITY_WARNING], not "LOUD".
          {'Id':'TARGET_LOAD'}                   | Logging.LogComponents.TARGET_LOAD needs a Severity.
          {'Severity':'LOGGER_SEVERITY_DEBUG'}   | Logging.LogComponents must be a list of objects, each with an Id such as TARGET_LOAD, not {"Severity":"LOGGER_SEVERITY_DEBUG"}.
          {'Id':'no id'}                         | Logging.LogComponents must be a list of objects, each with an Id such as TARGET_LOAD, not {"Id":"no id"}.
          7                                      | Logging.LogComponents must be a list of objects, each with an Id such as TARGET_LOAD, not 7.
          """)
  void a_wrong_log_component_is_told(String component, String reason) {
    refused("{'Logging':{'LogComponents':[" + component + "]}}")
        .isEqualTo("Invalid task settings. " + reason);
  }

  // Interactions

  @Test
  void both_lob_modes_at_once_are_refused_and_full_mode_alone_leaves_limited_mode() {
    refused("{'TargetMetadata':{'FullLobMode':true,'LimitedSizeLobMode':true}}")
        .contains("FullLobMode and LimitedSizeLobMode exclude each other");

    assertThat(
            merged("{'TargetMetadata':{'FullLobMode':true}}")
                .at("/TargetMetadata/LimitedSizeLobMode")
                .asBoolean())
        .isFalse();
  }

  @Test
  void log_context_needs_logging() {
    refused("{'Logging':{'EnableLogContext':true}}")
        .isEqualTo(
            "Invalid task settings. Logging: EnableLogContext needs EnableLogging to be true.");
    assertThat(
            merged("{'Logging':{'EnableLogContext':true,'EnableLogging':true}}")
                .at("/Logging/EnableLogContext")
                .asBoolean())
        .isTrue();
  }

  @Test
  void validation_only_needs_validation_and_leaves_the_target_alone() {
    refused("{'ValidationSettings':{'ValidationOnly':true}}")
        .contains("ValidationOnly needs EnableValidation to be true");
    refused(
            "{'ValidationSettings':{'ValidationOnly':true,'EnableValidation':true},'FullLoadSettings':{'TargetTablePrepMode':'DROP_AND_CREATE'}}")
        .contains(
            "FullLoadSettings.TargetTablePrepMode must be DO_NOTHING when ValidationOnly is true");
    assertThat(
            merged("{'ValidationSettings':{'ValidationOnly':true,'EnableValidation':true}}")
                .at("/FullLoadSettings/TargetTablePrepMode")
                .asString())
        .isEqualTo("DO_NOTHING");
  }

  @Test
  void loopback_prevention_excludes_batch_apply() {
    refused(
            "{'LoopbackPreventionSettings':{'EnableLoopbackPrevention':true},'TargetMetadata':{'BatchApplyEnabled':true}}")
        .contains("EnableLoopbackPrevention needs TargetMetadata.BatchApplyEnabled to be false");
  }

  @ParameterizedTest
  @ValueSource(strings = {"historyTimeslotInMinutes", "HistoryTimeslotInMinutes"})
  void the_history_timeslot_is_taken_under_either_name_and_returned_under_both(String name) {
    ObjectNode merged = merged("{'ControlTablesSettings':{'%s':15}}".formatted(name));

    assertThat(merged.at("/ControlTablesSettings/historyTimeslotInMinutes").asInt()).isEqualTo(15);
    assertThat(merged.at("/ControlTablesSettings/HistoryTimeslotInMinutes").asInt()).isEqualTo(15);
    assertThat(SettingsDocument.merge(merged, parse("{}"))).isEqualTo(merged);
  }

  // Our own

  @Test
  void our_own_settings_are_returned_only_to_who_has_given_them_and_stay() {
    ObjectNode merged = merged("{'WherrySettings':{'CreateIndexesAfterFullLoad':true}}");

    assertThat(merged("{}").has("WherrySettings")).isFalse();
    assertThat(merged.at("/WherrySettings/CreateIndexesAfterFullLoad").asBoolean()).isTrue();
    assertThat(SettingsDocument.merge(merged, parse("{}"))).isEqualTo(merged);
    refused("{'WherrySettings':{'CreateIndices':true}}")
        .contains("WherrySettings.CreateIndices is unknown; it has [CreateIndexesAfterFullLoad].");
  }

  // Idempotence

  @Test
  void a_second_identical_merge_changes_nothing() {
    Random random = Seed.random("a_second_identical_merge_changes_nothing");
    int accepted = 0;
    for (int i = 0; i < 1_000; i++) {
      ObjectNode given = partial(random, SettingsDocument.defaults());
      ObjectNode once;
      try {
        once = SettingsDocument.merge(SettingsDocument.defaults(), given);
      } catch (SettingsException e) {
        continue; // A combination that excludes itself.
      }
      accepted++;
      assertThat(SettingsDocument.merge(once, given).toString())
          .as("given %s", given)
          .isEqualTo(once.toString());
      assertThat(SettingsDocument.merge(SettingsDocument.defaults(), once.deepCopy()).toString())
          .as("returned %s", once)
          .isEqualTo(once.toString());
    }
    assertThat(accepted).isGreaterThan(300);
  }

  /**
   * Some keys of the document with other values that are allowed, numbers and flags as strings now
   * and then, nulls too.
   */
  private static ObjectNode partial(Random random, ObjectNode defaults) {
    ObjectNode some = JSON.createObjectNode();
    List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(defaults.properties());
    java.util.Collections.shuffle(entries, random);
    for (Map.Entry<String, JsonNode> entry : entries) {
      if (random.nextInt(3) > 0) {
        continue;
      }
      String key = entry.getKey();
      JsonNode value = entry.getValue();
      if (random.nextInt(10) == 0) {
        some.putNull(key);
      } else if (value instanceof ObjectNode group) {
        some.set(key, partial(random, group));
      } else if (value.isBoolean()) {
        boolean flag = random.nextBoolean();
        some.set(
            key,
            random.nextBoolean()
                ? JSON.getNodeFactory().booleanNode(flag)
                : JSON.getNodeFactory().stringNode("" + flag));
      } else if (value.isNumber()) {
        int number = 1 + random.nextInt(8);
        some.set(
            key,
            random.nextBoolean()
                ? JSON.getNodeFactory().numberNode(number)
                : JSON.getNodeFactory().stringNode("" + number));
      } else if (value.isArray()) {
        some.putArray(key)
            .addObject()
            .put("Id", "COMPONENT_" + (char) ('A' + random.nextInt(3)))
            .put("Severity", "LOGGER_SEVERITY_DEBUG");
      } else if (value.isString() && !value.asString().isEmpty()) {
        some.set(key, value);
      }
    }
    return some;
  }

  private static Stream<String> places(String prefix, JsonNode node) {
    return node.properties().stream()
        .flatMap(e ->
            e.getValue().isObject()
                ? places(prefix + "/" + e.getKey(), e.getValue())
                : Stream.of(prefix + "/" + e.getKey()));
  }

  private static String nested(String place, String value) {
    String[] keys = place.substring(1).split("/");
    return keys.length == 1
        ? "{'%s':%s}".formatted(keys[0], value)
        : "{'%s':{'%s':%s}}".formatted(keys[0], keys[1], value);
  }

  private static ObjectNode merged(String given) {
    return SettingsDocument.merge(SettingsDocument.defaults(), parse(given));
  }

  private static ObjectNode parse(String given) {
    return SettingsDocument.parse(json(given));
  }

  private static String json(String withSingleQuotes) {
    return withSingleQuotes.replace('\'', '"');
  }

  private static org.assertj.core.api.AbstractStringAssert<?> refused(String given) {
    String[] message = new String[1];
    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> merged(given))
        .satisfies(e -> message[0] = e.getMessage());
    return assertThat(message[0]);
  }
}
