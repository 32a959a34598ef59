package wherry.mysql;

import java.util.Locale;

/**
 * A statement in the log ("Query_event").
 *
 * @param database the session's, for names without one; may be empty
 * @param mode the session's
 */
record QueryEvent(String database, String statement, SqlMode mode) {
  private static final String XA = "XA ";
  private static final int FLAGS_VARIABLE = 0;
  private static final int SQL_MODE_VARIABLE = 1;

  /** What the statement is to the transaction that it stands in. */
  enum Kind {
    BEGIN,
    COMMIT,
    ROLLBACK,
    XA_START,
    XA_COMMIT,
    XA_ROLLBACK,
    OTHER
  }

  static QueryEvent of(BinlogEvent event) {
    ByteCursor in = ByteCursor.of(event);
    in.skip(8);
    int databaseBytes = in.oneByte();
    in.skip(2);
    int variablesBytes = (int) in.number(2);
    SqlMode mode = mode(new ByteCursor(in.bytes(), in.at(), in.at() + variablesBytes));
    in.skip(variablesBytes);
    String database = in.text(databaseBytes);
    in.skip(1);
    return new QueryEvent(database, in.text(in.remaining()), mode);
  }

  /** Both servers write the flags (4 bytes) and the mode (8 bytes) before all other variables. */
  private static SqlMode mode(ByteCursor variables) {
    while (variables.remaining() > 0) {
      switch (variables.oneByte()) {
        case FLAGS_VARIABLE -> variables.skip(4);
        case SQL_MODE_VARIABLE -> {
          return new SqlMode(variables.number(8));
        }
        default -> {
          return SqlMode.NONE;
        }
      }
    }
    return SqlMode.NONE;
  }

  Kind kind() {
    if (statement.startsWith(XA)) {
      return switch (statement.split(" ", 3)[1]) {
        case "START" -> Kind.XA_START;
        case "COMMIT" -> Kind.XA_COMMIT;
        case "ROLLBACK" -> Kind.XA_ROLLBACK;
        default -> Kind.OTHER;
      };
    }
    if (statement.length() > 8) {
      return Kind.OTHER;
    }
    return switch (statement.toUpperCase(Locale.ROOT)) {
      case "BEGIN" -> Kind.BEGIN;
      case "COMMIT" -> Kind.COMMIT;
      case "ROLLBACK" -> Kind.ROLLBACK;
      default -> Kind.OTHER;
    };
  }

  /** Of XA START, COMMIT and ROLLBACK: which transaction, as {@link XaPrepare#id} has it. */
  String xaId() {
    return statement.split(" ", 3)[2].toLowerCase(Locale.ROOT);
  }
}
