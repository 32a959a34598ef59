package wherry.mysql;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.change.ChangeEvent;
import wherry.change.SchemaChange.ColumnsChanged;
import wherry.change.SchemaChange.TableCreated;
import wherry.change.SchemaChange.TableDropped;
import wherry.change.SchemaChange.TableLost;
import wherry.change.SchemaChange.TableRenamed;
import wherry.change.TableTruncated;
import wherry.connector.Target;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * The task's tables as they are at the place of the log that is being read. A statement that cannot
 * be followed loses the tables that it names, and no others. Not thread-safe.
 */
final class LoggedTables {
  private static final Logger log = LoggerFactory.getLogger(LoggedTables.class);
  private static final Set<String> CHANGING =
      Set.of("INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "WITH");

  private final Map<TableId, TableSchema> tables = new HashMap<>();
  private final Map<TableId, TableId> replaced = new HashMap<>();
  private final Map<TableId, List<String>> withDefault = new HashMap<>();
  private final BiPredicate<TableId, TableSchema.Kind> selected;
  private final PresentCatalog catalog;
  private final LoggedCells types;
  private final MySqlServer server;

  /**
   * @param tables as they were where reading begins
   * @param replaced names of the task's tables whose predecessors are not among those, and will be
   *     dropped or renamed
   * @param selected whether a table that comes to be is the task's
   */
  LoggedTables(
      List<TableSchema> tables,
      Set<TableId> replaced,
      BiPredicate<TableId, TableSchema.Kind> selected,
      PresentCatalog catalog,
      MySqlServer server) {
    this.selected = selected;
    this.catalog = catalog;
    this.types = new LoggedCells(catalog);
    this.server = server;
    replaced.forEach(id -> this.replaced.put(key(id), id));
    tables.stream().filter(table -> table.kind() == TableSchema.Kind.TABLE).forEach(this::put);
  }

  private TableId key(TableId id) {
    return server.ignoresCaseOfNames()
        ? new TableId(id.schema().toLowerCase(Locale.ROOT), id.name().toLowerCase(Locale.ROOT))
        : id;
  }

  private @Nullable TableSchema get(TableId id) {
    return tables.get(key(id));
  }

  private void put(TableSchema table) {
    tables.put(key(table.id()), table);
  }

  private boolean isSelected(TableId id) {
    return !Target.CONTROL_TABLES.contains(id.name().toLowerCase(Locale.ROOT))
        && selected.test(id, TableSchema.Kind.TABLE);
  }

  /**
   * @param decoder null when the rows are not the task's, or cannot be understood
   */
  record Decoding(@Nullable RowDecoder decoder, Optional<ChangeEvent> lost) {}

  /** What the rows behind a TABLE_MAP are decoded with. */
  Decoding decoding(TableMap map, BinlogPosition at) {
    TableSchema table = get(map.table());
    if (table == null) {
      return new Decoding(null, Optional.empty());
    }
    RowDecoder.Found found = RowDecoder.of(map, table, types);
    if (found.decoder() != null) {
      return new Decoding(found.decoder(), Optional.empty());
    }
    String reason =
        "At "
            + at.text()
            + " the binary log's rows of "
            + table.id()
            + " do not fit the table's definition: "
            + found.reason()
            + ". The table was changed in between. Reload the table.";
    return new Decoding(null, Optional.of(lose(table.id(), "", reason)));
  }

  /**
   * A smaller row image leaves out of an INSERT what the statement did not name. That is NULL, or
   * the log does not tell it.
   *
   * @return the table's loss when it is not NULL
   */
  Optional<ChangeEvent> unnamed(TableSchema table, List<Integer> columns, BinlogPosition at) {
    List<String> names = columns.stream().map(i -> table.columns().get(i).name()).toList();
    List<String> untold =
        withDefault.computeIfAbsent(table.id(), catalog::columnsWithDefault).stream()
            .filter(names::contains)
            .toList();
    if (untold.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        lose(
            table.id(),
            "",
            "A row inserted into "
                + table.id()
                + " at "
                + at.text()
                + " of the binary log lacks the columns "
                + String.join(", ", untold)
                + ", which have defaults: binlog_row_image is MINIMAL or NOBLOB. Run SET GLOBAL"
                + " binlog_row_image = 'FULL'; let applications connect anew, then reload the"
                + " table."));
  }

  /** Loses a table of whose documents the log has only pieces. */
  ChangeEvent loseToPartialJson(TableId table, BinlogPosition at) {
    return lose(
        table,
        "",
        "The binary log has only a piece of a changed JSON document of "
            + table
            + " at "
            + at.text()
            + ": a session has binlog_row_value_options=PARTIAL_JSON. "
            + BinlogChecks.WHOLE_DOCUMENTS
            + " Then reload the table.");
  }

  /** Loses a table whose columns at the beginning cannot be told. */
  Optional<ChangeEvent> loseFromTheBeginning(TableId table, String statement) {
    return get(table) == null
        ? Optional.empty()
        : Optional.of(
            lose(
                table,
                statement,
                "The table "
                    + table
                    + " was changed after the place of the log where the task goes on, and the"
                    + " log does not tell what it was before. Reload the table."));
  }

  private ChangeEvent lose(TableId table, String statement, String reason) {
    tables.remove(key(table));
    return new TableLost(table, statement, reason);
  }

  /** What a statement does to the task's tables. */
  List<ChangeEvent> statement(QueryEvent query, BinlogPosition at) {
    String word = StatementText.firstWord(query.statement());
    if (CHANGING.contains(word)) {
      return loseNamed(
          query,
          "it is in the binary log at "
              + at.text()
              + " as a statement and not as rows: a session has binlog_format other than ROW. Run"
              + " SET GLOBAL binlog_format = 'ROW'; let applications connect anew, then reload the"
              + " table");
    }
    String statement = StatementText.withConditions(query.statement(), server);
    if (!StatementText.definesTables(statement)) {
      return List.of();
    }
    withDefault.clear();
    List<ChangeEvent> events = new ArrayList<>();
    Optional<DdlTree> tree = DdlTree.of(statement, server.mariaDb());
    String unknown =
        "its statement in the binary log at "
            + at.text()
            + " is not understood. Reload the table once it is as it shall stay";
    if (tree.isEmpty()) {
      return loseNamed(query, unknown);
    }
    try {
      for (TableStatement part : new DdlReader(query.database()).read(tree.get())) {
        follow(part, query, at, events);
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return loseNamed(query, unknown + " (" + e.getMessage() + ")");
    }
    return events;
  }

  /** All of the task's tables whose names stand in the statement. */
  private List<ChangeEvent> loseNamed(QueryEvent query, String why) {
    Set<String> names = StatementText.names(query.statement());
    String database = query.database().toLowerCase(Locale.ROOT);
    List<ChangeEvent> events = new ArrayList<>();
    for (TableSchema table : List.copyOf(tables.values())) {
      String schema = table.id().schema().toLowerCase(Locale.ROOT);
      if (names.contains(table.id().name().toLowerCase(Locale.ROOT))
          && (schema.equals(database) || names.contains(schema))) {
        events.add(
            lose(
                table.id(),
                query.statement(),
                "The table " + table.id() + " cannot be followed: " + why + "."));
      }
    }
    if (events.isEmpty()) {
      log.debug("Passed over: {}", query.statement());
    }
    return events;
  }

  private void follow(
      TableStatement part, QueryEvent query, BinlogPosition at, List<ChangeEvent> events) {
    String statement = query.statement();
    switch (part) {
      case TableStatement.Create create -> create(create, statement, events);
      case TableStatement.Drop drop -> drop(drop.table(), statement, events);
      case TableStatement.DropDatabase drop ->
          Stream.concat(tables.keySet().stream(), replaced.keySet().stream())
              .filter(id -> id.schema().equals(key(new TableId(drop.database(), "")).schema()))
              .collect(Collectors.toSet())
              .forEach(id -> drop(id, statement, events));
      case TableStatement.Truncate truncate -> {
        TableSchema table = get(truncate.table());
        if (table != null) {
          events.add(new TableTruncated(table.id()));
        }
      }
      case TableStatement.Rename rename -> rename(rename.table(), rename.to(), statement, events);
      case TableStatement.Alter alter -> alter(alter, query, at, events);
    }
  }

  private void create(TableStatement.Create create, String statement, List<ChangeEvent> events) {
    TableSchema known = get(create.table());
    if (!isSelected(create.table()) || (known != null && create.unlessThere())) {
      return;
    }
    if (create.replaces()) {
      drop(create.table(), statement, events);
    }
    Optional<TableSchema> present = catalog.table(create.table());
    TableSchema like = create.like().map(this::get).orElse(null);
    TableSchema created;
    if (create.like().isPresent() && like == null) {
      created = present.orElse(null);
    } else {
      PresentCatalog.Coding coding = coding(create);
      TableDraft draft =
          like == null
              ? new TableDraft(create.table(), coding, server.mariaDb(), SqlMode.NONE, List.of())
              : new TableDraft(like.withId(create.table()), coding, server.mariaDb(), SqlMode.NONE);
      create.columns().forEach(column -> draft.add(column, TableStatement.Place.UNSAID));
      create.keys().forEach(draft::key);
      created = draft.schema(present);
    }
    if (created == null || created.columns().isEmpty()) {
      events.add(
          lose(
              create.table(),
              statement,
              "The table "
                  + create.table()
                  + " came to be with the columns of another, which is not captured and is gone."
                  + " Reload the table."));
      return;
    }
    put(created);
    events.add(new TableCreated(created, statement));
  }

  private PresentCatalog.Coding coding(TableStatement.Create create) {
    if (!create.collation().isEmpty()) {
      return new PresentCatalog.Coding(
          create.collation().replaceFirst("_.*", ""), create.collation());
    }
    String charset = create.charset().equals("utf8") ? "utf8mb3" : create.charset();
    return charset.isEmpty()
        ? catalog.coding(new TableId(create.table().schema(), ""))
        : new PresentCatalog.Coding(charset, charset + "_general_ci");
  }

  private void drop(TableId id, String statement, List<ChangeEvent> events) {
    TableSchema table = tables.remove(key(id));
    TableId dropped = table == null ? replaced.get(key(id)) : table.id();
    if (dropped != null) {
      events.add(new TableDropped(dropped, statement));
    }
  }

  private void rename(TableId from, TableId to, String statement, List<ChangeEvent> events) {
    TableSchema table = tables.remove(key(from));
    if (table != null) {
      TableSchema renamed = table.withId(to);
      events.add(new TableRenamed(table.id(), renamed, statement));
      if (isSelected(to)) {
        put(renamed);
      }
      return;
    }
    Optional<TableSchema> present = isSelected(to) ? catalog.table(to) : Optional.empty();
    TableId predecessor = replaced.get(key(from));
    present.ifPresent(this::put);
    if (predecessor != null && present.isEmpty() && isSelected(to)) {
      events.add(new TableDropped(predecessor, statement)); // Under its new name, by now.
    } else if (predecessor != null) {
      TableSchema unread = new TableSchema(to, List.of(), Optional.empty());
      events.add(new TableRenamed(predecessor, present.orElse(unread), statement));
    } else if (present.isPresent()) {
      events.add(new TableCreated(present.get(), statement));
    } else if (isSelected(to)) {
      events.add(
          lose(
              to,
              statement,
              "The table "
                  + to
                  + " was "
                  + from
                  + " before, whose rows were not captured, and is gone."));
    }
  }

  private void alter(
      TableStatement.Alter alter, QueryEvent query, BinlogPosition at, List<ChangeEvent> events) {
    String statement = query.statement();
    TableSchema table = get(alter.table());
    if (table == null) {
      for (TableStatement.Edit edit : alter.edits()) {
        if (edit instanceof TableStatement.Edit.RenameTo rename) {
          rename(alter.table(), rename.table(), statement, events);
        }
      }
      return;
    }
    TableDraft draft =
        new TableDraft(table, catalog.coding(table.id()), server.mariaDb(), query.mode());
    alter.edits().forEach(draft::apply);
    Optional<String> untold = untold(draft, table.id(), at);
    if (untold.isPresent()) {
      events.add(lose(table.id(), statement, untold.get() + " Reload the table."));
      return;
    }
    boolean renamed = !key(draft.id()).equals(key(table.id()));
    TableSchema after = draft.schema(catalog.table(draft.id()));
    if (!after.columns().equals(table.columns())) {
      TableSchema before = after.withId(table.id());
      put(before);
      events.add(new ColumnsChanged(table.id(), before, draft.changes(), statement));
    } else {
      put(after.withId(table.id())); // Its key may be another.
    }
    if (renamed) {
      rename(table.id(), draft.id(), statement, events);
    }
  }

  /** What a statement has done to rows without a change in the log; empty when nothing. */
  private static Optional<String> untold(TableDraft draft, TableId table, BinlogPosition at) {
    if (draft.rowsByThemselves()) {
      return Optional.of(
          "The statement at "
              + at.text()
              + " has taken or brought rows of "
              + table
              + " that are not in the binary log.");
    }
    if (draft.untold().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "The statement at "
            + at.text()
            + " has changed rows of "
            + table
            + " that were there, and the binary log does not tell how: "
            + String.join("; ", draft.untold())
            + ".");
  }
}
