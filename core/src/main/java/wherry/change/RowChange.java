package wherry.change;

import wherry.row.RowBatch;
import wherry.schema.TableId;

/**
 * One row inserted, updated or deleted. The images are rows of a batch that many changes of the
 * table share.
 *
 * @param rows holds the images; its schema is the table's as it was at this place of the log
 * @param before index of the row as it was, {@link #NONE} when the log carries no such image: for
 *     an INSERT, and for an UPDATE where the log tells only what is new, which means that what
 *     identifies the row is unchanged. Cells that the log leaves out are absent ({@link
 *     RowBatch#isAbsent}); those that identify the row never are
 * @param after index of the row as it is now, {@link #NONE} for a DELETE. Cells that the log leaves
 *     out because they have not changed are absent
 * @param actsSilently whether foreign keys that refer to the row may have changed rows of other
 *     tables with it, by CASCADE or SET NULL, of which the log does not tell (MySQL manual, "InnoDB
 *     and MySQL Replication")
 */
public record RowChange(
    Operation operation, RowBatch rows, int before, int after, boolean actsSilently)
    implements ChangeEvent {
  /** In place of an index: there is no such image. */
  public static final int NONE = -1;

  /** Of a log that tells all that has changed. */
  public RowChange(Operation operation, RowBatch rows, int before, int after) {
    this(operation, rows, before, after, false);
  }

  /** What happened to the row. */
  public enum Operation {
    INSERT,
    UPDATE,
    DELETE
  }

  @Override
  public TableId table() {
    return rows.schema().id();
  }
}
