package wherry.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Function;

/** The databases that a sandbox starts, each with a setting that can be looked at. */
enum Engine {
  POSTGRESQL(PostgresServer::start, "work_mem", "5MB", "SHOW work_mem"),
  MARIADB(
      MariaDbServer::start, "innodb_lock_wait_timeout", "7", "SELECT @@innodb_lock_wait_timeout"),
  MYSQL(MySqlServer::start, "local_infile", "0", "SELECT @@local_infile");

  private final Function<ServerOptions, DatabaseServer> starter;
  private final String setting;
  private final String value;
  private final String query;

  Engine(
      Function<ServerOptions, DatabaseServer> starter, String setting, String value, String query) {
    this.starter = starter;
    this.setting = setting;
    this.value = value;
    this.query = query;
  }

  String setting() {
    return setting;
  }

  String value() {
    return value;
  }

  /** Shows the value. */
  String query() {
    return query;
  }

  DatabaseServer start(ServerOptions options) {
    if (this == MYSQL) {
      Availability availability = MySqlServer.available();
      assumeTrue(availability.usable(), availability.reason());
    }
    return starter.apply(options);
  }

  static String single(DatabaseServer server, String database, String sql) throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
