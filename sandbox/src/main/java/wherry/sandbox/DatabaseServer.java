package wherry.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/**
 * A private database server: a child process on a free port of 127.0.0.1 with a data directory of
 * its own, which is deleted when the server is closed or the JVM ends.
 *
 * <p>Used by one thread at a time; connections may be opened and used from any thread.
 */
public abstract sealed class DatabaseServer implements AutoCloseable
    permits PostgresServer, MySqlFamilyServer {
  static final String PASSWORD = "sandbox";

  private static final long START_TIMEOUT_SECONDS = 180;
  private static final long STOP_TIMEOUT_MILLISECONDS = 30_000;
  private static final long POLL_MILLISECONDS = 20;
  private static final int PORT_ATTEMPTS = 3;

  private final ServerOptions options;
  private final Path directory;
  private final ServerHome home;
  private int port;

  /** Copies the template into a new data directory and starts the server on it. */
  DatabaseServer(Path template, ServerOptions options) {
    this.options = options;
    try {
      directory = makeDirectory(options);
      Directories.copy(template, dataDirectory());
    } catch (IOException e) {
      throw new SandboxException("cannot make a data directory: " + e.getMessage(), e);
    }
    port = Ports.free();
    home = new ServerHome(directory, command(), options.environment(), this::end);
    try {
      awaitFirstStart();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The command line that runs the server in the foreground. */
  abstract List<String> command();

  /** The signal that makes the server end at once, yet leave nothing behind in shared memory. */
  abstract String abandonSignal();

  /** The signal that makes the server write everything and end, without waiting for its clients. */
  abstract String stopSignal();

  /** The database that exists from the start; empty for a connection without one. */
  public abstract String defaultDatabase();

  /** The JDBC address of a database, without user and password. */
  public abstract String jdbcUrl(String database);

  /** The superuser's name. */
  public abstract String user();

  /** Creates an empty database that stores Unicode. */
  public abstract void createDatabase(String name);

  public final String host() {
    return "127.0.0.1";
  }

  public final int port() {
    return port;
  }

  public final String password() {
    return PASSWORD;
  }

  /** The certificate of the authority that signed the server's certificate, in PEM. */
  public final String caCertificatePem() {
    return Certificates.create().caPem();
  }

  /** The process id of the server, or of its first process when it has several. */
  public final long pid() {
    return home.process().pid();
  }

  public final boolean isRunning() {
    return home.process().isAlive();
  }

  /** The last lines of the server's own log. */
  public final String logTail() {
    return home.process().logTail();
  }

  /** What the server's processes use since its last start. */
  public final ProcessUsage usage() {
    return home.process().usage();
  }

  /** Opens a connection as the superuser. */
  public final Connection connect(String database) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user());
    properties.setProperty("password", password());
    return DriverManager.getConnection(jdbcUrl(database), properties);
  }

  /** Runs statements, each committed on its own, in the default database. */
  public final void execute(String... statements) {
    executeIn(defaultDatabase(), statements);
  }

  /** Runs statements, each committed on its own, in this database. */
  public final void executeIn(String database, String... statements) {
    String current = "connect";
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        current = sql;
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new SandboxException(e.getMessage() + "\nin: " + current, e);
    }
  }

  /** Kills the whole server as a power cut of its process would: SIGKILL to every process of it. */
  public final void kill() {
    home.kill();
  }

  /** Stops the server in good order; clients are disconnected. */
  public final void stop() {
    if (isRunning()) {
      home.process().signal(stopSignal());
      if (!home.process().endsWithin(STOP_TIMEOUT_MILLISECONDS)) {
        home.kill();
        throw new SandboxException(
            "the server did not stop and was killed; its log ends:\n" + logTail());
      }
    }
  }

  /** Starts the server again on the same port and data, after stopping it when it still runs. */
  public final void restart() {
    stop();
    home.launch(command());
    awaitReady();
  }

  /** Ends the server and deletes its data; closing twice is fine. */
  @Override
  public final void close() {
    home.close();
  }

  final Set<Path> sharedMemory() {
    return home.process().sharedMemory();
  }

  final ServerOptions options() {
    return options;
  }

  final Path directory() {
    return directory;
  }

  final Path dataDirectory() {
    return directory.resolve("data");
  }

  private static Path makeDirectory(ServerOptions options) throws IOException {
    String prefix = "wherry-sandbox-";
    return options.parent().isPresent()
        ? Files.createTempDirectory(options.parent().get(), prefix)
        : Files.createTempDirectory(prefix);
  }

  private void end(ServerProcess process) {
    process.signal(abandonSignal());
    if (!process.endsWithin(STOP_TIMEOUT_MILLISECONDS)) {
      process.kill();
    }
  }

  /**
   * Between finding a free port and listening on it somebody else may take it; then another is
   * tried.
   */
  private void awaitFirstStart() {
    for (int attempt = 1; ; attempt++) {
      try {
        awaitReady();
        return;
      } catch (SandboxException e) {
        if (attempt == PORT_ATTEMPTS || !logTail().contains("Address already in use")) {
          throw e;
        }
        port = Ports.free();
        home.launch(command());
      }
    }
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + START_TIMEOUT_SECONDS * 1_000_000_000L;
    while (true) {
      try (Connection connection = connect(defaultDatabase())) {
        connection.isValid(1);
        return;
      } catch (SQLException notYet) {
        if (home.process().endsWithin(POLL_MILLISECONDS)) {
          throw new SandboxException(
              "the server ended while starting; its log ends:\n" + logTail(), notYet);
        }
        if (System.nanoTime() > deadline) {
          home.kill();
          throw new SandboxException(
              "no answer within "
                  + START_TIMEOUT_SECONDS
                  + " s; the server's log ends:\n"
                  + logTail(),
              notYet);
        }
      }
    }
  }
}
