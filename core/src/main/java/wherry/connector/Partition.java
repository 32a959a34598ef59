package wherry.connector;

/**
 * A partition of a table of the source, of any level.
 *
 * @param name as users write it
 * @param within name of the partition whose part it is; empty for a part of the table itself
 * @param reference SQL of the source that names it
 * @param estimatedRows what it may hold; 0 when unknown
 */
public record Partition(String name, String within, String reference, long estimatedRows) {}
