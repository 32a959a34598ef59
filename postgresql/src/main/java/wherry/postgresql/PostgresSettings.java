package wherry.postgresql;

import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import wherry.connector.Endpoint;
import wherry.connector.TlsMode;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * An endpoint's settings, read and checked.
 *
 * @param host name or address
 * @param password empty for none
 * @param certificatePem authorities to trust; empty for those of the Java runtime
 * @param afterConnectScript SQL that each session to a target runs first; empty for none
 * @param executeTimeoutSeconds how long catalogue queries may take and DDL may wait for locks;
 *     never limits rows on their way
 * @param connectTimeoutSeconds from the first packet to the end of the login
 * @param unboundedNumericAsString whether NUMERIC without precision is a STRING to other engines
 * @param jsonbAsClob whether jsonb is a CLOB and not an NCLOB
 * @param longVarcharAs type of VARCHAR longer than 16,387 characters
 * @param slotName of a replication slot that the user has made; empty when each task makes its own
 * @param captureDdls whether changes of definitions are told
 */
record PostgresSettings(
    String host,
    int port,
    String database,
    String user,
    String password,
    TlsMode tls,
    String certificatePem,
    String afterConnectScript,
    int executeTimeoutSeconds,
    int connectTimeoutSeconds,
    boolean unboundedNumericAsString,
    boolean jsonbAsClob,
    LongVarchar longVarcharAs,
    String slotName,
    boolean captureDdls) {

  enum LongVarchar {
    WSTRING,
    CLOB,
    NCLOB
  }

  /**
   * What a host may consist of: neither several hosts nor anything that ends the host part of a
   * URL.
   */
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._~%:-]{1,253}");

  private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");

  private static final int DEFAULT_PORT = 5432;
  private static final int PORT_MAX = 65_535;
  private static final int TIMEOUT_SECONDS_MAX = 86_400;
  private static final int DEFAULT_EXECUTE_TIMEOUT_SECONDS = 60;
  private static final int DEFAULT_CONNECT_TIMEOUT_SECONDS = 10;

  /**
   * @throws DmsException SETTING_INVALID with every bad setting
   */
  static PostgresSettings from(Endpoint endpoint) {
    Reader read = new Reader(endpoint, new ArrayList<>());
    PostgresSettings settings =
        new PostgresSettings(
            read.host(),
            read.integer("Port", DEFAULT_PORT, 1, PORT_MAX),
            read.required("DatabaseName"),
            read.required("Username"),
            read.text("Password"),
            read.oneOf("SslMode", TlsMode.NONE, TlsMode.values()),
            read.certificate(),
            read.text("AfterConnectScript"),
            read.integer("ExecuteTimeout", DEFAULT_EXECUTE_TIMEOUT_SECONDS, 1, TIMEOUT_SECONDS_MAX),
            read.integer(
                "ConnectionTimeout", DEFAULT_CONNECT_TIMEOUT_SECONDS, 1, TIMEOUT_SECONDS_MAX),
            read.flag("MapUnboundedNumericAsString", false),
            read.flag("MapJsonbAsClob", false),
            read.oneOf("MapLongVarcharAs", LongVarchar.WSTRING, LongVarchar.values()),
            read.slotName(),
            read.flag("CaptureDdls", true));
    read.checkTheRest();
    read.throwProblems();
    return settings;
  }

  /** {@code host:port/database}, for messages. */
  String place() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port + "/" + database;
  }

  @Override
  public String toString() {
    return "PostgresSettings[" + user + "@" + place() + ", SslMode " + tls.word() + "]";
  }

  private record Reader(Endpoint endpoint, List<String> problems) {
    String text(String name) {
      return endpoint.settings().getOrDefault(name, "");
    }

    String required(String name) {
      String value = text(name).strip();
      if (value.isEmpty()) {
        problems.add(name + " is missing");
      }
      return value;
    }

    String host() {
      String host = required("ServerName");
      if (!host.isEmpty() && !HOST.matcher(host).matches()) {
        problems.add("ServerName must be one host name or address, and is: " + host);
      }
      return host;
    }

    int integer(String name, int byDefault, int min, int max) {
      String value = text(name).strip();
      if (value.isEmpty()) {
        return byDefault;
      }
      try {
        int number = Integer.parseInt(value);
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Reported below, together with numbers out of range.
      }
      problems.add(
          "%s must be an integer from %d to %d, and is: %s".formatted(name, min, max, value));
      return byDefault;
    }

    boolean flag(String name, boolean byDefault) {
      return switch (text(name).strip().toLowerCase(Locale.ROOT)) {
        case "" -> byDefault;
        case "true", "y", "yes", "1" -> true;
        case "false", "n", "no", "0" -> false;
        default -> {
          problems.add(name + " must be true or false, and is: " + text(name));
          yield byDefault;
        }
      };
    }

    <E extends Enum<E>> E oneOf(String name, E byDefault, E[] values) {
      String value = text(name).strip();
      if (value.isEmpty()) {
        return byDefault;
      }
      List<String> words = new ArrayList<>();
      for (E candidate : values) {
        String word = candidate.name().toLowerCase(Locale.ROOT).replace('_', '-');
        if (word.equals(value.toLowerCase(Locale.ROOT).replace('_', '-'))) {
          return candidate;
        }
        words.add(word);
      }
      problems.add(
          "%s must be one of %s, and is: %s".formatted(name, String.join(", ", words), value));
      return byDefault;
    }

    String certificate() {
      String pem = text("CertificatePem");
      if (!pem.isBlank()) {
        try {
          if (TlsSocketFactory.certificates(pem).isEmpty()) {
            problems.add("the imported certificate holds no X.509 certificate");
          }
        } catch (GeneralSecurityException e) {
          problems.add(
              "the imported certificate is not a PEM text of X.509 certificates: "
                  + e.getMessage());
        }
      }
      return pem;
    }

    /** "Replication slot names" (PostgreSQL manual, 26.2.6 "Replication Slots"). */
    String slotName() {
      String name = text("SlotName").strip();
      if (!name.isEmpty() && !SLOT.matcher(name).matches()) {
        problems.add(
            "SlotName must consist of lower-case letters, digits and underscores, 63 at most, and"
                + " is: "
                + name);
      }
      return name;
    }

    /** Settings that change nothing here, whose values must make sense all the same. */
    void checkTheRest() {
      flag("TrimSpaceInChar", true);
      flag("MapBooleanAsBoolean", false);
      flag("HeartbeatEnable", false);
      flag("FailTasksOnLobTruncation", false);
      flag("DisableUnicodeSourceFilter", false);
      integer("HeartbeatFrequency", 5, 1, TIMEOUT_SECONDS_MAX);
      integer("MaxFileSize", 32_768, 1, 1_048_576);
      if (text("AuthenticationMethod").strip().equalsIgnoreCase("iam")) {
        problems.add(
            "AuthenticationMethod iam needs AWS, and this service runs without it: use password");
      }
      if (text("DatabaseMode").strip().equalsIgnoreCase("babelfish")) {
        problems.add("DatabaseMode babelfish is not supported: use default");
      }
    }

    void throwProblems() {
      if (!problems.isEmpty()) {
        throw new DmsException(
            ErrorCode.SETTING_INVALID,
            "Endpoint %s (%s) cannot be used: %s. Correct it with ModifyEndpoint."
                .formatted(endpoint.arn(), endpoint.engine(), String.join("; ", problems)));
      }
    }
  }
}
