package wherry.mysql;

import java.sql.SQLException;
import wherry.connector.ChangeRefused;
import wherry.connector.ChangeRefused.Kind;
import wherry.connector.RejectedRow;

/** Says, from what we or the server found, why a change is refused. */
final class ChangeRefusals {
  private ChangeRefusals() {}

  static ChangeRefused of(SQLException failure) {
    return new ChangeRefused(
        kind(failure.getErrorCode()),
        String.valueOf(failure.getSQLState()),
        MySqlFailure.said(failure),
        failure);
  }

  /** A warning, where the server has changed or skipped a row instead of refusing it. */
  static ChangeRefused of(RowStatements.Warning warning) {
    Kind kind = kind(warning.code());
    return new ChangeRefused(kind, sqlState(kind), warning.text(), null);
  }

  static ChangeRefused of(String column, Refusal refusal) {
    Kind kind = refusal.kind() == RejectedRow.Kind.TRUNCATION ? Kind.TRUNCATION : Kind.DATA;
    return new ChangeRefused(
        kind, sqlState(kind), "column " + column + ": " + refusal.reason(), null);
  }

  /** The codes are those of the servers' error references; 1265 is WARN_DATA_TRUNCATED. */
  private static Kind kind(int code) {
    return switch (code) {
      case 1022, 1062, 1169, 1586, 1859 -> Kind.DUPLICATE_KEY;
      case 1265, 1406, 1153 -> Kind.TRUNCATION;
      default -> Kind.DATA;
    };
  }

  private static String sqlState(Kind kind) {
    return switch (kind) {
      case DUPLICATE_KEY -> "23000";
      case TRUNCATION -> "22001";
      case DATA -> "22000";
    };
  }
}
