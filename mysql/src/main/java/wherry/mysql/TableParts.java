package wherry.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import wherry.connector.Partition;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.filter.Literal;
import wherry.filter.Ranges;
import wherry.schema.TableSchema;

/** The parts of a table that a user names: its partitions, and ranges of values. */
final class TableParts {
  private final MySqlSession session;
  private final TableSchema table;

  TableParts(MySqlSession session, TableSchema table) {
    this.session = session;
    this.table = table;
  }

  private record Part(String partition, @Nullable String subpartition, long rows) {}

  List<Partition> partitions() throws SQLException {
    List<Part> parts =
        session.query(
            "SELECT partition_name, subpartition_name, table_rows FROM information_schema.partitions"
                + " WHERE table_schema = ? AND table_name = ? AND partition_name IS NOT NULL"
                + " ORDER BY partition_ordinal_position, subpartition_ordinal_position",
            row -> new Part(row.getString(1), row.getString(2), row.getLong(3)),
            table.id().schema(),
            table.id().name());
    List<Partition> partitions = new ArrayList<>();
    for (Part part : parts) {
      String subpartition = part.subpartition();
      if (subpartition == null) {
        partitions.add(partition(part.partition(), "", part.rows()));
        continue;
      }
      if (partitions.stream().noneMatch(known -> known.name().equals(part.partition()))) {
        long rows =
            parts.stream()
                .filter(other -> other.partition().equals(part.partition()))
                .mapToLong(Part::rows)
                .sum();
        partitions.add(partition(part.partition(), "", rows));
      }
      partitions.add(partition(subpartition, part.partition(), part.rows()));
    }
    return partitions;
  }

  private static Partition partition(String name, String within, long rows) {
    return new Partition(name, within, MySqlNames.quoted(name), rows);
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
    String columns =
        ranges.columns().stream()
            .map(column -> MySqlNames.quoted(column.name()))
            .collect(Collectors.joining(", "));
    StringBuilder query =
        new StringBuilder("SELECT min(wherry_n) FROM (SELECT 0 AS wherry_n, ")
            .append(columns)
            .append(" FROM ")
            .append(MySqlNames.quoted(table.id()))
            .append(" WHERE FALSE");
    for (int i = 0; i < ranges.boundaries().size(); i++) {
      query.append(" UNION ALL SELECT ").append(i + 1);
      List<Literal> boundary = ranges.boundaries().get(i);
      for (int c = 0; c < boundary.size(); c++) {
        query.append(", ").append(FilterSql.literal(ranges.columns().get(c), boundary.get(c)));
      }
    }
    query.append(") AS boundaries GROUP BY ").append(columns).append(" ORDER BY ").append(columns);
    return session.query(query.toString(), row -> row.getInt(1));
  }
}
