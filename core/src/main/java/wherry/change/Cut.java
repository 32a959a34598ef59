package wherry.change;

/**
 * Which transactions of the log a snapshot has seen. Rows loaded under the snapshot hold what these
 * transactions did, and nothing of any other; so a table's changes are applied from its cut on,
 * each exactly once. Each engine brings its own.
 */
public interface Cut {
  /** Whether the snapshot has seen the transaction. */
  boolean contains(SourceTransaction transaction);

  /** A place from which the log holds every transaction that the snapshot has not seen. */
  Position from();

  /** For the ledger; {@code ChangeLog.cut} reads it back. */
  String text();
}
