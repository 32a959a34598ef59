package wherry.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wherry.change.SchemaChange.ColumnChange;
import wherry.mysql.TableStatement.Edit;
import wherry.mysql.TableStatement.KeyDefinition;
import wherry.mysql.TableStatement.Place;
import wherry.schema.Column;
import wherry.schema.Key;
import wherry.schema.Retyping;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** A table's definition while a statement changes it, part by part in its order. */
final class TableDraft {
  private final PresentCatalog.Coding coding;
  private final boolean mariaDb;
  private final SqlMode mode;
  private final List<Column> columns;
  private final List<ColumnChange> changes = new ArrayList<>();
  private final List<String> untold = new ArrayList<>();
  private TableId id;
  private List<String> key;
  private boolean primary;
  private boolean rowsByThemselves;

  /** Of a table that is there. */
  TableDraft(TableSchema table, PresentCatalog.Coding coding, boolean mariaDb, SqlMode mode) {
    this(table.id(), coding, mariaDb, mode, table.columns());
    table
        .key()
        .ifPresent(of -> {
          key = names(of.columns());
          primary = of.primary();
        });
  }

  /** Of a table that comes to be. */
  TableDraft(
      TableId id,
      PresentCatalog.Coding coding,
      boolean mariaDb,
      SqlMode mode,
      List<Column> columns) {
    this.id = id;
    this.mode = mode;
    this.coding = coding;
    this.mariaDb = mariaDb;
    this.columns = new ArrayList<>(columns);
    this.key = new ArrayList<>();
  }

  TableId id() {
    return id;
  }

  List<ColumnChange> changes() {
    return changes;
  }

  /** Why the values of rows that were there cannot be told, by column; empty when they can. */
  List<String> untold() {
    return untold;
  }

  boolean rowsByThemselves() {
    return rowsByThemselves;
  }

  void apply(Edit edit) {
    switch (edit) {
      case Edit.Add add -> add(add.column(), add.place());
      case Edit.DropColumn drop -> drop(drop.name());
      case Edit.Change change -> change(change);
      case Edit.RenameColumn rename -> {
        int at = indexOf(rename.name());
        Column to = columns.get(at).withName(rename.to());
        rename(at, to);
      }
      case Edit.RenameTo rename -> id = rename.table();
      case Edit.AddKey add -> key(add.key());
      case Edit.DropPrimaryKey drop -> {
        if (primary) {
          key = new ArrayList<>();
        }
      }
      case Edit.Convert convert -> {
        columns.replaceAll(column -> converted(column, convert));
        if (!mode.isStrict() && !convert.charset().equals("utf8mb4")) {
          untold.add("characters that " + convert.charset() + " lacks became others");
        }
      }
      case Edit.RowsByThemselves rows -> rowsByThemselves = true;
    }
  }

  void add(ColumnDefinition definition, Place place) {
    if (find(definition.name()) >= 0) {
      return; // IF NOT EXISTS
    }
    Column column = definition.column(coding.charset(), coding.collation(), mariaDb);
    int at =
        place.first() ? 0 : place.after().isEmpty() ? columns.size() : indexOf(place.after()) + 1;
    columns.add(at, column);
    changes.add(
        switch (DefaultValue.of(definition, column, mode)) {
          case DefaultValue.Null none -> new ColumnChange.Added(column);
          case DefaultValue.Constant constant ->
              ColumnChange.Added.filled(id, column, constant.cell());
          case DefaultValue.Untold varying -> {
            untold.add("the new column " + column.name() + " has " + varying.what() + " in them");
            yield new ColumnChange.Added(column);
          }
        });
    if (definition.key()) {
      key(new KeyDefinition(definition.primary(), List.of(definition.name())));
    }
  }

  private void drop(String name) {
    int at = find(name);
    if (at < 0) {
      return; // IF EXISTS
    }
    changes.add(new ColumnChange.Dropped(columns.remove(at).name()));
    key = new ArrayList<>(key);
    key.removeIf(part -> part.equalsIgnoreCase(name));
  }

  private void change(Edit.Change change) {
    int at = find(change.name());
    if (at < 0) {
      return; // IF EXISTS
    }
    Column before = columns.get(at);
    Column after = change.column().column(coding.charset(), coding.collation(), mariaDb);
    if (before.nullable() != after.nullable() && key.contains(before.name())) {
      after = after.withNullable(before.nullable());
    }
    if (!keepsValues(before, after)) {
      untold.add("the values of column " + before.name() + " were converted");
    }
    if (change.column().generated()) {
      untold.add("the values of column " + before.name() + " were generated anew");
    }
    if (!before.name().equals(after.name())) {
      rename(at, after);
    } else if (!same(before, after) || before.nullable() != after.nullable()) {
      columns.set(at, after);
      changes.add(new ColumnChange.Retyped(after));
    }
    Place place = change.place();
    if (place.first() || !place.after().isEmpty()) {
      Column moved = columns.remove(at);
      columns.add(place.first() ? 0 : indexOf(place.after()) + 1, moved);
    }
    if (change.column().key()) {
      key(new KeyDefinition(change.column().primary(), List.of(after.name())));
    }
  }

  private boolean keepsValues(Column before, Column after) {
    String charset = LoggedCells.charset(after);
    boolean narrower = !charset.equals(LoggedCells.charset(before)) && !charset.equals("utf8mb4");
    return switch (Retyping.of(before, after)) {
      case KEEPS -> mode.isStrict() || !narrower;
      case KEEPS_WHEN_STRICT -> mode.isStrict();
      case CONVERTS -> same(before, after);
    };
  }

  private void rename(int at, Column to) {
    String from = columns.get(at).name();
    columns.set(at, to);
    changes.add(new ColumnChange.Renamed(from, to));
    key = new ArrayList<>(key);
    key.replaceAll(part -> part.equalsIgnoreCase(from) ? to.name() : part);
  }

  void key(KeyDefinition definition) {
    boolean usable =
        definition.primary()
            || definition.columns().stream()
                .noneMatch(name -> columns.get(indexOf(name)).nullable());
    if (usable && !primary && (definition.primary() || key.isEmpty())) {
      key = definition.columns();
      primary = definition.primary();
      for (String name : key) {
        columns.set(indexOf(name), columns.get(indexOf(name)).withNullable(false));
      }
    }
  }

  private static Column converted(Column column, Edit.Convert to) {
    String charset = LoggedCells.charset(column);
    if (charset.isEmpty()) {
      return column;
    }
    String name = to.charset().equals("utf8") ? "utf8mb3" : to.charset();
    return MySqlColumns.withCharset(column, name, to.collation());
  }

  private int find(String name) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equalsIgnoreCase(name)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * @throws IllegalArgumentException when there is no such column
   */
  private int indexOf(String name) {
    int at = find(name);
    if (at < 0) {
      throw new IllegalArgumentException("the table has no column " + name);
    }
    return at;
  }

  private List<String> names(List<Integer> places) {
    return new ArrayList<>(places.stream().map(place -> columns.get(place).name()).toList());
  }

  /**
   * The definition as it stands.
   *
   * @param present as the catalogue has it now: where both say the same, the catalogue says it more
   *     exactly
   */
  TableSchema schema(Optional<TableSchema> present) {
    if (present.isPresent()) {
      List<Column> now = present.get().columns();
      boolean equal = now.size() == columns.size();
      for (int i = 0; equal && i < now.size(); i++) {
        equal =
            now.get(i).name().equalsIgnoreCase(columns.get(i).name())
                && same(now.get(i), columns.get(i));
      }
      if (equal) {
        return present.get().withId(id);
      }
      for (Column column : now) {
        int at = find(column.name());
        if (at >= 0 && same(column, columns.get(at))) {
          columns.set(at, column);
        }
      }
    }
    Optional<Key> found =
        key.isEmpty()
            ? Optional.empty()
            : Optional.of(new Key(primary, key.stream().map(this::indexOf).toList()));
    return new TableSchema(id, columns, found);
  }

  /**
   * Whether the two have the same type; that the native names differ in the width of an integer is
   * nothing.
   */
  private static boolean same(Column a, Column b) {
    return a.type() == b.type()
        && a.meaning() == b.meaning()
        && a.length() == b.length()
        && a.precision() == b.precision()
        && a.scale() == b.scale()
        && a.labels().equals(b.labels())
        && LoggedCells.word(a).equals(LoggedCells.word(b))
        && LoggedCells.charset(a).equals(LoggedCells.charset(b));
  }
}
