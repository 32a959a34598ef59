package wherry.postgresql;

import wherry.connector.RejectedRow;

/** A cell that the target column cannot hold. Has no stack: there may be one for each row. */
final class CellRefused extends Exception {
  private static final long serialVersionUID = 1L;

  private final RejectedRow.Kind kind;

  private CellRefused(RejectedRow.Kind kind, String reason) {
    super(reason, null, false, false);
    this.kind = kind;
  }

  static CellRefused data(String reason) {
    return new CellRefused(RejectedRow.Kind.DATA, reason);
  }

  static CellRefused truncation(String reason) {
    return new CellRefused(RejectedRow.Kind.TRUNCATION, reason);
  }

  RejectedRow.Kind kind() {
    return kind;
  }
}
