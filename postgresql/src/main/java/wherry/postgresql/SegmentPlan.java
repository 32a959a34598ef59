package wherry.postgresql;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wherry.connector.Segment;
import wherry.schema.Column;
import wherry.schema.TableSchema;

/**
 * Cuts a table into ranges that together hold each row once: the first range is open below, the
 * last one above. An integer key whose rows lie in its order gives ranges of values, which mean the
 * same under every snapshot; otherwise ranges of pages, which do not.
 */
final class SegmentPlan {
  private static final int SEGMENTS_MAX = 10_000;

  /** A table of up to this many times the wanted size stays whole. */
  private static final double WHOLE_UP_TO = 1.5;

  /**
   * From this share of used values on, ranges of equal width hold at most twice the rows wanted.
   */
  private static final double DENSE_SHARE = 0.5;

  /**
   * A sampled page gives neighbouring keys, so it is pages that must be many: these cut within
   * about a fifth.
   */
  private static final int SAMPLED_PAGES_PER_SEGMENT = 30;

  private static final int TID_RANGE_SCANS_SINCE = 14;

  /**
   * Below this correlation of key and place, each range of keys would have to visit most pages of
   * the table.
   */
  private static final double CLUSTERED = 0.8;

  private final Connection session;
  private final TableSchema table;
  private final RelationSize size;
  private final int count;

  SegmentPlan(Connection session, TableSchema table, RelationSize size, long rowsPerSegment) {
    this.session = session;
    this.table = table;
    this.size = size;
    boolean whole = size.rows() <= rowsPerSegment * WHOLE_UP_TO;
    this.count =
        whole ? 1 : (int) Math.min(SEGMENTS_MAX, Math.ceilDiv(size.rows(), rowsPerSegment));
  }

  List<Segment> segments() throws SQLException {
    if (count > 1 && size.kind() != 'v') {
      List<BigInteger> boundaries = keyBoundaries();
      if (!boundaries.isEmpty()) {
        String column = PostgresNames.quote(keyColumn().orElseThrow().name());
        return ranges(column, boundaries.stream().map(BigInteger::toString).toList(), true);
      }
      if (hasPageRanges()) {
        return ranges("ctid", pageBoundaries(), false);
      }
    }
    return List.of(new Segment(0, "", size.rows(), true));
  }

  private List<Segment> ranges(String expression, List<String> boundaries, boolean lasting) {
    List<Segment> segments = new ArrayList<>();
    long rows = size.rows() / (boundaries.size() + 1);
    for (int i = 0; i <= boundaries.size(); i++) {
      String from = i == 0 ? "" : expression + " >= " + boundaries.get(i - 1);
      String to = i == boundaries.size() ? "" : expression + " < " + boundaries.get(i);
      String both = from.isEmpty() || to.isEmpty() ? from + to : from + " AND " + to;
      segments.add(new Segment(i, both, rows, lasting));
    }
    return segments;
  }

  /** A range of pages is read without the rest of the table only since TID range scans exist. */
  private boolean hasPageRanges() throws SQLException {
    return !size.hasForeign()
        && size.pages() >= count
        && session.getMetaData().getDatabaseMajorVersion() >= TID_RANGE_SCANS_SINCE;
  }

  private List<String> pageBoundaries() {
    List<String> boundaries = new ArrayList<>();
    for (long i = 1; i < count; i++) {
      boundaries.add("'(" + i * size.pages() / count + ",0)'::tid");
    }
    return boundaries;
  }

  private Optional<Column> keyColumn() {
    return table
        .key()
        .map(key -> table.columns().get(key.columns().getFirst()))
        .filter(c -> c.type().isInteger());
  }

  /** Ascending values of the first key column; empty when it cannot balance the ranges. */
  private List<BigInteger> keyBoundaries() throws SQLException {
    Optional<Column> key = keyColumn();
    if (key.isEmpty() || (hasPageRanges() && !isClustered(key.get()))) {
      return List.of();
    }
    String column = PostgresNames.quote(key.get().name());
    String query =
        "SELECT min(%s)::numeric, max(%s)::numeric FROM %s"
            .formatted(column, column, size.from(table.id()));
    try (Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      if (rows.getBigDecimal(1) == null) {
        return List.of();
      }
      BigInteger min = rows.getBigDecimal(1).toBigIntegerExact();
      BigInteger width =
          rows.getBigDecimal(2).toBigIntegerExact().subtract(min).add(BigInteger.ONE);
      boolean single = table.key().orElseThrow().columns().size() == 1;
      boolean dense = single && width.doubleValue() * DENSE_SHARE <= size.rows();
      return dense || size.hasForeign() ? equalWidths(min, width) : sampled(column);
    }
  }

  /**
   * Whether rows lie about in the order of the column; taken for granted where nobody has counted.
   */
  private boolean isClustered(Column column) throws SQLException {
    String query =
        "SELECT abs(correlation) FROM pg_catalog.pg_stats WHERE schemaname = ? AND tablename = ?"
            + " AND attname = ? AND NOT inherited";
    try (PreparedStatement statement = session.prepareStatement(query)) {
      statement.setString(1, table.id().schema());
      statement.setString(2, table.id().name());
      statement.setString(3, column.name());
      try (ResultSet rows = statement.executeQuery()) {
        return !rows.next() || rows.getDouble(1) >= CLUSTERED || rows.wasNull();
      }
    }
  }

  private List<BigInteger> equalWidths(BigInteger min, BigInteger width) {
    List<BigInteger> boundaries = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      boundaries.add(
          min.add(width.multiply(BigInteger.valueOf(i)).divide(BigInteger.valueOf(count))));
    }
    return boundaries.stream().distinct().toList();
  }

  /** Quantiles of a sample of pages; given up when a few values hold most of the rows. */
  private List<BigInteger> sampled(String column) throws SQLException {
    double percent =
        Math.min(100, 100.0 * SAMPLED_PAGES_PER_SEGMENT * count / Math.max(1, size.pages()));
    Double[] shares = new Double[count - 1];
    for (int i = 1; i < count; i++) {
      shares[i - 1] = (double) i / count;
    }
    String query =
        ("SELECT DISTINCT q FROM unnest((SELECT percentile_disc(?::float8[]) WITHIN GROUP (ORDER BY"
                + " %s) FROM %s TABLESAMPLE SYSTEM (?))) AS q WHERE q IS NOT NULL ORDER BY q")
            .formatted(column, size.from(table.id()));
    List<BigInteger> boundaries = new ArrayList<>();
    try (PreparedStatement statement = session.prepareStatement(query)) {
      statement.setArray(1, session.createArrayOf("float8", shares));
      statement.setDouble(2, percent);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          boundaries.add(BigInteger.valueOf(rows.getLong(1)));
        }
      }
    }
    boolean balanced = boundaries.size() + 1 >= count * 0.75;
    return balanced || !hasPageRanges() ? boundaries : List.of();
  }
}
