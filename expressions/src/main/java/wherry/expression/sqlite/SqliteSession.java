package wherry.expression.sqlite;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteLimits;
import wherry.expression.Expression;
import wherry.expression.ExpressionEvaluator;
import wherry.expression.ExpressionException;
import wherry.expression.SqlValue;

/**
 * {@code WITH r(n, c0, …) AS (VALUES (0, ?, …), …) SELECT n, (expression), … FROM r}: what a row
 * costs is the way into SQLite and back, so many rows share a statement and only variables that are
 * used are bound. The row's number comes back with its values, because SQL promises no order.
 */
final class SqliteSession implements ExpressionEvaluator.Session {
  /** Rows of a statement; a rest of rows is cut into these, so that few statements are prepared. */
  private static final int[] STATEMENT_ROWS = {1000, 100, 10, 1};

  /** SQLITE_MAX_VARIABLE_NUMBER. */
  private static final int PARAMETERS_MAX = 32_766;

  private static final int VALUE_BYTES_MAX = 64 << 20;
  private static final int STATEMENT_SECONDS_MAX = 30;
  private static final int STEPS_BETWEEN_LOOKS_AT_THE_CLOCK = 100_000;

  private final int variables;
  private final int expressions;
  private final String selection;
  private final Connection connection;
  private final Map<Integer, PreparedStatement> statements = new TreeMap<>();
  private final SqlValue value = new SqlValue();
  private long deadlineNanos;

  SqliteSession(List<String> names, List<Expression> expressions) {
    this.variables = names.size();
    this.expressions = expressions.size();
    this.selection = selection(names, expressions);
    try {
      this.connection = DriverManager.getConnection("jdbc:sqlite::memory:");
      SQLiteConnection sqlite = connection.unwrap(SQLiteConnection.class);
      sqlite.setLimit(SQLiteLimits.SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
      sqlite.setLimit(SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
      DmsSqlFunctions.register(connection);
      ProgressHandler.setHandler(connection, STEPS_BETWEEN_LOOKS_AT_THE_CLOCK, new Deadline());
    } catch (SQLException e) {
      throw new ExpressionException("SQLite cannot be opened: " + e.getMessage());
    }
  }

  private final class Deadline extends ProgressHandler {
    @Override
    protected int progress() {
      return System.nanoTime() - deadlineNanos > 0 ? 1 : 0;
    }
  }

  private static String selection(List<String> names, List<Expression> expressions) {
    StringBuilder sql = new StringBuilder(" SELECT wherry_n");
    for (Expression expression : expressions) {
      List<String> used = expression.variables();
      sql.append(", (")
          .append(expression.sql(i -> "r.wherry_c" + names.indexOf(used.get(i))))
          .append(')');
    }
    return sql.append(" FROM r").toString();
  }

  @Override
  public void evaluate(
      int rows, ExpressionEvaluator.Inputs inputs, ExpressionEvaluator.Results results) {
    int most = Math.max(1, PARAMETERS_MAX / Math.max(1, variables));
    int from = 0;
    for (int size : STATEMENT_ROWS) {
      for (; size <= most && rows - from >= size; from += size) {
        some(from, size, inputs, results);
      }
    }
  }

  /** A row that SQLite cannot evaluate fails its statement; its neighbours go again one by one. */
  private void some(
      int from, int rows, ExpressionEvaluator.Inputs inputs, ExpressionEvaluator.Results results) {
    try {
      run(from, rows, inputs, results);
    } catch (SQLException e) {
      forget(rows);
      if (rows == 1) {
        results.failed(from, said(e));
      } else {
        for (int row = from; row < from + rows; row++) {
          some(row, 1, inputs, results);
        }
      }
    }
  }

  private void run(
      int from, int rows, ExpressionEvaluator.Inputs inputs, ExpressionEvaluator.Results results)
      throws SQLException {
    PreparedStatement statement = statement(rows);
    int parameter = 1;
    for (int row = from; row < from + rows; row++) {
      for (int variable = 0; variable < variables; variable++) {
        inputs.read(row, variable, value);
        bind(statement, parameter++);
      }
    }
    deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(STATEMENT_SECONDS_MAX);
    int seen = 0;
    try (ResultSet found = statement.executeQuery()) {
      for (; found.next(); seen++) {
        int row = from + found.getInt(1);
        for (int i = 0; i < expressions; i++) {
          read(found.getObject(i + 2));
          results.result(row, i, value);
        }
      }
    }
    if (seen != rows) {
      throw new ExpressionException(
          "it gives "
              + seen
              + " values for "
              + rows
              + " rows; functions over many rows, as count, sum, or max of one value, cannot be used");
    }
  }

  private PreparedStatement statement(int rows) throws SQLException {
    PreparedStatement known = statements.get(rows);
    if (known == null) {
      known = connection.prepareStatement(sql(rows));
      statements.put(rows, known);
    }
    return known;
  }

  /** After a failure the driver takes a statement for one that still runs. */
  private void forget(int rows) {
    try (PreparedStatement failed = statements.remove(rows)) {
      // Closing is all.
    } catch (SQLException e) {
      // Closing tells of the failure again.
    }
  }

  private String sql(int rows) {
    StringBuilder sql = new StringBuilder("WITH r(wherry_n");
    for (int i = 0; i < variables; i++) {
      sql.append(",wherry_c").append(i);
    }
    sql.append(") AS (VALUES ");
    for (int row = 0; row < rows; row++) {
      sql.append(row == 0 ? "(" : ",(").append(row).append(",?".repeat(variables)).append(')');
    }
    return sql.append(')').append(selection).toString();
  }

  private void bind(PreparedStatement statement, int parameter) throws SQLException {
    switch (value.type()) {
      case NULL -> statement.setNull(parameter, java.sql.Types.NULL);
      case INTEGER -> statement.setLong(parameter, value.integer());
      case REAL -> statement.setDouble(parameter, value.real());
      case TEXT ->
          statement.setString(
              parameter,
              new String(value.bytes(), value.start(), value.length(), StandardCharsets.UTF_8));
      case BLOB ->
          statement.setBytes(
              parameter, java.util.Arrays.copyOfRange(value.bytes(), value.start(), value.end()));
    }
  }

  private void read(@Nullable Object result) {
    switch (result) {
      case null -> value.setNull();
      case Integer integer -> value.set((long) integer);
      case Long integer -> value.set((long) integer);
      case Double real -> value.set((double) real);
      case String text -> value.setText(text);
      case byte[] blob -> value.setBlob(blob, 0, blob.length);
      default -> throw new IllegalStateException("SQLite gave a " + result.getClass());
    }
  }

  /** "[SQLITE_ERROR] SQL error or missing database (no such column: x)" without the frame. */
  private static String said(SQLException e) {
    String message = String.valueOf(e.getMessage());
    int open = message.indexOf('(');
    return open > 0 && message.endsWith(")")
        ? message.substring(open + 1, message.length() - 1)
        : message;
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // A database in memory has nothing to lose.
    }
  }
}
