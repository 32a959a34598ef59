package wherry.benchmarks;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import wherry.demo.DemoTable;
import wherry.demo.Engine;
import wherry.demo.Tpch;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.SandboxException;

/** The table that is moved, the line items of TPC-H: sixteen columns of every common kind. */
final class BenchmarkTable {
  static final String DATABASE = "bench";
  static final String SCHEMA = "tpch";
  static final String NAME = "lineitem";

  private static final DemoTable TABLE = Tpch.lineItem();

  private BenchmarkTable() {}

  static long fill(PostgresServer server, double scale) throws SQLException, IOException {
    server.createDatabase(DATABASE);
    server.executeIn(DATABASE, "CREATE SCHEMA " + SCHEMA);
    long rows = Tpch.load(server, DATABASE, SCHEMA, TABLE, scale);
    // Whoever read the rows first would otherwise also mark them as committed for all.
    server.executeIn(DATABASE, "VACUUM (FREEZE, ANALYZE) " + SCHEMA + "." + NAME, "CHECKPOINT");
    return rows;
  }

  static long fill(MariaDbServer server, double scale) throws SQLException, IOException {
    server.createDatabase(SCHEMA);
    long rows = Tpch.load(server, SCHEMA, TABLE, scale);
    // InnoDB would write its pages back for seconds, at the expense of whoever is measured then;
    // an export waits for that.
    server.executeIn(SCHEMA, "FLUSH TABLES " + NAME + " FOR EXPORT", "UNLOCK TABLES");
    return rows;
  }

  /** An empty schema in the target, and nothing left to write from before. */
  static void clear(DatabaseServer target) {
    target.executeIn(DATABASE, "DROP SCHEMA IF EXISTS " + SCHEMA + " CASCADE", "CHECKPOINT");
  }

  static void createEmpty(DatabaseServer target) {
    target.executeIn(
        DATABASE, "CREATE SCHEMA " + SCHEMA, TABLE.createStatement(Engine.POSTGRESQL, SCHEMA));
  }

  static long count(DatabaseServer server) {
    return number(server, "SELECT count(*) FROM " + SCHEMA + "." + NAME);
  }

  /** Bytes of the table in PostgreSQL, without its index. */
  static long bytes(PostgresServer server) {
    return number(server, "SELECT pg_relation_size('" + SCHEMA + "." + NAME + "')");
  }

  static long pages(DatabaseServer server) {
    return number(
        server,
        "SELECT pg_relation_size('"
            + SCHEMA
            + "."
            + NAME
            + "') / current_setting('block_size')::int");
  }

  private static long number(DatabaseServer server, String sql) {
    try (Connection connection = server.connect(DATABASE);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new SandboxException(e.getMessage() + "\nin: " + sql, e);
    }
  }
}
