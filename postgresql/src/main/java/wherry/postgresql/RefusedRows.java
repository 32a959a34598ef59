package wherry.postgresql;

import java.sql.SQLException;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.ServerErrorMessage;
import wherry.connector.RejectedRow;
import wherry.connector.RejectionPolicy.Decision;
import wherry.row.RowBatch;
import wherry.schema.Key;
import wherry.schema.TableSchema;

/**
 * Rows that the target does not take: asks the policy, counts them, keeps them when told to. Owned
 * by one thread.
 */
final class RefusedRows {
  /**
   * What COPY says about where it stood, in the server's language (copyfrom.c,
   * CopyFromErrorCallback).
   */
  private static final Pattern PLACE =
      Pattern.compile("^COPY .+?, line (\\d+)(?:, column ([^:\\n]+))?", Pattern.MULTILINE);

  private static final int KEY_COLUMNS_WITHOUT_KEY = 3;

  private final LoadTransaction transaction;
  private final KeptRejections kept;
  private long count;

  RefusedRows(LoadTransaction transaction) {
    this.transaction = transaction;
    this.kept = new KeptRejections(transaction);
  }

  long count() {
    return count;
  }

  /**
   * Whether the server refused what is in the rows: data exceptions, constraints, view checks, a
   * trigger's own refusal, a row or index entry that is too big (PostgreSQL manual, appendix A,
   * classes 22, 23, 44, P0, 54).
   */
  static boolean isAboutRows(SQLException e) {
    String state = PostgresFailures.state(e);
    return PostgresFailures.server(e).isPresent()
        && (state.startsWith("22")
            || state.startsWith("23")
            || state.startsWith("44")
            || state.startsWith("P0")
            || state.startsWith("54"));
  }

  /** The row of the COPY, from 1, that the server was at. */
  static OptionalInt line(SQLException e) {
    Matcher place = place(e);
    try {
      return place.find() ? OptionalInt.of(Integer.parseInt(place.group(1))) : OptionalInt.empty();
    } catch (NumberFormatException tooBig) {
      return OptionalInt.empty();
    }
  }

  private static Matcher place(SQLException e) {
    return PLACE.matcher(PostgresFailures.server(e).map(ServerErrorMessage::getWhere).orElse(""));
  }

  /** A row that the server has refused. */
  void reject(RowBatch batch, int row, SQLException e) throws SQLException {
    boolean tooLong = PostgresFailures.state(e).equals("22001");
    reject(
        batch,
        row,
        column(e),
        tooLong ? RejectedRow.Kind.TRUNCATION : RejectedRow.Kind.DATA,
        PostgresFailures.said(e));
  }

  /** The column that the server names as the one at fault; empty when it names none. */
  static String column(SQLException e) {
    String named = PostgresFailures.server(e).map(ServerErrorMessage::getColumn).orElse("");
    Matcher place = place(e);
    return named.isEmpty() && place.find() && place.group(2) != null ? place.group(2) : named;
  }

  /** A row with a cell that its column cannot hold. */
  void reject(RowBatch batch, int row, int column, RejectedRow.Kind kind, String reason)
      throws SQLException {
    reject(
        batch,
        row,
        transaction.request().target().columns().get(column).name(),
        kind,
        reason + ".");
  }

  private void reject(RowBatch batch, int row, String column, RejectedRow.Kind kind, String reason)
      throws SQLException {
    RejectedRow rejected =
        new RejectedRow(
            transaction.table(), kind, key(batch, row), column, reason, RowText.json(batch, row));
    reject(rejected);
  }

  /** A row that was refused before it became one of the target's. */
  void reject(RejectedRow rejected) throws SQLException {
    Decision decision = transaction.request().rejections().rejected(rejected);
    count++;
    switch (decision) {
      case IGNORE -> {}
      case KEEP -> kept.add(rejected);
    }
  }

  void flush() throws SQLException {
    kept.flush();
  }

  private static String key(RowBatch batch, int row) {
    TableSchema table = batch.schema();
    StringBuilder key = new StringBuilder();
    int columns =
        table
            .key()
            .map(k -> k.columns().size())
            .orElse(Math.min(KEY_COLUMNS_WITHOUT_KEY, table.columns().size()));
    for (int i = 0; i < columns; i++) {
      int column =
          table.key().map(Key::columns).isPresent() ? table.key().get().columns().get(i) : i;
      key.append(i == 0 ? "" : ", ")
          .append(table.columns().get(column).name())
          .append('=')
          .append(RowText.shown(batch, row, column));
    }
    return key.toString();
  }
}
