package wherry.connector;

import wherry.row.Rows;

/**
 * Writes one segment in one transaction of the target; owned by one thread. Closing without {@link
 * #commit} rolls back.
 */
public interface RowWriter extends Resource {
  void write(Rows rows) throws InterruptedException;

  /**
   * Rejects a row that never became one of the target's, because a rule could not transform it: the
   * policy is asked, the row is counted, and kept when the policy says so.
   */
  void reject(RejectedRow row) throws InterruptedException;

  /**
   * Sends what is still buffered and tells what became of all rows so far; nothing is committed
   * yet.
   */
  LoadCounts finish() throws InterruptedException;

  /** Commits the rows, the kept rejections and the segment's entry in the ledger, together (D1). */
  void commit(LoadLedger.Done done);

  /**
   * Breaks the session, so that a thread that waits for a silent target fails at once; from any
   * thread. What is not committed is rolled back.
   */
  void abort();
}
