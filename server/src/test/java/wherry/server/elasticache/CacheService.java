package wherry.server.elasticache;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import software.amazon.awssdk.services.elasticache.ElastiCacheClient;
import software.amazon.awssdk.services.elasticache.model.Endpoint;
import software.amazon.awssdk.services.elasticache.model.Event;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroup;
import software.amazon.awssdk.services.elasticache.model.ReplicationGroupNotFoundException;
import wherry.elasticache.EngineBinaries;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.Connection;
import wherry.server.ServerConfig;
import wherry.server.Service;

/** The whole service over HTTP, and the SDK's own client, signing for real. */
final class CacheService implements AutoCloseable {
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "WHERRY_ACCESS_KEY_ID", "AKIDTEST",
          "WHERRY_SECRET_ACCESS_KEY", "a secret",
          "PATH", System.getenv("PATH"));
  private static final StaticCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDTEST", "a secret"));
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  final ElastiCacheClient client;
  final String url;
  private final Path data;
  private final Service service;

  CacheService(Path data) {
    this(data, true, Map.of());
  }

  /** Takes every request, so that tests can send what the SDK would not. */
  static CacheService withoutSignatures(Path data) {
    return new CacheService(data, false, Map.of());
  }

  /** Without signatures, and with the groups that this file names. */
  static CacheService attached(Path data, Path file) {
    return new CacheService(data, false, Map.of("WHERRY_CACHE_ATTACHED", file.toString()));
  }

  private CacheService(Path data, boolean authentication, Map<String, String> more) {
    this.data = data;
    Map<String, String> environment = new HashMap<>(ENVIRONMENT);
    environment.putAll(more);
    service =
        Service.start(
            new ServerConfig(
                0,
                "127.0.0.1",
                data,
                Duration.ZERO,
                authentication,
                Optional.empty(),
                Optional.empty()),
            environment);
    url = service.url();
    client =
        ElastiCacheClient.builder()
            .endpointOverride(URI.create(url))
            .region(Region.EU_CENTRAL_1)
            .credentialsProvider(CREDENTIALS)
            .httpClient(UrlConnectionHttpClient.create())
            .build();
  }

  static void assumeServerIsInstalled() {
    Assumptions.assumeFalse(
        new EngineBinaries(ENVIRONMENT, Path.of("target", "programs")).all().isEmpty(),
        "SKIPPED: neither redis-server nor valkey-server is installed, and Redis 6.2 comes for x86-64 Linux only");
  }

  ReplicationGroup group(String id) {
    return client
        .describeReplicationGroups(r -> r.replicationGroupId(id))
        .replicationGroups()
        .getFirst();
  }

  ReplicationGroup awaitStatus(String id, String status) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> group(id).status().equals(status));
    return group(id);
  }

  ReplicationGroup awaitAvailable(String id) {
    return awaitStatus(id, "available");
  }

  void awaitGone(String id) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> {
          try {
            group(id);
            return false;
          } catch (ReplicationGroupNotFoundException gone) {
            return true;
          }
        });
  }

  List<String> events() {
    return client.describeEvents().events().stream().map(Event::message).toList();
  }

  /** The nodes of a group whose server processes run: they work in the folders of their data. */
  List<String> processes(String group) {
    Path folder = data.resolve("caches").resolve(group);
    return ReplicationGroupIT.workingFolders(folder).stream()
        .map(each -> each.getFileName().toString())
        .distinct()
        .toList();
  }

  /** The certificate that clients of TLS groups trust. */
  String authorityPem() {
    try {
      return Files.readString(data.resolve("caches/_tls/ca.pem"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As a client of DMS would, whose certificates those of the sources are. */
  void importCertificate(String identifier, String pem) {
    try (DatabaseMigrationClient dms =
        DatabaseMigrationClient.builder()
            .endpointOverride(URI.create(url))
            .region(Region.EU_CENTRAL_1)
            .credentialsProvider(CREDENTIALS)
            .httpClient(UrlConnectionHttpClient.create())
            .build()) {
      dms.importCertificate(r -> r.certificateIdentifier(identifier).certificatePem(pem));
    }
  }

  ServerAddress address(Endpoint endpoint, @Nullable String token, boolean tls) {
    return new ServerAddress(
        endpoint.address(),
        endpoint.port(),
        token == null ? null : new ServerAddress.Credentials(null, token),
        tls ? new ServerAddress.Tls(authorityPem(), true) : null);
  }

  /** One command to a node of a plain group without login. */
  static String ask(Endpoint endpoint, String... words) {
    return ask(ServerAddress.of(endpoint.address(), endpoint.port()), words);
  }

  static String ask(ServerAddress address, String... words) {
    try (Connection connection = Connection.open(address)) {
      return connection.text(words);
    }
  }

  @Override
  public void close() {
    client.close();
    service.close();
  }
}
