package wherry.chaos;

import java.util.ArrayList;
import java.util.List;
import wherry.chaos.StormTable.Column;

/** Draws statements that write rows. */
final class StormRows {
  private static final int KEYS = 60;

  private final Dialect dialect;
  private final StormDraw draw;

  StormRows(Dialect dialect, StormDraw draw) {
    this.dialect = dialect;
    this.draw = draw;
  }

  String statement(StormTable table) {
    return switch (draw.below(10)) {
      case 0, 1, 2, 3, 4 -> insert(table);
      case 5, 6, 7 -> update(table);
      case 8 -> delete(table);
      default -> moveKey(table);
    };
  }

  String insert(StormTable table) {
    List<Column> columns = table.written();
    if (columns.isEmpty()) {
      return "SELECT 1";
    }
    List<String> rows = new ArrayList<>();
    for (int row = draw.below(5); row >= 0; row--) {
      rows.add("(" + String.join(", ", columns.stream().map(this::value).toList()) + ")");
    }
    boolean postgres = dialect == Dialect.POSTGRES;
    return "INSERT %sINTO %s (%s) VALUES %s%s"
        .formatted(
            postgres ? "" : "IGNORE ",
            table.sqlName(),
            String.join(", ", columns.stream().map(Column::name).toList()),
            String.join(", ", rows),
            postgres ? " ON CONFLICT DO NOTHING" : "");
  }

  /** A row like no other, with which PostgreSQL tells what columns the table has by now. */
  String last(StormTable table, int number) {
    List<String> columns = table.written().stream().map(Column::name).toList();
    return "INSERT INTO %s (%s) VALUES (%s)"
        .formatted(
            table.sqlName(),
            String.join(", ", columns),
            String.join(", ", columns.stream().map(column -> "'" + number + "'").toList()));
  }

  private String update(StormTable table) {
    List<Column> columns = table.written().stream().filter(column -> !column.key()).toList();
    if (columns.isEmpty()) {
      return insert(table);
    }
    Column column = draw.oneOf(columns);
    return "UPDATE %s SET %s = %s%s"
        .formatted(table.sqlName(), column.name(), value(column), some(table));
  }

  private String delete(StormTable table) {
    return "DELETE FROM " + table.sqlName() + some(table);
  }

  private String moveKey(StormTable table) {
    List<Column> keys =
        table.columns().stream().filter(column -> column.key() && column.isNumber()).toList();
    return keys.isEmpty()
        ? delete(table)
        : "UPDATE %s SET %s = %<s + 1000%s"
            .formatted(table.sqlName(), keys.get(0).name(), some(table));
  }

  /** A condition, or none at all. */
  private String some(StormTable table) {
    List<Column> numbers = table.columns().stream().filter(Column::isNumber).toList();
    if (numbers.isEmpty() || draw.inHundred(5)) {
      return "";
    }
    int modulus = 2 + draw.below(5);
    return " WHERE mod(%s, %d) = %d"
        .formatted(draw.oneOf(numbers).name(), modulus, draw.below(modulus));
  }

  private String value(Column column) {
    if (!column.key() && draw.inHundred(10)) {
      return "NULL";
    }
    if (column.isDecimal()) {
      return draw.below(KEYS) + ".25";
    }
    String number = Integer.toString(draw.below(KEYS));
    return column.isNumber() ? number : "'" + number + "'";
  }
}
