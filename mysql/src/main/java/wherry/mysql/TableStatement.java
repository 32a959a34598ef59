package wherry.mysql;

import java.util.List;
import java.util.Optional;
import wherry.schema.TableId;

/** What a statement of the log does to tables. */
sealed interface TableStatement {
  /**
   * @param like the table whose columns it gets; it has no columns of its own then
   * @param replaces CREATE OR REPLACE
   * @param unlessThere IF NOT EXISTS
   * @param keys in the order of the statement
   * @param charset of columns that name none; empty for the database's
   */
  record Create(
      TableId table,
      Optional<TableId> like,
      boolean replaces,
      boolean unlessThere,
      List<ColumnDefinition> columns,
      List<KeyDefinition> keys,
      String charset,
      String collation)
      implements TableStatement {}

  record Drop(TableId table) implements TableStatement {}

  record DropDatabase(String database) implements TableStatement {}

  record Rename(TableId table, TableId to) implements TableStatement {}

  record Truncate(TableId table) implements TableStatement {}

  record Alter(TableId table, List<Edit> edits) implements TableStatement {}

  /**
   * @param columns that make up the key
   */
  record KeyDefinition(boolean primary, List<String> columns) {}

  /** A part of an ALTER TABLE. */
  sealed interface Edit {
    record Add(ColumnDefinition column, Place place) implements Edit {}

    record DropColumn(String name) implements Edit {}

    /** CHANGE and MODIFY. */
    record Change(String name, ColumnDefinition column, Place place) implements Edit {}

    record RenameColumn(String name, String to) implements Edit {}

    record RenameTo(TableId table) implements Edit {}

    record AddKey(KeyDefinition key) implements Edit {}

    record DropPrimaryKey() implements Edit {}

    /** All text columns get another character set. */
    record Convert(String charset, String collation) implements Edit {}

    /** Rows go or come without being in the log. */
    record RowsByThemselves() implements Edit {}
  }

  /**
   * Where a column goes.
   *
   * @param after the column before it; empty for none
   */
  record Place(boolean first, String after) {
    static final Place UNSAID = new Place(false, "");
  }
}
