package wherry.expression.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import wherry.expression.Expression;
import wherry.expression.ExpressionEvaluator;
import wherry.expression.ExpressionException;
import wherry.expression.RealText;
import wherry.expression.SqlValue;
import wherry.testing.Seed;

class SqliteSessionTest {
  private final Map<Integer, String> results = new TreeMap<>();
  private final Map<Integer, String> failures = new HashMap<>();

  private void evaluate(String text, int rows, ExpressionEvaluator.Inputs inputs) {
    Expression expression = Expression.parse(text);
    try (ExpressionEvaluator.Session session =
        new SqliteEvaluator().open(expression.variables(), List.of(expression))) {
      session.evaluate(
          rows,
          inputs,
          new ExpressionEvaluator.Results() {
            @Override
            public void result(int row, int number, SqlValue value) {
              results.put(row, value.toString());
            }

            @Override
            public void failed(int row, String reason) {
              failures.put(row, reason);
            }
          });
    }
  }

  @Test
  void each_row_gets_the_value_of_its_own_variables_however_many_rows_share_a_statement() {
    evaluate("$a * 2 + $b", 2_345, (row, variable, into) -> into.set((long) row + variable));

    assertThat(results).hasSize(2_345);
    results.forEach((row, value) -> assertThat(value).isEqualTo("" + (row * 2L + row + 1)));
  }

  @Test
  void a_row_that_fails_is_told_and_its_neighbours_are_evaluated() {
    evaluate(
        "abs($a)",
        250,
        (row, variable, into) -> into.set(row == 77 ? Long.MIN_VALUE : (long) -row));

    assertThat(failures).containsOnlyKeys(77);
    assertThat(failures.get(77)).contains("integer overflow");
    assertThat(results.get(78)).isEqualTo("78");
    assertThat(results).hasSize(249);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          no_such($a)              | no such function: no_such
          nosuchcolumn             | no such column: nosuchcolumn
          $a +                     | syntax error
          count(*)                 | functions over many rows
          max($a)                  | functions over many rows
          load_extension('x')      | not authorized
          zeroblob(100000000)      | too big
          """)
  void what_cannot_be_used_is_refused_in_the_words_of_sqlite(String text, String words) {
    assertThatThrownBy(() -> new SqliteEvaluator().check(Expression.parse(text)))
        .isInstanceOf(ExpressionException.class)
        .hasMessageContaining(words);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1",
        "(SELECT 1)",
        "1; drop table x",
        "1) , (2",
        "(1",
        "attach('x')",
        "$",
        ":a",
        "?1",
        "${a",
        "'open",
        ""
      })
  void what_is_no_expression_never_reaches_sqlite(String text) {
    assertThatThrownBy(() -> Expression.parse(text)).isInstanceOf(ExpressionException.class);
  }

  @Test
  void a_missing_blank_is_part_of_the_name_as_it_is_for_sqlite() {
    assertThat(Expression.parse("$a::text || $b(1)").variables())
        .containsExactly("a::text", "b(1)");
    assertThat(Expression.parse("${a b} || '$c'").variables()).containsExactly("a b");
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0.5",
    "-3.0, -3.0",
    "1e100, 1.0e+100",
    "2.5e-7, 2.5e-07",
    "119.0, 119.0",
    "-0.0, 0.0"
  })
  void a_real_has_the_layout_that_sqlite_gives_it(double real, String text) {
    evaluate("$r || ''", 1, (row, variable, into) -> into.set(real));

    assertThat(RealText.of(real)).isEqualTo(text);
    assertThat(results.get(0)).isIn("'" + text + "'", "'-" + text + "'");
  }

  @Test
  void the_text_of_a_real_means_the_same_double() {
    Random random = Seed.random("the_text_of_a_real_means_the_same_double");
    for (int i = 0; i < 10_000; i++) {
      double real = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(real) && real != 0) {
        assertThat(Double.parseDouble(RealText.of(real))).isEqualTo(real);
      }
    }
  }
}
