package wherry.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import wherry.expression.CompiledExpression;
import wherry.expression.Expression;
import wherry.expression.StorageClasses;
import wherry.expression.sqlite.SqliteEvaluator;
import wherry.mapping.TableMapping;

class MappingRulesTest {
  @ParameterizedTest
  @MethodSource("wherry.benchmarks.MappingRules#all")
  void every_document_is_one_that_a_task_takes(MappingRules rules) {
    assertThatCode(() -> TableMapping.parse(rules.document(), new SqliteEvaluator()))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @FieldSource("wherry.benchmarks.MappingRules#COMPILED")
  void what_is_measured_as_compiled_is_compiled(String expression) {
    assertThat(isCompiled(expression)).isTrue();
  }

  @Test
  void what_is_measured_as_evaluated_by_sqlite_is_not_compiled() {
    assertThat(isCompiled(MappingRules.BY_SQLITE)).isFalse();
  }

  /** A quantity of decimal(15,2) is a number to SQLite, everything else of these is text. */
  private static boolean isCompiled(String expression) {
    return CompiledExpression.compile(
            Expression.parse(expression),
            name -> name.equals("l_quantity") ? StorageClasses.NUMBERS : StorageClasses.TEXT)
        .isPresent();
  }
}
