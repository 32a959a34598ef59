package wherry.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.demo.DemoTable.DemoColumn;
import wherry.sandbox.DatabaseServer;

/**
 * Reads a table on both sides in the order of its key and compares every value of every row,
 * knowing nothing of how the rows got there.
 */
public final class RowComparison {
  private static final int DIFFERENCES_KEPT = 5;
  private static final int FETCH_ROWS = 2000;
  private static final int SHOWN_CHARACTERS = 80;

  private final DemoTable table;
  private final List<Integer> keyColumns;
  private final List<String> differences = new ArrayList<>();
  private long compared;
  private long differing;

  private RowComparison(DemoTable table) {
    this.table = table;
    List<String> names = table.columns().stream().map(DemoColumn::name).toList();
    keyColumns = table.key().stream().map(name -> names.indexOf(name) + 1).toList();
  }

  /**
   * One side of the comparison.
   *
   * @param database what to connect to
   * @param schema the schema (PostgreSQL) or database (MariaDB) of the table
   */
  public record Side(DatabaseServer server, Engine engine, String database, String schema) {
    Connection connect() throws SQLException {
      Connection connection = server.connect(database);
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            switch (engine) {
              case POSTGRESQL ->
                  "SET TimeZone = 'UTC'; SET IntervalStyle = 'iso_8601'; SET lc_monetary = 'C'";
              case MARIADB -> "SET time_zone = '+00:00'";
            });
      }
      return connection;
    }

    String query(DemoTable table) {
      List<String> expressions = new ArrayList<>();
      for (DemoColumn column : table.columns()) {
        expressions.add(column.kind().expression(engine, engine.quoted(column.name())));
      }
      // By the qualified columns: a bare name would mean the rendered text of the same name.
      return "SELECT %s FROM %s.%s AS compared ORDER BY %s"
          .formatted(
              String.join(", ", expressions),
              engine.quoted(schema),
              engine.quoted(table.name()),
              String.join(
                  ", ",
                  table.key().stream().map(key -> "compared." + engine.quoted(key)).toList()));
    }
  }

  /**
   * What came out.
   *
   * @param compared rows present on both sides
   * @param differing rows that differ or are on one side only
   * @param differences the first of them, with key, column and both values
   */
  public record Result(DemoTable table, long compared, long differing, List<String> differences) {}

  public static Result compare(DemoTable table, Side source, Side target) throws SQLException {
    RowComparison comparison = new RowComparison(table);
    try (Connection left = source.connect();
        Connection right = target.connect();
        Statement leftStatement = left.createStatement();
        Statement rightStatement = right.createStatement()) {
      leftStatement.setFetchSize(FETCH_ROWS);
      rightStatement.setFetchSize(FETCH_ROWS);
      try (ResultSet leftRows = leftStatement.executeQuery(source.query(table));
          ResultSet rightRows = rightStatement.executeQuery(target.query(table))) {
        comparison.merge(leftRows, rightRows);
      }
    }
    return new Result(table, comparison.compared, comparison.differing, comparison.differences);
  }

  private void merge(ResultSet source, ResultSet target) throws SQLException {
    boolean hasSource = source.next();
    boolean hasTarget = target.next();
    while (hasSource || hasTarget) {
      int order = !hasSource ? 1 : !hasTarget ? -1 : compareKeys(source, target);
      if (order == 0) {
        compared++;
        compareRow(source, target);
        hasSource = source.next();
        hasTarget = target.next();
      } else if (order < 0) {
        differs(key(source) + " is missing in the target");
        hasSource = source.next();
      } else {
        differs(key(target) + " is only in the target");
        hasTarget = target.next();
      }
    }
  }

  private int compareKeys(ResultSet source, ResultSet target) throws SQLException {
    for (int column : keyColumns) {
      int order = Long.compare(source.getLong(column), target.getLong(column));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private void compareRow(ResultSet source, ResultSet target) throws SQLException {
    List<String> found = new ArrayList<>();
    for (int index = 0; index < table.columns().size(); index++) {
      String left = source.getString(index + 1);
      String right = target.getString(index + 1);
      DemoColumn column = table.columns().get(index);
      // Most values are rendered alike; only the others are worth a closer look.
      if (!Objects.equals(left, right)
          && !canonical(column, left).equals(canonical(column, right))) {
        found.add(
            "%s: %s in the source, %s in the target"
                .formatted(column.name(), shown(left), shown(right)));
      }
    }
    if (!found.isEmpty()) {
      differs(key(source) + ", " + String.join("; ", found));
    }
  }

  private static Optional<String> canonical(DemoColumn column, @Nullable String value) {
    return Optional.ofNullable(value).map(column.kind()::canonical);
  }

  private void differs(String difference) {
    differing++;
    if (differences.size() < DIFFERENCES_KEPT) {
      differences.add(difference);
    }
  }

  private String key(ResultSet row) throws SQLException {
    List<String> values = new ArrayList<>();
    for (int column : keyColumns) {
      values.add(row.getString(column));
    }
    return "row (%s) = (%s)".formatted(String.join(", ", table.key()), String.join(", ", values));
  }

  private static String shown(@Nullable String value) {
    if (value == null) {
      return "NULL";
    }
    return value.length() <= SHOWN_CHARACTERS
        ? "'" + value + "'"
        : "'" + value.substring(0, SHOWN_CHARACTERS) + "…' (" + value.length() + " characters)";
  }
}
