package wherry.expression;

/** The operators that are compiled, as SQLite computes them (vdbe.c). */
final class Operators {
  private Operators() {}

  enum Comparison {
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL;

    boolean holds(int order) {
      return switch (this) {
        case EQUAL -> order == 0;
        case NOT_EQUAL -> order != 0;
        case LESS -> order < 0;
        case LESS_OR_EQUAL -> order <= 0;
        case GREATER -> order > 0;
        case GREATER_OR_EQUAL -> order >= 0;
      };
    }
  }

  enum Arithmetic {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    REMAINDER
  }

  /** A node over two others. */
  private abstract static class Binary extends Node {
    final Node left;
    final Node right;
    final SqlValue one = new SqlValue();
    final SqlValue other = new SqlValue();

    Binary(Node left, Node right) {
      this.left = left;
      this.right = right;
    }
  }

  /** {@code = < …}; {@code IS} and {@code IS NOT} know NULL. */
  static final class Compare extends Binary {
    private final Comparison comparison;
    private final boolean knowsNull;

    Compare(Comparison comparison, boolean knowsNull, Node left, Node right) {
      super(left, right);
      this.comparison = comparison;
      this.knowsNull = knowsNull;
    }

    @Override
    int classes() {
      return StorageClasses.INTEGER;
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      left.evaluate(inputs, row, one);
      right.evaluate(inputs, row, other);
      if (!knowsNull && (one.isNull() || other.isNull())) {
        into.setNull();
      } else {
        into.set(comparison.holds(one.compare(other)));
      }
    }
  }

  static final class And extends Binary {
    And(Node left, Node right) {
      super(left, right);
    }

    @Override
    int classes() {
      return StorageClasses.INTEGER;
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      left.evaluate(inputs, row, one);
      if (!one.isNull() && !isTrue(one)) {
        into.set(false);
        return;
      }
      right.evaluate(inputs, row, other);
      if (!other.isNull() && !isTrue(other)) {
        into.set(false);
      } else if (one.isNull() || other.isNull()) {
        into.setNull();
      } else {
        into.set(true);
      }
    }
  }

  static final class Or extends Binary {
    Or(Node left, Node right) {
      super(left, right);
    }

    @Override
    int classes() {
      return StorageClasses.INTEGER;
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      left.evaluate(inputs, row, one);
      if (isTrue(one)) {
        into.set(true);
        return;
      }
      right.evaluate(inputs, row, other);
      if (isTrue(other)) {
        into.set(true);
      } else if (one.isNull() || other.isNull()) {
        into.setNull();
      } else {
        into.set(false);
      }
    }
  }

  static final class Not extends Node {
    private final Node operand;

    Not(Node operand) {
      this.operand = operand;
    }

    @Override
    int classes() {
      return StorageClasses.INTEGER;
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      operand.evaluate(inputs, row, into);
      if (!into.isNull()) {
        into.set(!isTrue(into));
      }
    }
  }

  /** {@code IN (…)}: NULL when nothing equals and something is NULL. */
  static final class In extends Node {
    private final Node operand;
    private final Node[] list;
    private final SqlValue wanted = new SqlValue();
    private final SqlValue element = new SqlValue();

    In(Node operand, Node[] list) {
      this.operand = operand;
      this.list = list;
    }

    @Override
    int classes() {
      return StorageClasses.INTEGER;
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      operand.evaluate(inputs, row, wanted);
      boolean sawNull = wanted.isNull();
      for (Node node : list) {
        node.evaluate(inputs, row, element);
        sawNull |= element.isNull();
        if (!wanted.isNull() && !element.isNull() && wanted.compare(element) == 0) {
          into.set(true);
          return;
        }
      }
      if (sawNull) {
        into.setNull();
      } else {
        into.set(false);
      }
    }
  }

  /** {@code + - * / %} on numbers: integers until they overflow, then doubles. */
  static final class Calculate extends Binary {
    private final Arithmetic arithmetic;

    Calculate(Arithmetic arithmetic, Node left, Node right) {
      super(left, right);
      this.arithmetic = arithmetic;
    }

    @Override
    int classes() {
      return StorageClasses.NUMBERS;
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      left.evaluate(inputs, row, one);
      right.evaluate(inputs, row, other);
      if (one.isNull() || other.isNull()) {
        into.setNull();
        return;
      }
      requireNumber(one);
      requireNumber(other);
      boolean integers =
          one.type() == SqlValue.Type.INTEGER && other.type() == SqlValue.Type.INTEGER;
      if (!integers || !integer(one.integer(), other.integer(), into)) {
        real(into);
      }
    }

    private static void requireNumber(SqlValue value) {
      if (value.type() != SqlValue.Type.INTEGER && value.type() != SqlValue.Type.REAL) {
        throw notANumber(value);
      }
    }

    /** Whether the result is an integer, or NULL for a division by zero. */
    private boolean integer(long a, long b, SqlValue into) {
      switch (arithmetic) {
        case ADD -> {
          long sum = a + b;
          if (((a ^ sum) & (b ^ sum)) < 0) {
            return false;
          }
          into.set(sum);
        }
        case SUBTRACT -> {
          long difference = a - b;
          if (((a ^ b) & (a ^ difference)) < 0) {
            return false;
          }
          into.set(difference);
        }
        case MULTIPLY -> {
          long high = Math.multiplyHigh(a, b);
          long low = a * b;
          if (high != low >> 63) {
            return false;
          }
          into.set(low);
        }
        case DIVIDE -> {
          if (b == -1 && a == Long.MIN_VALUE) {
            return false;
          }
          if (b == 0) {
            into.setNull();
          } else {
            into.set(a / b);
          }
        }
        case REMAINDER -> {
          if (b == 0) {
            into.setNull();
          } else {
            into.set(b == -1 ? 0 : a % b);
          }
        }
      }
      return true;
    }

    private void real(SqlValue into) {
      double a = one.number();
      double b = other.number();
      switch (arithmetic) {
        case ADD -> into.set(a + b);
        case SUBTRACT -> into.set(a - b);
        case MULTIPLY -> into.set(a * b);
        case DIVIDE -> {
          if (b == 0) {
            into.setNull();
          } else {
            into.set(a / b);
          }
        }
        case REMAINDER -> {
          long divisor = whole(other);
          long remainder = divisor == 0 ? 0 : divisor == -1 ? 0 : whole(one) % divisor;
          if (divisor == 0) {
            into.setNull();
          } else {
            into.set((double) remainder);
          }
        }
      }
    }

    /** Java casts a double to a long as SQLite does: cut, and held at the ends. */
    private static long whole(SqlValue value) {
      return value.type() == SqlValue.Type.INTEGER ? value.integer() : (long) value.real();
    }
  }
}
