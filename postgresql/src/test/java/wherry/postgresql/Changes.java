package wherry.postgresql;

import java.util.List;
import java.util.Set;
import wherry.change.NetChanges;
import wherry.change.RowChange;
import wherry.change.RowSet;
import wherry.connector.TableRoute;
import wherry.connector.Target;
import wherry.row.RowBatch;
import wherry.row.RowBatchBuilder;
import wherry.schema.Key;
import wherry.schema.TableSchema;

/** Changes to apply, written down as rows of texts. */
final class Changes {
  /** In a row: the log does not tell the cell. */
  static final String ABSENT = "\0absent";

  private Changes() {}

  static Target.ChangeRequest request(Target.ControlTable... tables) {
    return new Target.ChangeRequest(Databases.TASK, "", 50, Set.of(tables));
  }

  /** The target table's own columns are those of the source. */
  static TableRoute route(Target target, TableSchema source) {
    TableSchema described = target.describe(source);
    return new TableRoute(
        source.id(), source, described, described.key().map(Key::columns).orElse(List.of()));
  }

  static String[] row(String... cells) {
    return cells;
  }

  static RowBatch batch(TableSchema schema, List<String[]> rows) {
    RowBatchBuilder builder = new RowBatchBuilder(schema);
    for (String[] row : rows) {
      for (String cell : row) {
        if (ABSENT.equals(cell)) {
          builder.addAbsent();
        } else {
          builder.add(cell);
        }
      }
      builder.endRow();
    }
    return builder.build();
  }

  static RowSet set(TableRoute route, List<String[]> rows) {
    RowBatch batch = batch(route.rows(), rows);
    RowSet set = new RowSet();
    for (int i = 0; i < rows.size(); i++) {
      set.add(batch, i);
    }
    return set;
  }

  static NetChanges deletes(TableRoute route, List<String[]> rows) {
    return new NetChanges(set(route, rows), List.of(), new RowSet());
  }

  static NetChanges inserts(TableRoute route, List<String[]> rows) {
    return new NetChanges(new RowSet(), List.of(), set(route, rows));
  }

  static NetChanges updates(TableRoute route, List<Integer> columns, List<String[]> rows) {
    return new NetChanges(
        new RowSet(), List.of(new NetChanges.Update(columns, set(route, rows))), new RowSet());
  }

  static RowChange insert(TableRoute route, String... after) {
    return new RowChange(
        RowChange.Operation.INSERT,
        batch(route.rows(), List.<String[]>of(after)),
        RowChange.NONE,
        0);
  }

  static RowChange update(TableRoute route, String... after) {
    return new RowChange(
        RowChange.Operation.UPDATE,
        batch(route.rows(), List.<String[]>of(after)),
        RowChange.NONE,
        0);
  }

  static RowChange update(TableRoute route, String[] before, String[] after) {
    RowBatch images = batch(route.rows(), List.of(before, after));
    return new RowChange(RowChange.Operation.UPDATE, images, 0, 1);
  }

  static RowChange delete(TableRoute route, String... before) {
    return new RowChange(
        RowChange.Operation.DELETE,
        batch(route.rows(), List.<String[]>of(before)),
        0,
        RowChange.NONE);
  }
}
