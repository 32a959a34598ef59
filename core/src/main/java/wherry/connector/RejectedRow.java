package wherry.connector;

import wherry.schema.TableId;

/**
 * A row that the target cannot hold.
 *
 * @param table on the target
 * @param kind what is wrong with it
 * @param key the row's key as {@code id=7}; for a table without key its first columns
 * @param column the offending column on the target; empty when it is the whole row
 * @param reason why, in one sentence
 * @param row the whole row as a JSON object of canonical text, long values shortened with their
 *     length told
 */
public record RejectedRow(
    TableId table, Kind kind, String key, String column, String reason, String row) {
  /** Which policy decides over the row. */
  public enum Kind {
    /** Bad data, a duplicate key or a constraint: DataErrorPolicy. */
    DATA,
    /** The value would have to be shortened: DataTruncationErrorPolicy. */
    TRUNCATION
  }
}
