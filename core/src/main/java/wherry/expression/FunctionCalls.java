package wherry.expression;

import java.util.List;
import java.util.function.Supplier;
import wherry.expression.ExpressionCompiler.NotCompiled;

/** Which functions are compiled, with how many arguments of which classes. */
final class FunctionCalls {
  /** SQLite computes with places in ways of its own where they do not fit an int. */
  private static final long SUBSTRING_PLACE_MAX = 1_000_000_000;

  private FunctionCalls() {}

  /**
   * @param name in lower case
   * @param operation the row's operation, for operation_indicator
   */
  static Node compile(String name, List<Node> arguments, Supplier<Node> operation) {
    Node[] all = arguments.toArray(Node[]::new);
    return switch (name) {
      case "lower", "upper" ->
          new Functions.Case(name.equals("upper"), ExpressionCompiler.text(only(all)));
      case "trim", "ltrim", "rtrim" -> trim(name, all);
      case "replace" -> replace(three(all));
      case "replacechars" ->
          new Functions.ReplaceCharacters(text(three(all)[0]), text(all[1]), text(all[2]));
      case "substr", "substring" -> substring(all);
      case "length" -> {
        expect(!only(all).mayBe(StorageClasses.REAL));
        yield new Functions.Length(all[0]);
      }
      case "hex" -> {
        expect(!only(all).mayBe(StorageClasses.NUMBERS));
        yield new Functions.Hex(all[0]);
      }
      case "hash_sha256" -> {
        expect(!only(all).mayBe(StorageClasses.REAL));
        yield new Functions.Sha256(all[0]);
      }
      case "coalesce" -> new Node.Coalesce(twoOrMore(all));
      case "ifnull" -> new Node.Coalesce(two(all));
      case "nullif" -> new Functions.NullIf(two(all)[0], all[1]);
      case "iif" ->
          new Node.Choice(
              new Node[] {ExpressionCompiler.logical(three(all)[0])}, new Node[] {all[1]}, all[2]);
      // Of one argument it is an aggregate.
      case "max", "min" -> new Functions.Extreme(name.equals("max"), twoOrMore(all));
      case "abs" -> new Functions.Absolute(ExpressionCompiler.number(only(all)));
      case "operation_indicator" -> {
        expect(all.length == 3);
        yield new OperationIndicator(operation.get(), all);
      }
      default -> throw new NotCompiled();
    };
  }

  private static Node[] two(Node[] arguments) {
    expect(arguments.length == 2);
    return arguments;
  }

  private static Node[] three(Node[] arguments) {
    expect(arguments.length == 3);
    return arguments;
  }

  private static Node[] twoOrMore(Node[] arguments) {
    expect(arguments.length >= 2);
    return arguments;
  }

  /** Of an empty pattern SQLite gives the first argument as it is, even where the third is NULL. */
  private static Node replace(Node[] all) {
    expect(onlyText(all[0]) && isNotEmpty(all[1]));
    return new Functions.Replace(all[0], text(all[1]), text(all[2]));
  }

  private static Node trim(String name, Node[] arguments) {
    expect(arguments.length == 1 || arguments.length == 2);
    Node characters = arguments.length == 2 ? arguments[1] : Node.Constant.of(" ");
    return new Functions.Trim(
        !name.equals("rtrim"), !name.equals("ltrim"), text(arguments[0]), text(characters));
  }

  private static Node substring(Node[] arguments) {
    expect(arguments.length == 2 || arguments.length == 3);
    var unused = text(arguments[0]);
    for (int i = 1; i < arguments.length; i++) {
      expect(
          arguments[i] instanceof Node.Constant constant
              && constant.value().type() == SqlValue.Type.INTEGER
              && Math.abs(constant.value().integer()) <= SUBSTRING_PLACE_MAX);
    }
    return new Functions.Substring(arguments);
  }

  private static Node text(Node node) {
    return ExpressionCompiler.text(node);
  }

  private static boolean onlyText(Node node) {
    return !node.mayBe(~StorageClasses.TEXT & StorageClasses.ANY);
  }

  private static boolean isNotEmpty(Node node) {
    return node instanceof Node.Constant constant
        && constant.value().type() == SqlValue.Type.TEXT
        && constant.value().length() > 0;
  }

  private static Node only(Node[] arguments) {
    expect(arguments.length == 1);
    return arguments[0];
  }

  private static void expect(boolean compiled) {
    if (!compiled) {
      throw new NotCompiled();
    }
  }
}
