package wherry.expression;

import java.util.Optional;
import java.util.function.ToIntFunction;

/** An expression in Java; belongs to one thread. */
public final class CompiledExpression {
  private final Node root;

  private CompiledExpression(Node root) {
    this.root = root;
  }

  /**
   * @param classes what {@code $NAME} may be besides NULL ({@link StorageClasses})
   * @return empty when the expression is one for SQLite itself
   */
  public static Optional<CompiledExpression> compile(
      Expression expression, ToIntFunction<String> classes) {
    try {
      return Optional.of(
          new CompiledExpression(new ExpressionCompiler(expression, classes).compile()));
    } catch (ExpressionCompiler.NotCompiled e) {
      return Optional.empty();
    }
  }

  /**
   * @param inputs knows variables by their place in {@link Expression#variables}
   * @param into the value, valid until the next evaluation
   * @throws ExpressionException when the row has no result
   */
  public void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
    root.evaluate(inputs, row, into);
  }
}
