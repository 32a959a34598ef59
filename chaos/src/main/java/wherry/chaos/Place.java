package wherry.chaos;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.stream.Stream;
import wherry.sandbox.DatabaseServer;

/**
 * One side of a run: where its tables are.
 *
 * @param database what to connect to; for MySQL and MariaDB the same as the schema
 */
record Place(Dialect dialect, DatabaseServer server, String database, String schema) {
  private static final String OBSERVER = "observer";
  private static final Duration SLOT_PATIENCE = Duration.ofMinutes(3);

  static Place of(Dialect dialect, DatabaseServer server, String schema) {
    return new Place(dialect, server, schema, schema);
  }

  String table(Table table) {
    return schema + "." + table.sqlName();
  }

  Connection connect() throws SQLException {
    return server.connect(database);
  }

  /** As a user who may read the tables and no more. */
  Connection connectAsObserver() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", OBSERVER);
    properties.setProperty("password", OBSERVER);
    return DriverManager.getConnection(server.jdbcUrl(database), properties);
  }

  /** The empty tables. */
  void createTables() {
    createSchema();
    server.executeIn(
        database,
        Stream.of(Table.values())
            .flatMap(table -> table.create(dialect, schema).stream())
            .toArray(String[]::new));
  }

  /** The empty schema; the observer may read whatever comes to be in it. */
  void createSchema() {
    server.createDatabase(database);
    switch (dialect) {
      case POSTGRES ->
          server.executeIn(
              database,
              "DO $$ BEGIN CREATE ROLE observer LOGIN PASSWORD 'observer';"
                  + " EXCEPTION WHEN duplicate_object THEN NULL; END $$",
              "CREATE SCHEMA " + schema,
              "GRANT USAGE ON SCHEMA " + schema + " TO observer",
              "ALTER DEFAULT PRIVILEGES IN SCHEMA "
                  + schema
                  + " GRANT SELECT ON TABLES TO observer");
      case MYSQL, MARIADB ->
          server.execute(
              "CREATE USER IF NOT EXISTS observer IDENTIFIED BY 'observer'",
              "GRANT SELECT ON " + schema + ".* TO observer");
    }
  }

  /** With the slots that somebody may have left on it. */
  void drop() throws InterruptedException {
    if (dialect != Dialect.POSTGRES) {
      // The log of a run is of no use to the next one, and a small disk would be full of it.
      server.execute(
          "DROP DATABASE IF EXISTS " + database,
          "FLUSH BINARY LOGS",
          "PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY");
      return;
    }
    Place all = new Place(dialect, server, server.defaultDatabase(), schema);
    String slots = " FROM pg_replication_slots WHERE database = '" + database + "'";
    Patience.await(
        "the slots of " + database + " to be given up",
        SLOT_PATIENCE,
        () -> {
          all.number("SELECT count(pg_terminate_backend(active_pid))" + slots);
          all.number("SELECT count(pg_drop_replication_slot(slot_name))" + slots);
          return all.number("SELECT count(*)" + slots) == 0;
        });
    server.execute("DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
  }

  long number(String query) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      return rows.next() ? rows.getLong(1) : 0;
    }
  }
}
