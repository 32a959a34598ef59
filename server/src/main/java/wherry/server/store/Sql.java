package wherry.server.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Statements on one connection; values are always bound, never written into the text. */
record Sql(Connection connection) {
  interface RowMapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  /** Rows changed. */
  int update(String statement, Object... values) throws SQLException {
    try (PreparedStatement prepared = prepare(statement, values)) {
      return prepared.executeUpdate();
    }
  }

  /** Runs one statement for many lists of values. */
  void updateMany(String statement, List<Object[]> lists) throws SQLException {
    try (PreparedStatement prepared = connection.prepareStatement(statement)) {
      for (Object[] values : lists) {
        bind(prepared, values);
        prepared.addBatch();
      }
      prepared.executeBatch();
    }
  }

  <T> List<T> rows(String query, RowMapper<T> mapper, Object... values) throws SQLException {
    try (PreparedStatement prepared = prepare(query, values);
        ResultSet result = prepared.executeQuery()) {
      List<T> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(mapper.map(result));
      }
      return rows;
    }
  }

  <T> Optional<T> first(String query, RowMapper<T> mapper, Object... values) throws SQLException {
    return rows(query, mapper, values).stream().findFirst();
  }

  private PreparedStatement prepare(String statement, Object... values) throws SQLException {
    PreparedStatement prepared = connection.prepareStatement(statement);
    try {
      bind(prepared, values);
    } catch (SQLException e) {
      prepared.close();
      throw e;
    }
    return prepared;
  }

  private static void bind(PreparedStatement prepared, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      prepared.setObject(i + 1, values[i]);
    }
  }
}
