package wherry.expression.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import wherry.expression.CompiledExpression;
import wherry.expression.Expression;
import wherry.expression.ExpressionEvaluator;
import wherry.expression.ExpressionException;
import wherry.expression.SqlValue;
import wherry.expression.StorageClasses;
import wherry.testing.Seed;

/** Java and SQLite must give the same answer, whichever of them evaluates an expression. */
class CompiledAgainstSqliteTest {
  private static final int EXPRESSIONS = 6_000;
  private static final int ROWS = 20;
  private static final List<String> VARIABLES = List.of("i", "j", "t", "u", "r", "n", "b");
  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "a",
          "A",
          "  a b ",
          "xyz",
          "Straße",
          "日本",
          "😀x",
          "10",
          "9",
          "1.10",
          "-5",
          "1e3",
          "it's",
          "ab\u0000cd",
          "aaaa",
          "%_",
          "\u00e9\u0301");
  private static final long[] INTEGERS = {
    0, 1, -1, 2, 3, -3, 7, 10, 100, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 1, 1L << 53
  };
  private static final double[] REALS = {
    0, 1, -1, 0.5, 2.5, -2.5, 1e308, -1e308, 1e-300, 9.223372036854775807e18, 3.7, 1.0 / 0, 0x1p53
  };

  private final Random random = Seed.random("CompiledAgainstSqliteTest");

  @Test
  void random_expressions_over_random_values_give_the_same_answer() {
    int compiled = 0;
    for (int i = 0; i < EXPRESSIONS; i++) {
      String text = expression(1 + random.nextInt(4));
      Expression expression = Expression.parse(text);
      Optional<CompiledExpression> java =
          CompiledExpression.compile(expression, CompiledAgainstSqliteTest::classes);
      if (java.isPresent()) {
        compiled++;
        List<List<SqlValue>> rows = rows(expression.variables());
        List<String> bySqlite = bySqlite(expression, rows);
        for (int row = 0; row < ROWS; row++) {
          assertThat(inJava(java.get(), rows, row))
              .as("%s for %s = %s", text, expression.variables(), rows.get(row))
              .isEqualTo(bySqlite.get(row));
        }
      }
    }
    assertThat(compiled).as("compiled of %s", EXPRESSIONS).isGreaterThan(EXPRESSIONS / 4);
  }

  private static String inJava(CompiledExpression java, List<List<SqlValue>> rows, int row) {
    SqlValue value = new SqlValue();
    try {
      java.evaluate((r, variable, into) -> into.set(rows.get(r).get(variable)), row, value);
      return shown(value);
    } catch (ExpressionException e) {
      return "failed: " + e.getMessage();
    }
  }

  private static List<String> bySqlite(Expression expression, List<List<SqlValue>> rows) {
    List<String> results = new ArrayList<>(java.util.Collections.nCopies(ROWS, "none"));
    try (ExpressionEvaluator.Session session =
        new SqliteEvaluator().open(expression.variables(), List.of(expression))) {
      session.evaluate(
          ROWS,
          (row, variable, into) -> into.set(rows.get(row).get(variable)),
          new ExpressionEvaluator.Results() {
            @Override
            public void result(int row, int number, SqlValue value) {
              results.set(row, shown(value));
            }

            @Override
            public void failed(int row, String reason) {
              results.set(row, "failed: " + reason);
            }
          });
    }
    return results;
  }

  /** Zeros of either sign are one number to SQL. */
  private static String shown(SqlValue value) {
    if (value.type() == SqlValue.Type.REAL && value.real() == 0) {
      return "0.0";
    }
    return value.toString();
  }

  private static int classes(String name) {
    return switch (name) {
      case "i", "j" -> StorageClasses.INTEGER;
      case "t", "u", Expression.OPERATION -> StorageClasses.TEXT;
      case "r" -> StorageClasses.REAL;
      case "n" -> StorageClasses.NUMBERS;
      case "b" -> StorageClasses.BLOB;
      default -> throw new IllegalArgumentException(name);
    };
  }

  private List<List<SqlValue>> rows(List<String> names) {
    List<List<SqlValue>> rows = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      rows.add(names.stream().map(this::value).toList());
    }
    return rows;
  }

  private SqlValue value(String name) {
    SqlValue value = new SqlValue();
    if (name.equals(Expression.OPERATION)) {
      value.setText(pick(List.of("INSERT", "UPDATE", "DELETE")));
    } else if (random.nextInt(5) > 0) {
      switch (name) {
        case "i", "j" -> value.set(INTEGERS[random.nextInt(INTEGERS.length)]);
        case "t", "u" -> value.setText(pick(TEXTS));
        case "r" -> value.set(REALS[random.nextInt(REALS.length)]);
        case "n" -> {
          if (random.nextBoolean()) {
            value.set(INTEGERS[random.nextInt(INTEGERS.length)]);
          } else {
            value.set(REALS[random.nextInt(REALS.length)]);
          }
        }
        default -> {
          byte[] bytes = pick(TEXTS).getBytes(StandardCharsets.UTF_8);
          value.setBlob(bytes, 0, bytes.length);
        }
      }
    }
    return value;
  }

  private String expression(int depth) {
    if (depth == 0 || random.nextInt(8) == 0) {
      return leaf();
    }
    int less = depth - 1;
    return switch (random.nextInt(22)) {
      case 0, 1 -> expression(less) + " || " + expression(less);
      case 2 ->
          expression(less) + pick(List.of(" + ", " - ", " * ", " / ", " % ")) + expression(less);
      case 3, 4 -> comparison(less);
      case 5 -> condition(less) + pick(List.of(" AND ", " OR ")) + condition(less);
      case 6 -> "NOT " + condition(less);
      case 7 -> "(" + expression(less) + ")";
      case 8 ->
          pick(
                  List.of(
                      "lower",
                      "upper",
                      "trim",
                      "ltrim",
                      "rtrim",
                      "length",
                      "hex",
                      "hash_sha256",
                      "abs"))
              + "("
              + expression(less)
              + ")";
      case 9 ->
          pick(List.of("trim", "ltrim", "rtrim")) + "(" + expression(less) + ", " + leaf() + ")";
      case 10 -> "replace(" + expression(less) + ", " + leaf() + ", " + expression(less) + ")";
      case 11 -> "replaceChars(" + expression(less) + ", " + leaf() + ", " + leaf() + ")";
      case 12 -> "substr(" + expression(less) + ", " + small() + ")";
      case 13 -> "substr(" + expression(less) + ", " + small() + ", " + small() + ")";
      case 14 ->
          pick(List.of("coalesce", "ifnull", "nullif", "max", "min"))
              + "("
              + expression(less)
              + ", "
              + expression(less)
              + ")";
      case 15 ->
          "CASE WHEN "
              + condition(less)
              + " THEN "
              + expression(less)
              + " ELSE "
              + expression(less)
              + " END";
      case 16 ->
          "CASE "
              + variable()
              + " WHEN "
              + leaf()
              + " THEN "
              + expression(less)
              + " WHEN "
              + expression(less)
              + " THEN "
              + expression(less)
              + " END";
      case 17 -> "operation_indicator(" + leaf() + ", " + expression(less) + ", " + leaf() + ")";
      case 18 ->
          variable()
              + pick(List.of("", " NOT"))
              + " IN ("
              + leaf()
              + ", "
              + expression(less)
              + ", NULL)";
      case 19 -> variable() + pick(List.of("", " NOT")) + " BETWEEN " + leaf() + " AND " + leaf();
      case 20 -> "iif(" + condition(less) + ", " + expression(less) + ", " + leaf() + ")";
      default -> "- " + leaf();
    };
  }

  private String condition(int depth) {
    return random.nextInt(3) == 0 ? "(" + comparison(depth) + ")" : comparison(depth);
  }

  private String comparison(int depth) {
    return switch (random.nextInt(6)) {
      case 0 ->
          expression(depth)
              + pick(List.of(" ISNULL", " NOTNULL", " NOT NULL", " IS NULL", " IS NOT NULL"));
      case 1 -> expression(depth) + pick(List.of(" IS ", " IS NOT ")) + leaf();
      default ->
          expression(depth)
              + pick(List.of(" = ", " == ", " <> ", " != ", " < ", " <= ", " > ", " >= "))
              + expression(depth);
    };
  }

  private String leaf() {
    return switch (random.nextInt(7)) {
      case 0 -> String.valueOf(random.nextInt(20));
      case 1 -> "'" + pick(TEXTS).replace("'", "''").replace("\u0000", "") + "'";
      case 2 ->
          pick(List.of("NULL", "1.5", "0.25", "9223372036854775807", "(-1)", "'abcd'", "'a'"));
      default -> variable();
    };
  }

  private String variable() {
    return "$" + pick(VARIABLES);
  }

  private String small() {
    return pick(List.of("0", "1", "2", "-1", "-2", "-7", "5", "100", "$j"));
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
