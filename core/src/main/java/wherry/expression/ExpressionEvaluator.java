package wherry.expression;

import java.util.List;

/**
 * SQLite, for the expressions that are not compiled. Safe for all threads; a session belongs to
 * one.
 */
public interface ExpressionEvaluator {
  /**
   * Whether SQLite understands the expression and it has one value for each row.
   *
   * @throws ExpressionException in SQLite's words
   */
  void check(Expression expression);

  /**
   * A session that evaluates these expressions together.
   *
   * @param variables all names that occur in them, in the order in which {@link Inputs} knows them
   */
  Session open(List<String> variables, List<Expression> expressions);

  /** Owned by one thread. */
  interface Session extends AutoCloseable {
    /** Evaluates all expressions for rows 0 to {@code rows}, many rows in a statement. */
    void evaluate(int rows, Inputs inputs, Results results);

    @Override
    void close();
  }

  /** The values of variables. */
  @FunctionalInterface
  interface Inputs {
    void read(int row, int variable, SqlValue into);
  }

  /** Takes results, in any order of rows. */
  interface Results {
    /** The value is only lent. */
    void result(int row, int expression, SqlValue value);

    /** SQLite could not evaluate the row; no results of it are told. */
    void failed(int row, String reason);
  }

  /** Where there is no SQLite: only compiled expressions can be used. */
  ExpressionEvaluator NONE =
      new ExpressionEvaluator() {
        @Override
        public void check(Expression expression) {
          if (CompiledExpression.compile(expression, name -> StorageClasses.ANY).isEmpty()
              && CompiledExpression.compile(expression, name -> StorageClasses.INTEGER).isEmpty()
              && CompiledExpression.compile(expression, name -> StorageClasses.TEXT).isEmpty()) {
            throw new ExpressionException("it needs SQLite, which is not part of this program");
          }
        }

        @Override
        public Session open(List<String> variables, List<Expression> expressions) {
          throw new ExpressionException("it needs SQLite, which is not part of this program");
        }
      };
}
