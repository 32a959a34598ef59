package wherry.task;

import java.util.List;
import org.jspecify.annotations.Nullable;
import wherry.connector.TableRoute;
import wherry.connector.Target;
import wherry.mapping.MappedTable;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.Column;
import wherry.schema.Key;
import wherry.schema.TableSchema;

/**
 * How the rows of one version of a table's definition become rows of the target.
 *
 * @param from the columns that the log has
 * @param route where the rows go
 */
record RowRoute(TableSchema from, int @Nullable [] columns, TableRoute route) {
  /**
   * @param named the same columns under the names that the rules are to see
   * @param mapped {@code named} by the rules
   * @throws wherry.error.DmsException TARGET_TABLE_FAILED when the target lacks the table or a
   *     column
   */
  static RowRoute of(TableSchema from, TableSchema named, MappedTable mapped, Target target) {
    TableSchema stands = target.describe(mapped.target());
    List<Integer> key = stands.key().map(Key::columns).orElse(List.of());
    return new RowRoute(
        from,
        columns(named, mapped.source()),
        new TableRoute(from.id(), mapped.target(), stands, key));
  }

  /** Null when all columns are kept. */
  private static int @Nullable [] columns(TableSchema from, TableSchema kept) {
    if (kept.columns().size() == from.columns().size()) {
      return null;
    }
    List<String> names = from.columns().stream().map(Column::name).toList();
    return kept.columns().stream().mapToInt(column -> names.indexOf(column.name())).toArray();
  }

  /** The same rows, by the same numbers, as the target has their columns. */
  RowBatch map(RowBatch rows) {
    if (columns == null) {
      return rows.as(route.rows());
    }
    RowBatchBuilder kept = new RowBatchBuilder(route.rows());
    for (int row = 0; row < rows.count(); row++) {
      for (int column : columns) {
        kept.copy(rows, row, column);
      }
      kept.endRow();
    }
    return kept.build();
  }
}
