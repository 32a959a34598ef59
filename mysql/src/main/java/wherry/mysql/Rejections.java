package wherry.mysql;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import wherry.connector.RejectedRow;
import wherry.connector.RejectionPolicy;
import wherry.connector.Target;
import wherry.row.RowBatch;
import wherry.schema.TableSchema;

/**
 * Tells the policy of each rejected row, and keeps those it wants kept beside the loaded rows, in
 * their transaction.
 */
final class Rejections {
  private static final int KEY_COLUMNS_MAX = 4;

  private final MySqlSession session;
  private final Target.LoadRequest request;
  private final List<RejectedRow> toKeep = new ArrayList<>();
  private long count;

  Rejections(MySqlSession session, Target.LoadRequest request) {
    this.session = session;
    this.request = request;
  }

  /**
   * @param column empty when it is the whole row
   */
  void reject(RowBatch batch, int row, String column, Refusal refusal) {
    RejectedRow rejected =
        new RejectedRow(
            request.target().id(),
            refusal.kind(),
            key(batch, row),
            column,
            refusal.reason(),
            json(batch, row));
    reject(rejected);
  }

  /** A row that was refused before it became one of the target's. */
  void reject(RejectedRow rejected) {
    RejectionPolicy.Decision decision = request.rejections().rejected(rejected);
    count++;
    switch (decision) {
      case IGNORE -> {}
      case KEEP -> toKeep.add(rejected);
    }
  }

  long count() {
    return count;
  }

  /** Writes what is to be kept. */
  void flush() throws SQLException {
    if (toKeep.isEmpty()) {
      return;
    }
    String sql =
        "INSERT INTO "
            + MySqlLedger.exceptionsTable(request.controlSchema())
            + " (TASK_NAME, TABLE_OWNER, TABLE_NAME, ERROR_TIME, STATEMENT, ERROR) VALUES (?, ?, ?, utc_timestamp(3), ?, ?)";
    try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
      for (RejectedRow row : toKeep) {
        statement.setString(1, request.taskName());
        statement.setString(2, request.source().id().schema());
        statement.setString(3, request.source().id().name());
        statement.setString(4, row.row());
        String where = row.column().isEmpty() ? "" : ", column " + row.column();
        statement.setString(5, row.kind() + ": row " + row.key() + where + ": " + row.reason());
        statement.addBatch();
      }
      statement.executeBatch();
    }
    toKeep.clear();
  }

  private String key(RowBatch batch, int row) {
    TableSchema target = request.target();
    List<Integer> columns = new ArrayList<>();
    target.key().ifPresent(key -> columns.addAll(key.columns()));
    if (columns.isEmpty()) {
      for (int i = 0; i < Math.min(KEY_COLUMNS_MAX, target.columns().size()); i++) {
        columns.add(i);
      }
    }
    return String.join(
        ", ",
        columns.stream()
            .map(c -> target.columns().get(c).name() + "=" + value(batch, row, c))
            .toList());
  }

  private String json(RowBatch batch, int row) {
    StringBuilder json = new StringBuilder("{");
    for (int column = 0; column < request.target().columns().size(); column++) {
      json.append(column == 0 ? "" : ",");
      JsonText.append(json, request.target().columns().get(column).name());
      json.append(':');
      if (batch.isNull(row, column)) {
        json.append("null");
      } else {
        JsonText.append(json, value(batch, row, column));
      }
    }
    return json.append('}').toString();
  }

  private static String value(RowBatch batch, int row, int column) {
    if (batch.isNull(row, column)) {
      return "NULL";
    }
    if (batch.schema().columns().get(column).type().isBinary()) {
      StringBuilder hex = new StringBuilder("0x");
      for (int i = batch.start(row, column); i < batch.end(row, column); i++) {
        hex.append(String.format(Locale.ROOT, "%02x", batch.slab()[i]));
        if (hex.length() > 256) {
          return hex + "… (" + (batch.end(row, column) - batch.start(row, column)) + " bytes)";
        }
      }
      return hex.toString();
    }
    return Shortened.text(String.valueOf(batch.text(row, column)));
  }
}
