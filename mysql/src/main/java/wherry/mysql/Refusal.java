package wherry.mysql;

import wherry.connector.RejectedRow;

/**
 * Why a cell cannot go into its column.
 *
 * @param kind what policy decides
 * @param reason one sentence
 */
record Refusal(RejectedRow.Kind kind, String reason) {
  static Refusal data(String reason) {
    return new Refusal(RejectedRow.Kind.DATA, reason);
  }

  static Refusal truncation(String reason) {
    return new Refusal(RejectedRow.Kind.TRUNCATION, reason);
  }
}
