package wherry.mysql;

import java.util.Locale;

/**
 * A statement in the log ("Query_event").
 *
 * @param database the session's, for names without one; may be empty
 */
record QueryEvent(String database, String statement) {
  /** What the statement is to the transaction that it stands in. */
  enum Kind {
    BEGIN,
    COMMIT,
    ROLLBACK,
    XA_START,
    OTHER
  }

  static QueryEvent of(BinlogEvent event) {
    ByteCursor in = ByteCursor.of(event);
    in.skip(8);
    int databaseBytes = in.oneByte();
    in.skip(2);
    in.skip((int) in.number(2));
    String database = in.text(databaseBytes);
    in.skip(1);
    return new QueryEvent(database, in.text(in.remaining()));
  }

  Kind kind() {
    if (statement.startsWith("XA START ")) {
      return Kind.XA_START;
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
}
