package wherry.mysql;

import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.client.Completion;
import org.mariadb.jdbc.message.ClientMessage;
import org.mariadb.jdbc.message.server.OkPacket;

/** Runs statements that carry rows, and asks the server what it made of them. */
final class RowStatements {
  /** WARN_DATA_TRUNCATED. */
  private static final int DATA_TRUNCATED = 1265;

  /** ER_NET_PACKET_TOO_LARGE. */
  private static final int PACKET_TOO_LARGE = 1153;

  /** ER_BINLOG_UNSAFE_STATEMENT: of the server's own log, not of the rows. */
  private static final int UNSAFE_TO_LOG = 1592;

  /**
   * How both servers name a column in an error; MariaDB also by a check that is the column's own.
   */
  private static final Pattern COLUMN =
      Pattern.compile(
          "(?:[cC]olumn |CONSTRAINT (?=`[^`]+\\.))(?:`[^`]+`\\.)*[`'](?:[^`']*\\.)?([^`']+)[`']");

  private final MySqlSession session;

  RowStatements(MySqlSession session) {
    this.session = session;
  }

  /**
   * @return rows that the server says it has touched
   */
  long run(ClientMessage message) throws SQLException {
    List<Completion> answers = session.client().execute(message, false);
    if (answers.get(0) instanceof OkPacket ok) {
      return ok.getAffectedRows();
    }
    throw new IllegalStateException("The server answered " + message.description() + " with rows");
  }

  /**
   * Runs a statement that changes rows, and takes no warning for an answer.
   *
   * @param indexZeroCells values of the index 0 of an ENUM, which only a session that is not strict
   *     stores
   * @throws wherry.connector.ChangeRefused when the server has warned of a value, or would not take
   *     a statement of this length
   */
  long runStrictly(ClientMessage message, RowEncoder encoder, int indexZeroCells)
      throws SQLException {
    if (message instanceof SqlBytes statement && statement.sql().length() > statementBytesMax()) {
      // The server would hang up.
      throw ChangeRefusals.of(tooLong(statement.sql().length()));
    }
    if (indexZeroCells > 0) {
      session.execute(MySqlSession.LENIENT);
    }
    try {
      long touched = run(message);
      Warning warning = unexpectedWarning(encoder, indexZeroCells);
      if (warning != null) {
        throw ChangeRefusals.of(warning);
      }
      return touched;
    } finally {
      if (indexZeroCells > 0) {
        session.execute(MySqlSession.STRICT);
      }
    }
  }

  /** Less what packet headers and the server's copy may need. */
  long statementBytesMax() {
    return session.server().maxAllowedPacket() - 1024;
  }

  private Warning tooLong(int bytes) {
    return new Warning(
        PACKET_TOO_LARGE,
        "the change needs a statement of "
            + bytes
            + " bytes, the server's max_allowed_packet is "
            + session.server().maxAllowedPacket()
            + ". Run there: SET GLOBAL max_allowed_packet=1073741824;");
  }

  /**
   * @param text with level and code
   */
  record Warning(int code, String text) {}

  /**
   * What the server has warned of, in the last statement, beyond one truncation for each ENUM of
   * index 0; null when all is well. It lists no more than max_error_count warnings, but counts them
   * all.
   */
  @Nullable Warning unexpectedWarning(RowEncoder encoder, int indexZeroCells) throws SQLException {
    int count = session.client().getContext().getWarning();
    if (count == 0 && indexZeroCells == 0) {
      return null;
    }
    int expected = indexZeroCells;
    for (Warning warning : warningsOfLastStatement()) {
      if (warning.code() == UNSAFE_TO_LOG) {
        expected++;
      } else if (warning.code() != DATA_TRUNCATED
          || !encoder.mayBeIndexZero(column(warning.text()))) {
        return warning;
      }
    }
    return count == expected
        ? null
        : new Warning(
            DATA_TRUNCATED, count + " warnings for " + indexZeroCells + " values of index 0");
  }

  private List<Warning> warningsOfLastStatement() throws SQLException {
    return session.query(
        "SHOW WARNINGS",
        row ->
            new Warning(
                row.getInt(2), row.getString(1) + " " + row.getInt(2) + ": " + row.getString(3)));
  }

  /** The column that the server speaks of; empty when none. */
  static String column(String said) {
    Matcher matcher = COLUMN.matcher(said);
    return matcher.find() ? matcher.group(1) : "";
  }
}
