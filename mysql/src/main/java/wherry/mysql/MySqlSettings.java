package wherry.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import wherry.connector.Endpoint;
import wherry.connector.Target;
import wherry.connector.TlsMode;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * An endpoint's settings, read once.
 *
 * @param database from DatabaseName; a target uses it instead of the source's names when {@code
 *     specificDatabase}
 * @param specificDatabase TargetDbType is specific-database
 * @param certificatePem certificates that the server's certificate is verified with; empty for the
 *     JVM's own
 * @param scripts statements to run after connecting (AfterConnectScript, Initstmt); our own session
 *     settings come last
 * @param foreignKeysAct whether foreign keys of the target do to applied changes what those of the
 *     source did, of which its log does not tell; not for endpoints of users
 * @param usesLoadData loadUsingCSV: rows go by LOAD DATA LOCAL, else by multi-row INSERT
 * @param executeTimeoutSeconds of catalogue queries; loading and reading take as long as they take
 */
record MySqlSettings(
    String engine,
    String host,
    int port,
    String user,
    String password,
    Optional<String> database,
    boolean specificDatabase,
    TlsMode tls,
    Optional<String> certificatePem,
    List<String> scripts,
    boolean foreignKeysAct,
    boolean usesLoadData,
    int connectTimeoutSeconds,
    int executeTimeoutSeconds) {

  static MySqlSettings from(Endpoint endpoint) {
    return new Reading(endpoint).settings();
  }

  /** {@code user@host:port}, for messages. */
  String where() {
    return user + "@" + host + ":" + port;
  }

  /** Without the password and the scripts, which may hold one. */
  @Override
  public String toString() {
    return "MySqlSettings["
        + engine
        + ", "
        + where()
        + ", "
        + database.orElse("")
        + ", "
        + tls.word()
        + "]";
  }

  /** Collects every complaint before it throws. */
  private static final class Reading {
    private static final String PEM = "-----BEGIN CERTIFICATE-----";

    private final Endpoint endpoint;
    private final Map<String, String> values;
    private final List<String> complaints = new ArrayList<>();

    Reading(Endpoint endpoint) {
      this.endpoint = endpoint;
      this.values = endpoint.settings();
    }

    MySqlSettings settings() {
      String host = needed("ServerName");
      String user = needed("Username");
      Optional<String> database = text("DatabaseName");
      boolean specific = specific(database);
      if (choice("AuthenticationMethod", "password", "iam").equals("iam")) {
        complaints.add(
            "AuthenticationMethod iam is not supported: use password with Username and Password");
      }
      TlsMode tls = tls();
      Optional<String> certificate = certificate();
      List<String> scripts = new ArrayList<>();
      text("AfterConnectScript").ifPresent(scripts::add);
      text("Initstmt").ifPresent(scripts::add);
      int port = integer("Port", 3306, 1, 65535);
      boolean usesLoadData = flag("loadUsingCSV", true);
      int connectTimeout = integer("ConnectionTimeout", 10, 1, 3600);
      int executeTimeout = integer("ExecuteTimeout", 60, 0, 86400);
      integer("ParallelLoadThreads", 1, 1, 64);
      throwComplaints();
      return new MySqlSettings(
          endpoint.engine(),
          host,
          port,
          user,
          values.getOrDefault("Password", ""),
          database,
          specific,
          tls,
          certificate,
          List.copyOf(scripts),
          flag(Target.FOREIGN_KEYS_ACT, false),
          usesLoadData,
          connectTimeout,
          executeTimeout);
    }

    private boolean specific(Optional<String> database) {
      boolean specific =
          choice("TargetDbType", "multiple-databases", "specific-database")
              .equals("specific-database");
      if (specific && database.isEmpty()) {
        complaints.add("TargetDbType is specific-database, so DatabaseName has to name it");
      }
      return specific;
    }

    /** The driver takes what begins otherwise for the name of a file. */
    private Optional<String> certificate() {
      Optional<String> certificate =
          text("CertificatePem").map(pem -> pem.substring(Math.max(0, pem.indexOf(PEM))));
      if (certificate.isPresent() && !certificate.get().contains(PEM)) {
        complaints.add("CertificatePem holds no PEM certificate (" + PEM + ")");
      }
      return certificate;
    }

    private void throwComplaints() {
      if (!complaints.isEmpty()) {
        throw new DmsException(
            ErrorCode.SETTING_INVALID,
            "The endpoint "
                + endpoint.arn()
                + " cannot be used: "
                + String.join("; ", complaints)
                + ".");
      }
    }

    private Optional<String> text(String name) {
      return Optional.ofNullable(values.get(name))
          .map(String::strip)
          .filter(value -> !value.isEmpty());
    }

    private String needed(String name) {
      Optional<String> value = text(name);
      if (value.isEmpty()) {
        complaints.add(name + " is missing");
      }
      return value.orElse("");
    }

    /** One of the choices, ignoring case, hyphens and underscores; the first is the default. */
    private String choice(String name, String... choices) {
      Optional<String> value = text(name);
      if (value.isEmpty()) {
        return choices[0];
      }
      for (String choice : choices) {
        if (plain(choice).equals(plain(value.get()))) {
          return choice;
        }
      }
      complaints.add(name + " is '" + value.get() + "', it can be " + String.join(", ", choices));
      return choices[0];
    }

    private TlsMode tls() {
      String wire = choice("SslMode", "none", "require", "verify-ca", "verify-full");
      for (TlsMode mode : TlsMode.values()) {
        if (mode.word().equals(wire)) {
          return mode;
        }
      }
      throw new IllegalStateException(wire);
    }

    private int integer(String name, int otherwise, int min, int max) {
      Optional<String> value = text(name);
      if (value.isEmpty()) {
        return otherwise;
      }
      try {
        int number = Integer.parseInt(value.get());
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Told below, as a number out of range is.
      }
      complaints.add(
          name + " is '" + value.get() + "', it has to be a number from " + min + " to " + max);
      return otherwise;
    }

    private boolean flag(String name, boolean otherwise) {
      Optional<String> value = text(name);
      if (value.isEmpty()) {
        return otherwise;
      }
      return switch (value.get().toLowerCase(Locale.ROOT)) {
        case "true", "y", "yes", "1" -> true;
        case "false", "n", "no", "0" -> false;
        default -> {
          complaints.add(name + " is '" + value.get() + "', it can be true or false");
          yield otherwise;
        }
      };
    }

    private static String plain(String text) {
      return text.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }
  }
}
