package wherry.mysql;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import wherry.mysql.TableStatement.Edit;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * What the tables were at an earlier place of the log: the catalogue of now, with the statements in
 * between taken back, the last one first. Most logs do not name the columns of their rows, so rows
 * of before a statement would otherwise be read with the columns of after it. What cannot be taken
 * back, because the statement does not tell what was before, loses its table.
 */
final class DefinitionHistory {
  private final boolean mariaDb;
  private final MySqlServer server;
  private final Map<TableId, TableSchema> tables = new HashMap<>();
  private final Map<TableId, String> lost = new TreeMap<>();
  private final Map<TableId, TableSchema> names;
  private final Set<TableId> replaced = new HashSet<>();

  DefinitionHistory(List<TableSchema> now, MySqlServer server) {
    this.server = server;
    this.mariaDb = server.mariaDb();
    now.forEach(table -> tables.put(key(table.id()), table));
    this.names = Map.copyOf(tables);
  }

  /** Names in statements are as users have written them. */
  private TableId key(TableId id) {
    return server.ignoresCaseOfNames()
        ? new TableId(id.schema().toLowerCase(Locale.ROOT), id.name().toLowerCase(Locale.ROOT))
        : id;
  }

  /** The tables as they were before the statements. */
  List<TableSchema> tables() {
    return List.copyOf(tables.values());
  }

  /** Names of tables whose columns then are unknown, each with the statement that is to blame. */
  Map<TableId, String> lost() {
    return lost;
  }

  /** Names of tables of now under which another table was dropped or renamed in between. */
  Set<TableId> replaced() {
    return replaced;
  }

  /**
   * @param statements of the log, the oldest first
   */
  void takeBack(List<QueryEvent> statements) {
    for (QueryEvent query : statements.reversed()) {
      String statement = StatementText.withConditions(query.statement(), server);
      if (!StatementText.definesTables(statement)) {
        continue;
      }
      Optional<DdlTree> tree = DdlTree.of(statement, mariaDb);
      if (tree.isEmpty()) {
        continue; // It loses its tables when the reader comes there.
      }
      try {
        List<TableStatement> parts = new DdlReader(query.database()).read(tree.get());
        parts.reversed().forEach(part -> takeBack(part, query.statement()));
      } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
        continue; // Likewise.
      }
    }
  }

  private void takeBack(TableStatement part, String statement) {
    switch (part) {
      case TableStatement.Create create -> {
        if (!create.unlessThere()) {
          tables.remove(key(create.table()));
        }
        if (create.replaces()) {
          replaced(create.table());
        }
      }
      case TableStatement.Drop drop -> dropped(drop.table(), statement);
      case TableStatement.DropDatabase drop ->
          names.keySet().stream()
              .filter(id -> id.schema().equals(key(new TableId(drop.database(), "")).schema()))
              .forEach(id -> dropped(id, statement));
      case TableStatement.Truncate truncate -> {}
      case TableStatement.Rename rename -> renamed(rename.table(), rename.to());
      case TableStatement.Alter alter -> {
        for (Edit edit : alter.edits()) {
          if (edit instanceof Edit.RenameTo rename) {
            renamed(alter.table(), rename.table());
          }
        }
        for (Edit edit : alter.edits().reversed()) {
          takeBack(alter.table(), edit, statement);
        }
      }
    }
  }

  private void dropped(TableId table, String statement) {
    replaced(table);
    lose(table, statement);
  }

  /** What is called so now is not yet there, and another one that goes away. */
  private void replaced(TableId table) {
    TableSchema now = names.get(key(table));
    if (now != null && !tables.containsKey(key(table))) {
      replaced.add(now.id());
    }
  }

  private void lose(TableId table, String statement) {
    TableSchema then = tables.get(key(table));
    if (then != null) {
      lost.put(then.id(), statement);
    }
  }

  private void renamed(TableId from, TableId to) {
    TableSchema table = tables.remove(key(to));
    if (table == null) {
      replaced(from);
    } else {
      tables.put(key(from), table.withId(from));
      String blame = lost.remove(table.id());
      if (blame != null) {
        lost.put(from, blame);
      }
    }
  }

  private void takeBack(TableId table, Edit edit, String statement) {
    TableId id = key(table);
    TableSchema then = tables.get(id);
    if (then == null) {
      return;
    }
    switch (edit) {
      case Edit.Add add -> {
        // Without the column, the catalogue was read before the statement.
        String name = add.column().name();
        tables.put(id, then.keepColumns(i -> !then.columns().get(i).name().equalsIgnoreCase(name)));
      }
      case Edit.RenameColumn rename ->
          tables.put(
              id,
              then.mapColumns(column ->
                  column.name().equalsIgnoreCase(rename.to())
                      ? column.withName(rename.name())
                      : column));
      case Edit.Change change -> lose(table, statement);
      case Edit.DropColumn drop -> {
        // As above: a column that is still there was not dropped yet.
        if (then.columns().stream().map(Column::name).noneMatch(drop.name()::equalsIgnoreCase)) {
          lose(table, statement);
        }
      }
      case Edit.Convert convert -> lose(table, statement);
      case Edit.RenameTo rename -> {}
      case Edit.AddKey key -> {}
      case Edit.DropPrimaryKey key -> {}
      case Edit.RowsByThemselves rows -> {} // The reader loses the table there.
    }
  }
}
