package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import wherry.connector.Partition;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.filter.Literal;
import wherry.filter.Ranges;
import wherry.schema.TableSchema;

/** The parts of a table that a user names: its partitions, and ranges of values. */
final class TableParts {
  private static final int GRANTS_TOLD = 10;

  private final Connection session;
  private final TableSchema table;
  private final RelationSize size;
  private final String user;

  /**
   * @param session inside the snapshot
   * @param user who reads
   */
  TableParts(Connection session, TableSchema table, RelationSize size, String user) {
    this.session = session;
    this.table = table;
    this.size = size;
    this.user = user;
  }

  /**
   * Partitions are read by their own names, as only so the server leaves the others alone, whatever
   * they are partitioned by; and a name takes a right of its own.
   */
  List<Partition> partitions() throws SQLException {
    List<Partition> partitions = new ArrayList<>();
    List<String> unreadable = new ArrayList<>();
    try (PreparedStatement statement = session.prepareStatement(Sql.TABLE_PARTS)) {
      statement.setString(1, table.id().name());
      statement.setString(2, table.id().schema());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          String reference = rows.getString("reference");
          partitions.add(
              new Partition(
                  rows.getString("name"),
                  rows.getString("within"),
                  reference,
                  rows.getLong("rows")));
          if (!rows.getBoolean("readable")) {
            unreadable.add(reference);
          }
        }
      }
    }
    if (!unreadable.isEmpty()) {
      throw new DmsException(
          ErrorCode.SOURCE_TABLE_FAILED,
          table.id(),
          "User %s may read table %s as a whole, but not %d of its partitions by themselves, as its parallel-load wants it. Run: %s"
              .formatted(
                  user,
                  table.id(),
                  unreadable.size(),
                  unreadable.stream()
                      .limit(GRANTS_TOLD)
                      .map(name ->
                          "GRANT SELECT ON " + name + " TO " + PostgresNames.quote(user) + ";")
                      .collect(Collectors.joining(" "))),
          null);
    }
    return partitions;
  }

  List<String> predicates(Ranges ranges) throws SQLException {
    Optional<String> objection = ranges.objection(sorted(ranges));
    if (objection.isPresent()) {
      throw new DmsException(ErrorCode.SOURCE_TABLE_FAILED, table.id(), objection.get(), null);
    }
    return IntStream.range(0, ranges.count())
        .mapToObj(ranges::range)
        .map(FilterSql.BY_COLLATION::of)
        .toList();
  }

  /** Has the server sort the boundaries, as values of the columns that they are for. */
  private List<Integer> sorted(Ranges ranges) throws SQLException {
    String columns = PostgresNames.quote(ranges.columns());
    StringBuilder query =
        new StringBuilder("SELECT min(wherry_n) FROM (SELECT 0 AS wherry_n, ")
            .append(columns)
            .append(" FROM ")
            .append(size.from(table.id()))
            .append(" WHERE false");
    for (int i = 0; i < ranges.boundaries().size(); i++) {
      query.append(" UNION ALL SELECT ").append(i + 1);
      List<Literal> boundary = ranges.boundaries().get(i);
      for (int c = 0; c < boundary.size(); c++) {
        query.append(", ").append(FilterSql.literal(ranges.columns().get(c), boundary.get(c)));
      }
    }
    query.append(") AS boundaries GROUP BY ").append(columns).append(" ORDER BY ").append(columns);
    List<Integer> places = new ArrayList<>();
    try (Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(query.toString())) {
      while (rows.next()) {
        places.add(rows.getInt(1));
      }
    }
    return places;
  }
}
