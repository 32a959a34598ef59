package wherry.change;

import java.util.List;
import java.util.Optional;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** A table's definition has changed; row changes that follow have the new one. */
public sealed interface SchemaChange extends ChangeEvent {
  /** The statement as the log has it; what it must have been where the log has none. */
  String statement();

  /** A table that the task's rules select came to be; its rows follow. */
  record TableCreated(TableSchema created, String statement) implements SchemaChange {
    @Override
    public TableId table() {
      return created.id();
    }
  }

  record TableDropped(TableId table, String statement) implements SchemaChange {}

  /**
   * @param table the old name
   * @param renamed under the new name, which may or may not be selected
   */
  record TableRenamed(TableId table, TableSchema renamed, String statement)
      implements SchemaChange {}

  /**
   * @param after the table with its columns as they are now
   * @param changes what turns the columns before into those after
   */
  record ColumnsChanged(
      TableId table, TableSchema after, List<ColumnChange> changes, String statement)
      implements SchemaChange {}

  /**
   * From here on the log can no longer be understood for this table, or no longer holds what is
   * needed of it; the others go on, and a reload heals it. Of a table that nobody knows: it came to
   * be and is selected, and the log cannot carry it; TableCreated follows once it can.
   *
   * @param reason in one sentence, with what to do
   */
  record TableLost(TableId table, String statement, String reason) implements SchemaChange {}

  /** What happened to one column. */
  sealed interface ColumnChange {
    /**
     * A new column.
     *
     * @param existing what the rows that were there have in it: one row of this one column; empty
     *     when that is NULL. Of rows it says nothing where the column's values differ from row to
     *     row: such a table is lost
     */
    record Added(Column column, Optional<RowBatch> existing) implements ColumnChange {
      /** Of which the rows that were there have NULL. */
      public Added(Column column) {
        this(column, Optional.empty());
      }

      /** Of which the rows that were there have this cell. */
      public static Added filled(TableId table, Column column, byte[] cell) {
        RowBatchBuilder row =
            new RowBatchBuilder(new TableSchema(table, List.of(column), Optional.empty()));
        row.add(cell);
        row.endRow();
        return new Added(column, Optional.of(row.build()));
      }
    }

    record Dropped(String column) implements ColumnChange {}

    /** Has a new name, and possibly a new type. */
    record Renamed(String from, Column to) implements ColumnChange {}

    record Retyped(Column to) implements ColumnChange {}
  }
}
