package wherry.change;

import java.util.List;
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
   * needed of it; the others go on, and a reload heals it.
   *
   * @param reason in one sentence, with what to do
   */
  record TableLost(TableId table, String statement, String reason) implements SchemaChange {}

  /** What happened to one column. */
  sealed interface ColumnChange {
    record Added(Column column) implements ColumnChange {}

    record Dropped(String column) implements ColumnChange {}

    /** Has a new name, and possibly a new type. */
    record Renamed(String from, Column to) implements ColumnChange {}

    record Retyped(Column to) implements ColumnChange {}
  }
}
