package wherry.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import wherry.mysql.TableStatement.Edit;
import wherry.mysql.TableStatement.KeyDefinition;
import wherry.mysql.TableStatement.Place;
import wherry.schema.TableId;

/** Finds in a parsed statement what it does to tables; the rest of SQL is nothing to it. */
final class DdlReader {
  /** Parts of ALTER TABLE that change neither columns nor rows nor the primary key. */
  private static final Set<String> HARMLESS =
      Set.of(
          "AlterByTableOption",
          "AlterByDefaultCharset",
          "AlterByAddIndex",
          "AlterByAddSpecialIndex",
          "AlterByAddForeignKey",
          "AlterByAddCheckTableConstraint",
          "AlterByAlterCheckTableConstraint",
          "AlterByDropConstraintCheck",
          "AlterByDropIndex",
          "AlterByRenameIndex",
          "AlterByAlterIndexVisibility",
          "AlterByAlterIndexIgnore",
          "AlterByDropForeignKey",
          "AlterByAlterColumnDefault",
          "AlterByChangeDefault",
          "AlterByDisableKeys",
          "AlterByEnableKeys",
          "AlterByOrder",
          "AlterByLock",
          "AlterBySetAlgorithm",
          "AlterByForce",
          "AlterByValidate",
          "AlterByAddPartition",
          "AlterByReorganizePartition",
          "AlterByCoalescePartition",
          "AlterByAnalyzePartition",
          "AlterByCheckPartition",
          "AlterByOptimizePartition",
          "AlterByRebuildPartition",
          "AlterByRepairPartition",
          "AlterByRemovePartitioning",
          "AlterByUpgradePartitioning");

  private final String database;

  /**
   * @param database of names that have none
   */
  DdlReader(String database) {
    this.database = database;
  }

  List<TableStatement> read(DdlTree root) {
    List<TableStatement> statements = new ArrayList<>();
    for (DdlTree node : root.all("DdlStatement")) {
      for (DdlTree statement : node.children()) {
        read(statement, statements);
      }
    }
    return statements;
  }

  private void read(DdlTree statement, List<TableStatement> to) {
    switch (statement.kind()) {
      case "ColumnCreateTable", "QueryCreateTable", "CopyCreateTable" -> {
        if (!statement.says("TEMPORARY")) {
          to.add(create(statement));
        }
      }
      case "AlterTable" -> {
        to.add(alter(statement));
        for (TableId other : exchanged(statement)) {
          to.add(new TableStatement.Alter(other, List.of(new Edit.RowsByThemselves())));
        }
      }
      case "DropTable" -> {
        if (!statement.says("TEMPORARY")) {
          tables(statement).forEach(table -> to.add(new TableStatement.Drop(table)));
        }
      }
      case "DropDatabase" ->
          to.add(new TableStatement.DropDatabase(DdlTree.unquoted(last(statement, "Uid").text())));
      case "RenameTable" -> {
        for (DdlTree clause : statement.children("RenameTableClause")) {
          List<TableId> names = tables(clause);
          to.add(new TableStatement.Rename(names.get(0), names.get(1)));
        }
      }
      case "TruncateTable" -> to.add(new TableStatement.Truncate(tables(statement).get(0)));
      default -> {}
    }
  }

  private TableStatement create(DdlTree statement) {
    List<TableId> names = tables(statement);
    boolean copies = statement.kind().equals("CopyCreateTable");
    List<ColumnDefinition> columns = new ArrayList<>();
    List<KeyDefinition> keys = new ArrayList<>();
    for (DdlTree definitions : statement.children("CreateDefinitions")) {
      for (DdlTree declaration : definitions.children("ColumnDeclaration")) {
        columns.add(column(name(declaration.children().get(0)), declaration));
      }
      definitions.all("PrimaryKeyTableConstraint").forEach(key -> keys.add(key(key, true)));
      definitions.all("UniqueKeyTableConstraint").forEach(key -> keys.add(key(key, false)));
    }
    return new TableStatement.Create(
        names.get(0),
        copies ? Optional.of(names.get(1)) : Optional.empty(),
        statement.says("REPLACE") || !statement.children("OrReplace").isEmpty(),
        !statement.children("IfNotExists").isEmpty(),
        columns,
        keys,
        lastWord(statement, "TableOptionCharset"),
        lastWord(statement, "TableOptionCollate"));
  }

  private TableStatement alter(DdlTree statement) {
    TableId table = tables(statement).get(0);
    List<Edit> edits = new ArrayList<>();
    if (statement.says("IGNORE") || !statement.children("Ignore").isEmpty()) {
      edits.add(new Edit.RowsByThemselves()); // Rows that violate a new key are gone.
    }
    for (DdlTree edit : statement.children()) {
      DdlTree part = edit.kind().equals("AlterPartition") ? edit.children().get(0) : edit;
      if (part.kind().startsWith("AlterBy") && !HARMLESS.contains(part.kind())) {
        edit(part, edits);
      }
    }
    return new TableStatement.Alter(table, edits);
  }

  /** Tables that give their rows to a partition of the altered one, or get those of one. */
  private List<TableId> exchanged(DdlTree statement) {
    return Stream.of("AlterByExchangePartition", "AlterByConvertPartition")
        .flatMap(kind -> statement.all(kind).stream())
        .flatMap(edit -> tables(edit).stream())
        .toList();
  }

  private void edit(DdlTree edit, List<Edit> to) {
    List<DdlTree> names = edit.children("Uid");
    switch (edit.kind()) {
      case "AlterByAddColumn" ->
          to.add(new Edit.Add(column(name(names.get(0)), edit), place(edit)));
      case "AlterByAddColumns" -> {
        List<DdlTree> definitions = edit.children("ColumnDefinition");
        for (int i = 0; i < definitions.size(); i++) {
          to.add(new Edit.Add(definition(name(names.get(i)), definitions.get(i)), Place.UNSAID));
        }
      }
      case "AlterByDropColumn" -> to.add(new Edit.DropColumn(name(names.get(0))));
      case "AlterByChangeColumn" ->
          to.add(
              new Edit.Change(name(names.get(0)), column(name(names.get(1)), edit), place(edit)));
      case "AlterByModifyColumn" ->
          to.add(
              new Edit.Change(name(names.get(0)), column(name(names.get(0)), edit), place(edit)));
      case "AlterByRenameColumn" ->
          to.add(new Edit.RenameColumn(name(names.get(0)), name(names.get(1))));
      case "AlterByRename" ->
          to.add(
              new Edit.RenameTo(
                  table(names.isEmpty() ? edit.children("FullId").get(0) : names.get(0))));
      case "AlterByAddPrimaryKey" -> to.add(new Edit.AddKey(key(edit, true)));
      case "AlterByAddUniqueKey" -> to.add(new Edit.AddKey(key(edit, false)));
      case "AlterByDropPrimaryKey" -> to.add(new Edit.DropPrimaryKey());
      case "AlterByConvertCharset", "AlterByConvertCharacterset" ->
          to.add(new Edit.Convert(lastWord(edit, "CharsetName"), lastWord(edit, "CollationName")));
      case "AlterByDropPartition",
          "AlterByTruncatePartition",
          "AlterByExchangePartition",
          "AlterByImportPartition",
          "AlterByDiscardPartition",
          "AlterByConvertPartition",
          "AlterByDiscardTablespace",
          "AlterByImportTablespace" ->
          to.add(new Edit.RowsByThemselves());
      default -> throw new IllegalArgumentException("unknown: " + edit.text());
    }
  }

  private static Place place(DdlTree edit) {
    if (edit.says("FIRST")) {
      return new Place(true, "");
    }
    return edit.says("AFTER") ? new Place(false, name(last(edit, "Uid"))) : Place.UNSAID;
  }

  private static ColumnDefinition column(String name, DdlTree parent) {
    return definition(name, parent.children("ColumnDefinition").get(0));
  }

  private static ColumnDefinition definition(String name, DdlTree definition) {
    boolean primary = !definition.children("PrimaryKeyColumnConstraint").isEmpty();
    boolean unique = !definition.children("UniqueKeyColumnConstraint").isEmpty();
    boolean serial = definition.words().get(0).equalsIgnoreCase("serial");
    boolean notNull =
        definition.children("NullColumnConstraint").stream()
            .anyMatch(constraint -> constraint.words().get(0).equalsIgnoreCase("not"));
    String collation = lastWord(definition, "CollateColumnConstraint");
    boolean generated = !definition.children("GeneratedColumnConstraint").isEmpty();
    boolean computed =
        serial
            || generated
            || !definition.children("AutoIncrementColumnConstraint").isEmpty()
            || !definition.children("SerialDefaultColumnConstraint").isEmpty();
    return new ColumnDefinition(
        name,
        definition.children().get(0).words(),
        !primary && !notNull && !serial,
        collation,
        primary || unique || serial,
        primary,
        defaultWords(definition),
        computed,
        generated);
  }

  /** Without DEFAULT itself, and without an ON UPDATE behind the value. */
  private static List<String> defaultWords(DdlTree definition) {
    List<DdlTree> found = definition.children("DefaultColumnConstraint");
    if (found.isEmpty()) {
      return List.of();
    }
    List<String> words = found.get(found.size() - 1).words();
    int end = 1;
    while (end < words.size() && !words.get(end).equalsIgnoreCase("ON")) {
      end++;
    }
    return List.copyOf(words.subList(1, end));
  }

  private static KeyDefinition key(DdlTree node, boolean primary) {
    List<String> columns =
        node.all("IndexColumnName").stream()
            .map(part -> part.children("Uid"))
            .filter(names -> !names.isEmpty())
            .map(names -> name(names.get(0)))
            .toList();
    return new KeyDefinition(primary, columns);
  }

  private List<TableId> tables(DdlTree node) {
    return node.all("FullId").stream().map(this::table).toList();
  }

  /** {@code name} or {@code database.name}; the second may be one word with its dot. */
  private TableId table(DdlTree node) {
    List<String> parts =
        node.words().stream()
            .map(word -> word.startsWith(".") ? word.substring(1) : word)
            .filter(word -> !word.isEmpty())
            .map(DdlTree::unquoted)
            .toList();
    return parts.size() == 1
        ? new TableId(database, parts.get(0))
        : new TableId(parts.get(0), parts.get(1));
  }

  private static String name(DdlTree node) {
    List<String> words = node.words();
    return DdlTree.unquoted(words.get(words.size() - 1));
  }

  private static DdlTree last(DdlTree node, String kind) {
    List<DdlTree> found = node.children(kind);
    return found.get(found.size() - 1);
  }

  private static String lastWord(DdlTree node, String kind) {
    List<DdlTree> found = node.children(kind);
    return found.isEmpty() ? "" : name(found.get(found.size() - 1)).toLowerCase(Locale.ROOT);
  }
}
