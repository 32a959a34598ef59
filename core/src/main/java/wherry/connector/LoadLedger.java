package wherry.connector;

import java.util.List;
import wherry.schema.TableId;

/**
 * Which segments of which tables a task has loaded, kept in the target beside the rows so that both
 * commit together. After a crash the truth is here. Tables are named by their source name.
 *
 * <p>Safe for all threads; each call is a transaction of its own.
 */
public interface LoadLedger extends Resource {
  /**
   * @param table source name
   * @param plan the segments, in order
   * @param done those that are loaded
   */
  record TableLoad(TableId table, List<Segment> plan, List<Done> done) {}

  /**
   * @param table source name
   * @param segment its number
   * @param read rows read from the source
   * @param filtered of these, rows that a rule left out
   * @param loaded of these, rows that the target holds
   * @param rejected of these, rows that the target cannot hold
   * @param shortened values cut because the user's LobMaxSize says so
   */
  record Done(
      TableId table,
      int segment,
      long read,
      long filtered,
      long loaded,
      long rejected,
      long shortened) {}

  /** Creates the control tables where they are missing. */
  void open();

  /** What the ledger knows of this task. */
  List<TableLoad> loads();

  /**
   * Forgets a table's segments, and writes the new plan; before the table is prepared with an empty
   * plan.
   */
  void plan(TableId table, List<Segment> segments);

  /** Forgets the task, its kept rejections too. */
  void forget();
}
