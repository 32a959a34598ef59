package wherry.expression;

/** An expression that cannot be used, or that fails for a row; the message is one sentence. */
public final class ExpressionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Without a stack: it may be thrown for each row. */
  public ExpressionException(String message) {
    super(message, null, false, false);
  }
}
