package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import wherry.connector.TableRoute;
import wherry.schema.TableId;

/**
 * Columns GENERATED ALWAYS AS IDENTITY, which INSERT and COPY may set and UPDATE may not
 * (PostgreSQL manual, CREATE TABLE). An UPDATE takes them for part of what identifies the row: one
 * that stays as it is finds its row, one that is to change does not, and is told as missing. Owned
 * by one thread.
 */
final class IdentityColumns {
  private record Known(TableRoute route, Set<Integer> columns) {}

  private final Connection session;
  private final Map<TableId, Known> tables = new HashMap<>();

  IdentityColumns(Connection session) {
    this.session = session;
  }

  /** Indexes of the columns; most tables have none. */
  Set<Integer> of(TableRoute route) throws SQLException {
    Known known = tables.get(route.target().id());
    if (known == null || known.route() != route) {
      known = new Known(route, read(route));
      tables.put(route.target().id(), known);
    }
    return known.columns();
  }

  private Set<Integer> read(TableRoute route) throws SQLException {
    String query =
        """
        SELECT attname FROM pg_catalog.pg_attribute
         WHERE attrelid = ?::pg_catalog.regclass AND attidentity = 'a' AND NOT attisdropped
        """;
    Set<String> names = new HashSet<>();
    try (PreparedStatement statement = session.prepareStatement(query)) {
      statement.setString(1, PostgresNames.quote(route.target().id()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
    }
    Set<Integer> columns = new HashSet<>();
    for (int i = 0; i < route.target().columns().size(); i++) {
      if (names.contains(route.target().columns().get(i).name())) {
        columns.add(i);
      }
    }
    return columns;
  }
}
