package wherry.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused at CreateReplicationTask, and in which words. */
class MappingParserTest {
  private static final String TYPES =
      "boolean, int1, int2, int4, int8, uint1, uint2, uint4, uint8, numeric, real4, real8, date,"
          + " time, datetime, string, wstring, bytes, blob, clob, nclob";
  private static final String ALL =
      "{'rule-type':'selection','rule-id':'1','rule-action':'include','object-locator':{'schema-name':'%','table-name':'%'}}";

  @Test
  void text_that_is_no_json_is_refused_with_the_parsers_words_and_the_place() {
    refused("{'rules': [}")
        .startsWith("Invalid Table Mappings document. Invalid json ")
        .contains("line 1, column");
    refused(rules(ALL) + " and more").startsWith("Invalid Table Mappings document. Invalid json ");
    refused("").startsWith("Invalid Table Mappings document.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "7", "null", "{}", "{'rules':{}}", "{'rules':null}"})
  void json_of_another_shape_is_refused(String document) {
    refused(document)
        .isEqualTo(
            "Invalid Table Mappings document. A JSON object with an array \"rules\" is expected.");
  }

  @Test
  void the_format_of_before_2017_is_told_by_name() {
    refused("{'TableMappings':[{'Type':'Include','SourceSchema':'a','SourceTable':'%'}]}")
        .contains("the format {\"TableMappings\":[…]} of before 2017 is not supported");
  }

  @Test
  void a_selection_is_required() {
    refused("{'rules':[]}")
        .isEqualTo("Error in mapping rules. At least one selection rule is required.");
    refused(rules(transformation(2, "table", "convert-lowercase", "")))
        .isEqualTo("Error in mapping rules. At least one selection rule is required.");
  }

  @Test
  void a_rule_without_locator_is_refused_in_the_words_of_aws() {
    refused(rules("{'rule-type':'selection','rule-id':1,'rule-action':'include'}"))
        .isEqualTo(
            "Error in mapping rules. Rule with ruleId = 1 failed validation. object locator cannot be null.");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'rule-id':'x'                                  | Rule number 1 failed validation. rule-id must be a number from 0, not "x".
          'rule-id':-1                                   | Rule number 1 failed validation. rule-id must be a number from 0, not "-1".
          'rule-id':null                                 | Rule number 1 failed validation. rule-id must be a number from 0, not "".
          'rule-id':7,'rule-type':null                   | Rule with ruleId = 7 failed validation. rule-type cannot be null.
          'rule-id':7,'rule-type':'Selection'            | Rule with ruleId = 7 failed validation. rule-type "Selection" is unknown; selection, transformation or table-settings is expected.
          'rule-id':7,'rule-type':'object-mapping'       | Rule with ruleId = 7 failed validation. rule-type object-mapping shapes messages and documents for Kafka, Kinesis and DynamoDB targets, and the target here has tables; remove the rule.
          'rule-id':7,'rule-type':'post-processing'      | Rule with ruleId = 7 failed validation. rule-type post-processing puts tags on objects of Amazon S3 targets, and the target here has tables; remove the rule.
          'rule-id':7,'rule-action':'Include'            | Rule with ruleId = 7 failed validation. rule-action must be include, exclude or explicit, not "Include".
          'rule-id':7,'load-order':0                     | Rule with ruleId = 7 failed validation. load-order must be a number from 1 to 2147483647, not "0".
          'rule-id':7,'load-order':'soon'                | Rule with ruleId = 7 failed validation. load-order must be a number from 1 to 2147483647, not "soon".
          'rule-id':7,'load-order':2147483648            | Rule with ruleId = 7 failed validation. load-order must be a number from 1 to 2147483647, not "2147483648".
          'rule-id':7,'filters':'id > 7'                 | Rule with ruleId = 7 failed validation. filters must be an array.
          'rule-id':7,'filters':[{'filter-type':'source','filter-conditions':[{'filter-operator':'null'}]}] | Rule with ruleId = 7 failed validation. column-name of the filter cannot be null.
          'rule-id':7,'filters':[{'filter-type':'target','column-name':'c','filter-conditions':[{'filter-operator':'null'}]}] | Rule with ruleId = 7 failed validation. filter-type must be source, not "target".
          'rule-id':7,'filters':[{'filter-type':'source','column-name':'c'}] | Rule with ruleId = 7 failed validation. the filter on column c has no filter-conditions.
          'rule-id':7,'filters':[{'filter-type':'source','column-name':'c','filter-conditions':[{'filter-operator':'lt','value':'1'}]}] | Rule with ruleId = 7 failed validation. filter-operator must be lte, gte, eq, noteq, between, notbetween, null or notnull, not "lt".
          'rule-id':7,'filters':[{'filter-type':'source','column-name':'c','filter-conditions':[{'filter-operator':'eq'}]}] | Rule with ruleId = 7 failed validation. value is required by filter-operator eq.
          'rule-id':7,'filters':[{'filter-type':'source','column-name':'c','filter-conditions':[{'filter-operator':'between','start-value':'1'}]}] | Rule with ruleId = 7 failed validation. end-value is required by filter-operator between.
          'rule-id':7,'rule-action':'exclude','filters':[{'filter-type':'source','column-name':'c','filter-conditions':[{'filter-operator':'null'}]}] | Rule with ruleId = 7 failed validation. filters can only be used with rule-action include.
          'rule-id':7,'object-locator':{'schema-name':'a'} | Rule with ruleId = 7 failed validation. table-name of the object locator cannot be null.
          'rule-id':7,'object-locator':{'table-name':'a','schema-name':''} | Rule with ruleId = 7 failed validation. schema-name of the object locator cannot be null.
          'rule-id':7,'object-locator':{'schema-name':'a','table-name':'b','table-type':'index'} | Rule with ruleId = 7 failed validation. table-type must be table, view or all, not "index".
          """)
  void a_selection_that_cannot_be_used_is_refused_by_its_id(String keys, String reason) {
    String rule =
        "{'rule-type':'selection','rule-action':'include','object-locator':{'schema-name':'%','table-name':'%'},"
            + keys
            + "}";

    refused(rules(rule)).isEqualTo("Error in mapping rules. " + reason);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'object-locator':{'schema-name':'app','table-name':'%'}    | Exact schema and table name required when using table settings rule.
          'object-locator':{'schema-name':'a%','table-name':'t'}     | Exact schema and table name required when using table settings rule.
          'object-locator':{'schema-name':'app'}                     | Exact schema and table name required when using table settings rule.
          'object-locator':null                                      | object locator cannot be null.
          'parallel-load':'auto'                                     | parallel-load must be a JSON object.
          'parallel-load':{'type':'auto'}                            | type of the parallel-load must be none, partitions-auto, subpartitions-auto, partitions-list or ranges, not "auto".
          'parallel-load':{'type':'partitions-list'}                 | partitions or subpartitions are required by parallel-load of type partitions-list.
          'parallel-load':{'type':'partitions-list','partitions':'p0'} | partitions must be an array. Rule with ruleId = 7 failed validation. partitions or subpartitions are required by parallel-load of type partitions-list.
          'parallel-load':{'type':'partitions-list','partitions':['p0','p0']} | partitions of the parallel-load must be different names, not [p0, p0].
          'parallel-load':{'type':'ranges','boundaries':[]}          | columns of the parallel-load must be 1 to 10 column names, the first weighs most, not 0. Rule with ruleId = 7 failed validation. boundaries of the parallel-load must be 1 to 10000 arrays of values, ascending, not 0.
          'parallel-load':{'type':'ranges','columns':['a','b','c','d','e','f','g','h','i','j','k'],'boundaries':[[1,2,3,4,5,6,7,8,9,10,11]]} | columns of the parallel-load must be 1 to 10 column names, the first weighs most, not 11.
          'parallel-load':{'type':'ranges','columns':['a'],'boundaries':[['1'],['2','3']]} | boundary 2 must be an array of one value for each of the 1 columns, not ["2","3"].
          'parallel-load':{'type':'ranges','columns':['a'],'boundaries':['1']} | boundary 1 must be an array of one value for each of the 1 columns, not "1".
          'parallel-load':{'type':'ranges','columns':['a'],'boundaries':[[null]]} | boundary 1 must have plain values, not null; rows with NULL are in the range above all boundaries.
          'lob-settings':{'mode':'limited'}                          | bulk-max-size of the lob-settings must be above 0 in mode limited; mode unlimited moves LOBs whole.
          'lob-settings':{'mode':'limited','bulk-max-size':'0'}      | bulk-max-size of the lob-settings must be above 0 in mode limited; mode unlimited moves LOBs whole.
          'lob-settings':{'mode':'limited','bulk-max-size':'102401'} | bulk-max-size of the lob-settings must be a number of kilobytes from 0 to 102400, not "102401". Rule with ruleId = 7 failed validation. bulk-max-size of the lob-settings must be above 0 in mode limited; mode unlimited moves LOBs whole.
          'lob-settings':{'mode':'full'}                             | mode of the lob-settings must be limited, unlimited or none, not "full".
          """)
  void table_settings_that_cannot_be_used_are_refused_by_their_id(String keys, String reason) {
    String locator =
        keys.contains("object-locator")
            ? ""
            : ",'object-locator':{'schema-name':'app','table-name':'my_table'}";
    String rule = "{'rule-type':'table-settings','rule-id':7" + locator + "," + keys + "}";

    refused(rules(ALL, rule))
        .isEqualTo("Error in mapping rules. Rule with ruleId = 7 failed validation. " + reason);
  }

  @Test
  void keys_of_table_settings_that_mean_nothing_here_are_told() {
    assertThat(
            TableMapping.parse(
                    rules(
                            ALL,
                            "{'rule-type':'table-settings','rule-id':'7','object-locator':{'schema-name':'a','table-name':'t'},"
                                + "'parallel-load':{'type':'ranges','columns':['id'],'boundaries':[['1']],'segment-names':['x','y'],"
                                + "'batch-size':null},'lob-settings':{'mode':'unlimited','bulk-max-size':'5'}}")
                        .replace('\'', '"'))
                .warnings())
        .containsExactly(
            "Rule 7: segment-names of its parallel-load has no effect here",
            "Rule 7: bulk-max-size has no effect in mode unlimited, as LOBs of any size are moved with"
                + " their rows");
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          table            | rename             |                       | value is required by rule-action rename.
          table            | rename             | 'value':null          | value is required by rule-action rename.
          table            | rename             | 'value':'a','expression':'$AR_M_SOURCE_SCHEMA' | value and expression exclude each other; give one of them.
          table            | rename             | 'expression':'$id' | $id cannot be used in the expression of a name, which knows $AR_M_SOURCE_SCHEMA, $AR_M_SOURCE_TABLE_NAME, $AR_M_SOURCE_COLUMN_NAME, $AR_M_SOURCE_COLUMN_DATATYPE only.
          table            | add-prefix         | 'value':''            | value is required by rule-action add-prefix.
          table            | add-suffix         |                       | value is required by rule-action add-suffix.
          table            | remove-prefix      |                       | value is required by rule-action remove-prefix.
          table            | remove-suffix      |                       | value is required by rule-action remove-suffix.
          table            | replace-prefix     | 'value':'a'           | old-value is required by rule-action replace-prefix.
          table            | replace-suffix     | 'old-value':'a'       | value is required by rule-action replace-suffix.
          table            | remove-column      |                       | rule-action remove-column needs rule-target column, not "table".
          table            | shout              |                       | rule-action "shout" is unknown; it must be one of [add-before-image-columns, add-column, add-prefix, add-suffix, change-data-type, convert-lowercase, convert-uppercase, data-masking-digits-mask, data-masking-digits-randomize, data-masking-hash-mask, define-primary-key, include-column, remove-column, remove-prefix, remove-suffix, rename, replace-prefix, replace-suffix].
          row              | rename             | 'value':'a'           | rule-target must be schema, table, column, table-tablespace or index-tablespace, not "row".
          table            | include-column     |                       | rule-action include-column needs rule-target column, not "table".
          column           | define-primary-key | 'primary-key-def':{'name':'k','columns':['id']} | rule-action define-primary-key needs rule-target table, not "column".
          table            | define-primary-key |                       | primary-key-def is required by rule-action define-primary-key.
          table            | define-primary-key | 'primary-key-def':{'columns':['id']} | name of the primary-key-def cannot be null.
          table            | define-primary-key | 'primary-key-def':{'name':'k'} | columns of the primary-key-def must be different names, at least one.
          table            | define-primary-key | 'primary-key-def':{'name':'k','columns':['a','a']} | columns of the primary-key-def must be different names, at least one.
          table            | define-primary-key | 'primary-key-def':{'name':'k','origin':'key','columns':['a']} | origin of the primary-key-def must be primary-key or unique-index, not "key".
          column           | add-column         | 'data-type':{'type':'string'} | value is required by rule-action add-column.
          column           | add-column         | 'value':'c'           | data-type with a type is required by rule-action add-column.
          column           | add-column         | 'value':'c','data-type':{'type':'varchar'} | data-type "varchar" is not an AWS DMS data type, which are boolean, int1, int2, int4, int8, uint1, uint2, uint4, uint8, numeric, real4, real8, date, time, datetime, string, wstring, bytes, blob, clob, nclob.
          column           | add-column         | 'value':'c','data-type':{'type':'map'} | data-type "map" exists for document targets only.
          column           | add-column         | 'value':'c','data-type':{'type':'string','length':'no'} | length of the data-type must be a number from 1, not "no".
          column           | add-column         | 'value':'c','data-type':{'type':'numeric','precision':2,'scale':'3'} | scale 3 of the data-type is above its precision 2.
          column           | add-column         | 'value':'c','data-type':{'type':'datetime','precision':12} | precision of the data-type must be a number from 0 to 9, not "12".
          column           | add-column         | 'value':'c','data-type':{'type':'int4'},'expression':'$a +'  | expression "$a +" cannot be used: it needs SQLite, which is not part of this program.
          column           | add-column         | 'value':'c','data-type':{'type':'int4'},'expression':'(select 1)' | expression "(select 1)" cannot be used: select cannot be used: an expression of one row is expected, not a statement.
          column           | add-column         | 'value':'c','data-type':{'type':'int4'},'expression':'1; drop' | expression "1; drop" cannot be used: ";" at character 2 is not part of an expression.
          column           | change-data-type   |                       | data-type with a type is required by rule-action change-data-type.
          column           | add-before-image-columns |                 | before-image-def is required by rule-action add-before-image-columns.
          column           | add-before-image-columns | 'before-image-def':{'column-prefix':'','column-suffix':''} | column-prefix and column-suffix of the before-image-def cannot both be empty.
          column           | add-before-image-columns | 'before-image-def':{'column-filter':'some'} | column-filter of the before-image-def must be pk-only, non-lob or all, not "some".
          column           | data-masking-digits-mask |                 | value is required by rule-action data-masking-digits-mask.
          column           | data-masking-digits-mask | 'value':'##'    | value of rule-action data-masking-digits-mask must be one printable ASCII character, not "##".
          column           | data-masking-digits-mask | 'value':' '     | value of rule-action data-masking-digits-mask must be one printable ASCII character, not " ".
          table            | data-masking-hash-mask |                   | rule-action data-masking-hash-mask needs rule-target column, not "table".
          """)
  void a_transformation_that_cannot_be_used_is_refused_by_its_id(
      String target, String action, String keys, String reason) {
    refused(rules(ALL, transformation(7, target, action, keys == null ? "" : keys)))
        .isEqualTo("Error in mapping rules. Rule with ruleId = 7 failed validation. " + reason);
  }

  @Test
  void the_locator_of_a_transformation_must_name_what_it_changes() {
    String column =
        "{'rule-type':'transformation','rule-id':7,'rule-target':'column','rule-action':'convert-lowercase','object-locator':{'schema-name':'a','table-name':'b'}}";
    refused(rules(ALL, column))
        .endsWith(
            "Rule with ruleId = 7 failed validation. column-name of the object locator cannot be null.");

    String type =
        "{'rule-type':'transformation','rule-id':7,'rule-target':'column','rule-action':'convert-lowercase','object-locator':{'schema-name':'a','table-name':'b','column-name':'%','data-type':'varchar'}}";
    refused(rules(ALL, type))
        .endsWith(
            "Rule with ruleId = 7 failed validation. data-type \"varchar\" is not an AWS DMS data type, which are "
                + TYPES
                + ".");
  }

  @Test
  void a_key_is_defined_for_one_table_by_its_exact_name() {
    String rule =
        transformation(
            7, "table", "define-primary-key", "'primary-key-def':{'name':'k','columns':['id']}");
    for (String pattern : List.of(rule.replace("'a'", "'a%'"), rule.replace("'b'", "'%'"))) {
      refused(rules(ALL, pattern))
          .isEqualTo(
              "Error in mapping rules. Rule with ruleId = 7 failed validation. schema-name and"
                  + " table-name must be exact for rule-action define-primary-key, without"
                  + " wildcards.");
    }
  }

  @Test
  void a_document_beyond_two_megabytes_is_refused() {
    refused(rules(ALL) + " ".repeat(2 << 20))
        .startsWith("Invalid Table Mappings document. It has 2097")
        .contains("at most 2097152 are accepted");
  }

  @ParameterizedTest
  @ValueSource(strings = {"table-tablespace", "index-tablespace"})
  void rules_on_tablespaces_are_taken_and_told_to_mean_nothing(String target) {
    String rule =
        "{'rule-type':'transformation','rule-id':7,'rule-target':'%s','rule-action':'rename','value':'fast','object-locator':{'schema-name':'a','table-name':'b','%s-name':'slow'}}"
            .formatted(target, target);
    assertThat(TableMapping.parse(json(rules(ALL, rule))).warnings())
        .containsExactly("Rule 7 has no effect: " + target + " applies to Oracle targets only");
  }

  @Test
  void a_rule_id_is_unique_as_a_number_however_it_is_written() {
    refused(rules(ALL, ALL.replace("'1'", "01")))
        .startsWith("Invalid Table Mappings document. Invalid json"); // JSON has no leading zeros …
    refused(rules(ALL, ALL.replace("'1'", "'01'"))) // … but a string may have them.
        .isEqualTo(
            "Error in mapping rules. Rule with ruleId = 1 failed validation. rule-id is used by rule number 1 and rule number 2; it must be unique.");
  }

  @Test
  void rule_names_need_not_be_unique() {
    String named = ALL.replace("'rule-id':'1'", "'rule-id':'1','rule-name':'same'");

    TableMapping.parse(json(rules(named, named.replace("'1'", "'2'"))));
  }

  @Test
  void all_mistakes_are_told_together() {
    refused(
            rules(
                "7",
                "{'rule-type':'selection','rule-id':1,'rule-action':'keep','load-order':-3}",
                transformation(1, "table", "rename", ""),
                transformation(3, "column", "add-column", ""),
                transformation(4, "table", "add-prefix", "").replace("4", "'four'")))
        .isEqualTo(
            "Error in mapping rules. Rule number 1 is not a JSON object."
                + " Rule with ruleId = 1 failed validation. rule-action must be include, exclude or explicit, not \"keep\"."
                + " Rule with ruleId = 1 failed validation. object locator cannot be null."
                + " Rule with ruleId = 1 failed validation. load-order must be a number from 1 to 2147483647, not \"-3\"."
                + " Rule with ruleId = 1 failed validation. rule-id is used by rule number 2 and rule number 3; it must be unique."
                + " Rule with ruleId = 1 failed validation. value is required by rule-action rename."
                + " Rule with ruleId = 3 failed validation. data-type with a type is required by rule-action add-column."
                + " Rule with ruleId = 3 failed validation. value is required by rule-action add-column."
                + " Rule number 5 failed validation. rule-id must be a number from 0, not \"four\"."
                + " Rule number 5 failed validation. value is required by rule-action add-prefix.");
  }

  @Test
  void mistakes_are_told_line_by_line_on_a_terminal() {
    assertThatExceptionOfType(MappingException.class)
        .isThrownBy(() -> TableMapping.parse(json(rules("7", "8"))))
        .satisfies(e ->
            assertThat(e.lines())
                .isEqualTo(
                    """
                    Error in mapping rules.
                      Rule number 1 is not a JSON object.
                      Rule number 2 is not a JSON object.\
                    """));
  }

  @Test
  void what_is_taken_as_it_stands_and_may_have_been_meant_otherwise_is_told() {
    assertThat(
            TableMapping.parse(
                    json(
                        rules(
                            ALL,
                            "{'rule-type':'selection','rule-id':7,'rule-action':'explicit','object-locator':{'schema-name':'a','table-name':'b%'}}",
                            transformation(8, "table", "add-prefix", "'value':'${schema-name}_'"),
                            "{'rule-type':'table-settings','rule-id':9,'object-locator':{'schema-name':'a','table-name':'b'}}")))
                .warnings())
        .satisfiesExactly(
            explicit -> assertThat(explicit).startsWith("Rule 7: rule-action explicit takes %"),
            placeholder -> assertThat(placeholder).startsWith("Rule 8: ${…} in its value"),
            empty -> assertThat(empty).startsWith("Rule 9 has no effect: it has neither"));
  }

  @Test
  void exports_of_the_console_with_their_nulls_are_taken() {
    TableMapping.parse(
        json(
            """
            {'rules':[
              {'rule-type':'transformation','rule-id':'1689','rule-name':'1689','rule-target':'schema','object-locator':{'schema-name':'app','table-name':null,'column-name':null},
               'rule-action':'rename','value':'shop','old-value':null,'expression':null,'data-type':null,'before-image-def':null,'primary-key-def':null},
              {'rule-type':'selection','rule-id':1688,'rule-name':'1688','object-locator':{'schema-name':'app','table-name':'%','table-type':null},
               'rule-action':'include','filters':[],'load-order':null,'isAutoSegmentationChecked':false}],
             'unknown':{'keys':'are ignored'}}\
            """));
  }

  @Test
  void a_key_that_no_rule_has_is_told() {
    String rule =
        transformation(
            7, "column", "add-column", "'value':'c','data-type':{'type':'int4'},'expresion':'1',");
    assertThat(TableMapping.parse(json(rules(ALL, rule.replace(",,", ",")))).warnings())
        .containsExactly("Rule 7: key expresion is unknown and has no effect");
  }

  @Test
  void of_a_key_that_is_given_twice_the_last_counts() {
    TableMapping.parse(
        json(
            rules(
                ALL.replace(
                    "'rule-action':'include'",
                    "'rule-action':'nonsense','rule-action':'include'"))));
  }

  private static String rules(String... rules) {
    return "{'rules':[" + String.join(",", rules) + "]}";
  }

  private static String transformation(int id, String target, String action, String keys) {
    return "{'rule-type':'transformation','rule-id':%d,'rule-target':'%s','rule-action':'%s',%s'object-locator':{'schema-name':'a','table-name':'b','column-name':'c'}}"
        .formatted(id, target, action, keys.isEmpty() ? "" : keys + ",");
  }

  private static String json(String withSingleQuotes) {
    return withSingleQuotes.replace('\'', '"');
  }

  private static org.assertj.core.api.AbstractStringAssert<?> refused(String document) {
    MappingException[] refusal = new MappingException[1];
    assertThatExceptionOfType(MappingException.class)
        .isThrownBy(() -> TableMapping.parse(json(document)))
        .satisfies(e -> refusal[0] = e);
    return assertThat(refusal[0].getMessage());
  }
}
