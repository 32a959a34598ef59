package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.elasticache.ElastiCacheClient;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroup;
import wherry.demo.ServiceProcess;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.Connection;
import wherry.sandbox.RedisServer;

/** The commands of docs/redis-migrations.md, as they stand there, by the real AWS CLI. */
class RedisGuideIT {
  private static final Path GUIDE = Path.of("../docs/redis-migrations.md");
  private static final Pattern BLOCK =
      Pattern.compile("^```\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern AUTHORITY_IMPORT =
      Pattern.compile("`(aws dms import-certificate [^`]*)`");
  private static final String TOKEN = "a-token-of-16-and-more";

  /** Otherwise a source waits five seconds for more replicas before it sends its RDB. */
  private static final Map<String, String> AT_ONCE = Map.of("repl-diskless-sync-delay", "0");

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir private Path directory;
  private ServiceProcess service;
  private ElastiCacheClient client;

  @BeforeAll
  static void needs_the_cli() {
    Assumptions.assumeTrue(
        onPath("aws"), "The AWS CLI (aws) is not installed; the guide's commands are not run");
  }

  @BeforeEach
  void start() throws IOException {
    service = ServiceProcess.start(Files.createDirectory(directory.resolve("data")));
    client =
        ElastiCacheClient.builder()
            .endpointOverride(service.endpoint())
            .region(Region.EU_CENTRAL_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(
                        ServiceProcess.ACCESS_KEY_ID, ServiceProcess.SECRET_ACCESS_KEY)))
            .httpClient(UrlConnectionHttpClient.create())
            .build();
  }

  @AfterEach
  void stop() {
    client.close();
    service.close();
  }

  private static boolean onPath(String program) {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static Path program() {
    return RedisServer.redis().orElseGet(RedisServer::redis62);
  }

  /** The only block, or inline command, that has these words. */
  private static String commands(Pattern pattern, String words) throws IOException {
    List<String> found =
        pattern
            .matcher(Files.readString(GUIDE))
            .results()
            .map(match -> match.group(1))
            .filter(text -> text.contains(words))
            .toList();
    assertThat(found).as(words).hasSize(1);
    return found.getFirst();
  }

  /** Runs commands of the guide; only what names the user's own machines is put in. */
  private String run(String commands, int sourcePort) {
    StringBuilder output = new StringBuilder();
    for (String command : commands.split("(?<!\\\\)\n")) {
      if (command.startsWith("aws elasticache wait replication-group-available")) {
        // The CLI's own waiter looks every 15 s.
        String id = command.replaceAll(".*--replication-group-id (\\w+).*", "$1");
        await().atMost(PATIENCE).until(() -> group(id).status().equals("available"));
      }
      output.append(runOne(command, sourcePort));
    }
    return output.toString();
  }

  private String runOne(String command, int sourcePort) {
    String script =
        command
            .replace("http://127.0.0.1:8080", service.endpoint().toString())
            .replace("10.0.0.5", "127.0.0.1")
            .replace("Port=6379", "Port=" + sourcePort)
            .replace("\"Port\": 6379", "\"Port\": " + sourcePort);
    ProcessBuilder shell = new ProcessBuilder("sh", "-e", "-c", script).redirectErrorStream(true);
    shell.directory(directory.toFile());
    shell
        .environment()
        .putAll(
            Map.of(
                "AWS_ACCESS_KEY_ID",
                ServiceProcess.ACCESS_KEY_ID,
                "AWS_SECRET_ACCESS_KEY",
                ServiceProcess.SECRET_ACCESS_KEY,
                "AWS_ENDPOINT_URL",
                service.endpoint().toString(),
                "AWS_DEFAULT_REGION",
                "eu-central-1",
                "AWS_PAGER",
                "",
                "TOKEN",
                TOKEN));
    try {
      Process process = shell.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(script + "\n" + output).isZero();
      return output;
    } catch (IOException e) {
      throw new IllegalStateException(script, e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits are asked for by the SDK, which is quicker than the CLI. */
  private ReplicationGroup group(String id) {
    return client
        .describeReplicationGroups(r -> r.replicationGroupId(id))
        .replicationGroups()
        .getFirst();
  }

  private void awaitEvent(String event) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(client.describeEvents().events())
                .anyMatch(each -> each.message().contains(event)));
  }

  private boolean isInSync() {
    var resharding = group("orders").pendingModifiedValues().resharding();
    return resharding != null && resharding.slotMigration().progressPercentage() == 100;
  }

  private int primaryPort(String id) {
    return group(id).nodeGroups().getFirst().primaryEndpoint().port();
  }

  private static String ask(int port, String... words) {
    try (Connection connection = Connection.open(ServerAddress.of("127.0.0.1", port))) {
      return connection.text(words);
    }
  }

  @Test
  void the_guide_moves_two_servers_into_a_group_and_logs_in_to_one_with_tls_and_a_token()
      throws Exception {
    try (RedisServer plain = RedisServer.start(program(), AT_ONCE);
        RedisServer secured = RedisServer.startWithTls(program(), AT_ONCE)) {
      ask(plain.port(), "SET", "customer", "plain", "EX", "1000");
      assertThat(run(commands(BLOCK, "describe-cache-engine-versions"), 0))
          .contains("CacheEngineVersions", "EngineVersion");
      assertThat(run(commands(BLOCK, "create-replication-group --replication-group-id orders"), 0))
          .contains("\"Status\": \"creating\"", "\"Port\"");

      run(commands(BLOCK, "test-migration"), plain.port());
      awaitEvent("Test Migration successful for orders");
      assertThat(
              run(
                  commands(BLOCK, "start-migration --replication-group-id orders \\\n"),
                  plain.port()))
          .contains("\"Status\": \"migrating\"");
      awaitEvent("changes are streaming");
      assertThat(run(commands(BLOCK, "ProgressPercentage"), 0)).contains("migrating, ");
      assertThat(run(commands(BLOCK, "complete-migration"), 0))
          .contains("Complete Migration successful for orders: 1 keys compared, all equal");
      assertThat(ask(primaryPort("orders"), "GET", "customer")).isEqualTo("plain");

      ServerAddress.Tls tls = new ServerAddress.Tls(secured.caCertificatePem(), true);
      try (Connection admin =
          Connection.open(new ServerAddress(secured.host(), secured.port(), null, tls))) {
        admin.call(
            commands(BLOCK, "ACL SETUSER")
                .strip()
                .replace("migrator", "mover")
                .replace(">password", ">secret")
                .split(" "));
        admin.call("MSET", "customer", "secured", "another", "key");
      }
      Files.writeString(directory.resolve("ca.pem"), secured.caCertificatePem());
      run(commands(AUTHORITY_IMPORT, "import-certificate"), 0);
      run(commands(BLOCK, "\"Address\": \"rediss://"), secured.port());
      await().atMost(PATIENCE).until(() -> isInSync());
      assertThat(run(commands(BLOCK, "complete-migration"), 0))
          .contains("Complete Migration successful for orders: 2 keys compared, all equal");
      assertThat(ask(primaryPort("orders"), "GET", "customer")).isEqualTo("secured");
    }
    String vault = commands(BLOCK, "--replication-group-id vault");
    int client = vault.indexOf("redis-cli");
    run(vault.substring(0, client), 0);
    Assumptions.assumeTrue(
        onPath("redis-cli"), "redis-cli is not installed; the guide's TLS login was not run");
    Files.writeString(directory.resolve("input"), TOKEN + "\nSET sealed well\nGET sealed\n");
    String login =
        vault
            .substring(client)
            .strip()
            .replace("PORT", Integer.toString(primaryPort("vault")))
            .replace("DATA", directory.resolve("data/data").toString());
    assertThat(runOne(login + " <input", 0)).contains("OK", "well");

    assertThat(processesIn(directory.resolve("data"))).isNotEmpty();
    service.kill();
    await().atMost(PATIENCE).until(() -> processesIn(directory.resolve("data")).isEmpty());
  }

  /** Servers work in the folders of their data; they end with the service, however that ends. */
  private static List<Path> processesIn(Path folder) {
    return ProcessHandle.allProcesses()
        .flatMap(process -> workingFolder(process.pid()))
        .filter(each -> each.startsWith(folder))
        .toList();
  }

  private static Stream<Path> workingFolder(long pid) {
    try {
      return Stream.of(Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd")));
    } catch (IOException ended) {
      return Stream.empty();
    }
  }
}
