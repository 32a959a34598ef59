package wherry.mysql;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
  private final Set<TableId> names;
  private final Set<TableId> replaced = new HashSet<>();

  DefinitionHistory(List<TableSchema> now, MySqlServer server) {
    this.server = server;
    this.mariaDb = server.mariaDb();
    now.forEach(table -> tables.put(table.id(), table));
    this.names = Set.copyOf(tables.keySet());
  }

  /** The tables as they were before the statements. */
  List<TableSchema> tables() {
    return List.copyOf(tables.values());
  }

  /** Names of tables whose columns then are unknown, each with the statement that is to blame. */
  Map<TableId, String> lost() {
    return lost;
  }

  /** Names of tables of now under which another table was dropped in between. */
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
          tables.remove(create.table());
        }
      }
      case TableStatement.Drop drop -> dropped(drop.table(), statement);
      case TableStatement.DropDatabase drop ->
          names.stream()
              .filter(id -> id.schema().equals(drop.database()))
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
    if (names.contains(table) && !tables.containsKey(table)) {
      replaced.add(table);
    }
    lose(table, statement);
  }

  private void lose(TableId table, String statement) {
    if (tables.containsKey(table)) {
      lost.put(table, statement);
    }
  }

  private void renamed(TableId from, TableId to) {
    TableSchema table = tables.remove(to);
    if (table != null) {
      tables.put(from, table.withId(from));
    }
    String blame = lost.remove(to);
    if (blame != null) {
      lost.put(from, blame);
    }
  }

  private void takeBack(TableId id, Edit edit, String statement) {
    TableSchema table = tables.get(id);
    if (table == null) {
      return;
    }
    switch (edit) {
      case Edit.Add add -> {
        // Without the column, the catalogue was read before the statement.
        String name = add.column().name();
        tables.put(
            id, table.keepColumns(i -> !table.columns().get(i).name().equalsIgnoreCase(name)));
      }
      case Edit.RenameColumn rename ->
          tables.put(
              id,
              table.mapColumns(column ->
                  column.name().equalsIgnoreCase(rename.to())
                      ? column.withName(rename.name())
                      : column));
      case Edit.Change change -> lose(id, statement);
      case Edit.DropColumn drop -> {
        // As above: a column that is still there was not dropped yet.
        if (table.columns().stream().map(Column::name).noneMatch(drop.name()::equalsIgnoreCase)) {
          lose(id, statement);
        }
      }
      case Edit.Convert convert -> lose(id, statement);
      case Edit.RenameTo rename -> {}
      case Edit.AddKey key -> {}
      case Edit.DropPrimaryKey key -> {}
      case Edit.RowsByThemselves rows -> {} // The reader loses the table there.
    }
  }
}
