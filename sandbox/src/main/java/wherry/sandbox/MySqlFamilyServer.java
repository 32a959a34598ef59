package wherry.sandbox;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What MySQL and MariaDB share: the command line, row-based binary log with full metadata, one
 * password for root.
 */
public abstract sealed class MySqlFamilyServer extends DatabaseServer
    permits MariaDbServer, MySqlServer {
  MySqlFamilyServer(Path template, ServerOptions options) {
    super(template, options);
  }

  /** The server program, and the directory with its messages and character sets. */
  abstract Path program();

  abstract Path share();

  /** Settings that only this one of the two knows. */
  abstract Map<String, String> ownSettings();

  @Override
  public final String user() {
    return "root";
  }

  @Override
  public final String defaultDatabase() {
    return "";
  }

  @Override
  public final void createDatabase(String name) {
    execute("CREATE DATABASE `" + name.replace("`", "``") + "` CHARACTER SET utf8mb4");
  }

  @Override
  final String abandonSignal() {
    return "KILL";
  }

  @Override
  final String stopSignal() {
    return "TERM";
  }

  @Override
  final List<String> command() {
    List<String> command = commandLine(program(), share(), dataDirectory());
    command.add("--bind-address=" + host());
    command.add("--port=" + port());
    command.add("--socket=" + directory().resolve("socket"));
    command.add("--pid-file=" + directory().resolve("pid"));
    // A server that starts deletes the temporary tables that it finds in a directory shared with
    // others.
    command.add("--tmpdir=" + directory());
    options().over(settings()).forEach((name, value) -> command.add("--" + name + "=" + value));
    return command;
  }

  static List<String> commandLine(Path program, Path share, Path data) {
    List<String> command = Commands.line(List.of(program.toString(), "--no-defaults"), List.of());
    command.add("--basedir=" + share.resolve("..").normalize());
    command.add("--datadir=" + data);
    command.add("--lc-messages-dir=" + share);
    command.add("--character-sets-dir=" + share.resolve("charsets"));
    if (System.getProperty("user.name").equals("root")) {
      command.add("--user=root");
    }
    return command;
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("server-id", "1");
    settings.put("log-bin", "binlog");
    settings.put("binlog-format", "ROW");
    settings.put("binlog-row-image", "FULL");
    settings.put("binlog-row-metadata", "FULL");
    settings.put("max-connections", "200");
    settings.put("max-allowed-packet", "64M");
    settings.put("character-set-server", "utf8mb4");
    settings.put("skip-name-resolve", "ON");
    settings.put("local-infile", "ON");
    settings.put("innodb-buffer-pool-size", "128M");
    // With 2 every commit reaches the kernel, so a killed server loses nothing; only a machine
    // crash would.
    settings.put("innodb-flush-log-at-trx-commit", options().durable() ? "1" : "2");
    settings.put("sync-binlog", options().durable() ? "1" : "0");
    if (options().tls()) {
      Certificates certificates = Certificates.create();
      settings.put("ssl-ca", certificates.ca().toString());
      settings.put("ssl-cert", certificates.certificate().toString());
      settings.put("ssl-key", certificates.key().toString());
    }
    settings.putAll(ownSettings());
    return settings;
  }
}
