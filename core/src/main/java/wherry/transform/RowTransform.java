package wherry.transform;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import wherry.expression.ExpressionEvaluator;
import wherry.schema.Column;
import wherry.schema.Key;
import wherry.schema.TableSchema;

/**
 * What a mapping does to the rows of one table. Immutable; {@link #open} gives the worker that does
 * it.
 *
 * @param output the columns that come out; the table's name is the source's
 * @param columns one for each of them
 * @param evaluator for the expressions that are not compiled
 */
public record RowTransform(
    TableSchema output, List<OutputColumn> columns, ExpressionEvaluator evaluator) {
  public RowTransform {
    columns = List.copyOf(columns);
  }

  /** Whether rows with these columns come out as they went in, cell by cell. */
  public boolean isIdentity(TableSchema input) {
    if (input.columns().size() != columns.size()) {
      return false;
    }
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).mask().isPresent()
          || !(columns.get(i).content() instanceof OutputColumn.Copied copied)
          || !copied.source().equals(input.columns().get(i).name())) {
        return false;
      }
    }
    return true;
  }

  /** Whether a deleted row stays on the target, with a column that says so. */
  public boolean keepsDeletedRows() {
    return columns.stream()
        .anyMatch(column ->
            column.content() instanceof OutputColumn.Computed computed
                && computed.expression().indicatesOperation());
  }

  /** The output column that has the source column's value, plain or changed. */
  public Optional<Integer> outputOf(String source) {
    for (int i = 0; i < columns.size(); i++) {
      if ((columns.get(i).content() instanceof OutputColumn.Copied copied
              && copied.source().equals(source))
          || (columns.get(i).content() instanceof OutputColumn.Converted converted
              && converted.source().equals(source))) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  /** Whether the column shows a value, or is computed from one, that a mask hides. */
  boolean hides(OutputColumn column) {
    Set<String> masked = new HashSet<>();
    columns.stream()
        .filter(other -> other.mask().isPresent())
        .forEach(other -> masked.addAll(sources(other.content())));
    return sources(column.content()).stream().anyMatch(masked::contains);
  }

  private static List<String> sources(OutputColumn.Content content) {
    return switch (content) {
      case OutputColumn.Copied copied -> List.of(copied.source());
      case OutputColumn.Converted converted -> List.of(converted.source());
      case OutputColumn.BeforeImage image -> List.of(image.source());
      case OutputColumn.Empty empty -> List.of();
      case OutputColumn.Computed computed -> {
        List<String> sources = new ArrayList<>();
        for (OutputColumn.Variable variable : computed.values()) {
          if (variable instanceof OutputColumn.ColumnValue value) {
            sources.add(value.source());
          } else if (variable instanceof OutputColumn.ValueBefore value) {
            sources.add(value.source());
          }
        }
        yield sources;
      }
    };
  }

  /** The source columns whose values before a change are columns, or in expressions. */
  public List<String> sourcesBefore() {
    List<String> sources = new ArrayList<>();
    for (OutputColumn column : columns) {
      switch (column.content()) {
        case OutputColumn.BeforeImage image -> sources.add(image.source());
        case OutputColumn.Computed computed ->
            computed.values().stream()
                .filter(OutputColumn.ValueBefore.class::isInstance)
                .forEach(value -> sources.add(((OutputColumn.ValueBefore) value).source()));
        case OutputColumn.Copied copied -> {}
        case OutputColumn.Converted converted -> {}
        case OutputColumn.Empty empty -> {}
      }
    }
    return sources;
  }

  /** Whether values become others by chance, so that a row without key could not be found again. */
  public boolean isRandom() {
    return columns.stream()
        .anyMatch(column ->
            column.mask().filter(OutputColumn.DigitsRandomize.class::isInstance).isPresent());
  }

  /** The names of the source columns that identify a row on the target; empty without key. */
  public List<String> keySources() {
    return output.key().map(Key::columns).orElse(List.of()).stream()
        .map(columns::get)
        .flatMap(column -> sources(column.content()).stream())
        .distinct()
        .toList();
  }

  /**
   * A worker for one thread.
   *
   * @param input the columns that rows come with
   */
  public RowTransformer open(TableSchema input) {
    return new RowTransformer(this, input);
  }

  static int index(TableSchema input, String name) {
    List<Column> columns = input.columns();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException("Table " + input.id() + " has no column " + name);
  }
}
