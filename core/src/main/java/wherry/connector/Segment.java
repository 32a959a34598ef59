package wherry.connector;

/**
 * A part of a table.
 *
 * @param number from 0
 * @param partition SQL of the source that names the partition which is read; empty for the whole
 *     table
 * @param predicate SQL of the source that selects the part's rows; empty for all
 * @param estimatedRows what it may hold
 * @param lasting whether it means the same rows under a later snapshot too: it selects by value; a
 *     physical range (ctid) does not
 */
public record Segment(
    int number, String partition, String predicate, long estimatedRows, boolean lasting) {

  /** A part of the whole table. */
  public Segment(int number, String predicate, long estimatedRows, boolean lasting) {
    this(number, "", predicate, estimatedRows, lasting);
  }
}
