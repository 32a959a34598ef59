package wherry.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import wherry.expression.Operators.Arithmetic;
import wherry.expression.Operators.Comparison;

/**
 * Parses an expression by precedence (SQLite's "Operators, and Parse-Affecting Attributes") into
 * nodes. Whatever is not certain to give SQLite's very answer is not compiled: conversions between
 * texts and reals, truth of texts, LIKE, dates, CAST, COLLATE.
 */
final class ExpressionCompiler {
  /** Not a mistake: SQLite will do. */
  static final class NotCompiled extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotCompiled() {
      super(null, null, false, false);
    }
  }

  private static final int DEPTH_MAX = 100;

  private final Expression expression;
  private final List<Token> tokens;
  private final ToIntFunction<String> classes;
  private int at;
  private int depth;

  ExpressionCompiler(Expression expression, ToIntFunction<String> classes) {
    this.expression = expression;
    this.tokens = expression.tokens();
    this.classes = classes;
  }

  Node compile() {
    Node node = or();
    if (at < tokens.size()) {
      throw new NotCompiled();
    }
    return node;
  }

  private Node or() {
    if (++depth > DEPTH_MAX) {
      throw new NotCompiled();
    }
    int from = at;
    Node left = and();
    while (word("OR")) {
      left = new Operators.Or(logical(left), logical(and()));
      needNoFailure(from);
    }
    depth--;
    return left;
  }

  private Node and() {
    int from = at;
    Node left = not();
    while (word("AND")) {
      left = new Operators.And(logical(left), logical(not()));
      needNoFailure(from);
    }
    return left;
  }

  /**
   * An operand of AND or OR that may fail, which only abs does, is for SQLite: whether it evaluates
   * both operands depends on where they stand, and on constants.
   */
  private void needNoFailure(int from) {
    if (tokens.subList(from, at).stream().anyMatch(token -> token.isWord("abs"))) {
      throw new NotCompiled();
    }
  }

  private Node not() {
    return word("NOT") ? new Operators.Not(logical(not())) : equality();
  }

  private Node equality() {
    Node left = comparison();
    while (true) {
      if (operator("=") || operator("==")) {
        left = compare(Comparison.EQUAL, false, left, comparison());
      } else if (operator("<>") || operator("!=")) {
        left = compare(Comparison.NOT_EQUAL, false, left, comparison());
      } else if (word("IS")) {
        boolean not = word("NOT");
        if (peekWord("DISTINCT") || peekWord("TRUE") || peekWord("FALSE")) {
          throw new NotCompiled();
        }
        left = compare(not ? Comparison.NOT_EQUAL : Comparison.EQUAL, true, left, comparison());
      } else if (word("ISNULL")) {
        left = compare(Comparison.EQUAL, true, left, Node.Constant.none());
      } else if (word("NOTNULL")) {
        left = compare(Comparison.NOT_EQUAL, true, left, Node.Constant.none());
      } else if (peekWord("NOT") && at + 1 < tokens.size() && tokens.get(at + 1).isWord("NULL")) {
        at += 2;
        left = compare(Comparison.NOT_EQUAL, true, left, Node.Constant.none());
      } else if (peekWord("IN") || peekWord("BETWEEN") || peekWord("NOT")) {
        left = membership(left);
      } else {
        return left;
      }
    }
  }

  /** {@code [NOT] IN (…)} and {@code [NOT] BETWEEN … AND …}. */
  private Node membership(Node left) {
    int from = at;
    boolean not = word("NOT");
    Node node;
    if (word("IN")) {
      require("(");
      node = new Operators.In(left, list().toArray(Node[]::new));
    } else if (word("BETWEEN")) {
      Node low = comparison();
      if (!word("AND")) {
        throw new NotCompiled();
      }
      Node high = comparison();
      needNoFailure(from);
      node =
          new Operators.And(
              compare(Comparison.GREATER_OR_EQUAL, false, left, low),
              compare(Comparison.LESS_OR_EQUAL, false, again(left), high));
    } else {
      throw new NotCompiled();
    }
    return not ? new Operators.Not(node) : node;
  }

  /**
   * A second use of a node; only of those that have no buffer that the first use may still hold.
   */
  private static Node again(Node node) {
    if (!(node instanceof Node.Variable) && !(node instanceof Node.Constant)) {
      throw new NotCompiled();
    }
    return node;
  }

  private Node comparison() {
    Node left = sum();
    while (true) {
      if (operator("<")) {
        left = compare(Comparison.LESS, false, left, sum());
      } else if (operator("<=")) {
        left = compare(Comparison.LESS_OR_EQUAL, false, left, sum());
      } else if (operator(">")) {
        left = compare(Comparison.GREATER, false, left, sum());
      } else if (operator(">=")) {
        left = compare(Comparison.GREATER_OR_EQUAL, false, left, sum());
      } else {
        return left;
      }
    }
  }

  private static Node compare(Comparison how, boolean knowsNull, Node left, Node right) {
    return new Operators.Compare(how, knowsNull, left, right);
  }

  private Node sum() {
    Node left = product();
    while (true) {
      if (operator("+")) {
        left = calculate(Arithmetic.ADD, left, product());
      } else if (operator("-")) {
        left = calculate(Arithmetic.SUBTRACT, left, product());
      } else {
        return left;
      }
    }
  }

  private Node product() {
    Node left = concatenation();
    while (true) {
      if (operator("*")) {
        left = calculate(Arithmetic.MULTIPLY, left, concatenation());
      } else if (operator("/")) {
        left = calculate(Arithmetic.DIVIDE, left, concatenation());
      } else if (operator("%")) {
        left = calculate(Arithmetic.REMAINDER, left, concatenation());
      } else {
        return left;
      }
    }
  }

  private static Node calculate(Arithmetic arithmetic, Node left, Node right) {
    return new Operators.Calculate(arithmetic, number(left), number(right));
  }

  private Node concatenation() {
    Node left = unary();
    while (operator("||")) {
      left = new Functions.Concatenate(text(left), text(unary()));
    }
    return left;
  }

  private Node unary() {
    if (!operator("-")) {
      return primary();
    }
    Node operand = unary();
    if (operand instanceof Node.Constant constant) {
      switch (constant.value().type()) {
        case INTEGER -> {
          return Node.Constant.of(-constant.value().integer());
        }
        case REAL -> {
          return Node.Constant.of(-constant.value().real());
        }
        case NULL, TEXT, BLOB -> throw new NotCompiled();
      }
    }
    return calculate(Arithmetic.SUBTRACT, Node.Constant.of(0), operand);
  }

  private Node primary() {
    if (at == tokens.size()) {
      throw new NotCompiled();
    }
    Token token = tokens.get(at++);
    return switch (token.kind()) {
      case VARIABLE -> variable(token.text());
      case STRING -> Node.Constant.of(token.text());
      case NUMBER -> literal(token.text());
      case OPERATOR -> {
        if (!token.text().equals("(")) {
          throw new NotCompiled();
        }
        List<Node> inside = list();
        if (inside.size() != 1) {
          throw new NotCompiled();
        }
        yield inside.getFirst();
      }
      case IDENTIFIER -> identifier(token);
      case QUOTED_IDENTIFIER, BLOB -> throw new NotCompiled();
    };
  }

  private Node variable(String name) {
    return new Node.Variable(expression.variables().indexOf(name), classes.applyAsInt(name));
  }

  private static Node literal(String number) {
    try {
      if (number.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return Node.Constant.of(Long.parseLong(number));
      }
      if (number.matches("[0-9]{1,15}\\.[0-9]{0,4}|\\.[0-9]{1,4}")) {
        return Node.Constant.of(Double.parseDouble(number));
      }
    } catch (NumberFormatException e) {
      // Beyond a long: SQLite knows what it is.
    }
    throw new NotCompiled();
  }

  private Node identifier(Token token) {
    if (token.isWord("NULL")) {
      return Node.Constant.none();
    }
    if (token.isWord("CASE")) {
      return caseOf();
    }
    if (!operator("(")) {
      throw new NotCompiled();
    }
    return FunctionCalls.compile(
        token.text().toLowerCase(Locale.ROOT), list(), () -> variable(Expression.OPERATION));
  }

  /** Arguments up to the closing bracket, the opening one being read. */
  private List<Node> list() {
    List<Node> nodes = new ArrayList<>();
    if (operator(")")) {
      return nodes;
    }
    do {
      nodes.add(or());
    } while (operator(","));
    require(")");
    return nodes;
  }

  private Node caseOf() {
    @Nullable Node base = peekWord("WHEN") ? null : or();
    List<Node> conditions = new ArrayList<>();
    List<Node> results = new ArrayList<>();
    while (word("WHEN")) {
      Node when = or();
      conditions.add(
          base == null ? logical(when) : compare(Comparison.EQUAL, false, again(base), when));
      if (!word("THEN")) {
        throw new NotCompiled();
      }
      results.add(or());
    }
    Node otherwise = word("ELSE") ? or() : Node.Constant.none();
    if (!word("END") || conditions.isEmpty()) {
      throw new NotCompiled();
    }
    return new Node.Choice(
        conditions.toArray(Node[]::new), results.toArray(Node[]::new), otherwise);
  }

  /** Only of numbers the truth is compiled. */
  static Node logical(Node node) {
    return number(node);
  }

  static Node number(Node node) {
    if (node.mayBe(StorageClasses.TEXT | StorageClasses.BLOB)) {
      throw new NotCompiled();
    }
    return node;
  }

  /** Texts, and integers, whose text is certain. */
  static Node text(Node node) {
    if (node.mayBe(StorageClasses.REAL | StorageClasses.BLOB)) {
      throw new NotCompiled();
    }
    return node;
  }

  private boolean word(String word) {
    boolean found = peekWord(word);
    at += found ? 1 : 0;
    return found;
  }

  private boolean peekWord(String word) {
    return at < tokens.size() && tokens.get(at).isWord(word);
  }

  private boolean operator(String operator) {
    boolean found = at < tokens.size() && tokens.get(at).isOperator(operator);
    at += found ? 1 : 0;
    return found;
  }

  private void require(String operator) {
    if (!operator(operator)) {
      throw new NotCompiled();
    }
  }
}
