package wherry.server.command;

import java.io.Console;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import wherry.connector.Connector;
import wherry.connector.Endpoint;
import wherry.connector.EndpointSetting;
import wherry.server.command.CommandFiles.Unusable;
import wherry.server.run.Engines;

/**
 * A database as a user types it: {@code postgresql://user@host:5432/shop?sslmode=verify-full}. What
 * stands behind the question mark is {@code sslmode}, {@code sslrootcert} (a PEM file) or any
 * endpoint setting of the engine by its name. A password never stands in it.
 *
 * @param shown without what nobody should read
 */
record DatabaseUrl(Endpoint endpoint, Connector connector, String shown) {
  private static final Map<String, String> ENGINES =
      Map.of(
          "postgresql", "postgres",
          "postgres", "postgres",
          "mysql", "mysql",
          "mariadb", "mariadb");

  /**
   * @param side {@code source} or {@code target}
   * @param passwordFile null for none
   * @throws Unusable saying what is wrong
   */
  static DatabaseUrl of(
      String side,
      String text,
      @Nullable Path passwordFile,
      Engines engines,
      Map<String, String> environment) {
    URI uri = uri(side, text);
    String engine = ENGINES.get(String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT));
    if (engine == null || uri.getHost() == null) {
      throw new Unusable(
          "--"
              + side
              + " is no database: postgresql://user@host:5432/database, mysql://user@host:3306 or"
              + " mariadb://user@host:3306 is expected.");
    }
    String user = Optional.ofNullable(uri.getRawUserInfo()).orElse("");
    if (user.contains(":")) {
      throw new Unusable(
          ("--%s holds a password, which the list of processes and the shell's history would show."
                  + " Leave it out of the URL and set WHERRY_%s_PASSWORD, name a file with"
                  + " --%s-password-file, or type it when asked.")
              .formatted(side, side.toUpperCase(Locale.ROOT), side));
    }
    Connector connector = engines.of(engine);
    Map<String, String> settings = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    settings.put("ServerName", uri.getHost().replaceAll("^\\[|\\]$", ""));
    if (uri.getPort() >= 0) {
      settings.put("Port", Integer.toString(uri.getPort()));
    }
    String database = Optional.ofNullable(uri.getPath()).orElse("").replaceFirst("^/", "");
    if (!database.isEmpty()) {
      settings.put("DatabaseName", database);
    }
    settings.put("Username", decoded(user));
    settings.putAll(parameters(side, uri, connector));
    settings.put("Password", password(side, passwordFile, environment));
    String shown =
        uri.getScheme()
            + "://"
            + user
            + "@"
            + uri.getRawAuthority().replaceFirst("^.*@", "")
            + Optional.ofNullable(uri.getRawPath()).orElse("");
    return new DatabaseUrl(new Endpoint(side, engine, settings), connector, shown);
  }

  private static URI uri(String side, String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      // The text itself is not told, for it may hold a password.
      throw new Unusable(
          "--"
              + side
              + " is no URL: "
              + e.getReason()
              + " at character "
              + (e.getIndex() + 1)
              + ".");
    }
  }

  private static Map<String, String> parameters(String side, URI uri, Connector connector) {
    Map<String, String> settings = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    String query = Optional.ofNullable(uri.getRawQuery()).orElse("");
    for (String pair : query.isEmpty() ? new String[0] : query.split("&")) {
      int equals = pair.indexOf('=');
      String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
      switch (name.toLowerCase(Locale.ROOT)) {
        case "sslmode", "ssl-mode" ->
            settings.put("SslMode", value.equals("disable") ? "none" : value);
        case "sslrootcert" -> settings.put("CertificatePem", CommandFiles.read(Path.of(value)));
        default -> settings.put(declared(side, name, connector.settings()), value);
      }
    }
    return settings;
  }

  private static String declared(String side, String name, List<EndpointSetting> settings) {
    return settings.stream()
        .filter(setting -> setting.name().equalsIgnoreCase(name) && !setting.sensitive())
        .map(EndpointSetting::name)
        .findFirst()
        .orElseThrow(() ->
            new Unusable(
                "--"
                    + side
                    + " has a setting "
                    + name
                    + ", which is none; sslmode, sslrootcert and these are: "
                    + String.join(
                        ", ",
                        settings.stream()
                            .filter(setting -> !setting.sensitive())
                            .map(EndpointSetting::name)
                            .sorted()
                            .toList())
                    + "."));
  }

  private static String password(
      String side, @Nullable Path file, Map<String, String> environment) {
    if (file != null) {
      return CommandFiles.read(file).lines().findFirst().orElse("");
    }
    String given = environment.get("WHERRY_" + side.toUpperCase(Locale.ROOT) + "_PASSWORD");
    if (given != null) {
      return given;
    }
    Console console = System.console();
    char[] typed = console == null ? null : console.readPassword("Password of the %s: ", side);
    return typed == null ? "" : new String(typed);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return shown;
  }
}
