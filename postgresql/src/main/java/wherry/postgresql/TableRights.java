package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import wherry.connector.PrepareMode;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/** What a user needs to load a table that is there already. */
final class TableRights {
  /** DROP is for owners of the table or of its schema. */
  private static final String RIGHTS =
      """
      SELECT pg_catalog.has_any_column_privilege(c.oid, 'INSERT') AS may_insert,
             pg_catalog.has_table_privilege(c.oid, 'TRUNCATE') AS may_truncate,
             pg_catalog.pg_has_role(c.relowner, 'USAGE')
               OR pg_catalog.pg_has_role(n.nspowner, 'USAGE') AS may_drop
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ? AND c.relname = ?
      """;

  private TableRights() {}

  /**
   * @throws DmsException PRIVILEGE_MISSING with the statement that gives what is missing
   */
  static void check(Connection session, PostgresSettings settings, TableId table, PrepareMode mode)
      throws SQLException {
    try (PreparedStatement select = session.prepareStatement(RIGHTS)) {
      select.setString(1, table.schema());
      select.setString(2, table.name());
      try (ResultSet rights = select.executeQuery()) {
        if (rights.next()) {
          check(rights, settings, table, mode);
        }
      }
    }
  }

  private static void check(
      ResultSet rights, PostgresSettings settings, TableId table, PrepareMode mode)
      throws SQLException {
    if (mode == PrepareMode.DROP_AND_CREATE) {
      if (!rights.getBoolean("may_drop")) {
        throw missing(settings, table, "drop", "ALTER TABLE %s OWNER TO %s;");
      }
      return;
    }
    List<String> privileges = new ArrayList<>();
    if (!rights.getBoolean("may_insert")) {
      privileges.add("INSERT");
    }
    if (mode == PrepareMode.TRUNCATE_BEFORE_LOAD && !rights.getBoolean("may_truncate")) {
      privileges.add("TRUNCATE");
    }
    if (!privileges.isEmpty()) {
      throw missing(
          settings, table, "load", "GRANT " + String.join(", ", privileges) + " ON %s TO %s;");
    }
  }

  /**
   * @throws DmsException COMMAND_REFUSED with the statement that gives the right
   */
  static void checkTemporary(Connection session, PostgresSettings settings, TableId table)
      throws SQLException {
    String query =
        "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP')";
    try (Statement statement = session.createStatement();
        ResultSet right = statement.executeQuery(query)) {
      right.next();
      if (!right.getBoolean(1)) {
        throw new DmsException(
            ErrorCode.COMMAND_REFUSED,
            table,
            ("No row of %s was tried: that takes a temporary table on the target, which its user"
                    + " may not make. Run: GRANT TEMPORARY ON DATABASE %s TO %s;")
                .formatted(
                    table,
                    PostgresNames.quote(settings.database()),
                    PostgresNames.quote(settings.user())),
            null);
      }
    }
  }

  private static DmsException missing(
      PostgresSettings settings, TableId table, String doing, String statement) {
    return new DmsException(
        ErrorCode.PRIVILEGE_MISSING,
        table,
        "User %s may not %s table %s of the target %s. Run: %s"
            .formatted(
                PostgresNames.quote(settings.user()),
                doing,
                table,
                settings.place(),
                statement.formatted(
                    PostgresNames.quote(table), PostgresNames.quote(settings.user()))),
        null);
  }
}
