package wherry.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * A table or view: its columns in order, what identifies a row, and its secondary indexes.
 *
 * @param indexesLeftOut names of indexes that plain columns cannot describe (partial, expression,
 *     full-text, spatial)
 */
public record TableSchema(
    TableId id,
    Kind kind,
    List<Column> columns,
    Optional<Key> key,
    List<Index> indexes,
    List<String> indexesLeftOut) {

  /** What the rows are read from. */
  public enum Kind {
    TABLE,
    VIEW
  }

  public TableSchema {
    columns = List.copyOf(columns);
    indexes = List.copyOf(indexes);
    indexesLeftOut = List.copyOf(indexesLeftOut);
  }

  /** A table without secondary indexes. */
  public TableSchema(TableId id, List<Column> columns, Optional<Key> key) {
    this(id, Kind.TABLE, columns, key, List.of(), List.of());
  }

  /** Whether the column is part of the key. */
  public boolean isKeyColumn(int column) {
    return key.isPresent() && key.get().columns().contains(column);
  }

  /** The same table under another name. */
  public TableSchema withId(TableId newId) {
    return new TableSchema(newId, kind, columns, key, indexes, indexesLeftOut);
  }

  /** The same table with each column renamed or otherwise changed, in place. */
  public TableSchema mapColumns(UnaryOperator<Column> change) {
    return new TableSchema(
        id, kind, columns.stream().map(change).toList(), key, indexes, indexesLeftOut);
  }

  /**
   * The same table with only the columns kept. A key or index that loses a column is gone: what
   * remains of it would no longer be unique.
   */
  public TableSchema keepColumns(IntPredicate kept) {
    int[] place = new int[columns.size()];
    List<Column> remaining = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      place[i] = kept.test(i) ? remaining.size() : -1;
      if (place[i] >= 0) {
        remaining.add(columns.get(i));
      }
    }
    Optional<Key> keptKey =
        key.filter(k -> k.columns().stream().allMatch(kept::test))
            .map(k -> new Key(k.primary(), k.columns().stream().map(c -> place[c]).toList()));
    List<Index> keptIndexes =
        indexes.stream()
            .filter(index -> index.parts().stream().allMatch(part -> kept.test(part.column())))
            .map(index -> new Index(index.name(), index.unique(), moved(index.parts(), place)))
            .toList();
    return new TableSchema(id, kind, remaining, keptKey, keptIndexes, indexesLeftOut);
  }

  private static List<Index.Part> moved(List<Index.Part> parts, int[] place) {
    return parts.stream()
        .map(p -> new Index.Part(place[p.column()], p.descending(), p.prefixLength()))
        .toList();
  }
}
