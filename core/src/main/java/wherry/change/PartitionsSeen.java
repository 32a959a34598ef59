package wherry.change;

import wherry.schema.TableId;

/**
 * The source was looked at here: these partitions the table has, and no row has come or gone with
 * one of them.
 *
 * @param partitions in the source's own words
 */
public record PartitionsSeen(TableId table, String partitions) implements ChangeEvent {}
