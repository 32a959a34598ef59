package wherry.mysql;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.Driver;
import org.mariadb.jdbc.client.Client;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.connector.Resource;
import wherry.connector.TlsMode;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/** One connection, set up so that values cross it unchanged. Owned by one thread at a time. */
final class MySqlSession implements Resource {
  /** The sql_mode of {@link Role#WRITE}. */
  static final String STRICT =
      "SET SESSION sql_mode='STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'";

  /** The same, except that what does not fit is a warning. */
  static final String LENIENT =
      "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'";

  /** What the connection is for. */
  enum Role {
    /** sql_mode empty: zero dates, index-0 enums and padded text are read as they are. */
    READ("SET SESSION sql_mode=''"),
    /**
     * Strict, so that nothing is changed silently; without NO_ZERO_DATE and NO_ZERO_IN_DATE,
     * because such dates are legitimate between servers of this family; zero stays zero in an
     * AUTO_INCREMENT column.
     */
    WRITE(
        STRICT,
        "SET SESSION foreign_key_checks=0",
        // TRUNCATE and ALTER would wait a year for readers of the table.
        "SET SESSION sql_notes=1, innodb_lock_wait_timeout=120, lock_wait_timeout=120");

    @SuppressWarnings("ImmutableEnumChecker") // Nobody changes the array.
    private final String[] statements;

    Role(String... statements) {
      this.statements = statements;
    }
  }

  /** Reads one row. */
  interface RowMapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  private static final Logger log = LoggerFactory.getLogger(MySqlSession.class);
  private static final int ANSWER_MILLISECONDS = 10_000;

  /** So much longer than any other statement may a file wait that we send. */
  private static final int FILE_FACTOR = 15;

  private static final int A_DAY_SECONDS = 86400;

  private final MySqlSettings settings;
  private final Connection connection;
  private final MySqlServer server;
  private int queryTimeoutSeconds;

  private MySqlSession(MySqlSettings settings, Connection connection, MySqlServer server) {
    this.settings = settings;
    this.connection = connection;
    this.server = server;
  }

  static MySqlSession open(MySqlSettings settings, Role role) {
    Connection connection;
    try {
      connection = new Driver().connect(url(settings), properties(settings));
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "connecting", e);
    }
    try {
      runScripts(settings, connection);
      return setUp(settings, role, connection);
    } catch (SQLException e) {
      closeQuietly(connection);
      throw MySqlFailure.of(settings, "preparing the session", e);
    } catch (DmsException e) {
      closeQuietly(connection);
      throw e;
    }
  }

  private static String url(MySqlSettings settings) {
    String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
    return "jdbc:mariadb://" + host + ":" + settings.port() + "/";
  }

  private static Properties properties(MySqlSettings settings) {
    Properties properties = new Properties();
    properties.setProperty("user", settings.user());
    properties.setProperty("password", settings.password());
    properties.setProperty(
        "connectTimeout", Integer.toString(1000 * settings.connectTimeoutSeconds()));
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("tcpKeepIdle", "60");
    properties.setProperty("tcpKeepInterval", "30");
    properties.setProperty("sslMode", driverWord(settings.tls()));
    if (settings.tls().verifies()) {
      if (settings.certificatePem().isPresent()) {
        properties.setProperty("serverSslCert", settings.certificatePem().get());
      } else {
        // Named, because with its own fallback the driver lets a password stand in for a trusted
        // certificate.
        Path ofJvm = Path.of(System.getProperty("java.home"), "lib", "security", "cacerts");
        properties.setProperty(
            "trustStore", System.getProperty("javax.net.ssl.trustStore", ofJvm.toString()));
      }
    }
    if (settings.tls() == TlsMode.NONE) {
      // MySQL 8's first login over plain TCP sends the password encrypted with the server's RSA
      // key.
      properties.setProperty("allowPublicKeyRetrieval", "true");
    }
    properties.setProperty("allowLocalInfile", "true");
    properties.setProperty("allowMultiQueries", Boolean.toString(!settings.scripts().isEmpty()));
    properties.setProperty("jdbcCompliantTruncation", "false");
    properties.setProperty("tinyInt1isBit", "false");
    properties.setProperty("yearIsDateType", "false");
    properties.setProperty("connectionAttributes", "program_name:wherry");
    return properties;
  }

  private static String driverWord(TlsMode mode) {
    return switch (mode) {
      case NONE -> "disable";
      case REQUIRE -> "trust";
      case VERIFY_CA, VERIFY_FULL -> mode.word();
    };
  }

  /** Theirs come first: ours decide over what values mean, so they must win. */
  private static void runScripts(MySqlSettings settings, Connection connection) {
    try (Statement statement = connection.createStatement()) {
      for (String script : settings.scripts()) {
        statement.execute(script);
        while (statement.getMoreResults() || statement.getUpdateCount() != -1) {
          // Each statement of a script is run to its end, so that the failure of any is seen.
        }
      }
    } catch (SQLException e) {
      throw MySqlFailure.of(
          settings, null, ErrorCode.SETTING_INVALID, "running AfterConnectScript or Initstmt", e);
    }
  }

  private static MySqlSession setUp(MySqlSettings settings, Role role, Connection connection)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET NAMES utf8mb4");
      statement.execute("SET SESSION time_zone='+00:00'");
      // A row limit of the server's configuration would end every table early, and silently.
      statement.execute(
          "SET SESSION sql_select_limit=DEFAULT, sql_safe_updates=0, sql_big_selects=1");
      statement.execute(
          "SET SESSION wait_timeout="
              + A_DAY_SECONDS
              + ", net_read_timeout="
              + A_DAY_SECONDS
              + ", net_write_timeout="
              + A_DAY_SECONDS);
      for (String own : role.statements) {
        statement.execute(own);
      }
      MySqlServer server = server(statement);
      statement.execute(
          "SET SESSION " + (server.mariaDb() ? "max_statement_time=0" : "max_execution_time=0"));
      if (!server.mariaDb() && server.atLeast(8, 0)) {
        statement.execute("SET SESSION information_schema_stats_expiry=0");
      }
      return new MySqlSession(settings, connection, server);
    }
  }

  private static MySqlServer server(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT version(), @@lower_case_table_names, @@max_allowed_packet, @@local_infile, @@log_bin,"
                + " @@sql_select_limit")) {
      row.next();
      if (row.getBigDecimal(6).compareTo(new BigDecimal(Long.MAX_VALUE)) < 0) {
        statement.execute("SET SESSION sql_select_limit=18446744073709551615");
      }
      return MySqlServer.of(
          row.getString(1), row.getInt(2), row.getLong(3), row.getBoolean(4), row.getBoolean(5));
    }
  }

  MySqlServer server() {
    return server;
  }

  MySqlSettings settings() {
    return settings;
  }

  Connection connection() {
    return connection;
  }

  /** The driver's own protocol layer, for messages that JDBC would copy once too often. */
  Client client() {
    return ((org.mariadb.jdbc.Connection) connection).getClient();
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Runs a statement letter by letter; JDBC would look for escapes of its own in it. */
  void executeVerbatim(String sql) throws SQLException {
    executeVerbatim(sql.getBytes(StandardCharsets.UTF_8));
  }

  /** Runs a statement that is in the character set that the server expects now. */
  void executeVerbatim(byte[] sql) throws SQLException {
    Bytes bytes = new Bytes(sql.length);
    bytes.add(sql);
    client().execute(new SqlBytes(bytes, "a definition"), false);
  }

  /** Runs a statement and tells how many rows it matched. */
  long update(String sql, @Nullable Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      return statement.executeLargeUpdate();
    }
  }

  /**
   * Lets {@link #query} take as long as ExecuteTimeout says; for sessions that ask the catalogue
   * only.
   */
  MySqlSession limitQueries() {
    queryTimeoutSeconds = settings.executeTimeoutSeconds();
    return this;
  }

  <T> List<T> query(String sql, RowMapper<T> mapper, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setQueryTimeout(queryTimeoutSeconds);
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<T> rows = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          rows.add(mapper.map(result));
        }
      }
      return rows;
    }
  }

  <T> Optional<T> queryOne(String sql, RowMapper<T> mapper, Object... parameters)
      throws SQLException {
    return query(sql, mapper, parameters).stream().findFirst();
  }

  /** What a failure of this session means. */
  DmsException failure(String doing, SQLException e) {
    return MySqlFailure.of(settings, doing, e);
  }

  /**
   * Whether the server has no such session any more, or has been waiting for us for that long;
   * asked over another connection, from any thread. A file that we send is given longer: on a slow
   * network the server waits for us all the time.
   */
  boolean isForsaken(Duration since) {
    try (MySqlSession other = open(settings, Role.READ)) {
      long id = threadId();
      other.connection.setNetworkTimeout(Runnable::run, ANSWER_MILLISECONDS);
      return other
          .queryOne(
              "SELECT COMMAND = 'Sleep' AND TIME >= ? OR STATE IN ('Reading from net', 'Receiving from client') AND TIME >= ?"
                  + " FROM information_schema.PROCESSLIST WHERE ID = ?",
              row -> row.getBoolean(1),
              since.toSeconds(),
              FILE_FACTOR * since.toSeconds(),
              id)
          .orElse(true);
    } catch (DmsException e) {
      return e.code() == ErrorCode.CONNECTION_FAILED; // Nobody reaches the server.
    } catch (SQLException e) {
      log.debug("Asking {} for our session: {}", settings.where(), e.getMessage());
      return false;
    }
  }

  /** The number by which other sessions know this one; never given twice. */
  private long threadId() throws SQLException {
    return connection.unwrap(org.mariadb.jdbc.Connection.class).getThreadId();
  }

  /** Ends the statement that runs, be it at work or waiting; from any thread. */
  void cancel() {
    try (MySqlSession other = open(settings, Role.READ)) {
      other.connection.setNetworkTimeout(Runnable::run, ANSWER_MILLISECONDS);
      other.execute("KILL QUERY " + threadId());
    } catch (DmsException | SQLException e) {
      log.debug("Cancelling a statement at {} failed: {}", settings.where(), e.getMessage());
    }
  }

  /** Ends the connection without waiting for what it still does. */
  void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      log.debug("Aborting a connection to {} failed: {}", settings.where(), e.getMessage());
    }
  }

  @Override
  public void close() {
    closeQuietly(connection);
  }

  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      log.debug("Closing a connection failed: {}", e.getMessage());
    }
  }
}
