package wherry.connector;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import wherry.change.ChangeEvent;
import wherry.change.Checkpoint;
import wherry.change.NetChanges;
import wherry.change.RowChange;
import wherry.change.RowSet;
import wherry.change.SchemaChange.ColumnChange;
import wherry.row.RowBatch;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Applies changes to a {@link RecordingTarget}: what is not committed is nowhere, and rows and
 * checkpoint commit together. Holds a copy of the tables that the open transaction has touched. The
 * first column is the key.
 */
final class RecordingChanges implements ChangeWriter {
  private final RecordingTarget target;
  private Map<TableId, List<List<@Nullable String>>> tables = new HashMap<>();
  private Map<TableId, List<List<@Nullable String>>> saved = new HashMap<>();
  private List<ControlRow> control = new ArrayList<>();
  private int savedControl;
  private boolean broken;
  private boolean closed;

  RecordingChanges(RecordingTarget target) {
    this.target = target;
    rollBack();
  }

  @Override
  public Optional<Checkpoint> checkpoint() {
    return target.checkpoint();
  }

  @Override
  public boolean checksForeignKeys() {
    return false;
  }

  @Override
  public void savepoint() {
    saved = copy(tables);
    savedControl = control.size();
  }

  @Override
  public void rollBackToSavepoint() {
    target.call("back to savepoint");
    tables = copy(saved);
    control = new ArrayList<>(control.subList(0, savedControl));
    broken = false;
  }

  private static Map<TableId, List<List<@Nullable String>>> copy(
      Map<TableId, List<List<@Nullable String>>> from) {
    Map<TableId, List<List<@Nullable String>>> copy = new HashMap<>();
    from.forEach((id, rows) -> copy.put(id, new ArrayList<>(rows)));
    return copy;
  }

  private List<List<@Nullable String>> rows(TableSchema table) {
    if (broken) {
      throw new IllegalStateException("The transaction is broken; go back to the savepoint first");
    }
    return tables.computeIfAbsent(table.id(), id -> new ArrayList<>(target.rows(id)));
  }

  @Override
  public NetCounts apply(TableRoute route, NetChanges changes) {
    target.call("apply " + route.target().id());
    long deleted = 0;
    for (List<@Nullable String> row : cells(changes.deletes())) {
      deleted += delete(route, row.getFirst());
    }
    long updated = 0;
    for (NetChanges.Update update : changes.updates()) {
      for (int i = 0; i < update.rows().count(); i++) {
        updated += update(route, update.rows().batch(i), update.rows().row(i), null);
      }
    }
    for (List<@Nullable String> row : cells(changes.inserts())) {
      insert(route, row);
    }
    return new NetCounts(deleted, updated, changes.inserts().count());
  }

  @Override
  public long apply(TableRoute route, RowChange change) {
    target.call("apply one " + route.target().id());
    return switch (change.operation()) {
      case INSERT -> {
        insert(route, cells(change.rows(), change.after()));
        yield 1;
      }
      case UPDATE ->
          update(
              route,
              change.rows(),
              change.after(),
              change.before() == RowChange.NONE ? null : change.rows().text(change.before(), 0));
      case DELETE -> delete(route, change.rows().text(change.before(), 0));
    };
  }

  private void insert(TableRoute route, List<@Nullable String> row) {
    refuse(row);
    if (!route.key().isEmpty()
        && rows(route.target()).stream()
            .anyMatch(r -> Objects.equals(r.getFirst(), row.getFirst()))) {
      broken = true;
      throw new ChangeRefused(
          ChangeRefused.Kind.DUPLICATE_KEY, "23505", "Key " + row.getFirst() + " is there", null);
    }
    rows(route.target()).add(row);
  }

  private void refuse(List<@Nullable String> row) {
    target
        .refusal(row)
        .ifPresent(refusal -> {
          broken = true;
          throw new ChangeRefused(ChangeRefused.Kind.DATA, "22000", refusal.reason(), null);
        });
  }

  private long delete(TableRoute route, @Nullable String key) {
    return rows(route.target()).removeIf(row -> Objects.equals(row.getFirst(), key)) ? 1 : 0;
  }

  private long update(TableRoute route, RowBatch batch, int row, @Nullable String oldKey) {
    refuse(cells(batch, row));
    String key = oldKey == null ? batch.text(row, 0) : oldKey;
    List<List<@Nullable String>> rows = rows(route.target());
    for (int i = 0; i < rows.size(); i++) {
      if (Objects.equals(rows.get(i).getFirst(), key)) {
        List<@Nullable String> changed = new ArrayList<>(rows.get(i));
        for (int column = 0; column < changed.size(); column++) {
          if (!batch.isAbsent(row, column)) {
            changed.set(column, batch.text(row, column));
          }
        }
        rows.set(i, changed);
        return 1;
      }
    }
    return 0;
  }

  private static List<List<@Nullable String>> cells(RowSet set) {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (int i = 0; i < set.count(); i++) {
      rows.add(cells(set.batch(i), set.row(i)));
    }
    return rows;
  }

  private static List<@Nullable String> cells(RowBatch batch, int row) {
    List<@Nullable String> cells = new ArrayList<>();
    for (int column = 0; column < batch.schema().columns().size(); column++) {
      cells.add(batch.text(row, column));
    }
    return cells;
  }

  @Override
  public void truncate(TableSchema table) {
    target.call("truncate " + table.id());
    rows(table).clear();
  }

  @Override
  public void alter(TableSchema table, TableSchema wanted, List<ColumnChange> changes) {
    target.call(
        "alter "
            + table.id()
            + ": "
            + changes.stream().map(RecordingChanges::told).collect(Collectors.joining(", ")));
  }

  @Override
  public TableSchema describe(TableSchema wanted) {
    return target.describe(wanted);
  }

  private static String told(ColumnChange change) {
    return switch (change) {
      case ColumnChange.Added added ->
          "add "
              + added.column().name()
              + added.existing().map(cell -> " = " + cell.text(0, 0)).orElse("");
      case ColumnChange.Dropped dropped -> "drop " + dropped.column();
      case ColumnChange.Renamed renamed -> "rename " + renamed.from();
      case ColumnChange.Retyped retyped -> "retype " + retyped.to().name();
    };
  }

  @Override
  public void drop(TableSchema table) {
    target.call("drop " + table.id());
    tables.put(table.id(), new ArrayList<>());
  }

  @Override
  public void rename(TableSchema table, TableId to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean definitionsCommit() {
    return target.definitionsCommit();
  }

  @Override
  public void write(ControlRow row) {
    control.add(row);
  }

  @Override
  public String statement(TableRoute route, ChangeEvent change) {
    return change instanceof RowChange row ? row.operation() + " " + route.target().id() : "";
  }

  @Override
  public void commit(Checkpoint checkpoint) {
    target.call("commit changes");
    target.commit(tables, control, checkpoint);
    rollBack();
  }

  @Override
  public void rollBack() {
    tables = new HashMap<>();
    control = new ArrayList<>();
    broken = false;
    savepoint();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      target.closed();
    }
  }
}
