package wherry.transform;

import wherry.connector.RejectedRow;

/** A cell that a rule cannot change as it says; the message completes "column x: …". */
final class CellRefused extends Exception {
  private static final long serialVersionUID = 1L;

  private final RejectedRow.Kind kind;

  private CellRefused(RejectedRow.Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  static CellRefused data(String message) {
    return new CellRefused(RejectedRow.Kind.DATA, message);
  }

  static CellRefused truncation(String message) {
    return new CellRefused(RejectedRow.Kind.TRUNCATION, message);
  }

  CellRefused withMessage(String message) {
    return new CellRefused(kind, message);
  }

  RejectedRow.Kind kind() {
    return kind;
  }
}
