package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import wherry.expression.sqlite.SqliteEvaluator;
import wherry.mapping.MappingException;
import wherry.mapping.TableMapping;
import wherry.schema.DataType;

/**
 * Whatever a rule may say has an example in which rows of its table are loaded and changed. What it
 * may say is asked of the parser, by a rule that says nonsense: so the parser learns nothing
 * without an example.
 */
class MappingCoverageTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern LIST =
      Pattern.compile("must be (?:one of \\[(?<known>[^]]*)]|(?<few>[^.\"]*), not \"nonsense\")");
  private static final String SELECTION =
      """
      {"rule-type":"selection","rule-id":7,"rule-action":"include",
       "object-locator":{"schema-name":"a","table-name":"b"},
       "filters":[{"filter-type":"source","column-name":"c","filter-conditions":[{"filter-operator":"null"}]}]}\
      """;
  private static final String SETTINGS =
      """
      {"rule-type":"table-settings","rule-id":2,"object-locator":{"schema-name":"a","table-name":"b"},
       "parallel-load":{"type":"none"},"lob-settings":{"mode":"none"}}\
      """;

  /** With the keys of all actions. */
  private static final String TRANSFORMATION =
      """
      {"rule-type":"transformation","rule-id":3,"rule-target":"%s","rule-action":"%s","value":"v",
       "old-value":"o","object-locator":{"schema-name":"a","table-name":"b","column-name":"c"},
       "data-type":{"type":"int4"},"primary-key-def":{"name":"k","columns":["c"],"origin":"unique-index"},
       "before-image-def":{"column-filter":"all"}}\
      """;

  private static final List<JsonNode> SHOWN = new ArrayList<>();

  @BeforeAll
  static void the_rules_of_tables_that_are_loaded_and_changed() throws IOException {
    for (MappingCase example : MappingCase.all()) {
      if (example.showsLoadAndChange()) {
        JSON.readTree(example.rules()).path("rules").values().stream()
            .filter(rule -> isAbout(rule, example.source().id().name()))
            .forEach(SHOWN::add);
      }
    }
  }

  /** Other tables of the example have rules of their own. */
  private static boolean isAbout(JsonNode rule, String table) {
    String locator = rule.at("/object-locator/table-name").asString("%");
    return locator.contains("%") || locator.contains("[") || locator.equals(table);
  }

  /** What may stand where a rule says nonsense. */
  private static List<String> allowed(String rule) {
    assertThat(rule).contains("\"nonsense\"");
    String refusal =
        catchThrowableOfType(MappingException.class, () -> parse(SELECTION, rule)).getMessage();
    Matcher list = LIST.matcher(refusal);
    assertThat(list.find()).as(refusal).isTrue();
    String known = list.group("known");
    return List.of((known == null ? list.group("few") : known).split(", | or "));
  }

  private static void parse(String... rules) {
    TableMapping.parse("{\"rules\":[" + String.join(",", rules) + "]}", new SqliteEvaluator());
  }

  static Stream<Arguments> actions() {
    List<Arguments> actions = new ArrayList<>();
    for (String target : allowed(TRANSFORMATION.formatted("nonsense", "rename"))) {
      for (String action : allowed(TRANSFORMATION.formatted("table", "nonsense"))) {
        boolean ofOracle = target.endsWith("-tablespace");
        if (!ofOracle && isAccepted(TRANSFORMATION.formatted(target, action))) {
          actions.add(Arguments.of(target, action));
        }
      }
    }
    assertThat(actions).as("9 names of 3 levels, 8 of columns, 1 of tables").hasSize(36);
    return actions.stream();
  }

  private static boolean isAccepted(String rule) {
    try {
      parse(SELECTION, rule);
      return true;
    } catch (MappingException e) {
      assertThat(e).hasMessageContaining("needs rule-target");
      return false;
    }
  }

  @ParameterizedTest
  @MethodSource("actions")
  void every_action_on_every_target_is_shown(String target, String action) {
    assertThat(SHOWN.stream().map(MappingCoverageTest::targetAndAction).distinct())
        .contains(target + " " + action);
  }

  private static String targetAndAction(JsonNode rule) {
    return rule.path("rule-target").asString("") + " " + rule.path("rule-action").asString("");
  }

  static Stream<Arguments> words() {
    String images = TRANSFORMATION.formatted("column", "add-before-image-columns");
    String key = TRANSFORMATION.formatted("table", "define-primary-key");
    return Stream.of(
            words("", "rule-action", SELECTION, "include"),
            words("/filters", "filter-operator", SELECTION, "null"),
            words("/parallel-load", "type", SETTINGS, "none"),
            words("/lob-settings", "mode", SETTINGS, "none"),
            words("/before-image-def", "column-filter", images, "all"),
            words("/primary-key-def", "origin", key, "unique-index"))
        .flatMap(each -> each);
  }

  private static Stream<Arguments> words(String pointer, String key, String rule, String word) {
    String stands = "\"" + key + "\":\"" + word + "\"";
    assertThat(rule).contains(stands);
    return allowed(rule.replace(stands, stands.replace(word, "nonsense"))).stream()
        .map(each -> Arguments.of(pointer, key, each));
  }

  @ParameterizedTest
  @MethodSource("words")
  void every_word_that_a_key_may_have_is_shown(String pointer, String key, String word) {
    assertThat(SHOWN.stream().flatMap(rule -> texts(rule.at(pointer), key)).distinct())
        .contains(word);
  }

  private static Stream<String> texts(JsonNode node, String key) {
    return node.findValues(key).stream().map(value -> value.asString(""));
  }

  @ParameterizedTest
  @EnumSource
  void every_data_type_is_shown_as_what_a_column_becomes(DataType type) {
    assertThat(SHOWN)
        .filteredOn(rule -> rule.path("rule-action").asString("").equals("change-data-type"))
        .extracting(rule -> rule.at("/data-type/type").asString("").toUpperCase(Locale.ROOT))
        .contains(type.name());
  }

  /** "Using SQLite expressions" of the AWS DMS guide, and what {@code $} means in them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lower( upper( ltrim( rtrim( trim( replace( substr( replaceChars( ||",
        "hex( randomblob( zeroblob( hash_sha256( operation_indicator(",
        "abs( random( round( max( min( coalesce( ifnull( nullif(",
        "date( time( datetime( julianday( strftime( %d %f %H %j %J %m %M %s %S %w %W %Y %%",
        "$AR_H_STREAM_POSITION $AR_H_TIMESTAMP $AR_H_COMMIT_TIMESTAMP $AR_H_OPERATION $AR_H_USER",
        "$AR_H_CHANGE_SEQ $AR_M_SOURCE_SCHEMA $AR_M_SOURCE_TABLE_NAME $AR_M_SOURCE_COLUMN_NAME",
        "$AR_M_SOURCE_COLUMN_DATATYPE $BI_"
      })
  void every_function_and_variable_of_expressions_is_shown(String words) {
    String expressions =
        SHOWN.stream().map(rule -> rule.path("expression").asString("")).toList().toString();
    assertThat(expressions).contains(Arrays.asList(words.split(" ")));
  }
}
