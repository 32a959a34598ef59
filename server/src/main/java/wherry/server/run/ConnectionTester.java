package wherry.server.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.connector.Database;
import wherry.error.DmsException;
import wherry.server.store.ConnectionTest;
import wherry.server.store.Store;

/**
 * Really connects to endpoints and keeps what became of it. Tests run on virtual threads: they
 * mostly wait.
 */
public final class ConnectionTester implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionTester.class);
  private static final String TESTING = "testing";
  private static final String STOPPING =
      "The test was interrupted, as its task or the service is stopping. Test the connection again.";

  private final Store store;
  private final EndpointDatabases databases;
  private final Duration timeout;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Once set, results are not kept: the tests stay {@code testing}, and the next start carries on
   * with them.
   */
  private volatile boolean closed;

  /**
   * @param timeout of one test as a whole; connectors have shorter ones for each step
   */
  public ConnectionTester(Store store, EndpointDatabases databases, Duration timeout) {
    this.store = store;
    this.databases = databases;
    this.timeout = timeout;
  }

  /** Starts a test and returns it as {@code testing}; empty when one is under way. */
  public Optional<ConnectionTest> begin(String endpointArn, String instanceArn) {
    ConnectionTest test = fresh(endpointArn, instanceArn);
    if (!store.connectionTests().begin(test)) {
      return Optional.empty();
    }
    threads.execute(() -> finish(test));
    return Optional.of(test);
  }

  /**
   * Starts the tests of an endpoint again, because its settings have changed: what they found
   * before is worth nothing now.
   */
  public void restartTestsOf(String endpointArn) {
    store.connectionTests().list().stream()
        .filter(test -> test.endpointArn().equals(endpointArn))
        .forEach(this::restart);
  }

  /** After the service was started: carries on with the tests that its predecessor did not end. */
  public void resume() {
    store.connectionTests().list().stream()
        .filter(test -> test.status().equals(TESTING))
        .forEach(this::restart);
  }

  private void restart(ConnectionTest before) {
    ConnectionTest test = fresh(before.endpointArn(), before.instanceArn());
    store.connectionTests().restart(test);
    threads.execute(() -> finish(test));
  }

  private static ConnectionTest fresh(String endpointArn, String instanceArn) {
    return new ConnectionTest(
        endpointArn, instanceArn, TESTING, "", Instant.now(), UUID.randomUUID().toString());
  }

  private void finish(ConnectionTest begun) {
    String failure = failure(begun.endpointArn());
    ConnectionTest ended =
        new ConnectionTest(
            begun.endpointArn(),
            begun.instanceArn(),
            failure.isEmpty() ? "successful" : "failed",
            failure,
            begun.testedAt(),
            begun.attempt());
    if (!closed) {
      store.connectionTests().finish(ended);
    }
  }

  /** Why the endpoint cannot be used; empty when it can. */
  private String failure(String endpointArn) {
    Future<?> probe;
    try {
      probe = threads.submit(() -> probe(endpointArn));
    } catch (RejectedExecutionException e) {
      return STOPPING;
    }
    try {
      probe.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return "";
    } catch (TimeoutException e) {
      probe.cancel(true);
      return "The database did not answer within "
          + timeout.toSeconds()
          + " seconds. Check ServerName and Port, and that no firewall drops the packets between this service and the"
          + " database.";
    } catch (InterruptedException e) {
      probe.cancel(true);
      Thread.currentThread().interrupt();
      return STOPPING;
    } catch (ExecutionException e) {
      return closed
          ? STOPPING
          : failureText(endpointArn, Objects.requireNonNullElse(e.getCause(), e));
    }
  }

  private void probe(String endpointArn) {
    try (Database database = databases.open(endpointArn)) {
      database.test();
    }
  }

  private static String failureText(String endpointArn, Throwable cause) {
    if (cause instanceof DmsException e) {
      return String.valueOf(e.getMessage());
    }
    LOG.error("The test of {} failed for a reason of our own.", endpointArn, cause);
    return "Wherry failed to test the connection ("
        + cause.getClass().getSimpleName()
        + "). Look for the ARN of the endpoint in the service's log.";
  }

  /** Stops the tests that run; they are resumed by the next start. */
  @Override
  public void close() {
    closed = true;
    threads.shutdownNow();
  }
}
