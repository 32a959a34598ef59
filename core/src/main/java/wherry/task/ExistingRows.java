package wherry.task;

import java.util.Optional;
import wherry.change.SchemaChange.ColumnChange.Added;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.MappedTable;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.Column;
import wherry.schema.TableSchema;
import wherry.transform.RowContext;
import wherry.transform.RowRefusal;
import wherry.transform.RowTransformer;

/**
 * What rows that are on the target get in a column that is new on the source: its value there, by
 * the rules that all its later values pass.
 *
 * @param source the table with the new column
 * @param mapped {@code source} by the rules
 */
record ExistingRows(TaskMapping mapping, TableSchema source, MappedTable mapped) {
  /**
   * One row of the one column that the new one becomes on the target; empty when that is NULL.
   *
   * @throws DmsException TABLE_SUSPENDED when the rules refuse it
   */
  Optional<RowBatch> of(Added added) {
    if (added.existing().isEmpty()) {
      return Optional.empty();
    }
    String name = added.column().name();
    int place = mapped.transform().outputOf(name).orElseThrow();
    RowBatch row = mapping.definition().settings().characters().apply(row(added));
    if (!mapped.transform().isIdentity(source)) {
      try (RowTransformer rules = mapped.transform().open(source)) {
        RowTransformer.Transformed transformed = rules.apply(row, RowContext.ofLoad());
        String target = mapped.target().columns().get(place).name();
        for (RowRefusal refusal : transformed.refusals()) {
          if (refusal.column().equals(target)) {
            throw refused(name, refusal);
          }
        }
        row = transformed.rows();
      }
    }
    return row.isNull(0, place) ? Optional.empty() : Optional.of(column(row, place));
  }

  /** A row of which nothing is known but the new column. */
  private RowBatch row(Added added) {
    RowBatchBuilder row = new RowBatchBuilder(source);
    for (Column column : source.columns()) {
      if (column.name().equals(added.column().name())) {
        row.copy(added.existing().orElseThrow(), 0, 0);
      } else {
        row.addAbsent();
      }
    }
    row.endRow();
    return row.build();
  }

  private static RowBatch column(RowBatch rows, int place) {
    RowBatchBuilder cell = new RowBatchBuilder(rows.schema().keepColumns(i -> i == place));
    cell.copy(rows, 0, place);
    cell.endRow();
    return cell.build();
  }

  private DmsException refused(String column, RowRefusal refusal) {
    return new DmsException(
        ErrorCode.TABLE_SUSPENDED,
        source.id(),
        "The rows of table "
            + source.id()
            + " that were there have got a value in the new column "
            + column
            + ", which the rules refuse for the rows of the target: "
            + refusal.reason()
            + " Change the rules, then reload the table.",
        null);
  }
}
