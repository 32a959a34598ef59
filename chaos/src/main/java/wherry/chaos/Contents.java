package wherry.chaos;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All rows of all tables, as text with how often each is there.
 *
 * @param rows per table: the row's columns joined by {@code |}, and its count
 */
record Contents(Map<Table, Map<String, Integer>> rows) {
  private static final int FETCH_ROWS = 1000;

  static Contents read(Place place) throws SQLException {
    Map<Table, Map<String, Integer>> rows = new EnumMap<>(Table.class);
    try (Connection connection = place.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.setFetchSize(FETCH_ROWS);
      for (Table table : Table.values()) {
        rows.put(table, read(statement, "SELECT * FROM " + place.table(table)));
      }
    }
    return new Contents(rows);
  }

  private static Map<String, Integer> read(Statement statement, String query) throws SQLException {
    Map<String, Integer> rows = new TreeMap<>();
    try (ResultSet result = statement.executeQuery(query)) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<String> cells = new ArrayList<>();
        for (int column = 1; column <= columns; column++) {
          cells.add(String.valueOf(result.getString(column)));
        }
        rows.merge(String.join("|", cells), 1, Integer::sum);
      }
    }
    return rows;
  }

  Map<String, Integer> of(Table table) {
    return rows.getOrDefault(table, Map.of());
  }

  long count() {
    return rows.values().stream()
        .flatMap(table -> table.values().stream())
        .mapToLong(Integer::longValue)
        .sum();
  }
}
