package wherry.server.run;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.connector.Database;
import wherry.error.DmsException;
import wherry.server.store.SchemaRefreshes;
import wherry.server.store.SchemaRefreshes.Refresh;
import wherry.server.store.Store;

/**
 * Asks databases for their schemas and keeps the answers. Refreshes run on virtual threads: they
 * mostly wait.
 */
public final class SchemaRefresher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaRefresher.class);

  private final Store store;
  private final EndpointDatabases databases;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Once set, results are not kept: the refreshes stay {@code refreshing}, and the next start
   * carries on with them.
   */
  private volatile boolean closed;

  public SchemaRefresher(Store store, EndpointDatabases databases) {
    this.store = store;
    this.databases = databases;
  }

  /** Starts a refresh and returns it as {@code refreshing}. */
  public Refresh begin(String endpointArn, String instanceArn) {
    Refresh refresh =
        new Refresh(endpointArn, instanceArn, SchemaRefreshes.REFRESHING, "", Instant.now());
    store.schemaRefreshes().put(refresh);
    threads.execute(() -> finish(refresh));
    return refresh;
  }

  /** Refreshes and waits, for nobody's instance. */
  public Refresh refreshNow(String endpointArn) {
    return finish(new Refresh(endpointArn, "", SchemaRefreshes.REFRESHING, "", Instant.now()));
  }

  /**
   * After the service was started: carries on with the refreshes that its predecessor did not end.
   */
  public void resume() {
    store.schemaRefreshes().refreshing().forEach(refresh -> threads.execute(() -> finish(refresh)));
  }

  private Refresh finish(Refresh begun) {
    try (Database database = databases.open(begun.endpointArn())) {
      List<String> names = database.schemas();
      return keep(begun, SchemaRefreshes.SUCCESSFUL, "", names);
    } catch (DmsException e) {
      return keep(begun, SchemaRefreshes.FAILED, String.valueOf(e.getMessage()), List.of());
    } catch (RuntimeException e) {
      LOG.error(
          "The schemas of {} could not be listed for a reason of our own.", begun.endpointArn(), e);
      String message =
          "Wherry failed to list the schemas. Look for the ARN of the endpoint in the service's log.";
      return keep(begun, SchemaRefreshes.FAILED, message, List.of());
    }
  }

  /** Says nothing about an endpoint that was deleted in the meantime. */
  private Refresh keep(Refresh begun, String status, String failure, List<String> names) {
    Refresh ended =
        new Refresh(begun.endpointArn(), begun.instanceArn(), status, failure, begun.refreshedAt());
    if (closed) {
      return ended;
    }
    return store.atomically(() -> {
      if (store.resources().find(begun.endpointArn()).isPresent()) {
        store.schemaRefreshes().put(ended);
        if (failure.isEmpty()) {
          store.schemaRefreshes().putSchemas(begun.endpointArn(), names);
        }
      }
      return ended;
    });
  }

  /** Stops the refreshes that run; they are resumed by the next start. */
  @Override
  public void close() {
    closed = true;
    threads.shutdownNow();
  }
}
