package wherry.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import wherry.sandbox.Directories;
import wherry.sandbox.OwnSession;
import wherry.sandbox.Ports;
import wherry.sandbox.ProcessUsage;
import wherry.sandbox.SandboxException;

/**
 * The service as users run it: a JVM of its own with 512 MB of heap on a free loopback port, its
 * data in a directory of the caller's or a temporary one. It ends with this JVM.
 */
public final class ServiceProcess implements AutoCloseable {
  public static final String ACCESS_KEY_ID = "AKIAWHERRYDEMO000000";
  public static final String SECRET_ACCESS_KEY = "wherry-demo-secret-of-a-throw-away-service";
  public static final String REGION = "us-east-1";

  private static final String MAIN_CLASS = "wherry.server.Main";
  private static final String GC_LOG = "gc.log";

  /** For instance {@code GC(3) Pause Young (Normal) 120M->31M(512M) 4.1ms}. */
  private static final Pattern HEAP_BEFORE_COLLECTION = Pattern.compile(" (\\d+)M->\\d+M\\(");

  /** On a machine of two cores that does other work as well, half a minute was not enough. */
  private static final long START_TIMEOUT_SECONDS = 180;

  /** Long, for a rehearsed service first writes down what it has learnt. */
  private static final long STOP_TIMEOUT_SECONDS = 60;

  private static final long POLL_MILLISECONDS = 20;
  private static final int LOG_LINES = 40;

  private final Process process;
  private final Path log;
  private final URI endpoint;
  private final Optional<Path> ownDirectory;
  private final Thread shutdownHook;

  private ServiceProcess(Process process, Path log, URI endpoint, Optional<Path> ownDirectory) {
    this.process = process;
    this.log = log;
    this.endpoint = endpoint;
    this.ownDirectory = ownDirectory;
    shutdownHook = new Thread(this::endForGood, "wherry-service-shutdown");
    Runtime.getRuntime().addShutdownHook(shutdownHook);
  }

  /**
   * Starts the service on a temporary directory, which is deleted when it is closed, and returns
   * when it answers.
   */
  public static ServiceProcess startTemporary(String... options) {
    try {
      Path directory = Files.createTempDirectory("wherry-service-");
      return start(directory, Optional.of(directory), Map.of(), options);
    } catch (IOException e) {
      throw new SandboxException("cannot make a data directory: " + e.getMessage(), e);
    }
  }

  /**
   * Starts the service and returns when it answers.
   *
   * @param directory where it keeps its data and its log; it stays when the service ends
   * @param options further options of {@code serve}
   */
  public static ServiceProcess start(Path directory, String... options) {
    return start(directory, Map.of(), options);
  }

  /** The same, with more variables in its environment. */
  public static ServiceProcess start(
      Path directory, Map<String, String> environment, String... options) {
    return start(directory, Optional.empty(), environment, options);
  }

  private static ServiceProcess start(
      Path directory,
      Optional<Path> ownDirectory,
      Map<String, String> environment,
      String... options) {
    int port = Ports.free();
    Path log = directory.resolve("service.log");
    ProcessBuilder builder = command(directory, port, options);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectInput(Path.of("/dev/null").toFile());
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    try {
      ServiceProcess service =
          new ServiceProcess(
              builder.start(), log, URI.create("http://127.0.0.1:" + port), ownDirectory);
      try {
        service.awaitHealthy();
        return service;
      } catch (RuntimeException e) {
        service.close();
        throw e;
      }
    } catch (IOException e) {
      throw new SandboxException("cannot start the service: " + e.getMessage(), e);
    }
  }

  public URI endpoint() {
    return endpoint;
  }

  public ProcessUsage usage() {
    return new ProcessUsage(process.toHandle());
  }

  /**
   * The most heap that was in use when a garbage collection began, in bytes; 0 before the first
   * one.
   */
  public long peakHeapBytes() {
    try (Stream<String> lines = Files.lines(log.resolveSibling(GC_LOG))) {
      return lines
          .map(HEAP_BEFORE_COLLECTION::matcher)
          .filter(Matcher::find)
          .mapToLong(matcher -> Long.parseLong(matcher.group(1)) << 20)
          .max()
          .orElse(0);
    } catch (IOException e) {
      throw new SandboxException(
          "cannot read the service's log of collections: " + e.getMessage(), e);
    }
  }

  /** A client of the API with the service's access key; the caller closes it. */
  public DatabaseMigrationClient client() {
    return DatabaseMigrationClient.builder()
        .endpointOverride(endpoint)
        .region(Region.of(REGION))
        .credentialsProvider(credentials())
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }

  /** A client of the service's Secrets Manager; the caller closes it. */
  public SecretsManagerClient secrets() {
    return SecretsManagerClient.builder()
        .endpointOverride(endpoint)
        .region(Region.of(REGION))
        .credentialsProvider(credentials())
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }

  private static StaticCredentialsProvider credentials() {
    return StaticCredentialsProvider.create(
        AwsBasicCredentials.create(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
  }

  /** The answer to an unsigned GET. */
  String get(String path) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(endpoint.resolve(path)).timeout(Duration.ofSeconds(10)).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new SandboxException("the service does not answer: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while waiting for the service", e);
    }
  }

  /** Waits a moment between two looks; throws when the service has died meanwhile. */
  public void pause(long milliseconds) {
    try {
      if (process.waitFor(milliseconds, TimeUnit.MILLISECONDS)) {
        throw new SandboxException(
            "the service ended with exit code "
                + process.exitValue()
                + "; its log ends:\n"
                + logTail());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while waiting for the service", e);
    }
  }

  /** The last lines that the service printed. */
  public String logTail() {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    } catch (IOException e) {
      return "(" + log + " cannot be read: " + e.getMessage() + ")";
    }
  }

  /** Kills it as a crash would. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Stops it in good order, by force when it takes too long. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException alreadyShuttingDown) {
      // The hook ends the service; ending it twice is harmless.
    }
    process.destroy();
    try {
      process.waitFor(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    endForGood();
  }

  private void endForGood() {
    kill();
    ownDirectory.ifPresent(Directories::delete);
  }

  /**
   * By {@code ./wherry serve} where we were started by it ourselves, else by our own class path.
   */
  private static ProcessBuilder command(Path directory, int port, String... options) {
    String gcLog = "-Xlog:gc:file=" + directory.resolve(GC_LOG);
    List<String> command = new ArrayList<>();
    String home = System.getProperty("wherry.home", "");
    if (home.isEmpty()) {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of("-Xmx512m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", gcLog));
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN_CLASS));
    } else {
      command.add(Path.of(home, "wherry").toString());
    }
    command.addAll(List.of("serve", "--port", Integer.toString(port)));
    command.addAll(List.of("--data", directory.resolve("data").toString()));
    command.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(OwnSession.of(command));
    String inherited = builder.environment().getOrDefault("WHERRY_JAVA_OPTIONS", "");
    builder
        .environment()
        .putAll(
            Map.of(
                "WHERRY_ACCESS_KEY_ID", ACCESS_KEY_ID,
                "WHERRY_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY,
                "WHERRY_JAVA_OPTIONS", inherited + " " + gcLog));
    return builder;
  }

  private void awaitHealthy() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_TIMEOUT_SECONDS);
    HttpRequest request =
        HttpRequest.newBuilder(endpoint.resolve("/health")).timeout(Duration.ofSeconds(2)).build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (!answers(client, request)) {
        if (!process.isAlive()) {
          throw new SandboxException(
              "the service ended while starting; its log ends:\n" + logTail());
        }
        if (System.nanoTime() > deadline) {
          throw new SandboxException(
              "the service did not answer within "
                  + START_TIMEOUT_SECONDS
                  + " s; its log ends:\n"
                  + logTail());
        }
        pause(POLL_MILLISECONDS);
      }
    }
  }

  private static boolean answers(HttpClient client, HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while waiting for the service", e);
    }
  }
}
