package wherry.transform;

import wherry.connector.RejectedRow;

/**
 * A row that the rules cannot transform.
 *
 * @param row its index in the batch
 * @param column on the target
 * @param reason why, in one sentence
 */
public record RowRefusal(int row, String column, RejectedRow.Kind kind, String reason) {}
