package wherry.mysql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectSelection;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.mysql.StoredDefinition.Kind;
import wherry.schema.TableId;

/** The selected objects of one server, as it prints them. */
final class ObjectCatalog {
  /** Unknown table, routine, trigger, event, and table of no view. */
  private static final Set<Integer> UNKNOWN = Set.of(1146, 1305, 1360, 1539, 1347, 4092);

  /** Who must be allowed what, so that objects of a kind are seen at all. */
  private static final Map<String, String> SEEN_WITH =
      Map.of("tables", "SELECT", "triggers", "TRIGGER", "events", "EVENT", "views", "SHOW VIEW");

  /**
   * Any of these shows a routine's name (MySQL manual, "The INFORMATION_SCHEMA ROUTINES Table").
   */
  private static final List<String> ROUTINES_SEEN_WITH =
      List.of("EXECUTE", "CREATE ROUTINE", "ALTER ROUTINE");

  private final MySqlSession session;
  private final ObjectSelection selection;
  private final List<ObjectReport> unreadable = new ArrayList<>();

  ObjectCatalog(MySqlSession session, ObjectSelection selection) {
    this.session = session;
    this.selection = selection;
  }

  MySqlSession session() {
    return session;
  }

  /** What was found and could not be read so far. */
  List<ObjectReport> unreadable() {
    return List.copyOf(unreadable);
  }

  /** Databases with something selected in them, sorted. */
  List<String> databases() throws SQLException {
    List<TableId> tables = tableIds(List.of("BASE TABLE", "SYSTEM VERSIONED", "VIEW"));
    return new MySqlCatalog(session)
        .schemas().stream()
            .filter(name -> !name.equalsIgnoreCase(MySqlLedger.DEFAULT_DATABASE))
            .filter(name ->
                selection.takesSchema(name)
                    || tables.stream().anyMatch(table -> table.schema().equals(name)))
            .toList();
  }

  /** Empty when there is no such database. */
  Optional<DatabaseCarrier.Definition> database(String name) throws SQLException {
    boolean mariaDb = session.server().mariaDb();
    String comment = mariaDb && session.server().atLeast(10, 5) ? "schema_comment" : "''";
    String encryption =
        !mariaDb && session.server().atLeast(8, 0) ? "default_encryption = 'YES'" : "false";
    return session.queryOne(
        "SELECT default_character_set_name, default_collation_name, "
            + comment
            + ", "
            + encryption
            + " FROM information_schema.schemata WHERE schema_name = ?",
        row ->
            new DatabaseCarrier.Definition(
                name, row.getString(1), row.getString(2), row.getString(3), row.getBoolean(4)),
        name);
  }

  /** MariaDB's sequences. */
  List<TableId> sequences() throws SQLException {
    return session
        .query(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'SEQUENCE' ORDER BY 1, 2",
            row -> new TableId(row.getString(1), row.getString(2)))
        .stream()
        .filter(id -> takes(id.schema()))
        .toList();
  }

  String sequence(TableId id) throws SQLException {
    return session
        .queryOne("SHOW CREATE SEQUENCE " + MySqlNames.quoted(id), row -> row.getString(2))
        .orElseThrow();
  }

  List<TableDefinition> tables() throws SQLException {
    List<TableDefinition> tables = new ArrayList<>();
    for (TableId id : tableIds(List.of("BASE TABLE", "SYSTEM VERSIONED"))) {
      try {
        table(id).ifPresent(tables::add);
      } catch (DmsException e) {
        unreadable.add(ObjectReport.left("table", id.toString(), String.valueOf(e.getMessage())));
      } catch (SQLException e) {
        unreadable.add(leftUnreadable("table", id.toString(), e));
      }
    }
    return tables;
  }

  /** Empty when there is no such table; a view is none. */
  Optional<TableDefinition> table(TableId id) throws SQLException {
    try {
      return session
          .queryOne(
              "SHOW CREATE TABLE " + MySqlNames.quoted(id),
              row -> row.getMetaData().getColumnLabel(1).equals("Table") ? row.getString(2) : "")
          .filter(statement -> !statement.isEmpty())
          .map(statement -> TableDefinition.of(id, statement));
    } catch (SQLException e) {
      if (UNKNOWN.contains(e.getErrorCode()) || e.getErrorCode() == 1049) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private List<TableId> tableIds(List<String> types) throws SQLException {
    return session
        .query(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type IN ("
                + String.join(",", types.stream().map(MySqlNames::literal).toList())
                + ") ORDER BY 1, 2",
            row -> new TableId(row.getString(1), row.getString(2)))
        .stream()
        .filter(id -> !MySqlCatalog.isSystem(id.schema()))
        .filter(id -> !Target.CONTROL_TABLES.contains(id.name().toLowerCase(Locale.ROOT)))
        .filter(selection::takesTable)
        .toList();
  }

  private boolean takes(String database) {
    return !MySqlCatalog.isSystem(database)
        && !database.equalsIgnoreCase(MySqlLedger.DEFAULT_DATABASE)
        && selection.takesSchema(database);
  }

  List<StoredDefinition> views() throws SQLException {
    List<StoredDefinition> views = new ArrayList<>();
    for (TableId id : tableIds(List.of("VIEW"))) {
      read(Kind.VIEW, id.schema(), id.name(), "").ifPresent(views::add);
    }
    return views;
  }

  /** Packages come before their bodies. */
  List<StoredDefinition> routines() throws SQLException {
    return all(
        "SELECT routine_type, routine_schema, routine_name, '' FROM information_schema.routines"
            + " ORDER BY routine_schema, routine_type, routine_name",
        key -> takes(key.database()));
  }

  /** Those of one table, event and time in the order in which they are fired. */
  List<StoredDefinition> triggers() throws SQLException {
    return all(
        "SELECT 'TRIGGER', trigger_schema, trigger_name, event_object_table FROM information_schema.triggers"
            + " ORDER BY trigger_schema, event_object_table, event_manipulation, action_timing, action_order",
        key ->
            !MySqlCatalog.isSystem(key.database())
                && selection.takesTable(new TableId(key.database(), key.table())));
  }

  List<StoredDefinition> events() throws SQLException {
    return all(
        "SELECT 'EVENT', event_schema, event_name, '' FROM information_schema.events ORDER BY 2, 3",
        key -> takes(key.database()));
  }

  private record StoredKey(Kind kind, String database, String name, String table) {}

  private List<StoredDefinition> all(String sql, Predicate<StoredKey> selected)
      throws SQLException {
    List<StoredKey> keys =
        session.query(
            sql,
            row ->
                new StoredKey(
                    Kind.valueOf(row.getString(1).replace(' ', '_')),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4)));
    List<StoredDefinition> definitions = new ArrayList<>();
    for (StoredKey key : keys) {
      if (selected.test(key)) {
        read(key.kind(), key.database(), key.name(), key.table()).ifPresent(definitions::add);
      }
    }
    return definitions;
  }

  private Optional<StoredDefinition> read(Kind kind, String database, String name, String table)
      throws SQLException {
    try {
      Optional<StoredDefinition> found = find(kind, database, name, table);
      if (found.isPresent() && found.get().statement().isEmpty()) {
        String right = session.server().mariaDb() ? "SELECT ON mysql.proc" : "SHOW_ROUTINE ON *.*";
        unreadable.add(
            ObjectReport.left(
                kind.words(),
                found.get().fullName(),
                "Its definition is hidden from the user. Run on the source: GRANT "
                    + right
                    + " TO "
                    + MySqlNames.literal(session.settings().user())
                    + ";"));
        return Optional.empty();
      }
      return found;
    } catch (SQLException e) {
      String full = database + (table.isEmpty() ? "" : "." + table) + "." + name;
      unreadable.add(leftUnreadable(kind.words(), full, e));
      return Optional.empty();
    }
  }

  private static ObjectReport leftUnreadable(String kind, String name, SQLException e)
      throws SQLException {
    if (MySqlFailure.isConnection(e)) {
      throw e;
    }
    return ObjectReport.left(
        kind, name, "Its definition cannot be read: " + MySqlFailure.said(e) + ".");
  }

  /** Empty when there is no such object; its statement is empty when it is hidden from the user. */
  Optional<StoredDefinition> find(Kind kind, String database, String name, String table)
      throws SQLException {
    try {
      return session.queryOne(
          "SHOW CREATE "
              + kind.sql()
              + " "
              + MySqlNames.quoted(database)
              + "."
              + MySqlNames.quoted(name),
          row -> definition(row, kind, database, name, table));
    } catch (SQLException e) {
      if (UNKNOWN.contains(e.getErrorCode()) || e.getErrorCode() == 1049) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static StoredDefinition definition(
      ResultSet row, Kind kind, String database, String name, String table) throws SQLException {
    String statement =
        switch (kind) {
          case TRIGGER -> "SQL Original Statement";
          case VIEW, PROCEDURE, FUNCTION, EVENT, PACKAGE, PACKAGE_BODY -> "Create " + kind.sql();
        };
    boolean view = kind == Kind.VIEW;
    return new StoredDefinition(
        kind,
        database,
        name,
        table,
        orEmpty(row.getString(statement)),
        new StoredDefinition.Settings(
            view ? "" : orEmpty(row.getString("sql_mode")),
            orEmpty(row.getString("character_set_client")),
            orEmpty(row.getString("collation_connection")),
            view ? "" : orEmpty(row.getString("Database Collation")),
            kind == Kind.EVENT ? orEmpty(row.getString("time_zone")) : ""));
  }

  /** What the user may not even see; the catalogue hides it without a word. */
  List<ObjectReport> hidden() throws SQLException {
    List<ObjectReport> hidden = new ArrayList<>();
    MySqlGrants grants = MySqlGrants.of(session);
    boolean seesRoutines =
        grants.everywhere("SHOW_ROUTINE")
            || grants.everywhere("SELECT")
            || grants.on("mysql", "SELECT");
    for (String database : databases()) {
      SEEN_WITH.forEach((what, privilege) -> {
        boolean named = what.equals("tables") && !selection.takesSchema(database);
        if (!named && !grants.on(database, privilege)) {
          hidden.add(hidden(what, database, privilege));
        }
      });
      if (selection.takesSchema(database)
          && !seesRoutines
          && ROUTINES_SEEN_WITH.stream().noneMatch(right -> grants.on(database, right))) {
        hidden.add(hidden("routines", database, "EXECUTE"));
      }
    }
    return hidden;
  }

  private ObjectReport hidden(String what, String database, String privilege) {
    return ObjectReport.left(
        what,
        database,
        "The user may not see them, if there are any. Run on the source: GRANT "
            + privilege
            + " ON "
            + MySqlNames.quoted(database)
            + ".* TO "
            + MySqlNames.literal(session.settings().user())
            + ";");
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
