package wherry.postgresql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import wherry.connector.ChangeLog;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** A PostgreSQL database to read from. */
final class PostgresSource implements Source {
  private static final String READABLE_TABLES =
      """
      SELECT count(*) AS tables,
             count(*) FILTER (WHERE pg_catalog.has_table_privilege(c.oid, 'SELECT')
                                AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')) AS readable
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      """;

  private final PostgresSessions sessions;

  PostgresSource(PostgresSettings settings) {
    this.sessions = new PostgresSessions(settings, Side.SOURCE);
  }

  @Override
  public void test() {
    try (Connection session = sessions.open();
        Statement statement = session.createStatement();
        ResultSet answer = statement.executeQuery(READABLE_TABLES)) {
      answer.next();
      if (answer.getLong("tables") > 0 && answer.getLong("readable") == 0) {
        String user = PostgresNames.quote(sessions.settings().user());
        throw new DmsException(
            ErrorCode.PRIVILEGE_MISSING,
            ("User %s may read none of the %d tables of the source database %s. Run for each schema"
                    + " to migrate: GRANT USAGE ON SCHEMA public TO %s; GRANT SELECT ON ALL TABLES IN"
                    + " SCHEMA public TO %s;")
                .formatted(
                    user, answer.getLong("tables"), sessions.settings().place(), user, user));
      }
    } catch (SQLException e) {
      throw sessions.failures().during("Testing the privileges", grantSelect("public"), e);
    }
  }

  @Override
  public List<String> schemas() {
    return schemas(sessions);
  }

  /** Schemas that are not the system's, sorted. */
  static List<String> schemas(PostgresSessions sessions) {
    String query =
        "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> "
            + "'information_schema' ORDER BY 1";
    List<String> names = new ArrayList<>();
    try (Connection session = sessions.open();
        Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
      names.sort(null);
      return names;
    } catch (SQLException e) {
      throw sessions.failures().during("Reading the schemas", "", e);
    }
  }

  @Override
  public boolean ignoresCaseOfNames() {
    return false;
  }

  @Override
  public List<TableSchema> tables(BiPredicate<TableId, TableSchema.Kind> selected) {
    return ask(catalog -> catalog.tables(selected));
  }

  @Override
  public List<TableId> tablesWithoutColumns(BiPredicate<TableId, TableSchema.Kind> selected) {
    return ask(catalog -> catalog.tablesWithoutColumns(selected));
  }

  @FunctionalInterface
  private interface Question<T> {
    T to(PostgresCatalog catalog) throws SQLException;
  }

  private <T> T ask(Question<T> question) {
    try (Connection session = sessions.open()) {
      session.setReadOnly(true);
      session.setAutoCommit(false);
      T answer = question.to(new PostgresCatalog(session, sessions.settings()));
      session.rollback();
      return answer;
    } catch (SQLException e) {
      throw sessions.failures().during("Reading the catalogue", "", e);
    }
  }

  @Override
  public Snapshot snapshot(List<TableSchema> tables, int readers) {
    return PostgresSnapshot.open(sessions, tables);
  }

  @Override
  public ChangeLog changeLog(String taskName) {
    return new PostgresChangeLog(sessions, taskName);
  }

  /** The statement that lets the user read a schema's tables. */
  String grantSelect(String schema) {
    return grantSelect(sessions.settings(), new TableId(schema, ""));
  }

  static String grantSelect(PostgresSettings settings, TableId table) {
    String user = PostgresNames.quote(settings.user());
    String tables =
        table.name().isEmpty()
            ? "ALL TABLES IN SCHEMA " + PostgresNames.quote(table.schema())
            : PostgresNames.quote(table);
    return "GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON %s TO %s;"
        .formatted(PostgresNames.quote(table.schema()), user, tables, user);
  }

  /** Each call has closed its own session. */
  @Override
  public void close() {}
}
