package wherry.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import wherry.expression.Expression;
import wherry.expression.ExpressionEvaluator;
import wherry.expression.ExpressionException;
import wherry.mapping.TransformationRule.Action;
import wherry.mapping.TransformationRule.ImageFilter;
import wherry.mapping.TransformationRule.Level;
import wherry.mapping.TransformationRule.Locator;

/** Reads a transformation rule. */
final class TransformationParser {
  private static final NamePattern ANY = NamePattern.of("%");

  private static final Set<String> COLUMN_ACTIONS =
      Set.of(
          "remove-column",
          "include-column",
          "add-column",
          "change-data-type",
          "add-before-image-columns",
          "data-masking-digits-mask",
          "data-masking-digits-randomize",
          "data-masking-hash-mask");

  /** They change the table, so they need no column. */
  private static final Set<String> WITHOUT_COLUMN =
      Set.of("add-column", "add-before-image-columns");

  private final RuleReader rule;
  private final ExpressionEvaluator evaluator;
  private final String action;
  private final String target;

  TransformationParser(RuleReader rule, ExpressionEvaluator evaluator) {
    this.rule = rule;
    this.evaluator = evaluator;
    this.action = rule.text("rule-action");
    this.target = rule.text("rule-target");
  }

  /** Whether the rule changes an Oracle tablespace, which no target here has. */
  boolean isOfTablespace() {
    return target.equals("table-tablespace") || target.equals("index-tablespace");
  }

  /** Empty when something is wrong, which the reader has noted. */
  Optional<TransformationRule> parse() {
    JsonNode locator = rule.locator();
    Optional<Level> level = level();
    checkTarget();
    Optional<Action> parsed = action();
    boolean exact = action.equals("define-primary-key");
    NamePattern schema = rule.name(locator, "schema-name", exact);
    NamePattern table =
        level.filter(l -> l != Level.SCHEMA).isPresent()
            ? rule.name(locator, "table-name", exact)
            : ANY;
    boolean ofColumn =
        level.filter(l -> l == Level.COLUMN).isPresent() && !WITHOUT_COLUMN.contains(action);
    NamePattern column = ofColumn ? rule.name(locator, "column-name", false) : ANY;
    if (exact && (schema.literals() + table.literals()).indexOf('%') >= 0) {
      rule.refuse(
          "schema-name and table-name must be exact for rule-action define-primary-key, without wildcards");
    }
    var dataType = rule.dataType(locator, "data-type");
    return rule.isGood() && level.isPresent()
        ? parsed.map(a ->
            new TransformationRule(
                rule.id(), level.get(), new Locator(schema, table, column, dataType), a))
        : Optional.empty();
  }

  private Optional<Level> level() {
    return switch (target) {
      case "schema" -> Optional.of(Level.SCHEMA);
      case "table" -> Optional.of(Level.TABLE);
      case "column" -> Optional.of(Level.COLUMN);
      default -> {
        rule.refuse(
            "rule-target must be schema, table, column, table-tablespace or index-tablespace, not \""
                + target
                + "\"");
        yield Optional.empty();
      }
    };
  }

  private void checkTarget() {
    if (COLUMN_ACTIONS.contains(action) && !target.equals("column")) {
      rule.refuse("rule-action " + action + " needs rule-target column, not \"" + target + "\"");
    }
    if (action.equals("define-primary-key") && !target.equals("table")) {
      rule.refuse("rule-action " + action + " needs rule-target table, not \"" + target + "\"");
    }
  }

  private Optional<Action> action() {
    Map<String, Supplier<Optional<Action>>> known = actions();
    Supplier<Optional<Action>> parser = known.get(action);
    if (parser == null) {
      rule.refuse("rule-action \"" + action + "\" is unknown; it must be one of " + known.keySet());
      return Optional.empty();
    }
    return parser.get();
  }

  private Map<String, Supplier<Optional<Action>>> actions() {
    Map<String, Supplier<Optional<Action>>> actions = new TreeMap<>();
    actions.put("rename", this::rename);
    actions.put("convert-uppercase", () -> Optional.of(new TransformationRule.UpperCase()));
    actions.put("convert-lowercase", () -> Optional.of(new TransformationRule.LowerCase()));
    actions.put("add-prefix", () -> value("value").map(TransformationRule.AddPrefix::new));
    actions.put("add-suffix", () -> value("value").map(TransformationRule.AddSuffix::new));
    actions.put(
        "remove-prefix",
        () -> value("value").map(old -> new TransformationRule.ReplacePrefix(old, "")));
    actions.put(
        "remove-suffix",
        () -> value("value").map(old -> new TransformationRule.ReplaceSuffix(old, "")));
    actions.put("replace-prefix", () -> replaced(TransformationRule.ReplacePrefix::new));
    actions.put("replace-suffix", () -> replaced(TransformationRule.ReplaceSuffix::new));
    actions.put("remove-column", () -> Optional.of(new TransformationRule.RemoveColumn()));
    actions.put("include-column", () -> Optional.of(new TransformationRule.IncludeColumn()));
    actions.put("add-column", this::addColumn);
    actions.put(
        "change-data-type",
        () -> rule.typeDefinition(action).map(TransformationRule.ChangeDataType::new));
    actions.put("define-primary-key", this::primaryKey);
    actions.put("add-before-image-columns", this::beforeImages);
    actions.put("data-masking-digits-mask", this::digitsMask);
    actions.put(
        "data-masking-digits-randomize",
        () -> Optional.of(new TransformationRule.DigitsRandomize()));
    actions.put("data-masking-hash-mask", () -> Optional.of(new TransformationRule.HashMask()));
    return actions;
  }

  private Optional<Action> replaced(BiFunction<String, String, Action> by) {
    Optional<String> value = value("value");
    return value("old-value").flatMap(old -> value.map(v -> by.apply(old, v)));
  }

  private Optional<String> value(String key) {
    return rule.value(key, action);
  }

  private Optional<Action> rename() {
    if (rule.text("expression").isEmpty()) {
      return value("value").map(TransformationRule.Rename::new);
    }
    Optional<Expression> expression = expression();
    if (!rule.text("value").isEmpty()) {
      rule.refuse("value and expression exclude each other; give one of them");
    }
    expression.ifPresent(e ->
        e.variables().stream()
            .filter(name -> !MetadataNames.ALL.contains(name))
            .forEach(name ->
                rule.refuse(
                    "$"
                        + name
                        + " cannot be used in the expression of a name, which knows "
                        + MetadataNames.shown()
                        + " only")));
    return expression.map(TransformationRule.RenameByExpression::new);
  }

  /** Empty when there is none, or when it cannot be used, which is noted. */
  private Optional<Expression> expression() {
    String text = rule.text("expression");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      Expression expression = Expression.parse(text);
      evaluator.check(expression);
      return Optional.of(expression);
    } catch (ExpressionException e) {
      rule.refuse("expression \"" + text + "\" cannot be used: " + e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<Action> addColumn() {
    Optional<TypeDefinition> type = rule.typeDefinition(action);
    Optional<Expression> expression = expression();
    return value("value")
        .flatMap(name -> type.map(t -> new TransformationRule.AddColumn(name, t, expression)));
  }

  private Optional<Action> digitsMask() {
    Optional<String> value = value("value");
    if (value.isPresent()
        && (value.get().length() != 1
            || value.get().charAt(0) <= ' '
            || value.get().charAt(0) > '~')) {
      rule.refuse(
          "value of rule-action "
              + action
              + " must be one printable ASCII character, not \""
              + value.get()
              + "\"");
    }
    return value.map(v -> new TransformationRule.DigitsMask(v.charAt(0)));
  }

  private Optional<Action> primaryKey() {
    JsonNode definition = rule.node().path("primary-key-def");
    if (!definition.isObject()) {
      rule.refuse("primary-key-def is required by rule-action " + action);
      return Optional.empty();
    }
    String origin = RuleReader.text(definition, "origin");
    if (!Set.of("", "primary-key", "unique-index").contains(origin)) {
      rule.refuse(
          "origin of the primary-key-def must be primary-key or unique-index, not \""
              + origin
              + "\"");
    }
    if (RuleReader.text(definition, "name").isEmpty()) {
      rule.refuse("name of the primary-key-def cannot be null");
    }
    List<String> columns = new ArrayList<>();
    rule.array(definition, "columns").forEach(column -> columns.add(column.asString("")));
    if (columns.isEmpty()
        || columns.stream().anyMatch(String::isEmpty)
        || Set.copyOf(columns).size() < columns.size()) {
      rule.refuse("columns of the primary-key-def must be different names, at least one");
    }
    return Optional.of(
        new TransformationRule.DefinePrimaryKey(
            RuleReader.text(definition, "name"), !origin.equals("unique-index"), columns));
  }

  private Optional<Action> beforeImages() {
    JsonNode definition = rule.node().path("before-image-def");
    if (!definition.isObject()) {
      rule.refuse("before-image-def is required by rule-action " + action);
      return Optional.empty();
    }
    JsonNode prefix = definition.path("column-prefix");
    String suffix = RuleReader.text(definition, "column-suffix");
    String prefixText =
        prefix.isMissingNode() || prefix.isNull()
            ? "BI_"
            : RuleReader.text(definition, "column-prefix");
    if (prefixText.isEmpty() && suffix.isEmpty()) {
      rule.refuse("column-prefix and column-suffix of the before-image-def cannot both be empty");
    }
    String filter = RuleReader.text(definition, "column-filter");
    ImageFilter columns =
        switch (filter) {
          case "", "pk-only" -> ImageFilter.PK_ONLY;
          case "non-lob" -> ImageFilter.NON_LOB;
          case "all" -> ImageFilter.ALL;
          default -> {
            rule.refuse(
                "column-filter of the before-image-def must be pk-only, non-lob or all, not \""
                    + filter
                    + "\"");
            yield ImageFilter.PK_ONLY;
          }
        };
    return Optional.of(new TransformationRule.AddBeforeImages(prefixText, suffix, columns));
  }
}
