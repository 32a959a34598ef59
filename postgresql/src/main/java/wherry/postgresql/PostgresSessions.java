package wherry.postgresql;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.connector.TlsMode;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * Opens sessions that speak one dialect, whatever the server, database or role has configured: the
 * text form of a value must not depend on where it comes from. Safe for all threads.
 */
final class PostgresSessions {
  private static final Logger log = LoggerFactory.getLogger(PostgresSessions.class);

  private static final String DIALECT =
      """
      SET statement_timeout = 0; SET client_encoding = 'UTF8'; SET standard_conforming_strings = on;
      SET TimeZone = 'UTC';
      SET datestyle = 'ISO, MDY'; SET intervalstyle = 'postgres'; SET extra_float_digits = 3; SET bytea_output = 'hex';
      SET lc_monetary = 'C'; SET xmloption = 'content';
      SET idle_in_transaction_session_timeout = 0; SET default_transaction_isolation = 'read committed';
      """;

  /** Rows that a policy would hide must end the load, not be missing from it. */
  private static final String SOURCE_DIALECT =
      "SET row_security = off; SET synchronize_seqscans = off;";

  private final PostgresSettings settings;
  private final Side side;
  private final PostgresFailures failures;
  private final AtomicBoolean saidThatTriggersFire = new AtomicBoolean();

  PostgresSessions(PostgresSettings settings, Side side) {
    this.settings = settings;
    this.side = side;
    this.failures = new PostgresFailures(settings, side);
  }

  PostgresFailures failures() {
    return failures;
  }

  PostgresSettings settings() {
    return settings;
  }

  /** A session in autocommit mode; the caller closes it. */
  Connection open() {
    return open(new Properties());
  }

  /**
   * A session that never waits longer for an answer, so that a server that has silently gone is
   * noticed.
   */
  Connection openAnswering(int answerSeconds) {
    Properties more = new Properties();
    PGProperty.SOCKET_TIMEOUT.set(more, answerSeconds);
    return open(more);
  }

  /**
   * A session that speaks the replication protocol to the database. Values that it sends have the
   * text that the load's readers get.
   */
  Connection openReplication() {
    Properties more = new Properties();
    PGProperty.REPLICATION.set(more, "database");
    PGProperty.PREFER_QUERY_MODE.set(more, "simple");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(more, "12");
    PGProperty.SOCKET_FACTORY.set(more, GatheringSocketFactory.class.getName());
    Connection session = open(more);
    try (Statement statement = session.createStatement()) {
      // However short the server's patience is, or endless.
      statement.execute("SET intervalstyle = 'iso_8601'; SET wal_sender_timeout = '60s'");
      return session;
    } catch (SQLException e) {
      closeAfter(session, e);
      throw failures.connecting(e);
    }
  }

  private Connection open(Properties more) {
    Connection session;
    try {
      session = connect(more);
    } catch (SQLException e) {
      throw failures.connecting(e);
    }
    try {
      prepare(session);
      return session;
    } catch (SQLException e) {
      closeAfter(session, e);
      throw failures.connecting(e);
    } catch (DmsException e) {
      closeAfter(session, e);
      throw e;
    }
  }

  private Connection connect(Properties more) throws SQLException {
    Properties session = new Properties();
    session.putAll(more);
    PGProperty.USER.set(session, settings.user());
    if (!settings.password().isEmpty()) {
      PGProperty.PASSWORD.set(session, settings.password());
    }
    PGProperty.APPLICATION_NAME.set(session, "wherry");
    PGProperty.CONNECT_TIMEOUT.set(session, settings.connectTimeoutSeconds());
    PGProperty.LOGIN_TIMEOUT.set(session, settings.connectTimeoutSeconds());
    PGProperty.TCP_KEEP_ALIVE.set(session, true);
    PGProperty.GSS_ENC_MODE.set(session, "disable");
    PGProperty.SSL_MODE.set(session, tlsWord(settings));
    if (settings.tls() != TlsMode.NONE) {
      PGProperty.SSL_FACTORY.set(session, TlsSocketFactory.class.getName());
      session.setProperty(TlsSocketFactory.CERTIFICATE_PEM, settings.certificatePem());
    }
    String host = settings.host().indexOf(':') < 0 ? settings.host() : "[" + settings.host() + "]";
    String database = URLEncoder.encode(settings.database(), StandardCharsets.UTF_8);
    Connection opened =
        new Driver()
            .connect("jdbc:postgresql://" + host + ":" + settings.port() + "/" + database, session);
    if (opened == null) {
      throw new SQLException("The driver does not understand host " + settings.host());
    }
    return opened;
  }

  private void prepare(Connection session) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute(DIALECT);
      if (session.getMetaData().getDatabaseMajorVersion() >= 14) {
        statement.execute("SET idle_session_timeout = 0");
      }
      switch (side) {
        case SOURCE -> statement.execute(SOURCE_DIALECT);
        case TARGET -> {
          silenceTriggers(statement);
          runAfterConnectScript(statement);
        }
      }
    }
  }

  /**
   * Triggers and foreign keys of the target would do a second time what the source has done
   * already. Only a superuser, or from PostgreSQL 15 on a role that was granted the parameter, may
   * turn them off.
   */
  private void silenceTriggers(Statement statement) throws SQLException {
    try {
      statement.execute("SET session_replication_role = 'replica'");
    } catch (SQLException e) {
      if (!PostgresFailures.state(e).equals("42501")) {
        throw e;
      }
      if (saidThatTriggersFire.compareAndSet(false, true)) {
        log.info(
            "Triggers and foreign keys of target {} fire during the load, for {} may not set "
                + "session_replication_role; on PostgreSQL 15 or later run: GRANT SET ON PARAMETER "
                + "session_replication_role TO {};",
            settings.place(),
            settings.user(),
            PostgresNames.quote(settings.user()));
      }
    }
  }

  private void runAfterConnectScript(Statement statement) {
    if (settings.afterConnectScript().isBlank()) {
      return;
    }
    try {
      statement.execute(settings.afterConnectScript());
    } catch (SQLException e) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          "The AfterConnectScript of the target %s failed: %s Correct it with ModifyEndpoint."
              .formatted(settings.place(), PostgresFailures.said(e)),
          e);
    }
  }

  /**
   * Makes who builds an index wait for an automatic VACUUM or ANALYZE of its table for a moment
   * only. They give way to who has waited as long as deadlock_timeout (PostgreSQL manual,
   * "Automatic Vacuuming"), a second unless configured, and meet each table a minute after its
   * rows. Only a superuser, or from PostgreSQL 15 on a role that was granted the parameter, may set
   * it; others wait.
   *
   * @param local as set_config has it: until the end of the transaction
   */
  static void passAutovacuum(Connection session, boolean local) throws SQLException {
    String may =
        session.getMetaData().getDatabaseMajorVersion() >= 15
            ? "has_parameter_privilege('deadlock_timeout', 'SET')"
            : "(SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)";
    try (Statement statement = session.createStatement()) {
      statement.execute(
          "SELECT set_config('deadlock_timeout', '20ms', " + local + ") WHERE " + may);
    }
  }

  private static void closeAfter(Connection session, Exception cause) {
    try {
      session.close();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /** What libpq and the driver call the endpoint's SslMode. */
  static String tlsWord(PostgresSettings settings) {
    return settings.tls() == TlsMode.NONE ? "disable" : settings.tls().word();
  }
}
