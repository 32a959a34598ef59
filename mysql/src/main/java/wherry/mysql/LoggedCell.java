package wherry.mysql;

import wherry.row.RowBatchBuilder;

/**
 * How the values of a column are written in row events ("Rows_event", Field::pack of each type),
 * and how they become cells. Without state, so safe for all threads.
 */
interface LoggedCell {
  /** How many bytes the value at {@code at} takes, a length before it included. */
  int length(byte[] bytes, int at);

  /** Adds the value as a cell, byte for byte as the load's reader gives it. */
  void decode(byte[] bytes, int at, int length, RowBatchBuilder cells);
}
