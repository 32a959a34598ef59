package wherry.chaos;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.databasemigration.model.TableStatistics;
import wherry.chaos.StormTable.Column;

/**
 * Compares both sides table by table: each is equal, or the task says that it is not.
 *
 * @param leftAlone what the task is told not to do on the target
 */
record StormJudge(Place source, Place target, StormLeftAlone leftAlone) {
  private static final String COMPLETED = "Table completed";
  private static final String ERROR = "Table error";
  private static final String NOT_THERE = "Table does not exist";

  /** What differs though nobody has said so, in words; nothing when all is well. */
  List<String> silent(List<TableStatistics> told) throws SQLException {
    List<String> found = new ArrayList<>();
    Map<String, TableStatistics> states =
        told.stream()
            .filter(table -> table.schemaName().equals(source.schema()))
            .collect(Collectors.toMap(TableStatistics::tableName, Function.identity()));
    try (Connection from = source.connect();
        Connection to = target.connect()) {
      Map<String, StormTable> wanted = StormTable.of(from, source.dialect(), source.schema());
      Map<String, StormTable> there = StormTable.of(to, target.dialect(), target.schema());
      for (StormTable table : wanted.values()) {
        TableStatistics state = states.remove(table.name());
        String name = state == null ? "nobody mentions it" : state.tableState();
        if (name.equals(COMPLETED)) {
          StormTable copy = there.get(table.name());
          String difference =
              copy == null ? "it is not on the target" : difference(from, table, to, copy);
          if (!difference.isEmpty() && !isKept(table.name())) {
            found.add(table.name() + " (" + name + "): " + difference);
          }
        } else if (!name.equals(ERROR)) {
          found.add(table.name() + " is on the source: " + name);
        }
      }
      states
          .values()
          .forEach(state -> {
            if (!Set.of(NOT_THERE, ERROR).contains(state.tableState())) {
              found.add(state.tableName() + " is not on the source: " + state.tableState());
            }
          });
    }
    return found;
  }

  /** Tables that are there and in error, by name. */
  List<String> inError(List<TableStatistics> told) throws SQLException {
    try (Connection from = source.connect()) {
      Set<String> there = StormTable.of(from, source.dialect(), source.schema()).keySet();
      return told.stream()
          .filter(table -> table.schemaName().equals(source.schema()))
          .filter(table -> table.tableState().equals(ERROR))
          .map(TableStatistics::tableName)
          .filter(there::contains)
          .toList();
    }
  }

  /** Whether the changes of a table can be followed at all, so that a reload must mend it. */
  boolean canBeFollowed(String name) throws SQLException {
    if (source.dialect() != Dialect.POSTGRES) {
      return true;
    }
    return source.number(
            """
            SELECT count(*) FROM pg_class c
             WHERE c.oid = '%s.%s'::regclass
               AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
               AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated <> '')
               AND EXISTS (SELECT 1 FROM pg_publication_rel p WHERE p.prrelid = c.oid)
               AND (c.relreplident = 'f'
                    OR c.relreplident = 'd' AND EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))\
            """
                .formatted(source.schema(), name))
        == 1;
  }

  /**
   * Whether changes of a table were put aside with their reason, so that its difference is told.
   */
  private boolean isKept(String table) throws SQLException {
    boolean postgres = target.dialect() == Dialect.POSTGRES;
    String schema = postgres ? "public" : "awsdms_control";
    String quote = postgres ? "\"" : "`";
    String exists =
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = '%s'"
            + " AND table_name = 'awsdms_apply_exceptions'";
    return target.number(exists.formatted(schema)) > 0
        && target.number(
                "SELECT count(*) FROM %s.awsdms_apply_exceptions WHERE %sTABLE_NAME%s = '%s' AND %sTABLE_OWNER%s IN ('%s', '%s')"
                    .formatted(
                        schema,
                        quote,
                        quote,
                        table,
                        quote,
                        quote,
                        source.schema(),
                        target.schema()))
            > 0;
  }

  private String difference(Connection from, StormTable table, Connection to, StormTable copy)
      throws SQLException {
    List<String> columns = new ArrayList<>(table.columns().stream().map(Column::name).toList());
    List<String> copied = copy.columns().stream().map(Column::name).toList();
    if (leftAlone.altered() && !Set.copyOf(columns).equals(Set.copyOf(copied))) {
      return "columns " + columns + " became " + copied;
    }
    columns.retainAll(copied);
    columns.removeIf(column -> leftAlone.isAnotherColumn(table.name(), column));
    if (columns.isEmpty()) {
      return "";
    }
    Map<String, Integer> wanted = rows(from, table, columns);
    Map<String, Integer> found = rows(to, copy, columns);
    wanted.forEach((row, count) -> found.merge(row, -count, Integer::sum));
    String differences =
        found.entrySet().stream()
            .filter(
                row -> leftAlone.keepsRows(table.name()) ? row.getValue() < 0 : row.getValue() != 0)
            .map(row -> "%s %+d".formatted(row.getKey(), row.getValue()))
            .collect(Collectors.joining(", "));
    return differences.isEmpty() ? "" : "target against source " + columns + ": " + differences;
  }

  private static Map<String, Integer> rows(
      Connection connection, StormTable table, List<String> columns) throws SQLException {
    Map<String, Integer> rows = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT " + String.join(", ", columns) + " FROM " + table.sqlName())) {
      while (result.next()) {
        List<String> cells = new ArrayList<>();
        for (int column = 1; column <= columns.size(); column++) {
          cells.add(cell(result.getObject(column)));
        }
        rows.merge(String.join("|", cells), 1, Integer::sum);
      }
    }
    return rows;
  }

  private static String cell(Object value) {
    return value instanceof BigDecimal number
        ? number.stripTrailingZeros().toPlainString()
        : String.valueOf(value);
  }
}
