package wherry.postgresql;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import wherry.connector.RejectedRow;
import wherry.schema.TableId;

/**
 * Writes rejected rows into the exceptions table, in the transaction of the rows that were not
 * rejected.
 */
final class KeptRejections {
  private static final int BUFFERED_MAX = 200;

  private final LoadTransaction transaction;
  private final List<RejectedRow> buffered = new ArrayList<>();

  KeptRejections(LoadTransaction transaction) {
    this.transaction = transaction;
  }

  void add(RejectedRow row) throws SQLException {
    buffered.add(row);
    if (buffered.size() >= BUFFERED_MAX) {
      flush();
    }
  }

  void flush() throws SQLException {
    if (buffered.isEmpty()) {
      return;
    }
    TableId source = transaction.request().source().id();
    try (PreparedStatement insert =
        transaction
            .session()
            .prepareStatement(ControlTables.keepRejection(transaction.request().controlSchema()))) {
      for (RejectedRow row : buffered) {
        insert.setString(1, transaction.request().taskName());
        insert.setString(2, source.schema());
        insert.setString(3, source.name());
        insert.setObject(4, LocalDateTime.now(ZoneOffset.UTC));
        String statement = "COPY %s: %s".formatted(PostgresNames.quote(row.table()), row.row());
        insert.setString(5, StorableText.of(statement, transaction.session()));
        insert.setString(6, StorableText.of(error(row), transaction.session()));
        insert.addBatch();
      }
      insert.executeBatch();
    }
    buffered.clear();
  }

  private static String error(RejectedRow row) {
    String column = row.column().isEmpty() ? "" : ", column " + row.column();
    return "%s: row %s%s: %s".formatted(row.kind(), row.key(), column, row.reason());
  }
}
