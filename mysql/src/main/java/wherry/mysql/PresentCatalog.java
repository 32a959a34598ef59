package wherry.mysql;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * What the server says now, to a reader whose place in the log may be long past. Each question has
 * a session of its own, since they are rare. Not thread-safe.
 */
final class PresentCatalog {
  /** Of a table or database, for columns that name none. */
  record Coding(String charset, String collation) {}

  private final MySqlSettings settings;
  private final Map<String, Optional<CharacterSet>> charsets = new HashMap<>();

  PresentCatalog(MySqlSettings settings) {
    this.settings = settings;
  }

  private interface Question<T> {
    T ask(MySqlSession session) throws SQLException;
  }

  private <T> T ask(String doing, Question<T> question) {
    try (MySqlSession session = MySqlSession.open(settings, MySqlSession.Role.READ)) {
      return question.ask(session.limitQueries());
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, doing, e);
    }
  }

  /**
   * The catalogue has columns and keys in two tables, and a statement may come in between: what is
   * read twice alike is one definition.
   */
  Optional<TableSchema> table(TableId id) {
    return ask(
        "reading the definition of " + id,
        session -> {
          Optional<TableSchema> once = read(session, id);
          Optional<TableSchema> again = read(session, id);
          while (!again.equals(once)) {
            once = again;
            again = read(session, id);
          }
          return again;
        });
  }

  private static Optional<TableSchema> read(MySqlSession session, TableId id) throws SQLException {
    return new MySqlCatalog(session).table(id).map(MySqlCatalog.Definition::schema);
  }

  /** Empty when it is UTF-8. */
  Optional<CharacterSet> charset(String name) {
    Optional<CharacterSet> known = charsets.get(name);
    if (known == null) {
      known = ask("reading the character set " + name, session -> CharacterSet.of(session, name));
      charsets.put(name, known);
    }
    return known;
  }

  /** Columns that get something else than NULL in a row that does not name them. */
  List<String> columnsWithDefault(TableId table) {
    return ask(
        "reading the defaults of " + table,
        session ->
            session.query(
                "SELECT column_name FROM information_schema.columns"
                    + " WHERE table_schema = ? AND table_name = ? AND (is_nullable = 'NO'"
                    + " OR extra LIKE '%GENERATED%' OR column_default "
                    + (session.server().mariaDb() ? "<> 'NULL')" : "IS NOT NULL)"),
                row -> row.getString(1),
                table.schema(),
                table.name()));
  }

  /** The table's, or the database's when the table is gone. */
  Coding coding(TableId table) {
    return ask(
        "reading the character set of " + table,
        session ->
            session
                .queryOne(
                    "SELECT table_collation FROM information_schema.tables"
                        + " WHERE table_schema = ? AND table_name = ? AND table_collation IS NOT NULL"
                        + " UNION ALL SELECT default_collation_name FROM information_schema.schemata"
                        + " WHERE schema_name = ?",
                    row -> coding(row.getString(1)),
                    table.schema(),
                    table.name(),
                    table.schema())
                .orElse(coding("utf8mb4_bin")));
  }

  private static Coding coding(String collation) {
    return new Coding(collation.replaceFirst("_.*", ""), collation);
  }
}
