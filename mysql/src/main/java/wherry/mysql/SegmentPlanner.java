package wherry.mysql;

import java.math.BigInteger;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.connector.Segment;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Key;
import wherry.schema.Meaning;
import wherry.schema.TableSchema;

/**
 * Cuts a table along its key. A segment holds the keys above one boundary up to and including the
 * next; the first is open below, the last above, so together they hold each row once, whatever was
 * written since.
 */
final class SegmentPlanner {
  /** A table up to this many times a segment stays whole. */
  private static final double WHOLE_UP_TO = 1.5;

  private static final int EXPLAINS_MAX = 4000;

  private final MySqlSession session;
  private final TableSchema table;
  private final String from;

  SegmentPlanner(MySqlSession session, TableSchema table) {
    this.session = session;
    this.table = table;
    this.from = " FROM " + MySqlNames.quoted(table.id());
  }

  /** InnoDB's estimate, which may be off by half; 0 for a view. */
  long estimatedRows() throws SQLException {
    return session
        .queryOne(
            "SELECT table_rows FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
            row -> row.getLong(1),
            table.id().schema(),
            table.id().name())
        .orElse(0L);
  }

  List<Segment> segments(long rowsPerSegment) throws SQLException {
    long estimate = estimatedRows();
    if (table.key().isEmpty()
        || estimate <= rowsPerSegment * WHOLE_UP_TO
        || !keyIsOrdered(table.key().get())) {
      return List.of(new Segment(0, "", estimate, true));
    }
    List<Column> key = table.key().get().columns().stream().map(table.columns()::get).toList();
    Optional<List<List<String>>> boundaries =
        key.get(0).type().isInteger() ? byValue(key.get(0), rowsPerSegment) : Optional.empty();
    return boundaries.isPresent()
        ? between(key.subList(0, 1), boundaries.get(), estimate)
        : between(key, byWalking(key, rowsPerSegment), estimate);
  }

  /**
   * Whether comparing with a literal follows the index's order; enums, sets, bits and floats do not
   * or not exactly.
   */
  private boolean keyIsOrdered(Key key) {
    return key.columns().stream().map(table.columns()::get).allMatch(SegmentPlanner::isOrdered);
  }

  private static boolean isOrdered(Column column) {
    return switch (column.type()) {
      case INT1,
          INT2,
          INT4,
          INT8,
          UINT1,
          UINT2,
          UINT4,
          UINT8,
          NUMERIC,
          DATE,
          DATETIME,
          BYTES,
          BLOB ->
          true;
      case STRING, WSTRING, CLOB, NCLOB ->
          switch (column.meaning()) {
            case ENUM, SET, BITS -> false;
            default -> true;
          };
      case BOOLEAN, REAL4, REAL8, TIME -> false;
    };
  }

  /** A stretch of values and how many rows it may hold. */
  private record Stretch(BigInteger low, BigInteger high) {}

  /**
   * Halves the range of values until each part is small enough by the optimiser's own estimate,
   * which costs two dives into the index, then joins small neighbours: balanced for dense, sparse
   * and skewed keys alike.
   *
   * @return empty when a single value has too many rows
   */
  private Optional<List<List<String>>> byValue(Column column, long rowsPerSegment)
      throws SQLException {
    String quoted = MySqlNames.quoted(column.name());
    Optional<Stretch> whole =
        session.queryOne(
            "SELECT min(" + quoted + ")+0, max(" + quoted + ")+0" + from,
            row -> new Stretch(integer(row.getString(1)), integer(row.getString(2))));
    List<List<String>> boundaries = new ArrayList<>();
    Deque<Stretch> open = new ArrayDeque<>();
    whole.ifPresent(open::push);
    double inSegment = 0;
    for (int explains = 0; !open.isEmpty(); explains++) {
      Stretch stretch = open.pop();
      long rows = explainedRows(quoted, stretch);
      boolean single = stretch.low().equals(stretch.high());
      if ((single && rows > 4 * rowsPerSegment) || explains > EXPLAINS_MAX) {
        return Optional.empty();
      }
      if (!single && rows > rowsPerSegment) {
        BigInteger middle = stretch.low().add(stretch.high()).shiftRight(1);
        open.push(new Stretch(middle.add(BigInteger.ONE), stretch.high()));
        open.push(new Stretch(stretch.low(), middle));
        continue;
      }
      inSegment += rows;
      if (inSegment >= 0.8 * rowsPerSegment && !open.isEmpty()) {
        boundaries.add(List.of(stretch.high().toString()));
        inSegment = 0;
      }
    }
    return Optional.of(boundaries);
  }

  private static BigInteger integer(@Nullable String text) {
    return text == null ? BigInteger.ZERO : new BigInteger(text);
  }

  private long explainedRows(String column, Stretch stretch) throws SQLException {
    boolean primary = table.key().map(Key::primary).orElse(false);
    return session
        .queryOne(
            "EXPLAIN SELECT "
                + column
                + from
                + (primary ? " FORCE INDEX (PRIMARY)" : "")
                + " WHERE "
                + column
                + " BETWEEN "
                + stretch.low()
                + " AND "
                + stretch.high(),
            row -> row.getLong("rows"))
        .orElse(0L);
  }

  /** One pass over the key's index, a boundary every so many rows. */
  private List<List<String>> byWalking(List<Column> key, long rowsPerSegment) throws SQLException {
    List<String> names = key.stream().map(column -> MySqlNames.quoted(column.name())).toList();
    String select =
        "SELECT " + String.join(",", key.stream().map(SegmentPlanner::readable).toList()) + from;
    String order = " ORDER BY " + String.join(",", names) + " LIMIT 1 OFFSET ";
    List<List<String>> boundaries = new ArrayList<>();
    while (true) {
      String where =
          boundaries.isEmpty() ? "" : " WHERE " + after(key, boundaries.get(boundaries.size() - 1));
      Optional<List<String>> boundary =
          session.queryOne(
              select + where + order + (rowsPerSegment - 1),
              row -> {
                List<String> literals = new ArrayList<>();
                for (int i = 0; i < key.size(); i++) {
                  literals.add(literal(key.get(i), row.getString(i + 1)));
                }
                return literals;
              });
      if (boundary.isEmpty()) {
        return boundaries;
      }
      boundaries.add(boundary.get());
    }
  }

  private static String readable(Column column) {
    String quoted = MySqlNames.quoted(column.name());
    if (column.type().isBinary()) {
      return "hex(" + quoted + ")";
    }
    return isCharacters(column)
        ? "hex(convert(" + quoted + " using utf8mb4))"
        : MySqlColumns.selectExpression(column, quoted).orElse("concat(" + quoted + ")");
  }

  private static String literal(Column column, String value) {
    if (column.type().isBinary()) {
      return "x'" + value + "'";
    }
    if (isCharacters(column)) {
      return "_utf8mb4 x'" + value + "'";
    }
    return column.type().isInteger() || column.type() == DataType.NUMERIC
        ? value
        : "'" + value + "'";
  }

  /**
   * Has a character set and a collation, unlike time, uuid and inet6, which are text to us only.
   */
  private static boolean isCharacters(Column column) {
    return column.type().isText()
        && column.nativeType().name().toLowerCase(Locale.ROOT).contains(" character set ")
        && column.meaning() != Meaning.TIME_SPAN;
  }

  private static List<Segment> between(
      List<Column> key, List<List<String>> boundaries, long estimate) {
    List<Segment> segments = new ArrayList<>();
    int count = boundaries.size() + 1;
    for (int i = 0; i < count; i++) {
      List<String> conditions = new ArrayList<>();
      if (i > 0) {
        conditions.add(after(key, boundaries.get(i - 1)));
      }
      if (i < boundaries.size()) {
        conditions.add(upTo(key, boundaries.get(i)));
      }
      segments.add(new Segment(i, String.join(" AND ", conditions), estimate / count, true));
    }
    return segments;
  }

  /**
   * Keys above the boundary, spelled out because the servers use no index for {@code (a,b) >
   * (1,2)}.
   */
  private static String after(List<Column> key, List<String> boundary) {
    return compared(key, boundary, ">", "");
  }

  private static String upTo(List<Column> key, List<String> boundary) {
    return compared(key, boundary, "<", "=");
  }

  private static String compared(
      List<Column> key, List<String> boundary, String operator, String orEqual) {
    int last = key.size() - 1;
    String condition =
        MySqlNames.quoted(key.get(last).name())
            + " "
            + operator
            + orEqual
            + " "
            + boundary.get(last);
    for (int i = last - 1; i >= 0; i--) {
      String name = MySqlNames.quoted(key.get(i).name());
      String value = boundary.get(i);
      condition =
          "(" + name + " " + operator + "= " + value + " AND (" + name + " " + operator + " "
              + value + " OR (" + name + " = " + value + " AND " + condition + ")))";
    }
    return condition;
  }
}
