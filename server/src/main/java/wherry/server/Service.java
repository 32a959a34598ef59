package wherry.server;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
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
import wherry.server.wire.JsonService;
import wherry.server.wire.Router;
import wherry.server.wire.SigV4;

/** The running service: its parts, built in order and closed in the opposite one. */
public final class Service implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Service.class);
  public static final String VERSION = "0.1.0";

  private static final Duration CONNECTION_TEST_TIMEOUT = Duration.ofSeconds(60);

  private final List<AutoCloseable> parts;
  private final Optional<String> credentials;
  private final String url;

  private Service(List<AutoCloseable> parts, Optional<String> credentials, String url) {
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
    Store store =
        Store.open(config.data(), Optional.ofNullable(environment.get("WHERRY_ENCRYPTION_KEY")));
    try {
      Optional<String> credentials =
          config.authentication()
              ? Credentials.ensure(
                  store.accessKeys(), environment, config.data().resolve("aws-credentials"))
              : Optional.empty();
      Engines engines = Engines.ofThisBuild();
      EndpointResolver endpoints = new EndpointResolver(store, engines);
      EndpointDatabases databases = new EndpointDatabases(engines, endpoints);
      ConnectionTester tester = new ConnectionTester(store, databases, CONNECTION_TEST_TIMEOUT);
      SchemaRefresher refresher = new SchemaRefresher(store, databases);
      Path logs = config.data().resolve("logs");
      ByteBudget heap = new ByteBudget(Runtime.getRuntime().maxMemory() / 2);
      TaskSupervisor supervisor =
          new TaskSupervisor(store, engines, endpoints::resolve, logs, config.compatDwell(), heap);
      TaskAssessor assessor = new TaskAssessor(store, supervisor);
      MigrationSupervisor migrations = new MigrationSupervisor(store, engines, logs, heap);
      Router router =
          new Router(
              Contract.load(),
              Operations.of(store, engines, tester, refresher, supervisor, assessor, migrations));
      Map<String, JsonService> services =
          Map.of(Contract.TARGET_PREFIX, router, "secretsmanager", Operations.secrets(store));
      HttpConfig httpConfig = httpConfig(config);
      Caches caches =
          Caches.of(
              store,
              config.data().resolve("caches"),
              environment,
              new Caller(httpConfig.accountId(), httpConfig.region(), "none"));
      Router elastiCache = Router.elastiCache(CacheOperations.of(store, caches));
      Optional<SigV4> authentication =
          config.authentication()
              ? Optional.of(new SigV4(store.accessKeys()::secret, Clock.systemUTC()))
              : Optional.empty();
      HttpApi http =
          HttpApi.start(httpConfig, services, elastiCache, authentication, supervisor::metrics);
      tester.resume();
      refresher.resume();
      supervisor.carryOn();
      assessor.resume();
      migrations.carryOn();
      caches.carryOn();
      String url =
          (config.tls().isPresent() ? "https" : "http") + "://" + config.bind() + ":" + http.port();
      return new Service(
          List.of(http, caches, assessor, migrations, supervisor, refresher, tester, store),
          credentials,
          url);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
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
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("Closing {} failed", part.getClass().getSimpleName(), e);
      }
    }
  }
}
