package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import wherry.change.ChangeEvent;
import wherry.change.PartitionsSeen;
import wherry.change.SchemaChange;
import wherry.change.SchemaChange.ColumnsChanged;
import wherry.change.SchemaChange.TableCreated;
import wherry.change.SchemaChange.TableDropped;
import wherry.change.SchemaChange.TableLost;
import wherry.change.SchemaChange.TableRenamed;
import wherry.schema.Column;
import wherry.schema.Key;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Which of the log's relations are tables of the task, and how their definitions move on. The log
 * describes a table anew before the first change after its definition has changed; the catalogue
 * adds what the log leaves out.
 *
 * <p>Owned by the reader's thread.
 */
final class CapturedTables {
  private final PostgresSessions sessions;
  private final Map<Integer, Table> tables = new HashMap<>();
  private final List<SchemaChange> lostBefore = new ArrayList<>();

  /** A table as far as the log was read. */
  private static final class Table {
    TableSchema schema;
    @Nullable Definition definition;
    final List<Attribute> catalogue;

    /** As the catalogue has it, where that is not as the task has found it. */
    final @Nullable TableSchema altered;

    @Nullable CapturedTable captured;
    @Nullable PartitionSet partitions;
    final SinceLook sinceLook = new SinceLook();

    Table(TableSchema schema, List<Attribute> catalogue, @Nullable TableSchema altered) {
      this.schema = schema;
      this.catalogue = catalogue;
      this.altered = altered;
    }
  }

  /**
   * @param tables under the names that they have now
   * @param carried oids of those that the log was made to carry
   */
  CapturedTables(
      PostgresSessions sessions,
      Connection session,
      Collection<TableSchema> tables,
      Map<TableId, Integer> carried)
      throws SQLException {
    this.sessions = sessions;
    Map<TableId, TableIdentity> identities =
        TableIdentity.read(session, tables.stream().map(TableSchema::id).toList());
    Map<Integer, List<Attribute>> attributes =
        Attribute.read(
            session, identities.values().stream().map(identity -> (int) identity.oid()).toList());
    // Read last: a statement in between shows as a catalogue that has moved on.
    Map<TableId, TableSchema> catalogue = catalogue(session, sessions.settings(), tables);
    for (TableSchema table : tables) {
      TableIdentity identity = identities.get(table.id());
      Integer oid = identity == null ? null : (Integer) (int) identity.oid();
      if (carried.containsKey(table.id()) && !carried.get(table.id()).equals(oid)) {
        lostBefore.add(
            new TableLost(
                table.id(),
                "",
                "Table "
                    + table.id()
                    + " was dropped, or dropped and made again, while the task loaded its rows."
                    + " Reload it if it is there."));
      } else if (oid != null) {
        TableSchema now = catalogue.get(table.id());
        TableSchema altered = now == null || sameColumns(now, table) ? null : now;
        this.tables.put(oid, new Table(table, attributes.getOrDefault(oid, List.of()), altered));
      }
    }
  }

  private static Map<TableId, TableSchema> catalogue(
      Connection session, PostgresSettings settings, Collection<TableSchema> tables)
      throws SQLException {
    Set<TableId> ids = tables.stream().map(TableSchema::id).collect(Collectors.toSet());
    session.setAutoCommit(false);
    try {
      return new PostgresCatalog(session, settings)
          .tables((id, kind) -> ids.contains(id)).stream()
              .collect(Collectors.toMap(TableSchema::id, table -> table));
    } finally {
      session.rollback();
      session.setAutoCommit(true);
    }
  }

  private static boolean sameColumns(TableSchema one, TableSchema other) {
    return typed(one).equals(typed(other));
  }

  private static Map<String, String> typed(TableSchema table) {
    return typed(table.columns());
  }

  private static Map<String, String> typed(List<Column> columns) {
    return columns.stream()
        .collect(Collectors.toMap(Column::name, column -> column.nativeType().name()));
  }

  /** Tables that were lost before the reader began; told once. */
  List<SchemaChange> lostBefore() {
    List<SchemaChange> lost = List.copyOf(lostBefore);
    lostBefore.clear();
    return lost;
  }

  /** The tables' names by oid. */
  Map<Integer, TableId> names() {
    return tables.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().schema.id()));
  }

  /** Where the rows of a relation go; null when they are not for the task. */
  @Nullable CapturedTable captured(int relation) {
    Table table = tables.get(relation);
    if (table == null) {
      return null;
    }
    table.sinceLook.row();
    return table.captured;
  }

  /** The log says that all rows of a relation are gone; null when they are not for the task. */
  @Nullable CapturedTable truncated(int relation) {
    Table table = tables.get(relation);
    if (table == null) {
      return null;
    }
    table.sinceLook.truncated();
    return table.captured;
  }

  /** Takes a description of the log; returns what it means, to be told before the next row. */
  List<SchemaChange> described(LoggedRelation relation) {
    Table table = tables.get(relation.oid());
    if (table == null) {
      return List.of();
    }
    List<SchemaChange> changes = new ArrayList<>();
    if (table.definition == null) {
      first(relation, table, changes);
    } else {
      renamed(relation, table, changes);
      later(relation, table, changes);
    }
    if (tables.containsKey(relation.oid()) && !identifies(relation, table.schema)) {
      lose(
          relation.oid(),
          "ALTER TABLE %s REPLICA IDENTITY ...".formatted(PostgresNames.quote(relation.id())),
          "the log no longer tells which row an UPDATE or DELETE means: its key or replica identity"
              + " was taken away. Give it one, then reload the table.",
          changes);
    } else {
      table.captured = new CapturedTable(table.schema, relation);
    }
    return changes;
  }

  /** What the table was when the reader began, unless the log is still behind or already ahead. */
  private void first(LoggedRelation relation, Table table, List<SchemaChange> changes) {
    Definition then = Definition.of(relation, table.catalogue);
    if (table.altered != null) {
      fromFound(relation, table, table.altered, then, changes);
      return;
    }
    if (!then.isNumbered()) {
      List<Attribute> now = attributes(relation.oid());
      Definition start =
          new Definition(table.catalogue.stream().filter(a -> !a.dropped() && a.logged()).toList());
      if (!now.equals(table.catalogue) && Definition.of(relation, now).isNumbered()) {
        table.definition = start;
        later(relation, table, changes);
        return;
      }
    }
    table.definition = then;
  }

  /**
   * The table was altered since the task has found it. The log may describe it as it was then, as
   * it is by now, or as it was in between.
   */
  private void fromFound(
      LoggedRelation relation,
      Table table,
      TableSchema altered,
      Definition then,
      List<SchemaChange> changes) {
    Optional<Definition> found = asFound(table, altered);
    table.definition = found.orElse(then);
    if (found.isPresent()) {
      later(relation, table, changes);
    } else if (!isAsFound(relation, table)) {
      loseAltered(relation, changes);
    }
  }

  private boolean isAsFound(LoggedRelation relation, Table table) {
    Map<String, String> found = new HashMap<>(typed(table.schema));
    table.catalogue.stream().filter(a -> !a.logged()).forEach(a -> found.remove(a.name()));
    try (Connection session = sessions.open()) {
      session.setAutoCommit(false);
      return new PostgresCatalog(session, sessions.settings())
          .columns(relation)
          .map(columns -> typed(columns).equals(found))
          .orElse(false);
    } catch (SQLException e) {
      throw sessions.failures().during("Reading the catalogue", "", e);
    }
  }

  /**
   * The definition under which the task has found the table, where all of its columns are still
   * there.
   */
  private static Optional<Definition> asFound(Table table, TableSchema now) {
    Map<String, String> found = typed(table.schema);
    boolean kept = typed(now).entrySet().containsAll(found.entrySet());
    return kept
        ? Optional.of(
            new Definition(
                table.catalogue.stream()
                    .filter(a -> !a.dropped() && a.logged() && found.containsKey(a.name()))
                    .toList()))
        : Optional.empty();
  }

  private static void renamed(LoggedRelation relation, Table table, List<SchemaChange> changes) {
    CapturedTable before = table.captured;
    TableId old = table.schema.id();
    if (before != null
        && !relation.id().equals(before.relation().id())
        && !relation.id().equals(old)) {
      table.schema = table.schema.withId(relation.id());
      changes.add(new TableRenamed(old, table.schema, renameStatement(old, relation.id())));
    }
  }

  private static String renameStatement(TableId from, TableId to) {
    return from.schema().equals(to.schema())
        ? "ALTER TABLE %s RENAME TO %s"
            .formatted(PostgresNames.quote(from), PostgresNames.quote(to.name()))
        : "ALTER TABLE %s SET SCHEMA %s"
            .formatted(PostgresNames.quote(from), PostgresNames.quote(to.schema()));
  }

  private void later(LoggedRelation relation, Table table, List<SchemaChange> changes) {
    Definition before = Objects.requireNonNull(table.definition);
    List<Attribute> catalogue = attributes(relation.oid());
    Definition after = before.numbering(Definition.of(relation, catalogue), catalogue);
    Set<Integer> dropped =
        catalogue.stream()
            .filter(Attribute::dropped)
            .map(Attribute::number)
            .collect(Collectors.toSet());
    Optional<List<Definition.Step>> steps = before.stepsTo(after, dropped);
    table.definition = after;
    if (steps.isPresent() && steps.get().isEmpty()) {
      return;
    }
    Optional<TableSchema> schema = schema(relation, table.schema, after);
    if (!sessions.settings().captureDdls()) {
      return;
    }
    if (steps.isEmpty() || schema.isEmpty()) {
      loseAltered(relation, changes);
      return;
    }
    TableSchema earlier = table.schema;
    table.schema = schema.get();
    ColumnSteps columns = new ColumnSteps(steps.get(), earlier, table.schema);
    String altered = alterTable(relation) + " " + columns.actions();
    changes.add(new ColumnsChanged(table.schema.id(), table.schema, columns.changes(), altered));
    if (!columns.untold().isEmpty()) {
      lose(
          relation.oid(),
          altered,
          String.join("; ", columns.untold()) + ", without a change in the log. Reload the table.",
          changes);
    }
  }

  private static String alterTable(LoggedRelation relation) {
    return "ALTER TABLE " + PostgresNames.quote(relation.id());
  }

  private void loseAltered(LoggedRelation relation, List<SchemaChange> changes) {
    if (sessions.settings().captureDdls()) {
      lose(
          relation.oid(),
          alterTable(relation),
          "its columns have changed, and the log does not tell how. Reload the table.",
          changes);
    }
  }

  private List<Attribute> attributes(int relation) {
    try (Connection session = sessions.open();
        Statement settings = session.createStatement()) {
      settings.execute("SET intervalstyle = 'iso_8601'"); // As the log has the values.
      return Attribute.read(session, List.of(relation)).getOrDefault(relation, List.of());
    } catch (SQLException e) {
      throw sessions.failures().during("Reading the catalogue", "", e);
    }
  }

  /**
   * The table as the catalogue has it while that agrees with the log; else as the log describes it,
   * with the key that it had.
   */
  private Optional<TableSchema> schema(
      LoggedRelation relation, TableSchema before, Definition after) {
    try (Connection session = sessions.open()) {
      session.setAutoCommit(false);
      PostgresCatalog catalogue = new PostgresCatalog(session, sessions.settings());
      Optional<TableSchema> now =
          after.isNumbered()
              ? catalogue.table(relation.id()).map(PostgresCatalog.CatalogTable::schema)
              : Optional.empty();
      List<String> names = relation.columns().stream().map(LoggedRelation.Column::name).toList();
      if (now.isPresent() && names(now.get()).equals(names)) {
        return now;
      }
      return catalogue.columns(relation).map(columns -> described(relation, before, columns));
    } catch (SQLException e) {
      throw sessions.failures().during("Reading the catalogue", "", e);
    }
  }

  private static List<String> names(TableSchema schema) {
    return schema.columns().stream().map(Column::name).toList();
  }

  private static TableSchema described(
      LoggedRelation relation, TableSchema before, List<Column> columns) {
    List<Integer> flagged = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      if (relation.columns().get(i).key()) {
        flagged.add(i);
      }
    }
    boolean primary = before.key().map(Key::primary).orElse(false);
    Map<String, Column> known =
        before.columns().stream().collect(Collectors.toMap(Column::name, column -> column));
    List<Column> nullable =
        columns.stream()
            .map(
                column -> column.withNullable(known.getOrDefault(column.name(), column).nullable()))
            .toList();
    List<String> names = columns.stream().map(Column::name).toList();
    Optional<Key> kept =
        before
            .key()
            .map(key ->
                key.columns().stream().map(c -> names.indexOf(names(before).get(c))).toList())
            .filter(places -> !places.contains(-1))
            .map(places -> new Key(primary, places));
    Optional<Key> key =
        relation.isFull() || flagged.isEmpty() ? kept : Optional.of(new Key(primary, flagged));
    return new TableSchema(relation.id(), nullable, key);
  }

  private static boolean identifies(LoggedRelation relation, TableSchema schema) {
    if (relation.isFull()) {
      return true;
    }
    Set<String> identity =
        relation.columns().stream()
            .filter(LoggedRelation.Column::key)
            .map(LoggedRelation.Column::name)
            .collect(Collectors.toSet());
    List<String> names = names(schema);
    return !identity.isEmpty()
        && schema
            .key()
            .map(key -> key.columns().stream().allMatch(c -> identity.contains(names.get(c))))
            .orElse(true);
  }

  private void lose(
      int relation, String statement, String reason, List<? super SchemaChange> changes) {
    Table table = tables.remove(relation);
    if (table != null) {
      changes.add(
          new TableLost(
              table.schema.id(),
              statement,
              "Changes of table %s can no longer be captured: %s"
                  .formatted(table.schema.id(), reason)));
    }
  }

  private void partitioned(TableNotice.Partitioned notice, List<ChangeEvent> changes) {
    Table table = tables.get(notice.relation());
    if (table == null) {
      return;
    }
    Optional<TableNotice.Partitioned.Loss> loss = table.sinceLook.look(notice.losses());
    if (loss.isPresent()) {
      String reason = ": rows came or went with it without a change in the log. Reload the table.";
      lose(notice.relation(), "", loss.get().what() + reason, changes);
    } else if (table.partitions == null || !notice.partitions().isSameAs(table.partitions)) {
      table.partitions = notice.partitions();
      changes.add(new PartitionsSeen(table.schema.id(), notice.partitions().text()));
    }
  }

  private static TableDropped dropped(TableId table) {
    return new TableDropped(table, "DROP TABLE " + PostgresNames.quote(table));
  }

  /** Takes what the watch has noticed; returns what it means here. */
  List<ChangeEvent> noticed(TableNotice notice) {
    List<ChangeEvent> changes = new ArrayList<>();
    switch (notice) {
      case TableNotice.Appeared appeared -> {
        TableSchema schema = appeared.table();
        if (tables.putIfAbsent(appeared.relation(), new Table(schema, appeared.attributes(), null))
            == null) {
          changes.add(
              new TableCreated(
                  schema, "CREATE TABLE " + PostgresNames.quote(schema.id()) + " (...)"));
        }
      }
      case TableNotice.Refused refused ->
          changes.add(
              new TableLost(
                  refused.table(),
                  "",
                  "Changes of table %s cannot be captured: %s"
                      .formatted(refused.table(), refused.reason())));
      case TableNotice.Withdrawn withdrawn -> changes.add(dropped(withdrawn.table()));
      case TableNotice.Gone gone -> {
        Table table = tables.remove(gone.relation());
        if (table != null) {
          changes.add(dropped(table.schema.id()));
        }
      }
      case TableNotice.Moved moved -> {
        Table table = tables.get(moved.relation());
        if (table != null && !table.schema.id().equals(moved.to())) {
          TableId old = table.schema.id();
          table.schema = table.schema.withId(moved.to());
          CapturedTable captured = table.captured;
          if (captured != null) {
            table.captured = new CapturedTable(table.schema, captured.relation());
          }
          changes.add(new TableRenamed(old, table.schema, renameStatement(old, moved.to())));
        }
      }
      case TableNotice.Missing missing ->
          lose(missing.relation(), missing.statement(), missing.reason(), changes);
      case TableNotice.Partitioned partitioned -> partitioned(partitioned, changes);
    }
    return changes;
  }
}
