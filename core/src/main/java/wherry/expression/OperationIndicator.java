package wherry.expression;

/**
 * {@code operation_indicator(on_delete, on_update, on_insert)} of AWS DMS: the argument for the
 * row's operation. All of them are evaluated, as SQLite has all arguments before it calls, and each
 * may fail.
 */
final class OperationIndicator extends Node {
  private static final SqlValue DELETE = Constant.of("DELETE").value();
  private static final SqlValue UPDATE = Constant.of("UPDATE").value();

  private final Node operation;
  private final Node[] choices;
  private final SqlValue[] values;

  /**
   * @param choices for DELETE, UPDATE and INSERT
   */
  OperationIndicator(Node operation, Node... choices) {
    this.operation = operation;
    this.choices = choices;
    this.values = new SqlValue[choices.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = new SqlValue();
    }
  }

  @Override
  int classes() {
    int classes = 0;
    for (Node choice : choices) {
      classes |= choice.classes();
    }
    return classes;
  }

  @Override
  void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
    for (int i = 0; i < choices.length; i++) {
      choices[i].evaluate(inputs, row, values[i]);
    }
    operation.evaluate(inputs, row, into);
    into.set(values[into.compare(DELETE) == 0 ? 0 : into.compare(UPDATE) == 0 ? 1 : 2]);
  }
}
