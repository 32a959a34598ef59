package wherry.mapping;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.expression.CompiledExpression;
import wherry.expression.Expression;
import wherry.expression.ExpressionEvaluator;
import wherry.expression.SqlValue;
import wherry.expression.StorageClasses;
import wherry.mapping.TransformationRule.NameChange;
import wherry.mapping.TransformationRule.RenameByExpression;
import wherry.schema.Column;
import wherry.schema.TableId;

/** The names that rules give to a schema, a table and its columns. */
final class NewNames {
  private final TableId table;
  private final ExpressionEvaluator evaluator;

  NewNames(TableId table, ExpressionEvaluator evaluator) {
    this.table = table;
    this.evaluator = evaluator;
  }

  String schema(TransformationRule rule, String name) {
    return name(rule, name, null, "schema " + name);
  }

  String table(TransformationRule rule, String name) {
    return name(rule, name, null, "table " + table);
  }

  String column(TransformationRule rule, Column column) {
    return name(rule, column.name(), column, "column " + column.name() + " of " + table);
  }

  private String name(
      TransformationRule rule, String name, @Nullable Column column, String object) {
    String renamed = name;
    if (rule.action() instanceof NameChange change) {
      renamed = change.apply(name);
    } else if (rule.action() instanceof RenameByExpression rename) {
      renamed = evaluated(rule.id(), rename.expression(), column, object);
    }
    if (renamed.isEmpty()) {
      throw invalid(
          "Rule "
              + rule.id()
              + " leaves nothing of the name of "
              + object
              + "; exclude it from the rule.");
    }
    return renamed;
  }

  private String evaluated(
      long rule, Expression expression, @Nullable Column column, String object) {
    List<String> names = expression.variables();
    ExpressionEvaluator.Inputs inputs =
        (row, variable, into) ->
            MetadataNames.value(names.get(variable), table, column)
                .ifPresentOrElse(into::setText, into::setNull);
    String[] result = new String[1];
    Optional<CompiledExpression> compiled =
        CompiledExpression.compile(expression, name -> StorageClasses.TEXT);
    if (compiled.isPresent()) {
      SqlValue value = new SqlValue();
      compiled.get().evaluate(inputs, 0, value);
      result[0] = text(value);
    } else {
      try (ExpressionEvaluator.Session session = evaluator.open(names, List.of(expression))) {
        session.evaluate(1, inputs, new OneResult(result));
      }
    }
    if (result[0] == null) {
      throw invalid(
          "Rule " + rule + ": its expression gives no text as the name of " + object + ".");
    }
    return result[0];
  }

  private record OneResult(@Nullable String[] into) implements ExpressionEvaluator.Results {
    @Override
    public void result(int row, int expression, SqlValue value) {
      into[0] = text(value);
    }

    @Override
    public void failed(int row, String reason) {
      into[0] = null;
    }
  }

  private static @Nullable String text(SqlValue value) {
    return switch (value.type()) {
      case TEXT -> new String(value.bytes(), value.start(), value.length(), StandardCharsets.UTF_8);
      case INTEGER -> Long.toString(value.integer());
      case NULL, REAL, BLOB -> null;
    };
  }

  private DmsException invalid(String message) {
    return new DmsException(ErrorCode.SETTING_INVALID, table, message, null);
  }
}
