package wherry.postgresql;

import java.util.List;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** What the log does not tell of a table, and was found in the catalogue. */
sealed interface TableNotice {
  /** The table's oid, unsigned. */
  int relation();

  /** A table that is selected; all its changes follow. */
  record Appeared(int relation, TableSchema table, List<Attribute> attributes)
      implements TableNotice {}

  /**
   * A table that is selected, whose changes the log cannot carry as it is; {@link Appeared} follows
   * once it can.
   *
   * @param reason in one sentence, with what to do
   */
  record Refused(int relation, TableId table, String reason) implements TableNotice {}

  /** One that was refused is gone, and no other has its name. */
  record Withdrawn(int relation, TableId table) implements TableNotice {}

  record Gone(int relation) implements TableNotice {}

  record Moved(int relation, TableId to) implements TableNotice {}

  /**
   * Changes of the table are missing from the log.
   *
   * @param reason in one sentence, with what to do
   */
  record Missing(int relation, String statement, String reason) implements TableNotice {}

  /**
   * The partitions that a table has.
   *
   * @param losses what has happened to them since they were looked at last, of which the log may or
   *     may not have told
   */
  record Partitioned(int relation, PartitionSet partitions, List<Loss> losses)
      implements TableNotice {
    /**
     * Rows came or went with a partition.
     *
     * @param what happened, in a few words
     * @param certain whether there were any, even when the log has told of none since
     * @param together with all other partitions, so that it was a TRUNCATE of the table if the log
     *     has told one since
     */
    record Loss(String what, boolean certain, boolean together) {}
  }
}
