package wherry.expression;

/**
 * A part of a compiled expression. It keeps registers and buffers, so it belongs to one thread; a
 * value that it has given is valid until it is asked again.
 */
abstract class Node {
  /** Which classes its values may have besides NULL ({@link StorageClasses}). */
  abstract int classes();

  abstract void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into);

  final boolean mayBe(int someClasses) {
    return (classes() & someClasses) != 0;
  }

  /** A literal. */
  static final class Constant extends Node {
    private final SqlValue value;

    Constant(SqlValue value) {
      this.value = value;
    }

    static Constant of(long integer) {
      SqlValue value = new SqlValue();
      value.set(integer);
      return new Constant(value);
    }

    static Constant of(double real) {
      SqlValue value = new SqlValue();
      value.set(real);
      return new Constant(value);
    }

    static Constant of(String text) {
      SqlValue value = new SqlValue();
      value.setText(text);
      return new Constant(value);
    }

    static Constant none() {
      return new Constant(new SqlValue());
    }

    SqlValue value() {
      return value;
    }

    @Override
    int classes() {
      return switch (value.type()) {
        case NULL -> 0;
        case INTEGER -> StorageClasses.INTEGER;
        case REAL -> StorageClasses.REAL;
        case TEXT -> StorageClasses.TEXT;
        case BLOB -> StorageClasses.BLOB;
      };
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      into.set(value);
    }
  }

  /** {@code $NAME}. */
  static final class Variable extends Node {
    private final int number;
    private final int classes;

    Variable(int number, int classes) {
      this.number = number;
      this.classes = classes;
    }

    @Override
    int classes() {
      return classes;
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      inputs.read(row, number, into);
    }
  }

  /** Both forms of CASE, and iif: the first branch that applies. */
  static final class Choice extends Node {
    private final Node[] conditions;
    private final Node[] results;
    private final Node otherwise;
    private final SqlValue condition = new SqlValue();

    Choice(Node[] conditions, Node[] results, Node otherwise) {
      this.conditions = conditions;
      this.results = results;
      this.otherwise = otherwise;
    }

    @Override
    int classes() {
      int classes = otherwise.classes();
      for (Node result : results) {
        classes |= result.classes();
      }
      return classes;
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      for (int i = 0; i < conditions.length; i++) {
        conditions[i].evaluate(inputs, row, condition);
        if (isTrue(condition)) {
          results[i].evaluate(inputs, row, into);
          return;
        }
      }
      otherwise.evaluate(inputs, row, into);
    }
  }

  /** The first argument that is not NULL. */
  static final class Coalesce extends Node {
    private final Node[] arguments;

    Coalesce(Node[] arguments) {
      this.arguments = arguments;
    }

    @Override
    int classes() {
      int classes = 0;
      for (Node argument : arguments) {
        classes |= argument.classes();
      }
      return classes;
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      for (Node argument : arguments) {
        argument.evaluate(inputs, row, into);
        if (!into.isNull()) {
          return;
        }
      }
    }
  }

  /** Of a number: NULL is not true. */
  static boolean isTrue(SqlValue number) {
    return switch (number.type()) {
      case NULL -> false;
      case INTEGER -> number.integer() != 0;
      case REAL -> number.real() != 0;
      case TEXT, BLOB -> throw notANumber(number);
    };
  }

  /** Only NaN, the one value of a number's column that is text, gets here. */
  static ExpressionException notANumber(SqlValue value) {
    return new ExpressionException(value + " is not a number");
  }
}
