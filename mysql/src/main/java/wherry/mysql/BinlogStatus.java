package wherry.mysql;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a server says about its binary log. */
final class BinlogStatus {
  private BinlogStatus() {}

  /**
   * The end of the log; empty when there is none.
   *
   * @throws SQLException 1227 when the user may not ask
   */
  static Optional<BinlogPosition> end(MySqlSession session) throws SQLException {
    MySqlServer server = session.server();
    if (!server.logsChanges()) {
      return Optional.empty();
    }
    boolean renamed = !server.mariaDb() && server.atLeast(8, 4);
    return session.queryOne(
        renamed ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS",
        row -> new BinlogPosition(row.getString(1), row.getLong(2), 0));
  }

  /** The files that the server still has with their sizes in bytes, oldest first. */
  static Map<String, Long> files(MySqlSession session) throws SQLException {
    Map<String, Long> files = new LinkedHashMap<>();
    session.query("SHOW BINARY LOGS", row -> files.put(row.getString(1), row.getLong(2)));
    return files;
  }

  /**
   * Global variables by their names in lower case; those that the server does not know are left
   * out.
   */
  static Map<String, String> variables(MySqlSession session, List<String> names)
      throws SQLException {
    Map<String, String> values = new TreeMap<>();
    session.query(
        "SHOW GLOBAL VARIABLES WHERE variable_name IN ("
            + String.join(", ", names.stream().map(MySqlNames::literal).toList())
            + ")",
        row -> values.put(row.getString(1).toLowerCase(Locale.ROOT), row.getString(2)));
    return values;
  }
}
