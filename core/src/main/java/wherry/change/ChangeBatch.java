package wherry.change;

import java.util.List;

/**
 * Changes as a reader hands them on: whole transactions in commit order, the first and the last of
 * them possibly in part. A batch without parts says that the log was read on to {@code reached} and
 * held nothing for the task.
 *
 * @param reached the end of what was read; nothing before it is still to come, but for the rest of
 *     a transaction that goes on
 * @param bytes what the batch holds of memory, about
 */
public record ChangeBatch(List<TransactionPart> parts, Position reached, long bytes) {}
