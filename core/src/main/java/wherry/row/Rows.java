package wherry.row;

/**
 * Rows on their way, of one table: cells that anyone may look at, or bytes that only both ends
 * understand.
 */
public sealed interface Rows permits RowBatch, EncodedRows {
  /** How many rows. */
  int count();

  /** How much memory they hold, in bytes. */
  long bytes();
}
