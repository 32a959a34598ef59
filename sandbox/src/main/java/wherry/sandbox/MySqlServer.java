package wherry.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * MySQL 8.0.31 with global transaction ids and a row-based binary log, root with a caching_sha2
 * password over TCP.
 */
public final class MySqlServer extends MySqlFamilyServer {
  private static final String VERSION = "8.0.31";

  private MySqlServer(Path template, ServerOptions options) {
    super(template, options);
  }

  /** Whether it can run here: it needs the library libaio.so.1, which not every machine has. */
  public static Availability available() {
    try {
      Commands.run(
          List.of(binaries().resolve("bin/mysqld").toString(), "--no-defaults", "--version"), "");
      return Availability.yes();
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      return Availability.no(
          message.contains("libaio")
              ? "MySQL "
                  + VERSION
                  + " needs the library libaio.so.1; install it with: apt-get install libaio1"
              : "MySQL " + VERSION + " does not run here: " + message);
    }
  }

  public static MySqlServer start() {
    return start(ServerOptions.standard());
  }

  public static MySqlServer start(ServerOptions options) {
    return new MySqlServer(template(), options);
  }

  @Override
  public String jdbcUrl(String database) {
    // Without TLS a caching_sha2 password travels under the server's RSA key; the driver must be
    // allowed to ask for it.
    String login = options().tls() ? "sslMode=trust" : "allowPublicKeyRetrieval=true";
    return "jdbc:mariadb://" + host() + ":" + port() + "/" + database + "?" + login;
  }

  @Override
  Path program() {
    return binaries().resolve("bin/mysqld");
  }

  @Override
  Path share() {
    return binaries().resolve("share");
  }

  @Override
  Map<String, String> ownSettings() {
    Map<String, String> common =
        Map.of(
            "gtid-mode", "ON",
            "enforce-gtid-consistency", "ON",
            "innodb-redo-log-capacity", "192M",
            "secure-file-priv", "",
            "mysqlx", "OFF");
    // Without a TLS version the server offers none; otherwise it would use the certificate made at
    // initialisation.
    return options().tls() ? common : ServerOptions.standard().with("tls-version", "").over(common);
  }

  private static Path binaries() {
    return Cache.entry(
        "mysql-" + VERSION,
        directory -> Archives.unpackTarGz("/mysql-Linux-amd64.tar.gz", directory));
  }

  private static Path template() {
    Path binaries = binaries();
    return Cache.entry("mysql-" + VERSION + "-data", directory -> initialise(binaries, directory));
  }

  private static void initialise(Path binaries, Path directory) throws IOException {
    Path script = Files.createTempFile("wherry-sandbox-", ".sql");
    try {
      Files.writeString(
          script,
          """
          CREATE USER 'root'@'%%' IDENTIFIED BY '%s';
          GRANT ALL PRIVILEGES ON *.* TO 'root'@'%%' WITH GRANT OPTION;
          DROP USER 'root'@'localhost';
          """
              .formatted(PASSWORD));
      List<String> command =
          commandLine(binaries.resolve("bin/mysqld"), binaries.resolve("share"), directory);
      command.addAll(
          List.of(
              "--initialize-insecure", "--innodb-redo-log-capacity=8M", "--init-file=" + script));
      Commands.run(command, "");
      // The server's identity: every copy of this directory makes its own.
      Files.deleteIfExists(directory.resolve("auto.cnf"));
    } finally {
      Files.delete(script);
    }
  }
}
