package wherry.change;

import wherry.schema.TableId;

/** All rows of the table are gone. */
public record TableTruncated(TableId table) implements ChangeEvent {}
