package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/**
 * The publication that names the tables whose changes a task reads: its own, or one of the same
 * name that an administrator has made for a user who owns no tables.
 */
final class Publication {
  private static final int VIA_ROOT_SINCE = 13;
  private static final String ADD = "ADD";

  /** SQLSTATE duplicate_object. */
  private static final String ALREADY_HELD = "42710";

  private final PostgresSettings settings;
  private final String name;

  Publication(PostgresSettings settings, String name) {
    this.settings = settings;
    this.name = name;
  }

  String name() {
    return name;
  }

  /**
   * Makes the publication hold exactly these tables.
   *
   * @return those that it does not hold, for it is not ours to change
   */
  List<TableId> publish(Connection session, Collection<TableIdentity> tables) throws SQLException {
    Optional<String> statement = statement(session, tables);
    if (statement.isPresent()) {
      run(session, statement.get(), tables);
      return List.of();
    }
    Set<TableId> held = held(session);
    return ids(tables).stream().filter(table -> !held.contains(table)).toList();
  }

  /** What makes it hold exactly these tables; empty when it does, or is not ours to change. */
  Optional<String> statement(Connection session, Collection<TableIdentity> tables)
      throws SQLException {
    Optional<Boolean> ours = isOurs(session);
    List<TableId> wanted = ids(tables);
    if (ours.isEmpty()) {
      return Optional.of(create(session, wanted));
    }
    Set<TableId> held = held(session);
    return ours.get() && !held.equals(Set.copyOf(wanted))
        ? Optional.of(change(session, wanted, held))
        : Optional.empty();
  }

  private static List<TableId> ids(Collection<TableIdentity> tables) {
    return tables.stream().map(TableIdentity::id).sorted().toList();
  }

  private String create(Connection session, List<TableId> tables) throws SQLException {
    int version = session.getMetaData().getDatabaseMajorVersion();
    return "CREATE PUBLICATION %s%s WITH (publish = 'insert, update, delete, truncate'%s%s)"
        .formatted(
            PostgresNames.quote(name),
            tables.isEmpty() ? "" : " FOR TABLE " + list(tables),
            version >= VIA_ROOT_SINCE ? ", publish_via_partition_root = true" : "",
            version >= Attribute.GENERATED_COLUMNS_SINCE
                ? ", publish_generated_columns = stored"
                : "");
  }

  private String change(Connection session, List<TableId> wanted, Set<TableId> held)
      throws SQLException {
    return wanted.isEmpty()
        ? "ALTER PUBLICATION %s DROP TABLE %s".formatted(PostgresNames.quote(name), list(held))
        : "ALTER PUBLICATION %s SET TABLE %s".formatted(PostgresNames.quote(name), list(wanted));
  }

  /**
   * Makes the publication hold these tables beside those that it holds.
   *
   * @return those that it does not hold, for it is not ours to change
   */
  List<TableId> include(Connection session, Collection<TableIdentity> tables) throws SQLException {
    Set<TableId> held = held(session);
    List<TableId> lacking = ids(tables).stream().filter(table -> !held.contains(table)).toList();
    if (!isOurs(session).orElse(false)) {
      return lacking;
    }
    for (TableId table : lacking) {
      try {
        run(session, change(ADD, table), tables);
      } catch (SQLException e) {
        if (!PostgresFailures.state(e).equals(ALREADY_HELD)) {
          throw e;
        } // The watch was faster.
      }
    }
    return List.of();
  }

  /** Adds a table whose identity suffices, in the caller's transaction. */
  void add(Connection session, TableId table) throws SQLException {
    execute(session, change(ADD, table));
  }

  /** Takes a table out, in the caller's transaction. */
  void remove(Connection session, TableId table) throws SQLException {
    execute(session, change("DROP", table));
  }

  private String change(String verb, TableId table) {
    return "ALTER PUBLICATION %s %s TABLE %s"
        .formatted(PostgresNames.quote(name), verb, PostgresNames.quote(table));
  }

  private static void execute(Connection session, String sql) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute(sql);
    }
  }

  /** For one who may change it. */
  String addStatement(TableId table) {
    return "publication %s does not hold it and is not the user's to change. Run as its owner: %s;"
        .formatted(name, change(ADD, table));
  }

  /** What lets the user add the table. */
  String right(TableIdentity table) {
    return advice(change(ADD, table.id()), List.of(table));
  }

  void drop(Connection session) throws SQLException {
    if (isOurs(session).orElse(false)) {
      execute(session, "DROP PUBLICATION IF EXISTS " + PostgresNames.quote(name));
    }
  }

  boolean exists(Connection session) throws SQLException {
    return isOurs(session).isPresent();
  }

  /**
   * One that somebody else has made may leave changes out, and the server does so without a word.
   *
   * @throws DmsException SETTING_INVALID with what it lacks
   */
  void requireWhole(Connection session, Collection<TableIdentity> tables) throws SQLException {
    try (PreparedStatement statement = session.prepareStatement(Sql.PUBLISHED)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return;
        }
        boolean partitioned = tables.stream().anyMatch(TableIdentity::isPartitioned);
        if (!row.getBoolean("all_operations")) {
          throw leavesOut("it does not publish insert, update, delete and truncate");
        } else if (row.getBoolean("selective")) {
          throw leavesOut("it has row filters or column lists");
        } else if (partitioned && !row.getBoolean("via_root")) {
          throw leavesOut("it publishes partitions under their own names");
        }
      }
    }
  }

  private DmsException leavesOut(String how) {
    return new DmsException(
        ErrorCode.SETTING_INVALID,
        ("Publication %s of the source %s leaves changes out: %s. Run there DROP PUBLICATION %s;"
                + " CREATE PUBLICATION %s FOR TABLE <the task's tables> WITH"
                + " (publish_via_partition_root = true); and then make the slot anew, for it has to"
                + " be younger than the publication.")
            .formatted(
                name, settings.place(), how, PostgresNames.quote(name), PostgresNames.quote(name)));
  }

  /** Whether the user may change it; empty when there is none. */
  Optional<Boolean> isOurs(Connection session) throws SQLException {
    String query =
        "SELECT pg_catalog.pg_has_role(pubowner, 'USAGE') AND NOT puballtables FROM"
            + " pg_catalog.pg_publication WHERE pubname = ?";
    try (PreparedStatement statement = session.prepareStatement(query)) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(rows.getBoolean(1)) : Optional.empty();
      }
    }
  }

  /** The tables that it holds, a partitioned table in place of its partitions. */
  Set<TableId> held(Connection session) throws SQLException {
    Set<TableId> held = new HashSet<>();
    String query =
        "SELECT schemaname, tablename FROM pg_catalog.pg_publication_tables WHERE pubname = ?";
    try (PreparedStatement statement = session.prepareStatement(query)) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          held.add(new TableId(rows.getString(1), rows.getString(2)));
        }
      }
    }
    return held;
  }

  private void run(Connection session, String sql, Collection<TableIdentity> tables)
      throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute("SET lock_timeout = '" + settings.executeTimeoutSeconds() + "s'");
      statement.execute(sql);
    } catch (SQLException e) {
      if (!PostgresFailures.state(e).equals("42501")) {
        throw e;
      }
      throw new DmsException(
          ErrorCode.PRIVILEGE_MISSING,
          "User %s may not publish the tables of the source database %s: %s %s"
              .formatted(
                  settings.user(), settings.place(), PostgresFailures.said(e), advice(sql, tables)),
          e);
    }
  }

  private String advice(String sql, Collection<TableIdentity> tables) {
    String user = PostgresNames.quote(settings.user());
    List<TableIdentity> foreign = tables.stream().filter(table -> !table.owned()).toList();
    if (foreign.isEmpty()) {
      return "Run: GRANT CREATE ON DATABASE %s TO %s;"
          .formatted(PostgresNames.quote(settings.database()), user);
    }
    return "Only an owner may publish a table. Run: "
        + foreign.stream()
            .limit(10)
            .map(table ->
                "ALTER TABLE %s OWNER TO %s;".formatted(PostgresNames.quote(table.id()), user))
            .collect(Collectors.joining(" "))
        + " Or run as a superuser: "
        + sql
        + ";";
  }

  private static String list(Collection<TableId> tables) {
    return tables.stream().map(PostgresNames::quote).collect(Collectors.joining(", "));
  }
}
