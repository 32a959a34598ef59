package wherry.postgresql;

import java.sql.BatchUpdateException;
import java.sql.SQLException;
import wherry.connector.ChangeRefused;
import wherry.connector.RejectedRow;
import wherry.error.DmsException;
import wherry.schema.Column;
import wherry.schema.TableId;

/** Tells a change that is refused for what it is from every other failure of an apply. */
final class ApplyFailures {
  private final PostgresSessions sessions;

  ApplyFailures(PostgresSessions sessions) {
    this.sessions = sessions;
  }

  /** A {@link ChangeRefused} or a {@link DmsException}, to be thrown. */
  RuntimeException of(TableId table, SQLException e) {
    SQLException told = told(e);
    if (!RefusedRows.isAboutRows(told)) {
      return ofTable("Applying changes to", table, told);
    }
    String state = PostgresFailures.state(told);
    ChangeRefused.Kind kind =
        switch (state) {
          case "23505" -> ChangeRefused.Kind.DUPLICATE_KEY;
          case "22001" -> ChangeRefused.Kind.TRUNCATION;
          default -> ChangeRefused.Kind.DATA;
        };
    String column = RefusedRows.column(told);
    String message = PostgresFailures.said(told);
    return new ChangeRefused(
        kind, state, column.isEmpty() ? message : "column " + column + ": " + message, told);
  }

  /** A cell that we do not send, for the column would hold another value. */
  static ChangeRefused of(Column column, CellRefused e) {
    boolean isTruncation = e.kind() == RejectedRow.Kind.TRUNCATION;
    return new ChangeRefused(
        isTruncation ? ChangeRefused.Kind.TRUNCATION : ChangeRefused.Kind.DATA,
        isTruncation ? "22001" : "22000",
        "column " + column.name() + ": " + e.getMessage() + ".",
        e);
  }

  DmsException ofTable(String doing, TableId table, SQLException e) {
    String user = PostgresNames.quote(sessions.settings().user());
    String grants =
        ("GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON %s TO"
                + " %s; GRANT TEMPORARY ON DATABASE %s TO %s; to change columns, ALTER TABLE %s"
                + " OWNER TO %s;")
            .formatted(
                PostgresNames.quote(table.schema()),
                user,
                PostgresNames.quote(table),
                user,
                PostgresNames.quote(sessions.settings().database()),
                user,
                PostgresNames.quote(table),
                user);
    return sessions.failures().during(doing, table, grants, told(e));
  }

  DmsException ofControlTables(String doing, String schema, SQLException e) {
    String grants =
        ("GRANT USAGE, CREATE ON SCHEMA %s TO %s; or name another schema as ControlSchema in the"
                + " task settings.")
            .formatted(
                PostgresNames.quote(schema), PostgresNames.quote(sessions.settings().user()));
    return sessions.failures().during(doing, grants, told(e));
  }

  /** The driver wraps what the server says about a batch of statements. */
  private static SQLException told(SQLException e) {
    SQLException next = e.getNextException();
    return e instanceof BatchUpdateException && next != null ? next : e;
  }
}
