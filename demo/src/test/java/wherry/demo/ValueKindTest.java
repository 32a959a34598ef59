package wherry.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueKindTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NUMBER   | 1.50                       | 1.500000",
        "NUMBER   | 100000000000000000000      | 1e20",
        "MONEY    | -0.01                      | -0.010",
        "REAL4    | 0.1                        | 0.10000000149011612",
        "REAL8    | 1e308                      | 1.0E308",
        "BITS     | 00000101                   | 101",
        "BITS     | 00000000                   | 0",
        "TEMPORAL | 2024-02-29 12:34:56.789    | 2024-02-29 12:34:56.789000",
        "TEMPORAL | 2024-02-29 12:00:00+00     | 2024-02-29 12:00:00.000000",
        "TEMPORAL | 12:00:00                   | 12:00:00.000000",
        "TIME_SPAN| -3020399.000001            | -3020399.0000010",
        "GEOMETRY | 0101000020e6100000aabb     | 4326:0101000000aabb",
        "GEOMETRY | 0101000000aabb             | 0:0101000000aabb",
        "JSON     | {\"a\": 1, \"b\": [2.50]}  | {\"b\":[2.5],\"a\":1.0}",
        "ARRAY    | [1,null,-3]                | [1, null, -3]"
      })
  void different_renderings_of_a_value_are_equal(ValueKind kind, String left, String right) {
    assertThat(kind.canonical(left)).isEqualTo(kind.canonical(right));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TEXT     | a                          | A",
        "NUMBER   | 1.50                       | 1.51",
        "REAL8    | 0.1                        | 0.10000000000000002",
        "BITS     | 100                        | 1",
        "TEMPORAL | 2024-02-29 12:00:00.1      | 2024-02-29 12:00:00.01",
        "TEMPORAL | 2024-02-20                 | 2024-02-02",
        "TEMPORAL | 10:00:00                   | 10:00:10",
        "JSON     | {\"a\": \"1\"}             | {\"a\": 1}",
        "ARRAY    | [1,2]                      | [2,1]",
        "ARRAY    | {1,2}                      | [1,2]"
      })
  void different_values_are_not(ValueKind kind, String left, String right) {
    assertThat(kind.canonical(left)).isNotEqualTo(kind.canonical(right));
  }
}
