package wherry.server;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.flow.ByteBudget;
import wherry.server.api.Operations;
import wherry.server.elasticache.CacheOperations;
import wherry.server.elasticache.Caches;
import wherry.server.run.ConnectionTester;
import wherry.server.run.EndpointDatabases;
import wherry.server.run.EndpointResolver;
import wherry.server.run.Engines;
import wherry.server.run.MigrationSupervisor;
import wherry.server.run.SchemaRefresher;
import wherry.server.run.TaskAssessor;
import wherry.server.run.TaskSupervisor;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Contract;
import wherry.server.wire.HttpApi;
import wherry.server.wire.HttpConfig;
import wherry.server.wire.Router;
import wherry.server.wire.SigV4;

/** The running service: its parts, built in order and closed in the opposite one. */
public final class Service implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Service.class);
  public static final String VERSION = "0.1.0";

  private static final Duration CONNECTION_TEST_TIMEOUT = Duration.ofSeconds(60);

  private final Deque<AutoCloseable> parts;
  private final Optional<String> credentials;
  private final String url;

  private Service(Deque<AutoCloseable> parts, Optional<String> credentials, String url) {
    this.parts = parts;
    this.credentials = credentials;
    this.url = url;
  }

  /**
   * Starts the service; when it returns, it answers and carries on with its tasks.
   *
   * @param environment of the process
   * @throws IllegalStateException when the port or the data folder cannot be had; the message says
   *     why
   */
  public static Service start(ServerConfig config, Map<String, String> environment) {
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      return start(config, environment, parts);
    } catch (RuntimeException e) {
      close(parts);
      throw e;
    }
  }

  /**
   * @param parts takes what is to be closed, the last one first
   */
  private static Service start(
      ServerConfig config, Map<String, String> environment, Deque<AutoCloseable> parts) {
    Store store =
        part(
            parts,
            Store.open(
                config.data(), Optional.ofNullable(environment.get("WHERRY_ENCRYPTION_KEY"))));
    Optional<String> credentials =
        config.authentication()
            ? Credentials.ensure(
                store.accessKeys(), environment, config.data().resolve("aws-credentials"))
            : Optional.empty();
    Engines engines = Engines.ofThisBuild();
    EndpointResolver endpoints = new EndpointResolver(store, engines);
    EndpointDatabases databases = new EndpointDatabases(engines, endpoints);
    ConnectionTester tester =
        part(parts, new ConnectionTester(store, databases, CONNECTION_TEST_TIMEOUT));
    SchemaRefresher refresher = part(parts, new SchemaRefresher(store, databases));
    Path logs = config.data().resolve("logs");
    ByteBudget heap = new ByteBudget(Runtime.getRuntime().maxMemory() / 2);
    TaskSupervisor supervisor =
        part(
            parts,
            new TaskSupervisor(
                store, engines, endpoints::resolve, logs, config.compatDwell(), heap));
    MigrationSupervisor migrations =
        part(parts, new MigrationSupervisor(store, engines, logs, heap));
    TaskAssessor assessor = part(parts, new TaskAssessor(store, supervisor));
    HttpConfig httpConfig = httpConfig(config);
    Caller caller = new Caller(httpConfig.accountId(), httpConfig.region(), "none");
    Caches caches =
        part(parts, Caches.of(store, config.data().resolve("caches"), environment, caller));
    List<Object> operations =
        Operations.of(store, engines, tester, refresher, supervisor, assessor, migrations);
    HttpApi http = part(parts, http(httpConfig, config, store, operations, caches, supervisor));
    tester.resume();
    refresher.resume();
    supervisor.carryOn();
    assessor.resume();
    migrations.carryOn();
    caches.carryOn();
    String scheme = config.tls().isPresent() ? "https" : "http";
    return new Service(parts, credentials, scheme + "://" + config.bind() + ":" + http.port());
  }

  private static HttpApi http(
      HttpConfig http,
      ServerConfig config,
      Store store,
      List<Object> operations,
      Caches caches,
      TaskSupervisor supervisor) {
    return HttpApi.start(
        http,
        Map.of(
            Contract.TARGET_PREFIX,
            new Router(Contract.load(), operations),
            "secretsmanager",
            Operations.secrets(store)),
        Router.elastiCache(CacheOperations.of(store, caches)),
        authentication(config, store),
        supervisor::metrics);
  }

  private static <T extends AutoCloseable> T part(Deque<AutoCloseable> parts, T part) {
    parts.push(part);
    return part;
  }

  private static Optional<SigV4> authentication(ServerConfig config, Store store) {
    return config.authentication()
        ? Optional.of(new SigV4(store.accessKeys()::secret, Clock.systemUTC()))
        : Optional.empty();
  }

  private static HttpConfig httpConfig(ServerConfig config) {
    HttpConfig http = HttpConfig.loopback(config.port(), VERSION).withBindAddress(config.bind());
    if (config.accountId().isPresent()) {
      http = http.withAccountId(config.accountId().get());
    }
    return config.tls().isPresent()
        ? http.withTls(
            new HttpConfig.Tls(config.tls().get().certificate(), config.tls().get().key()))
        : http;
  }

  /** Where it answers. */
  public String url() {
    return url;
  }

  /** What to tell about access keys that this start has made. */
  Optional<String> credentials() {
    return credentials;
  }

  @Override
  public void close() {
    close(parts);
  }

  private static void close(Deque<AutoCloseable> parts) {
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("Closing {} failed", part.getClass().getSimpleName(), e);
      }
    }
  }
}
