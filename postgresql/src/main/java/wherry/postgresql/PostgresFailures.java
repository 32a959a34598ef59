package wherry.postgresql;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/**
 * Turns what the driver or the server says into a failure with a code, a place and a next step
 * (PostgreSQL manual, appendix A "PostgreSQL Error Codes"). The password is known to nobody here.
 */
final class PostgresFailures {
  private final PostgresSettings settings;
  private final Side side;

  PostgresFailures(PostgresSettings settings, Side side) {
    this.settings = settings;
    this.side = side;
  }

  /** A failure to connect or log in. */
  DmsException connecting(SQLException e) {
    ErrorCode code = environment(e).orElse(ErrorCode.CONNECTION_FAILED);
    String message =
        "Cannot connect to the %s database %s as %s: %s"
            .formatted(side.word(), settings.place(), settings.user(), connectAdvice(code, e));
    return new DmsException(code, message, e);
  }

  /**
   * A failure while working on no table in particular.
   *
   * @param doing what failed, as in "Reading the catalogue"
   * @param remedy the statement that gives the missing right
   */
  DmsException during(String doing, String remedy, SQLException e) {
    ErrorCode code =
        environment(e)
            .orElse(
                side == Side.SOURCE
                    ? ErrorCode.SOURCE_TABLE_FAILED
                    : ErrorCode.TARGET_TABLE_FAILED);
    return new DmsException(code, null, message(doing, code, remedy, e), e);
  }

  /** As {@link #during}, of a table. */
  DmsException during(String doing, TableId table, String remedy, SQLException e) {
    ErrorCode code =
        environment(e)
            .orElse(
                side == Side.SOURCE
                    ? ErrorCode.SOURCE_TABLE_FAILED
                    : ErrorCode.TARGET_TABLE_FAILED);
    return new DmsException(code, table, message(doing + " " + table, code, remedy, e), e);
  }

  private String message(String doing, ErrorCode code, String remedy, SQLException e) {
    String where =
        "%s in the %s database %s failed: %s"
            .formatted(doing, side.word(), settings.place(), said(e));
    String advice = advice(code, remedy, e);
    return advice.isEmpty() ? where : where + " " + advice;
  }

  private String advice(ErrorCode code, String remedy, SQLException e) {
    return switch (code) {
      case CONNECTION_FAILED ->
          state(e).equals("25006")
              ? "The server is a read-only standby: let the endpoint name the primary."
              : "The server went away or the line broke; see the server's log for why.";
      case PRIVILEGE_MISSING ->
          said(e).contains("row-level security") ? rowSecurityAdvice() : "Run: " + remedy;
      case RESOURCES_EXHAUSTED -> resourceAdvice(e);
      case BUSY ->
          "Another session holds a lock or the statement was cancelled; see pg_stat_activity and"
              + " pg_locks there, then start again.";
      default ->
          state(e).equals("2BP01")
              ? "Drop those objects for the load and create them again after it, or load with "
                  + "TargetTablePrepMode TRUNCATE_BEFORE_LOAD."
              : "";
    };
  }

  private String rowSecurityAdvice() {
    return "A row-level security policy would hide rows, and a load must see all of them. Run: ALTER ROLE %s BYPASSRLS;"
        .formatted(PostgresNames.quote(settings.user()));
  }

  private String resourceAdvice(SQLException e) {
    return switch (state(e)) {
      case "53100" ->
          "The disk of the %s server %s is full: free space there, then resume the task."
              .formatted(side.word(), settings.place());
      case "53200" ->
          ("The %s server is out of memory or lock table space: raise max_locks_per_transaction, or"
                  + " load fewer tables at a time.")
              .formatted(side.word());
      case "53300" ->
          "The %s server takes no more connections: raise max_connections or lower MaxFullLoadSubTasks."
              .formatted(side.word());
      default ->
          "The %s server is out of a resource: see its log, then resume the task."
              .formatted(side.word());
    };
  }

  private String connectAdvice(ErrorCode code, SQLException e) {
    return switch (code) {
      case TLS_FAILED -> tlsAdvice(e);
      case LOGIN_FAILED -> loginAdvice(e);
      case DATABASE_MISSING ->
          "database %s does not exist. Correct DatabaseName, or run: CREATE DATABASE %s;"
              .formatted(settings.database(), PostgresNames.quote(settings.database()));
      case PRIVILEGE_MISSING ->
          "%s Run: GRANT CONNECT ON DATABASE %s TO %s;"
              .formatted(
                  said(e),
                  PostgresNames.quote(settings.database()),
                  PostgresNames.quote(settings.user()));
      case RESOURCES_EXHAUSTED -> said(e) + " " + resourceAdvice(e);
      case BUSY -> said(e);
      default -> lineAdvice(e);
    };
  }

  private String lineAdvice(SQLException e) {
    if (cause(e, UnknownHostException.class).isPresent()) {
      return "the host name %s cannot be resolved. Correct ServerName, or the name service of this machine."
          .formatted(settings.host());
    }
    if (cause(e, NoRouteToHostException.class).isPresent()) {
      return "there is no route to %s. Check ServerName, the network and firewalls."
          .formatted(settings.host());
    }
    if (cause(e, SocketTimeoutException.class).isPresent()
        || String.valueOf(e.getMessage()).contains("timed out")) {
      return "no answer within %d s. Check ServerName, Port and firewalls, or raise ConnectionTimeout."
          .formatted(settings.connectTimeoutSeconds());
    }
    if (cause(e, ConnectException.class).isPresent()) {
      return "the connection is refused. Check ServerName and Port, that PostgreSQL runs there, and"
          + " its listen_addresses.";
    }
    return said(e)
        + " Check that a PostgreSQL server listens there and is not starting or stopping.";
  }

  private String loginAdvice(SQLException e) {
    String said = said(e);
    if (said.contains("no encryption") || said.contains("SSL off")) {
      return said + " The server wants TLS: set SslMode to require, verify-ca or verify-full.";
    }
    if (said.contains("pg_hba.conf")) {
      return said
          + " Add a line for this user, database and client address to the server's pg_hba.conf and"
          + " reload it.";
    }
    return said
        + (" Correct Username and Password of the endpoint, or run on the server: ALTER ROLE %s"
                + " LOGIN PASSWORD '...';")
            .formatted(PostgresNames.quote(settings.user()));
  }

  private String tlsAdvice(SQLException e) {
    String said = said(e);
    if (said.contains("does not support SSL")) {
      return "SslMode is %s, and the server does not offer TLS. Set ssl = on there, or SslMode to none."
          .formatted(settings.tls().word());
    }
    String why = rootMessage(e);
    if (isHostNameProblem(e)) {
      return ("the server's certificate is not made out to %s (%s). Let ServerName be the name in"
              + " the certificate, or use SslMode verify-ca.")
          .formatted(settings.host(), why);
    }
    if (why.contains("PKIX")
        || why.contains("certification path")
        || why.contains("trust anchor")) {
      return ("the server's certificate is not signed by a trusted authority (%s). Import the"
              + " certificate of its authority with ImportCertificate and name it in"
              + " CertificateArn.")
          .formatted(why);
    }
    return ("TLS (SslMode %s) could not be established: %s. Check the server's certificate, its"
            + " dates and its TLS versions.")
        .formatted(settings.tls().word(), why);
  }

  /**
   * What a failure is when it says nothing about a table or row: the environment's. Empty
   * otherwise.
   */
  static Optional<ErrorCode> environment(SQLException e) {
    String state = state(e);
    if (isTls(e)) {
      return Optional.of(ErrorCode.TLS_FAILED);
    }
    return switch (state) {
      case "57P01", "57P02", "57P03", "57P05", "25006" -> Optional.of(ErrorCode.CONNECTION_FAILED);
      case "3D000" -> Optional.of(ErrorCode.DATABASE_MISSING);
      case "42501" -> Optional.of(ErrorCode.PRIVILEGE_MISSING);
      case "40001", "40P01", "55P03", "57014" -> Optional.of(ErrorCode.BUSY);
      default -> byClass(state, e);
    };
  }

  private static Optional<ErrorCode> byClass(String state, SQLException e) {
    if (state.startsWith("08")) {
      return Optional.of(ErrorCode.CONNECTION_FAILED);
    }
    if (state.startsWith("28")) {
      return Optional.of(ErrorCode.LOGIN_FAILED);
    }
    if (state.startsWith("53") || state.startsWith("58")) {
      return Optional.of(ErrorCode.RESOURCES_EXHAUSTED);
    }
    return cause(e, IOException.class).map(io -> ErrorCode.CONNECTION_FAILED);
  }

  private static boolean isTls(SQLException e) {
    return cause(e, SSLException.class).isPresent()
        || cause(e, GeneralSecurityException.class).isPresent()
        || String.valueOf(e.getMessage()).contains("does not support SSL")
        || isHostNameProblem(e);
  }

  private static boolean isHostNameProblem(SQLException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("hostname") && message.contains("verif");
  }

  /** The five letters and digits; empty when the failure never reached a server. */
  static String state(SQLException e) {
    String state = e.getSQLState();
    return state == null ? "" : state;
  }

  /**
   * The server's own words with detail and SQLSTATE, or the driver's; one sentence or two, ending
   * with a full stop.
   */
  static String said(SQLException e) {
    Optional<ServerErrorMessage> server = server(e);
    String text =
        server.map(ServerErrorMessage::getMessage).orElse(String.valueOf(e.getMessage())).strip();
    String detail = server.map(ServerErrorMessage::getDetail).orElse("");
    String told = detail.isEmpty() ? text : text + ": " + detail.strip();
    String sentence = told.endsWith(".") ? told.substring(0, told.length() - 1) : told;
    return state(e).isEmpty() ? sentence + "." : sentence + " (SQLSTATE " + state(e) + ").";
  }

  static Optional<ServerErrorMessage> server(SQLException e) {
    return e instanceof PSQLException told
        ? Optional.ofNullable(told.getServerErrorMessage())
        : Optional.empty();
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message;
  }

  private static <T extends Throwable> Optional<T> cause(Throwable e, Class<T> type) {
    for (@Nullable Throwable at = e; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return Optional.of(type.cast(at));
      }
    }
    return Optional.empty();
  }
}
