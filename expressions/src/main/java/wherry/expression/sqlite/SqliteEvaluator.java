package wherry.expression.sqlite;

import java.util.List;
import wherry.expression.Expression;
import wherry.expression.ExpressionEvaluator;
import wherry.expression.ExpressionException;
import wherry.expression.SqlValue;

/** Each session is a SQLite database of its own, in memory and empty. */
public final class SqliteEvaluator implements ExpressionEvaluator {
  /** Enough to share a statement, so that a function over many rows shows. */
  private static final int ROWS = 10;

  @Override
  public void check(Expression expression) {
    String[] failure = new String[1];
    try (Session session = open(expression.variables(), List.of(expression))) {
      session.evaluate(
          ROWS,
          (row, variable, into) -> into.setNull(),
          new Results() {
            @Override
            public void result(int row, int expressionNumber, SqlValue value) {
              // Any value will do.
            }

            @Override
            public void failed(int row, String reason) {
              failure[0] = reason;
            }
          });
    }
    if (failure[0] != null) {
      throw new ExpressionException(failure[0]);
    }
  }

  @Override
  public Session open(List<String> variables, List<Expression> expressions) {
    return new SqliteSession(variables, expressions);
  }
}
