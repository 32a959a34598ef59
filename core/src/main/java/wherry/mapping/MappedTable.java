package wherry.mapping;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import wherry.filter.FilterCondition;
import wherry.schema.Key;
import wherry.schema.TableSchema;
import wherry.transform.OutputColumn;
import wherry.transform.RowTransform;

/**
 * A selected table.
 *
 * @param source with only the columns that a load reads: those that are kept, and those that
 *     expressions need
 * @param target as the rules want it: names, types and key, the columns in the order of {@link
 *     #rows}
 * @param loadOrder higher loads first
 * @param notes what the task log shall tell of the rules: those that lost against another on the
 *     same object, and what they may not have meant
 * @param filter which rows of the source are taken
 * @param transform from rows with the source's columns to rows with the target's
 * @param settings how it is cut for its load, and what becomes of its LOBs
 * @param rules which rules have made it so
 */
public record MappedTable(
    TableSchema source,
    TableSchema target,
    int loadOrder,
    List<String> notes,
    FilterCondition filter,
    RowTransform transform,
    TableSettings settings,
    AppliedRules rules) {
  public MappedTable {
    notes = List.copyOf(notes);
  }

  /** Whether rows of a load arrive as they are read, so that nobody has to look into them. */
  public boolean isPlain() {
    return transform.isIdentity(source);
  }

  /** Whether rows that are unique by the source's key are unique by the target's. */
  public boolean keepsKeyValues() {
    return target
        .key()
        .filter(key ->
            key.columns().stream()
                .map(transform.columns()::get)
                .allMatch(column ->
                    column.mask().isEmpty() && column.content() instanceof OutputColumn.Copied))
        .map(key -> Set.copyOf(transform.keySources()).equals(sourceKey()))
        .orElse(true);
  }

  private Set<String> sourceKey() {
    return source.key().map(Key::columns).orElse(List.of()).stream()
        .map(column -> source.columns().get(column).name())
        .collect(Collectors.toSet());
  }

  /**
   * Columns that do not identify a row in the source, and whose values before a change the rules
   * need: to decide a filter, for before images, to find the row by a key of their own.
   *
   * @param found the table with all columns that the source has
   */
  public Set<String> neededBeforeChanges(TableSchema found) {
    Set<String> needed = new TreeSet<>(filter.columns());
    needed.addAll(transform.keySources());
    needed.addAll(transform.sourcesBefore());
    for (int i = 0; i < found.columns().size(); i++) {
      if (found.isKeyColumn(i)) {
        needed.remove(found.columns().get(i).name());
      }
    }
    return needed;
  }

  MappedTable withTarget(TableSchema wanted) {
    return new MappedTable(source, wanted, loadOrder, notes, filter, transform, settings, rules);
  }

  /** The table without what these source columns become on the target. */
  public MappedTable without(Set<String> sourceColumns) {
    Predicate<Integer> kept =
        i ->
            switch (transform.columns().get(i).content()) {
              case OutputColumn.Copied copied -> !sourceColumns.contains(copied.source());
              case OutputColumn.Converted converted -> !sourceColumns.contains(converted.source());
              case OutputColumn.BeforeImage image -> !sourceColumns.contains(image.source());
              case OutputColumn.Computed computed -> true;
              case OutputColumn.Empty empty -> true;
            };
    return new MappedTable(
        source,
        target.keepColumns(kept::test),
        loadOrder,
        notes,
        filter,
        new RowTransform(
            transform.output().keepColumns(kept::test),
            IntStream.range(0, transform.columns().size())
                .boxed()
                .filter(kept)
                .map(transform.columns()::get)
                .toList(),
            transform.evaluator()),
        settings,
        rules);
  }

  /** The columns that rows of a load have when they reach the target. */
  public TableSchema rows() {
    return isPlain() ? source : transform.output();
  }
}
