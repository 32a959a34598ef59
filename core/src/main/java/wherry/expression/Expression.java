package wherry.expression;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * An expression of a rule ("Using transformation rule expressions to define column content", AWS
 * DMS guide): SQLite's dialect with {@code $NAME} for a column's value or a header. Immutable.
 */
public final class Expression {
  /** The operation of a row's change: {@code INSERT}, {@code UPDATE} or {@code DELETE}. */
  public static final String OPERATION = "AR_H_OPERATION";

  private static final String OPERATION_INDICATOR = "operation_indicator";

  private final String text;
  private final List<Token> tokens;
  private final List<String> variables;

  private Expression(String text, List<Token> tokens) {
    this.text = text;
    this.tokens = List.copyOf(tokens);
    Set<String> names = new LinkedHashSet<>();
    for (Token token : tokens) {
      if (token.kind() == Token.Kind.VARIABLE) {
        names.add(token.text());
      } else if (token.isWord(OPERATION_INDICATOR)) {
        names.add(OPERATION);
      }
    }
    this.variables = List.copyOf(names);
  }

  /**
   * @throws ExpressionException when it cannot be an expression; whether SQLite understands it only
   *     {@link ExpressionEvaluator#check} tells
   */
  public static Expression parse(String text) {
    return new Expression(text, Tokenizer.tokens(text));
  }

  /** Names after {@code $}, each once; {@link #OPERATION} too where operation_indicator is used. */
  public List<String> variables() {
    return variables;
  }

  /** Whether deletes become updates that set this column. */
  public boolean indicatesOperation() {
    return tokens.stream().anyMatch(token -> token.isWord(OPERATION_INDICATOR));
  }

  List<Token> tokens() {
    return tokens;
  }

  /**
   * The expression as SQL.
   *
   * @param variable SQL for the variable of that number
   */
  public String sql(IntFunction<String> variable) {
    StringBuilder sql = new StringBuilder();
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      sql.append(' ');
      if (token.kind() == Token.Kind.VARIABLE) {
        sql.append(variable.apply(variables.indexOf(token.text())));
      } else {
        sql.append(token.sql());
        if (i > 0 && token.isOperator("(") && tokens.get(i - 1).isWord(OPERATION_INDICATOR)) {
          sql.append(variable.apply(variables.indexOf(OPERATION))).append(',');
        }
      }
    }
    return sql.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Expression expression && expression.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** As the rule has it. */
  @Override
  public String toString() {
    return text;
  }
}
