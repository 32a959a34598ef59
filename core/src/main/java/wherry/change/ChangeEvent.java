package wherry.change;

import wherry.schema.TableId;

/** Something that a transaction did to a table of the task, or that was found at its place. */
public sealed interface ChangeEvent
    permits RowChange, TableTruncated, SchemaChange, PartitionsSeen {
  /** The table by the name that it has in the source when this happens. */
  TableId table();
}
