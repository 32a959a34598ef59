package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import wherry.schema.TableId;

/** Creates the control tables that are missing, while other tasks may be at the same. */
final class MissingTables {
  private static final int ATTEMPTS = 10;

  /** What creating a table or schema says when another session was a moment faster. */
  private static final Set<String> CREATED_MEANWHILE = Set.of("23505", "42P06", "42P07", "42710");

  private MissingTables() {}

  /**
   * In the caller's transaction, which has done nothing yet.
   *
   * @param definitions statements by the name of the table that each creates
   * @return what was run
   */
  static List<String> create(Connection session, String schema, Map<String, String> definitions)
      throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try {
        return tryToCreate(session, schema, definitions);
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || !CREATED_MEANWHILE.contains(PostgresFailures.state(e))) {
          throw e;
        }
        session.rollback();
      }
    }
  }

  private static List<String> tryToCreate(
      Connection session, String schema, Map<String, String> definitions) throws SQLException {
    PostgresDdl ddl = new PostgresDdl(session);
    List<String> statements = new ArrayList<>(ddl.createSchema(schema));
    for (Map.Entry<String, String> table : definitions.entrySet()) {
      if (!PostgresDdl.relationExists(session, new TableId(schema, table.getKey()))) {
        statements.add(table.getValue());
      }
    }
    ddl.execute(statements);
    return statements;
  }
}
