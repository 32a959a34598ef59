package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import wherry.change.ChangeEvent;
import wherry.change.PartitionsSeen;
import wherry.change.RowChange;
import wherry.change.SchemaChange;
import wherry.change.TableTruncated;
import wherry.connector.TableRoute;
import wherry.row.RowBatch;
import wherry.schema.Key;

/** A change as a statement that a person can read and run, for awsdms_apply_exceptions. */
final class ChangeText {
  private static final int BYTES_MAX = 64 << 10;
  private static final String CUT = "… (shortened)";

  private final TableRoute route;
  private final StringBuilder text = new StringBuilder();

  private ChangeText(TableRoute route) {
    this.route = route;
  }

  static String of(TableRoute route, ChangeEvent change) {
    ChangeText text = new ChangeText(route);
    switch (change) {
      case RowChange row -> text.add(row);
      case TableTruncated truncated ->
          text.add("TRUNCATE TABLE " + MySqlNames.quoted(route.target().id()));
      case SchemaChange schema -> text.add(schema.statement());
      case PartitionsSeen seen -> {}
    }
    return shortened(text.text.toString());
  }

  private void add(RowChange change) {
    String table = MySqlNames.quoted(route.target().id());
    RowBatch rows = change.rows();
    switch (change.operation()) {
      case INSERT -> {
        List<Integer> columns = present(rows, change.after());
        add("INSERT INTO " + table + " (");
        columns.forEach(column -> add((column.equals(columns.get(0)) ? "" : ", ") + name(column)));
        add(") VALUES (");
        for (int i = 0; i < columns.size(); i++) {
          add(i == 0 ? "" : ", ");
          addValue(rows, change.after(), columns.get(i));
        }
        add(")");
      }
      case UPDATE -> {
        add("UPDATE " + table + " SET ");
        addPairs(rows, change.after(), present(rows, change.after()), ", ", " = ");
        addWhere(rows, change.before() == RowChange.NONE ? change.after() : change.before());
      }
      case DELETE -> {
        add("DELETE FROM " + table);
        addWhere(rows, change.before());
      }
    }
  }

  private void addWhere(RowBatch rows, int row) {
    List<Integer> key =
        route.key().isEmpty()
            ? route.rows().key().map(Key::columns).orElseGet(() -> present(rows, row))
            : route.key();
    add(" WHERE ");
    addPairs(rows, row, key, " AND ", " <=> ");
  }

  private void addPairs(
      RowBatch rows, int row, List<Integer> columns, String between, String relation) {
    for (int i = 0; i < columns.size(); i++) {
      add((i == 0 ? "" : between) + name(columns.get(i)) + relation);
      addValue(rows, row, columns.get(i));
    }
  }

  private List<Integer> present(RowBatch rows, int row) {
    return IntStream.range(0, route.rows().columns().size())
        .filter(column -> !rows.isAbsent(row, column))
        .boxed()
        .toList();
  }

  private String name(int column) {
    return MySqlNames.quoted(route.rows().columns().get(column).name());
  }

  private void addValue(RowBatch rows, int row, int column) {
    if (text.length() > BYTES_MAX) {
      return;
    }
    if (rows.isNull(row, column)) {
      add("NULL");
      return;
    }
    int start = rows.start(row, column);
    int end = Math.min(rows.end(row, column), start + BYTES_MAX);
    if (route.rows().columns().get(column).type().isBinary()) {
      text.append("x'");
      for (int i = start; i < end; i++) {
        text.append(Character.forDigit((rows.slab()[i] >> 4) & 15, 16));
        text.append(Character.forDigit(rows.slab()[i] & 15, 16));
      }
      text.append('\'');
    } else {
      String value = CellRules.text(rows.slab(), start, end);
      text.append('\'').append(value.replace("\\", "\\\\").replace("'", "\\'")).append('\'');
    }
  }

  private void add(String part) {
    text.append(part);
  }

  private static String shortened(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= BYTES_MAX) {
      return text;
    }
    int end = BYTES_MAX - CUT.getBytes(StandardCharsets.UTF_8).length;
    while ((bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8) + CUT;
  }
}
