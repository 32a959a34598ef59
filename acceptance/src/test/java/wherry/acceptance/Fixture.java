package wherry.acceptance;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.PostgresServer;

/**
 * Servers that the tests of this JVM share, started when first asked for; each test takes databases
 * of its own.
 */
final class Fixture {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private Fixture() {}

  private static final class Postgres {
    static final PostgresServer SERVER = PostgresServer.start();
  }

  private static final class MariaDb {
    static final MariaDbServer SERVER = MariaDbServer.start();
  }

  private static final class MySql {
    static final MySqlServer SERVER = MySqlServer.start();
  }

  /** Only where {@link MySqlServer#available} says that it can run. */
  static MySqlServer mySql() {
    return MySql.SERVER;
  }

  static PostgresServer postgres() {
    return Postgres.SERVER;
  }

  static MariaDbServer mariaDb() {
    return MariaDb.SERVER;
  }

  static String newName(String prefix) {
    return prefix + "_" + NUMBER.incrementAndGet();
  }

  static String newDatabase(DatabaseServer server) {
    String name = newName("db");
    server.createDatabase(name);
    return name;
  }

  /** All rows of a query, each as its columns' text joined by {@code |}. */
  static List<String> rows(DatabaseServer server, String database, String query) {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          cells.add(String.valueOf(result.getString(i)));
        }
        rows.add(String.join("|", cells));
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    }
  }

  static String value(DatabaseServer server, String database, String query) {
    return rows(server, database, query).get(0);
  }
}
