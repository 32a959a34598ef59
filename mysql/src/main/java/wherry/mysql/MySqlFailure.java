package wherry.mysql;

import java.sql.SQLException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/**
 * Says what a failure of the driver or the server means. The codes are those of MySQL's and
 * MariaDB's error references.
 */
final class MySqlFailure {
  private static final Pattern PRIVILEGE =
      Pattern.compile("need \\(?at least one of\\)?(?: the)? \\(?(.+?)\\)? privilege");
  private static final Pattern COMMAND = Pattern.compile("(\\w[\\w, ]*?) command denied");
  private static final Pattern DATABASE = Pattern.compile("to database '([^']+)'");
  private static final Pattern QUALIFIED_TABLE = Pattern.compile("for table (`[^`]+`\\.`[^`]+`)");
  private static final Pattern TABLE = Pattern.compile("for table '([^']+)'");

  private MySqlFailure() {}

  /** A failure while connecting or asking about the server as a whole. */
  static DmsException of(MySqlSettings settings, String doing, SQLException failure) {
    return of(settings, null, ErrorCode.INTERNAL, doing, failure);
  }

  /**
   * @param otherwise the code of failures that are neither of the connection nor of the server's
   *     state
   * @param doing for example {@code reading shop.orders}
   */
  static DmsException of(
      MySqlSettings settings,
      @Nullable TableId table,
      ErrorCode otherwise,
      String doing,
      SQLException failure) {
    String what = "While " + doing + " at " + settings.where() + ": ";
    String said = " (" + said(failure) + ")";
    Known known = known(settings, table, failure);
    return known == null
        ? unnumbered(settings, table, otherwise, what, said, failure)
        : new DmsException(known.code, table, what + known.cause + said, failure);
  }

  private record Known(ErrorCode code, String cause) {}

  /** By the server's error number ("Server Error Message Reference"); null for all others. */
  private static @Nullable Known known(
      MySqlSettings settings, @Nullable TableId table, SQLException failure) {
    return switch (failure.getErrorCode()) {
      case 1045, 1698, 1862, 1820, 3118 ->
          new Known(
              ErrorCode.LOGIN_FAILED,
              "the server refused the login. Check Username and Password, and that the user may come from this host"
                  + " (SELECT user, host FROM mysql.user).");
      case 1049 ->
          new Known(
              ErrorCode.DATABASE_MISSING,
              "the database "
                  + settings.database().orElse("")
                  + " does not exist. Create it or correct DatabaseName.");
      case 1044, 1142, 1143, 1227, 1370, 1410 ->
          new Known(
              ErrorCode.PRIVILEGE_MISSING,
              "the user "
                  + settings.user()
                  + " lacks a privilege. Run: "
                  + grant(settings, table, failure));
      case 3, 28, 1021, 1037, 1038, 1041, 1114, 1206, 1040, 1203, 1226, 3675 ->
          new Known(
              ErrorCode.RESOURCES_EXHAUSTED,
              "the server is out of disk, memory or connections. Free some, then start the task again.");
      case 1205, 1213, 1969, 3024, 1317, 1015 ->
          new Known(
              ErrorCode.BUSY,
              "a deadlock, lock wait or statement timeout. The attempt can be repeated; look for a long transaction"
                  + " (SHOW FULL PROCESSLIST).");
      default -> null;
    };
  }

  private static DmsException unnumbered(
      MySqlSettings settings,
      @Nullable TableId table,
      ErrorCode otherwise,
      String what,
      String said,
      SQLException failure) {
    if (isTls(failure)) {
      return new DmsException(
          ErrorCode.TLS_FAILED,
          table,
          what
              + "TLS (SslMode "
              + settings.tls().word()
              + ") could not be established. Check that the server offers TLS"
              + " (SHOW VARIABLES LIKE 'ssl_cert'), that the endpoint's certificate signed the server's, and for verify-full"
              + " that it names "
              + settings.host()
              + "."
              + said,
          failure);
    }
    if (isConnection(failure)) {
      return new DmsException(
          ErrorCode.CONNECTION_FAILED,
          table,
          what
              + "the server cannot be reached or has hung up. Check ServerName, Port, firewalls and that it runs (its error"
              + " log may say why it ended)."
              + said,
          failure);
    }
    if (otherwise == ErrorCode.SOURCE_TABLE_FAILED && isReplaced(failure)) {
      return new DmsException(
          otherwise,
          table,
          what
              + "the table was dropped, or changed or made again, since the load began. Reload it"
              + " when it is there."
              + said,
          failure);
    }
    return new DmsException(otherwise, table, what + said(failure), failure);
  }

  /** ER_NO_SUCH_TABLE; ER_TABLE_DEF_CHANGED, of a table that is younger than the snapshot. */
  private static boolean isReplaced(SQLException failure) {
    return failure.getErrorCode() == 1146 || failure.getErrorCode() == 1412;
  }

  /** Whether the connection, not the statement, is at fault. */
  static boolean isConnection(SQLException failure) {
    String state = failure.getSQLState();
    int code = failure.getErrorCode();
    return (state != null && state.startsWith("08"))
        || code == 1053
        || code == 1077
        || code == 1927
        || code == 1129
        || code == 1130
        || code == 4031;
  }

  /** Whether the server refuses the row, and would accept another. */
  static boolean isOfRow(SQLException failure) {
    int code = failure.getErrorCode();
    String state = failure.getSQLState();
    return switch (code) {
      case 1048,
          1062,
          1169,
          1264,
          1265,
          1292,
          1366,
          1364,
          1367,
          1406,
          1411,
          1416,
          1425,
          1441,
          1452,
          1216,
          1526,
          1586,
          1690,
          1748,
          1153,
          1118,
          1301,
          1644,
          3140,
          3141,
          3156,
          3617,
          3618,
          3643,
          3819,
          3854,
          3903,
          4025,
          4078 ->
          true;
      default -> code != 0 && state != null && (state.startsWith("22") || state.startsWith("23"));
    };
  }

  private static boolean isTls(SQLException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (cause instanceof javax.net.ssl.SSLException
          || cause instanceof java.security.cert.CertificateException
          || message.contains("ssl")
          || message.contains("tls")) {
        return true;
      }
    }
    return failure.getErrorCode() == 3159;
  }

  /** The statement that grants what the server's message says is missing. */
  private static String grant(
      MySqlSettings settings, @Nullable TableId table, SQLException failure) {
    String message = String.valueOf(failure.getMessage());
    Matcher privilege = PRIVILEGE.matcher(message);
    Matcher command = COMMAND.matcher(message);
    String missing =
        privilege.find()
            ? privilege.group(1).replaceAll(",.*| or .*", "")
            : command.find() ? command.group(1) : "ALL";
    return "GRANT "
        + missing
        + " ON "
        + scope(settings, table, message)
        + " TO "
        + MySqlNames.literal(settings.user())
        + ";";
  }

  private static String scope(MySqlSettings settings, @Nullable TableId table, String message) {
    Matcher database = DATABASE.matcher(message);
    if (database.find()) {
      return MySqlNames.quoted(database.group(1)) + ".*";
    }
    Matcher qualified = QUALIFIED_TABLE.matcher(message);
    if (qualified.find()) {
      return qualified.group(1);
    }
    Matcher plain = TABLE.matcher(message);
    if (table != null && plain.find()) {
      String schema =
          settings.specificDatabase() ? settings.database().orElse(table.schema()) : table.schema();
      return MySqlNames.quoted(new TableId(schema, plain.group(1)));
    }
    return "*.*";
  }

  /** The server's own words and code; the driver's decoration (connection number) is left out. */
  static String said(SQLException failure) {
    String message =
        String.valueOf(failure.getMessage())
            .replaceFirst("^\\(conn=\\d+\\) ", "")
            .replaceAll("\\s*\\n.*", "");
    return failure.getErrorCode() > 0
        ? "error " + failure.getErrorCode() + ": " + message
        : message;
  }
}
