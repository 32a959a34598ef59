package wherry.postgresql;

import java.util.List;
import wherry.row.RowBatchBuilder;
import wherry.schema.TableSchema;

/**
 * A table as its rows come from the log, and how they become rows of the task. Columns that the log
 * does not have are absent.
 */
final class CapturedTable {
  private static final int NOT_IN_LOG = -1;

  private final TableSchema schema;
  private final LoggedRelation relation;
  private final int[] places;
  private final CellForm[] forms;

  CapturedTable(TableSchema schema, LoggedRelation relation) {
    this.schema = schema;
    this.relation = relation;
    List<String> names = relation.columns().stream().map(LoggedRelation.Column::name).toList();
    this.places = schema.columns().stream().mapToInt(c -> names.indexOf(c.name())).toArray();
    this.forms = schema.columns().stream().map(CellForm::of).toArray(CellForm[]::new);
  }

  TableSchema schema() {
    return schema;
  }

  LoggedRelation relation() {
    return relation;
  }

  /** Adds a row as it is now. */
  int addRow(Tuple row, RowBatchBuilder rows) {
    for (int column = 0; column < places.length; column++) {
      addCell(row, column, places[column], rows);
    }
    return endRow(rows);
  }

  /**
   * Adds a row as it is now, whose unchanged values are those of the whole row as it was.
   *
   * @param before of the same message
   */
  int addRow(Tuple row, Tuple before, RowBatchBuilder rows) {
    for (int column = 0; column < places.length; column++) {
      int place = places[column];
      boolean unchanged = place != NOT_IN_LOG && row.length(place) == Tuple.UNCHANGED;
      addCell(unchanged ? before : row, column, place, rows);
    }
    return endRow(rows);
  }

  /** Adds what identified a row; the log has nothing else of it. */
  int addKey(Tuple key, RowBatchBuilder rows) {
    for (int column = 0; column < places.length; column++) {
      int place = places[column];
      boolean told = place != NOT_IN_LOG && relation.columns().get(place).key();
      addCell(key, column, told ? place : NOT_IN_LOG, rows);
    }
    return endRow(rows);
  }

  private void addCell(Tuple row, int column, int place, RowBatchBuilder rows) {
    int length = place == NOT_IN_LOG ? Tuple.UNCHANGED : row.length(place);
    switch (length) {
      case Tuple.NULL -> rows.addNull();
      case Tuple.UNCHANGED -> rows.addAbsent();
      default -> forms[column].add(row.message(), row.start(place), length, rows);
    }
  }

  private static int endRow(RowBatchBuilder rows) {
    rows.endRow();
    return rows.rows() - 1;
  }
}
