package wherry.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * PostgreSQL 18.6, or an older release from 12 on, with logical replication enabled: 200
 * connections, 10 senders and slots, password login over TCP, no Unix socket.
 */
public final class PostgresServer extends DatabaseServer {
  /** A version and where the class path has it. */
  public enum Release {
    V12("12.22", "/postgresql-12/postgres-linux-x86_64.txz"),
    V13("13.23", "/postgresql-13/postgres-linux-x86_64.txz"),
    V14("14.24", "/postgresql-14/postgres-linux-x86_64.txz"),
    V15("15.19", "/postgresql-15/postgres-linux-x86_64.txz"),
    V16("16.15", "/postgresql-16/postgres-linux-x86_64.txz"),
    V17("17.11", "/postgresql-17/postgres-linux-x86_64.txz"),
    V18("18.6", "/postgres-linux-x86_64.txz");

    private final String version;
    private final String archive;

    Release(String version, String archive) {
      this.version = version;
      this.archive = archive;
    }

    private Path binaries() {
      return Cache.entry(
          "postgresql-" + version, directory -> Archives.unpackTarXz(archive, directory));
    }
  }

  private PostgresServer(Release release, ServerOptions options) {
    super(template(release), options);
  }

  public static PostgresServer start() {
    return start(ServerOptions.standard());
  }

  public static PostgresServer start(ServerOptions options) {
    return start(Release.V18, options);
  }

  public static PostgresServer start(Release release, ServerOptions options) {
    return new PostgresServer(release, options);
  }

  @Override
  public String user() {
    return "postgres";
  }

  @Override
  public String defaultDatabase() {
    return "postgres";
  }

  @Override
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://" + host() + ":" + port() + "/" + database;
  }

  @Override
  public void createDatabase(String name) {
    execute(
        "CREATE DATABASE \""
            + name.replace("\"", "\"\"")
            + "\" ENCODING 'UTF8' TEMPLATE template0");
  }

  /** PostgreSQL's immediate shutdown: no checkpoint, but the shared memory is given back. */
  @Override
  String abandonSignal() {
    return "QUIT";
  }

  /** PostgreSQL's fast shutdown; its TERM would wait for all clients to leave. */
  @Override
  String stopSignal() {
    return "INT";
  }

  @Override
  List<String> command() {
    List<String> command = asServerUser(release().binaries().resolve("bin/postgres"));
    command.addAll(List.of("-D", dataDirectory().toString()));
    options()
        .over(settings())
        .forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return command;
  }

  /** Of the data directory, as the server is started before this object has fields. */
  private Release release() {
    try {
      return Release.valueOf("V" + Files.readString(dataDirectory().resolve("PG_VERSION")).strip());
    } catch (IOException e) {
      throw new SandboxException("cannot tell the server's version: " + e.getMessage(), e);
    }
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("listen_addresses", host());
    settings.put("port", Integer.toString(port()));
    settings.put("unix_socket_directories", "");
    settings.put("wal_level", "logical");
    settings.put("max_wal_senders", "100");
    settings.put("max_replication_slots", "100");
    settings.put("max_connections", "200");
    settings.put("max_wal_size", "2GB");
    settings.put("log_line_prefix", "%m [%p] ");
    if (!options().durable()) {
      // Commits still reach the kernel, so a killed server loses nothing; only a machine crash
      // would.
      settings.put("fsync", "off");
      settings.put("full_page_writes", "off");
    }
    if (options().tls()) {
      Certificates certificates = Certificates.create();
      settings.put("ssl", "on");
      settings.put("ssl_cert_file", certificates.certificate().toString());
      settings.put("ssl_key_file", certificates.key().toString());
      settings.put("ssl_ca_file", certificates.ca().toString());
    }
    return settings;
  }

  private static Path template(Release release) {
    Path binaries = release.binaries();
    return Cache.entry(
        "postgresql-" + release.version + "-data", directory -> initialise(binaries, directory));
  }

  private static void initialise(Path binaries, Path directory) throws IOException {
    Path passwordFile = Files.createTempFile("wherry-sandbox-", ".password");
    try {
      Files.writeString(passwordFile, PASSWORD);
      List<String> command = asServerUser(binaries.resolve("bin/initdb"));
      command.addAll(List.of("-D", directory.toString(), "-U", "postgres", "-A", "scram-sha-256"));
      command.addAll(
          List.of("--pwfile=" + passwordFile, "--encoding=UTF8", "--locale=C", "--no-sync"));
      Commands.run(command, "");
    } finally {
      Files.delete(passwordFile);
    }
  }

  /**
   * PostgreSQL refuses to run as root; in a new user namespace without mappings it is nobody, on
   * root's files. In an IPC namespace of its own, its System V shared memory ends with it even when
   * it is killed.
   */
  private static List<String> asServerUser(Path program) {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("unshare", "--user", "--ipc"));
    }
    command.add(program.toString());
    return command;
  }
}
