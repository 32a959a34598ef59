package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import wherry.change.RowChange;
import wherry.connector.TableRoute;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatch;
import wherry.schema.Key;

/** Applies changes of one table, each by a statement of its own. */
final class ChangeStatements {
  private final MySqlSession session;
  private final RowStatements statements;
  private final Bytes buffer;
  private final TableRoute route;
  private final RowEncoder encoder;
  private final RowCondition condition;
  private final String table;
  private final String[] names;
  private final List<Integer> all;

  ChangeStatements(MySqlSession session, RowStatements statements, Bytes buffer, TableRoute route) {
    this.session = session;
    this.statements = statements;
    this.buffer = buffer;
    this.route = route;
    this.encoder = new RowEncoder(route.rows().columns(), route.target());
    this.condition = new RowCondition(route.target(), encoder);
    this.table = MySqlNames.quoted(route.target().id());
    this.names =
        route.target().columns().stream()
            .map(column -> MySqlNames.quoted(column.name()))
            .toArray(String[]::new);
    this.all = IntStream.range(0, names.length).boxed().toList();
  }

  TableRoute route() {
    return route;
  }

  /** Rows touched. */
  long apply(RowChange change) throws SQLException {
    RowBatch rows = change.rows();
    return switch (change.operation()) {
      case INSERT -> insert(rows, change.after());
      case DELETE -> delete(rows, change.before());
      case UPDATE ->
          update(
              rows,
              change.before() == RowChange.NONE ? change.after() : change.before(),
              change.before() != RowChange.NONE,
              change.after(),
              all);
    };
  }

  long insert(RowBatch rows, int row) throws SQLException {
    List<Integer> columns = present(rows, row, all);
    start("INSERT INTO " + table + " (" + names(columns) + ") VALUES (");
    for (int i = 0; i < columns.size(); i++) {
      add(i == 0 ? "" : ",");
      addChecked(rows, row, columns.get(i));
    }
    add(")");
    return run(indexZeroCells(rows, row, columns));
  }

  long delete(RowBatch rows, int row) throws SQLException {
    start("DELETE FROM " + table);
    return addWhere(rows, row, true) ? run(0) : 0;
  }

  /**
   * @param identity index of the row that says which row it is
   * @param isBefore whether that is the row as it was, and may have another key
   * @param row index of the row with the new values
   * @param columns that may get new values
   */
  long update(RowBatch rows, int identity, boolean isBefore, int row, List<Integer> columns)
      throws SQLException {
    IntPredicate isIdentity = identifying(rows, identity, isBefore)::contains;
    List<Integer> set =
        present(rows, row, columns).stream()
            .filter(column -> isBefore || !isIdentity.test(column))
            .toList();
    start("UPDATE " + table + " SET ");
    if (set.isEmpty()) {
      // Nothing that the log tells is new; but the row has to be there.
      add(names[0] + "=" + names[0]);
    }
    for (int i = 0; i < set.size(); i++) {
      add((i == 0 ? "" : ",") + names[set.get(i)] + "=");
      addChecked(rows, row, set.get(i));
    }
    return addWhere(rows, identity, isBefore) ? run(indexZeroCells(rows, row, set)) : 0;
  }

  private static List<Integer> present(RowBatch rows, int row, List<Integer> columns) {
    return rows.hasAbsent()
        ? columns.stream().filter(column -> !rows.isAbsent(row, column)).toList()
        : columns;
  }

  /**
   * The columns that say which row it is: the key or, without one, all that the image holds; by an
   * image of the row as it is now only what the source itself calls its key.
   */
  private List<Integer> identifying(RowBatch rows, int row, boolean isBefore) {
    if (!route.key().isEmpty()) {
      return route.key();
    }
    if (isBefore) {
      return present(rows, row, all);
    }
    return route
        .rows()
        .key()
        .map(Key::columns)
        .orElseThrow(() ->
            new DmsException(
                ErrorCode.TARGET_TABLE_FAILED,
                route.source(),
                "A change of "
                    + route.source()
                    + " does not say which row it is of: neither side has a key, and the log does not hold the row as it"
                    + " was. Give the table a primary key, or let the source log whole rows.",
                null));
  }

  /** Whether there can be such a row. */
  private boolean addWhere(RowBatch rows, int row, boolean isBefore) {
    String word = " WHERE ";
    for (int column : identifying(rows, row, isBefore)) {
      add(word);
      word = " AND ";
      if (!condition.add(rows, row, column, buffer)) {
        return false;
      }
    }
    add(" LIMIT 1");
    return true;
  }

  private void addChecked(RowBatch rows, int row, int column) {
    Refusal refusal = encoder.check(rows, row, column);
    if (refusal != null) {
      throw ChangeRefusals.of(encoder.column(column).name(), refusal);
    }
    encoder.addValue(rows, row, column, buffer);
  }

  private int indexZeroCells(RowBatch rows, int row, List<Integer> columns) {
    int count = 0;
    for (int column : columns) {
      count += encoder.isIndexZero(rows, row, column) ? 1 : 0;
    }
    return count;
  }

  private String names(List<Integer> columns) {
    return String.join(",", columns.stream().map(column -> names[column]).toList());
  }

  private void start(String sql) {
    buffer.clear();
    add(sql);
  }

  private void add(String sql) {
    buffer.add(sql.getBytes(StandardCharsets.UTF_8));
  }

  private long run(int indexZeroCells) throws SQLException {
    return statements.runStrictly(
        new SqlBytes(buffer, "a change of " + route.target().id()), encoder, indexZeroCells);
  }
}
