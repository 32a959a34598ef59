package wherry.connector;

/**
 * A part of a table.
 *
 * @param number from 0
 * @param predicate SQL of the source that selects the part's rows; empty for all
 * @param estimatedRows what it may hold
 * @param lasting whether the predicate selects by value, so that it means the same rows under a
 *     later snapshot too; a physical range (ctid) does not
 */
public record Segment(int number, String predicate, long estimatedRows, boolean lasting) {}
