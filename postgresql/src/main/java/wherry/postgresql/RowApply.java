package wherry.postgresql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import wherry.change.RowChange;
import wherry.change.RowSet;
import wherry.connector.TableRoute;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatch;
import wherry.schema.TableId;

/** Applies changes by prepared statements, a row each. Owned by one thread. */
final class RowApply {
  private static final int TABLES_KEPT_MAX = 100;

  private record Encoding(TableRoute route, CellTexts texts) {}

  private final PreparedStatements statements;
  private final IdentityColumns identityColumns;
  private final int serverMajor;
  private final Map<TableId, Encoding> encodings = new LinkedHashMap<>(16, 0.75f, true);

  RowApply(Connection session, PreparedStatements statements, IdentityColumns identityColumns)
      throws SQLException {
    this.statements = statements;
    this.identityColumns = identityColumns;
    this.serverMajor = session.getMetaData().getDatabaseMajorVersion();
  }

  /** Which row is meant: a condition, and the values of its parameters. */
  private record Condition(String sql, List<@Nullable String> values) {}

  long delete(TableRoute route, RowSet rows) throws SQLException {
    return batch(route, new ChangeSql(route).deleteByKey(), route.key(), rows);
  }

  /**
   * @param by columns that identify a row
   * @param columns to set; without any, the rows are only counted
   */
  long update(TableRoute route, List<Integer> by, List<Integer> columns, RowSet rows)
      throws SQLException {
    ChangeSql sql = new ChangeSql(route);
    if (columns.isEmpty()) {
      long found = 0;
      for (int i = 0; i < rows.count(); i++) {
        found += count(sql.countBy(by), cells(route, rows.batch(i), rows.row(i), by));
      }
      return found;
    }
    List<Integer> parameters = new ArrayList<>(columns);
    parameters.addAll(by);
    return batch(route, sql.updateBy(by, columns), parameters, rows);
  }

  /** One statement for all rows, sent without waiting for each answer. */
  private long batch(TableRoute route, String sql, List<Integer> parameters, RowSet rows)
      throws SQLException {
    if (rows.count() == 0) {
      return 0;
    }
    return statements.use(
        sql,
        statement -> {
          try {
            for (int i = 0; i < rows.count(); i++) {
              PreparedStatements.bind(
                  statement, cells(route, rows.batch(i), rows.row(i), parameters));
              statement.addBatch();
            }
            return Arrays.stream(statement.executeLargeBatch()).sum();
          } finally {
            statement.clearBatch();
          }
        });
  }

  long apply(TableRoute route, RowChange change) throws SQLException {
    return switch (change.operation()) {
      case INSERT -> insert(route, change);
      case UPDATE -> update(route, change);
      case DELETE -> delete(route, change);
    };
  }

  private long insert(TableRoute route, RowChange change) throws SQLException {
    List<Integer> all = IntStream.range(0, route.target().columns().size()).boxed().toList();
    return execute(
        new ChangeSql(route).insert(all), cells(route, change.rows(), change.after(), all));
  }

  private long delete(TableRoute route, RowChange change) throws SQLException {
    ChangeSql sql = new ChangeSql(route);
    Condition row = condition(route, change, List.of());
    return execute(
        route.key().isEmpty()
            ? sql.one(row.sql())
                + " DELETE FROM "
                + sql.table()
                + " AS own USING one WHERE "
                + ChangeSql.IS_ONE
            : "DELETE FROM " + sql.table() + " WHERE " + row.sql(),
        row.values());
  }

  private long update(TableRoute route, RowChange change) throws SQLException {
    ChangeSql sql = new ChangeSql(route);
    Set<Integer> always = identityColumns.of(route);
    List<Integer> fixed = new ArrayList<>();
    List<Integer> columns = new ArrayList<>();
    columnsTold(route, change)
        .forEach(column -> (always.contains(column) ? fixed : columns).add(column));
    Condition row = condition(route, change, fixed);
    if (columns.isEmpty()) {
      return count(sql.one(row.sql()) + " SELECT count(*) FROM one", row.values());
    }
    List<@Nullable String> newValues = cells(route, change.rows(), change.after(), columns);
    String set = sql.set(columns, column -> "?");
    List<@Nullable String> values = new ArrayList<>();
    if (route.key().isEmpty()) {
      values.addAll(row.values());
      values.addAll(newValues);
      return execute(
          sql.one(row.sql())
              + " UPDATE "
              + sql.table()
              + " AS own SET "
              + set
              + " FROM one WHERE "
              + ChangeSql.IS_ONE,
          values);
    }
    values.addAll(newValues);
    values.addAll(row.values());
    return execute("UPDATE " + sql.table() + " SET " + set + " WHERE " + row.sql(), values);
  }

  /** What the log tells, but for key columns that stay: an index over them need not be touched. */
  private static Stream<Integer> columnsTold(TableRoute route, RowChange change) {
    return IntStream.range(0, route.target().columns().size())
        .filter(column -> !change.rows().isAbsent(change.after(), column))
        .filter(column -> !route.key().contains(column) || isChanged(change, column))
        .boxed();
  }

  private static boolean isChanged(RowChange change, int column) {
    RowBatch rows = change.rows();
    return change.before() != RowChange.NONE
        && !Arrays.equals(
            rows.slab(),
            rows.start(change.before(), column),
            rows.end(change.before(), column),
            rows.slab(),
            rows.start(change.after(), column),
            rows.end(change.after(), column));
  }

  /**
   * The row by its key. Without a key on the target, by what identifies it in the source: a key
   * there, else all of its columns that the log tells.
   *
   * @param fixed columns that must have their new value already
   */
  private Condition condition(TableRoute route, RowChange change, List<Integer> fixed) {
    ChangeSql sql = new ChangeSql(route);
    RowBatch rows = change.rows();
    int image = change.before() == RowChange.NONE ? change.after() : change.before();
    List<String> parts = new ArrayList<>();
    List<@Nullable String> values = new ArrayList<>();
    for (int column : identity(route, change)) {
      if (!rows.isAbsent(image, column) || !route.key().isEmpty()) {
        boolean isNull = rows.isNull(image, column);
        parts.add(sql.hasValue(column, isNull));
        if (!isNull) {
          values.add(text(route, rows, image, column));
        }
      }
    }
    for (int column : fixed) {
      parts.add(sql.hasValue(column, false));
      values.add(text(route, rows, change.after(), column));
    }
    if (parts.isEmpty()) {
      throw new DmsException(
          ErrorCode.INTERNAL,
          route.source(),
          "The log tells nothing by which a row of %s could be found".formatted(route.source()),
          null);
    }
    return new Condition(String.join(" AND ", parts), values);
  }

  private static List<Integer> identity(TableRoute route, RowChange change) {
    if (!route.key().isEmpty() || route.rows().key().isPresent()) {
      return route.key().isEmpty() ? route.rows().key().get().columns() : route.key();
    }
    int columns = change.before() == RowChange.NONE ? 0 : route.target().columns().size();
    return IntStream.range(0, columns).boxed().toList();
  }

  private List<@Nullable String> cells(
      TableRoute route, RowBatch batch, int row, List<Integer> columns) {
    List<@Nullable String> texts = new ArrayList<>(columns.size());
    for (int column : columns) {
      texts.add(text(route, batch, row, column));
    }
    return texts;
  }

  private @Nullable String text(TableRoute route, RowBatch batch, int row, int column) {
    Encoding encoding = encodings.get(route.target().id());
    if (encoding == null || encoding.route() != route) {
      encoding = new Encoding(route, new CellTexts(route, serverMajor));
      encodings.put(route.target().id(), encoding);
      if (encodings.size() > TABLES_KEPT_MAX) {
        encodings.remove(encodings.keySet().iterator().next());
      }
    }
    return encoding.texts().text(batch, row, column);
  }

  private long execute(String sql, List<@Nullable String> values) throws SQLException {
    return statements.use(
        sql,
        statement -> {
          PreparedStatements.bind(statement, values);
          return statement.executeLargeUpdate();
        });
  }

  private long count(String sql, List<@Nullable String> values) throws SQLException {
    return statements.use(
        sql,
        statement -> {
          PreparedStatements.bind(statement, values);
          try (ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
          }
        });
  }
}
