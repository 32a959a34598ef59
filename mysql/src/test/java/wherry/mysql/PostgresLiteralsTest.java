package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresLiteralsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      quoteCharacter = '~',
      value = {
        "{}!integer![]",
        "{1,-2,NULL}!integer![1,-2,null]",
        "{{1,2},{3,4}}!integer![[1,2],[3,4]]",
        "{1.50,NaN,Infinity}!numeric(9,2)![1.50,\"NaN\",\"Infinity\"]",
        "{1e+300,-0}!double precision![1e+300,-0]",
        "{t,f,NULL}!boolean![true,false,null]",
        "{a,\"NULL\",null,\"\"}!text![\"a\",\"NULL\",null,\"\"]",
        "{\"a\\\"b\",\"c\\\\d\",\"{,}\",\" x \"}!text![\"a\\\"b\",\"c\\\\d\",\"{,}\",\" x \"]",
        "{\"2024-01-01 00:00:00\"}!timestamp without time zone![\"2024-01-01 00:00:00\"]",
        "{\"{\\\"k\\\": 1}\",null}!jsonb![{\"k\": 1},null]",
        "[0:1]={7,8}!bigint![7,8]",
        "{(3,4),(1,2);(7,8),(5,6)}!box![\"(3,4),(1,2)\",\"(7,8),(5,6)\"]"
      })
  void an_array_literal_becomes_a_json_array(String literal, String type, String json) {
    assertThat(PostgresLiterals.arrayToJson(literal, type)).isEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1,2", "{1,2", "{1,,2}", "{1}x", "{\"a}", "[0:1]{1,2}"})
  void what_is_no_array_literal_is_refused(String literal) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresLiterals.arrayToJson(literal, "integer"));
  }

  @Test
  void an_hstore_becomes_a_json_object() {
    assertThat(PostgresLiterals.hstoreToJson("")).isEqualTo("{}");
    assertThat(PostgresLiterals.hstoreToJson("\"a\"=>\"1\", \"q\\\"\\\\\"=>NULL, \"\"=>\"NULL\""))
        .isEqualTo("{\"a\":\"1\",\"q\\\"\\\\\":null,\"\":\"NULL\"}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresLiterals.hstoreToJson("\"a\"=>1"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresLiterals.hstoreToJson("\"a\"=>\"1\","));
  }
}
