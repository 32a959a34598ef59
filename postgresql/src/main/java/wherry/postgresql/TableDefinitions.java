package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import wherry.change.SchemaChange.ColumnChange;
import wherry.connector.ChangeRefused;
import wherry.connector.TableRoute;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.postgresql.PostgresCatalog.CatalogTable;
import wherry.row.RowBatch;
import wherry.schema.Column;
import wherry.schema.NativeType;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Changes what tables of the target are, in the transaction of the changes. Looks at what is there
 * first, so that each change can be repeated.
 */
final class TableDefinitions {
  private final Connection session;
  private final PostgresSettings settings;
  private final PostgresDdl ddl;
  private final int serverMajor;

  TableDefinitions(Connection session, PostgresSettings settings) throws SQLException {
    this.session = session;
    this.settings = settings;
    this.ddl = new PostgresDdl(session);
    this.serverMajor = session.getMetaData().getDatabaseMajorVersion();
  }

  @FunctionalInterface
  private interface Work<T> {
    T done() throws SQLException;
  }

  void alter(TableId target, List<ColumnChange> changes) throws SQLException {
    definition(() -> {
      for (ColumnChange change : changes) {
        alter(target, change);
      }
      return true;
    });
  }

  TableSchema describe(TableSchema wanted) throws SQLException {
    Optional<CatalogTable> found = definition(() -> standing(wanted.id()));
    return TargetTables.matched(wanted, found);
  }

  Set<String> columns(TableId table) throws SQLException {
    return definition(() -> standing(table)).stream()
        .flatMap(found -> found.schema().columns().stream())
        .map(Column::name)
        .collect(Collectors.toSet());
  }

  private void alter(TableId table, ColumnChange change) throws SQLException {
    switch (change) {
      case ColumnChange.Added added -> add(table, added);
      case ColumnChange.Dropped dropped -> {
        if (column(table, dropped.column()).isPresent()) {
          execute(table, "DROP COLUMN " + PostgresNames.quote(dropped.column()));
        }
      }
      case ColumnChange.Renamed renamed -> {
        boolean isStillOld = column(table, renamed.from()).isPresent();
        if (isStillOld && column(table, renamed.to().name()).isEmpty()) {
          execute(
              table,
              "RENAME COLUMN %s TO %s"
                  .formatted(
                      PostgresNames.quote(renamed.from()),
                      PostgresNames.quote(renamed.to().name())));
        }
        retype(table, renamed.to());
      }
      case ColumnChange.Retyped retyped -> retype(table, retyped.to());
    }
  }

  /**
   * It takes NULL and has no default, as columns that a load makes. What the rows that are there
   * have in it comes with the column, by a default that goes again; where the column was there
   * before, row by row.
   */
  private void add(TableId table, ColumnChange.Added added) throws SQLException {
    Column column = added.column();
    String name = PostgresNames.quote(column.name());
    Optional<Column> standing = column(table, column.name());
    String type =
        standing.isPresent() ? standing.get().nativeType().name() : ddl.type(table, column);
    String value = added.existing().map(cell -> literal(table, column, type, cell)).orElse("");
    if (standing.isEmpty()) {
      execute(
          table,
          "ADD COLUMN %s %s%s".formatted(name, type, value.isEmpty() ? "" : " DEFAULT " + value));
      if (!value.isEmpty()) {
        execute(table, "ALTER COLUMN %s DROP DEFAULT".formatted(name));
      }
    } else if (!value.isEmpty()) {
      ddl.execute(
          "UPDATE %s SET %s = %s WHERE %s IS NULL"
              .formatted(PostgresNames.quote(table), name, value, name));
    }
  }

  private String literal(TableId table, Column column, String type, RowBatch cell) {
    Column made =
        new Column(
            column.name(),
            column.type(),
            column.meaning(),
            column.length(),
            column.precision(),
            column.scale(),
            column.labels(),
            true,
            new NativeType(PostgresTypes.FAMILY, type));
    TableSchema target = new TableSchema(table, List.of(made), Optional.empty());
    TableRoute route = new TableRoute(target.id(), cell.schema(), target, List.of());
    try {
      return PostgresNames.literal(
          Objects.requireNonNull(new CellTexts(route, serverMajor).text(cell, 0, 0)));
    } catch (ChangeRefused e) {
      throw new DmsException(
          ErrorCode.TARGET_TABLE_FAILED,
          table,
          "The value that the rows of %s get in the new column does not fit: %s Reload the table, or add the column by hand."
              .formatted(table, e.getMessage()),
          e);
    }
  }

  /**
   * Without USING where the server knows how to assign, which refuses values that do not fit; an
   * explicit cast would shorten them.
   */
  private void retype(TableId table, Column column) throws SQLException {
    Optional<Column> standing = column(table, column.name());
    String type = ddl.type(table, column);
    if (standing.isEmpty() || standing.get().nativeType().name().equals(type)) {
      return;
    }
    String name = PostgresNames.quote(column.name());
    String change = "ALTER COLUMN %s TYPE %s".formatted(name, type);
    ddl.execute("SAVEPOINT retype");
    try {
      execute(table, change);
    } catch (SQLException e) {
      if (!PostgresFailures.state(e).equals("42804")) {
        throw e;
      }
      ddl.execute("ROLLBACK TO SAVEPOINT retype");
      String cast = castsExplicitly(standing.get().nativeType().name(), type) ? "" : "::text";
      execute(table, "%s USING %s%s::%s".formatted(change, name, cast, type));
    }
    ddl.execute("RELEASE SAVEPOINT retype");
  }

  private boolean castsExplicitly(String from, String to) throws SQLException {
    String query =
        "SELECT FROM pg_catalog.pg_cast WHERE castsource = ?::regtype AND casttarget = ?::regtype";
    try (PreparedStatement statement = session.prepareStatement(query)) {
      statement.setString(1, from);
      statement.setString(2, to);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  void drop(TableId table) throws SQLException {
    definition(() -> {
      ddl.execute("DROP TABLE IF EXISTS " + PostgresNames.quote(table));
      return true;
    });
  }

  void rename(TableId table, TableId to) throws SQLException {
    definition(() -> {
      if (standing(table).isEmpty()) {
        return false;
      }
      TableId moved = new TableId(to.schema(), table.name());
      if (!table.schema().equals(to.schema())) {
        ddl.execute(ddl.createSchema(to.schema()));
        execute(table, "SET SCHEMA " + PostgresNames.quote(to.schema()));
      }
      if (!table.name().equals(to.name())) {
        execute(moved, "RENAME TO " + PostgresNames.quote(to.name()));
      }
      return true;
    });
  }

  /** TRUNCATE is refused where foreign keys of other tables point at the table. */
  void truncate(TableId table) throws SQLException {
    definition(() -> {
      boolean isReferenced = !ddl.referencesTo(table).isEmpty();
      ddl.execute((isReferenced ? "DELETE FROM " : "TRUNCATE TABLE ") + PostgresNames.quote(table));
      return true;
    });
  }

  private void execute(TableId table, String action) throws SQLException {
    ddl.execute("ALTER TABLE %s %s".formatted(PostgresNames.quote(table), action));
  }

  private Optional<Column> column(TableId table, String name) throws SQLException {
    return standing(table).stream()
        .flatMap(found -> found.schema().columns().stream())
        .filter(column -> column.name().equals(name))
        .findFirst();
  }

  private Optional<CatalogTable> standing(TableId table) throws SQLException {
    return new PostgresCatalog(session, settings).table(table);
  }

  /** With a limit to the wait for locks, and without the search_path that catalogue queries set. */
  private <T> T definition(Work<T> work) throws SQLException {
    String lockTimeout = setting("lock_timeout");
    String searchPath = setting("search_path");
    set("lock_timeout", settings.executeTimeoutSeconds() + "s");
    T result = work.done();
    set("lock_timeout", lockTimeout);
    set("search_path", searchPath);
    return result;
  }

  private String setting(String name) throws SQLException {
    return answer("SELECT pg_catalog.current_setting(?)", name);
  }

  private void set(String name, String value) throws SQLException {
    answer("SELECT pg_catalog.set_config(?, ?, true)", name, value);
  }

  private String answer(String query, String... parameters) throws SQLException {
    try (PreparedStatement statement = session.prepareStatement(query)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }
}
