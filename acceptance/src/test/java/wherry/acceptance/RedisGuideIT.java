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
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
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
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;

  @BeforeAll
  static void needs_the_cli() {
    Assumptions.assumeTrue(
        onPath("aws"), "The AWS CLI (aws) is not installed; the guide's commands are not run");
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
  private String run(ServiceProcess service, String commands, int sourcePort) {
    StringBuilder output = new StringBuilder();
    for (String command : commands.split("(?<!\\\\)\n")) {
      if (command.startsWith("aws elasticache wait replication-group-available")) {
        // The CLI's own waiter looks every 15 s.
        await().atMost(PATIENCE).until(() -> group(service).status().equals("available"));
      }
      output.append(runOne(service, command, sourcePort));
    }
    return output.toString();
  }

  private String runOne(ServiceProcess service, String command, int sourcePort) {
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
                "a-token-of-16-and-more"));
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
  private static ElastiCacheClient client(ServiceProcess service) {
    return ElastiCacheClient.builder()
        .endpointOverride(service.endpoint())
        .region(Region.EU_CENTRAL_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(
                    ServiceProcess.ACCESS_KEY_ID, ServiceProcess.SECRET_ACCESS_KEY)))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  private static ReplicationGroup group(ServiceProcess service) {
    try (ElastiCacheClient client = client(service)) {
      return client.describeReplicationGroups().replicationGroups().getFirst();
    }
  }

  private static void awaitEvent(ServiceProcess service, String event) {
    try (ElastiCacheClient client = client(service)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(client.describeEvents().events())
                  .anyMatch(each -> each.message().contains(event)));
    }
  }

  private static boolean isInSync(ServiceProcess service) {
    var resharding = group(service).pendingModifiedValues().resharding();
    return resharding != null && resharding.slotMigration().progressPercentage() == 100;
  }

  private static int primaryPort(ServiceProcess service) {
    return group(service).nodeGroups().getFirst().primaryEndpoint().port();
  }

  private static String ask(int port, String... words) {
    try (Connection connection = Connection.open(ServerAddress.of("127.0.0.1", port))) {
      return connection.text(words);
    }
  }

  @Test
  void the_guide_moves_a_server_into_a_group_and_then_one_with_tls_and_a_login() throws Exception {
    try (ServiceProcess service = ServiceProcess.startTemporary();
        RedisServer plain = RedisServer.start(program(), Map.of());
        RedisServer secured = RedisServer.startWithTls(program(), Map.of())) {
      ask(plain.port(), "SET", "customer", "plain", "EX", "1000");
      assertThat(run(service, commands(BLOCK, "describe-cache-engine-versions"), 0))
          .contains("CacheEngineVersions", "EngineVersion");
      assertThat(
              run(
                  service,
                  commands(BLOCK, "create-replication-group --replication-group-id orders"),
                  0))
          .contains("\"Status\": \"creating\"", "\"Port\"");

      run(service, commands(BLOCK, "test-migration"), plain.port());
      awaitEvent(service, "Test Migration successful for orders");
      assertThat(
              run(
                  service,
                  commands(BLOCK, "start-migration --replication-group-id orders \\\n"),
                  plain.port()))
          .contains("\"Status\": \"migrating\"");
      awaitEvent(service, "changes are streaming");
      assertThat(run(service, commands(BLOCK, "complete-migration"), 0))
          .contains("Complete Migration successful for orders: 1 keys compared, all equal");
      assertThat(ask(primaryPort(service), "GET", "customer")).isEqualTo("plain");

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
      run(service, commands(AUTHORITY_IMPORT, "import-certificate"), 0);
      run(service, commands(BLOCK, "rediss://"), secured.port());
      await().atMost(PATIENCE).until(() -> isInSync(service));
      assertThat(run(service, commands(BLOCK, "complete-migration"), 0))
          .contains("Complete Migration successful for orders: 2 keys compared, all equal");
      assertThat(ask(primaryPort(service), "GET", "customer")).isEqualTo("secured");
    }
  }
}
