package wherry.postgresql;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import wherry.change.ChangeEvent;
import wherry.change.PartitionsSeen;
import wherry.change.RowChange;
import wherry.change.SchemaChange;
import wherry.change.TableTruncated;
import wherry.connector.TableRoute;
import wherry.row.RowBatch;
import wherry.schema.DataType;

/** A change as a statement with its values, for people who read awsdms_apply_exceptions. */
final class StatementText {
  private static final int BYTES_MAX = 64 * 1024;

  private final TableRoute route;
  private final ChangeSql sql;

  private StatementText(TableRoute route) {
    this.route = route;
    this.sql = new ChangeSql(route);
  }

  static String of(TableRoute route, ChangeEvent change) {
    return shortened(
        switch (change) {
          case RowChange row -> new StatementText(route).of(row);
          case TableTruncated table -> "TRUNCATE TABLE " + PostgresNames.quote(route.target().id());
          case SchemaChange schema -> schema.statement();
          case PartitionsSeen seen -> "";
        });
  }

  private String of(RowChange change) {
    RowBatch rows = change.rows();
    int image = change.before() == RowChange.NONE ? change.after() : change.before();
    return switch (change.operation()) {
      case INSERT ->
          "INSERT INTO %s (%s) VALUES (%s)"
              .formatted(
                  sql.table(),
                  told(rows, change.after()).stream()
                      .map(sql::column)
                      .collect(Collectors.joining(", ")),
                  told(rows, change.after()).stream()
                      .map(column -> literal(rows, change.after(), column))
                      .collect(Collectors.joining(", ")));
      case UPDATE ->
          "UPDATE %s SET %s WHERE %s"
              .formatted(
                  sql.table(),
                  sql.set(
                      told(rows, change.after()), column -> literal(rows, change.after(), column)),
                  condition(rows, image));
      case DELETE -> "DELETE FROM %s WHERE %s".formatted(sql.table(), condition(rows, image));
    };
  }

  private List<Integer> told(RowBatch rows, int row) {
    return IntStream.range(0, route.target().columns().size())
        .filter(column -> !rows.isAbsent(row, column))
        .boxed()
        .toList();
  }

  private String condition(RowBatch rows, int row) {
    List<Integer> columns = route.key().isEmpty() ? told(rows, row) : route.key();
    return columns.stream()
        .map(column ->
            sql.column(column)
                + (rows.isNull(row, column) ? " IS NULL" : " = " + literal(rows, row, column)))
        .collect(Collectors.joining(" AND "));
  }

  private String literal(RowBatch rows, int row, int column) {
    if (rows.isNull(row, column)) {
      return "NULL";
    }
    DataType type = route.rows().columns().get(column).type();
    String text = RowText.cell(rows, row, column);
    if (type.isBinary()) {
      return PostgresNames.literal(text.replaceFirst("^0", "\\\\"));
    }
    boolean isNumber = type.isInteger() || type == DataType.NUMERIC;
    return isNumber && text.matches("-?[0-9.]+") ? text : PostgresNames.literal(text);
  }

  private static String shortened(String statement) {
    byte[] bytes = statement.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= BYTES_MAX) {
      return statement;
    }
    String told = "… (%d bytes)".formatted(bytes.length);
    int cut = BYTES_MAX - told.getBytes(StandardCharsets.UTF_8).length;
    while ((bytes[cut] & 0xC0) == 0x80) {
      cut--;
    }
    return new String(bytes, 0, cut, StandardCharsets.UTF_8) + told;
  }
}
