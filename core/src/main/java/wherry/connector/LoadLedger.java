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
   * @param keyDeferred whether the table was prepared without its key
   * @param done the segments that are loaded
   */
  record TableLoad(TableId table, List<Segment> plan, boolean keyDeferred, List<Done> done) {
    /** Whether each segment of the plan is loaded. */
    public boolean isComplete() {
      return !plan.isEmpty() && done.size() == plan.size();
    }
  }

  /**
   * @param table source name
   * @param segment its number
   * @param read rows read from the source
   * @param filtered of these, rows that a rule left out
   * @param loaded of these, rows that the target holds
   * @param rejected of these, rows that the target cannot hold
   * @param shortened values cut because the user's LobMaxSize says so
   * @param cut which transactions of the source's log the rows hold, as {@code Cut.text}; empty
   *     when unknown
   */
  record Done(
      TableId table,
      int segment,
      long read,
      long filtered,
      long loaded,
      long rejected,
      long shortened,
      String cut) {}

  /** Creates the control tables where they are missing. */
  void open();

  /**
   * What {@link #open} would run, changing nothing.
   *
   * @throws wherry.error.DmsException as {@link #open} would
   */
  default List<String> preparation() {
    throw new UnsupportedOperationException("This ledger tells no plans");
  }

  /** What the ledger knows of this task. */
  List<TableLoad> loads();

  /**
   * Forgets a table's segments, and writes the new plan, before the table is prepared: as long as
   * none of it is done, the table may be as it was.
   *
   * @param keyDeferred whether the table was prepared without its key; kept, for the settings may
   *     say something else when its last segment is loaded
   */
  void plan(TableId table, List<Segment> segments, boolean keyDeferred);

  /** As {@link #plan(TableId, List, boolean)}, for a table with its key or with nothing to load. */
  default void plan(TableId table, List<Segment> segments) {
    plan(table, segments, false);
  }

  /** Forgets the task, its kept rejections too. */
  void forget();
}
