package wherry.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A private Redis or Valkey server: a child process on a free port of 127.0.0.1 with a data
 * directory of its own, which is deleted when the server is closed. Without persistence unless a
 * setting asks for it; without a login unless {@code requirepass} or {@code user} does.
 *
 * <p>Used by one thread at a time; connections may be opened and used from any thread.
 */
public final class RedisServer implements AutoCloseable {
  private static final long START_TIMEOUT_SECONDS = 180;
  private static final long STOP_TIMEOUT_MILLISECONDS = 20_000;
  private static final long POLL_MILLISECONDS = 20;
  private static final int PORT_ATTEMPTS = 3;
  private static final int PONG_TIMEOUT_MILLISECONDS = 1_000;

  private final Path program;
  private final Map<String, String> settings;
  private final boolean tls;
  private final Path directory;
  private final ServerHome home;
  private int port;

  private RedisServer(Path program, boolean tls, Map<String, String> settings) {
    this.program = program;
    this.tls = tls;
    this.settings = Map.copyOf(settings);
    try {
      directory = Files.createTempDirectory("wherry-sandbox-");
    } catch (IOException e) {
      throw new SandboxException("cannot make a data directory: " + e.getMessage(), e);
    }
    port = Ports.free();
    home = new ServerHome(directory, command(), Map.of(), ServerProcess::kill);
    try {
      awaitFirstStart();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The machine's own redis-server, where it is installed. */
  public static Optional<Path> redis() {
    return onPath("redis-server");
  }

  /** The machine's own valkey-server, where it is installed. */
  public static Optional<Path> valkey() {
    return onPath("valkey-server");
  }

  /** Redis 6.2, whose RDB version is older than those of the machine's own; for Linux on x86-64. */
  public static Path redis62() {
    return Cache.entry("redis-6.2.6", RedisServer::unpack62).resolve("redis-server");
  }

  private static void unpack62(Path directory) throws IOException {
    Path program = directory.resolve("redis-server");
    try (InputStream in =
        RedisServer.class.getResourceAsStream("/redis-server-6.2.6-v5-linux-amd64")) {
      if (in == null) {
        throw new SandboxException("embedded-redis has no Redis 6.2 for Linux on x86-64");
      }
      Files.copy(in, program);
    }
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Optional<Path> onPath(String program) {
    for (String folder : System.getenv().getOrDefault("PATH", "/usr/bin").split(":")) {
      Path candidate = Path.of(folder, program);
      if (Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** Starts this program with these settings, by their names and with their words in redis.conf. */
  public static RedisServer start(Path program, Map<String, String> settings) {
    return new RedisServer(program, false, settings);
  }

  /** The same with TLS on its port and no plain one. */
  public static RedisServer startWithTls(Path program, Map<String, String> settings) {
    return new RedisServer(program, true, settings);
  }

  public String host() {
    return "127.0.0.1";
  }

  public int port() {
    return port;
  }

  /** The certificate of the authority that signed the server's certificate, in PEM. */
  public String caCertificatePem() {
    return Certificates.create().caPem();
  }

  /** The last lines of the server's own log. */
  public String logTail() {
    return home.process().logTail();
  }

  /** What the server's processes use since its last start. */
  public ProcessUsage usage() {
    return home.process().usage();
  }

  public boolean isRunning() {
    return home.process().isAlive();
  }

  /** SIGKILL; what was not written to disk is gone. */
  public void kill() {
    home.kill();
  }

  /** Starts the server again on the same port and data, after killing it when it still runs. */
  public void restart() {
    if (isRunning()) {
      kill();
    }
    home.launch(command());
    awaitReady();
  }

  /** Ends the server and deletes its data; closing twice is fine. */
  @Override
  public void close() {
    home.close();
  }

  private List<String> command() {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    setting(command, "bind", host());
    setting(command, "dir", directory.toString());
    setting(command, "save", "");
    setting(command, "daemonize", "no");
    if (tls) {
      Certificates certificates = Certificates.create();
      setting(command, "port", "0");
      setting(command, "tls-port", Integer.toString(port));
      setting(command, "tls-cert-file", certificates.certificate().toString());
      setting(command, "tls-key-file", certificates.key().toString());
      setting(command, "tls-ca-cert-file", certificates.ca().toString());
      setting(command, "tls-auth-clients", "no");
    } else {
      setting(command, "port", Integer.toString(port));
    }
    settings.forEach((name, value) -> setting(command, name, value));
    return command;
  }

  private static void setting(List<String> command, String name, String value) {
    command.add("--" + name);
    command.addAll(List.of(value.split(" ")));
  }

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

  /** It listens before it has loaded its data, and answers PING only then. */
  private void awaitReady() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_TIMEOUT_SECONDS);
    while (!answers()) {
      if (home.process().endsWithin(POLL_MILLISECONDS)) {
        throw new SandboxException("the server ended while starting; its log ends:\n" + logTail());
      }
      if (System.nanoTime() > deadline) {
        kill();
        throw new SandboxException(
            "no answer within "
                + START_TIMEOUT_SECONDS
                + " s; the server's log ends:\n"
                + logTail());
      }
    }
  }

  /** Anything but LOADING is an answer: a server with a password says NOAUTH. */
  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host(), port), PONG_TIMEOUT_MILLISECONDS);
      if (tls) {
        return true;
      }
      socket.setSoTimeout(PONG_TIMEOUT_MILLISECONDS);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      byte[] answer = in.readNBytes("-LOADING".length() - 1);
      return answer.length > 0
          && !new String(answer, StandardCharsets.US_ASCII).startsWith("-LOADIN");
    } catch (IOException notYet) {
      return false;
    }
  }
}
