package wherry.chaos;

import java.nio.file.Path;
import java.util.Map;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import wherry.demo.ServiceProcess;

/**
 * The service of one run, which can be killed and started again on its data. Safe for all threads.
 */
final class Service implements AutoCloseable {
  private final Path directory;
  private final Map<String, String> environment;
  private ServiceProcess process;
  private DatabaseMigrationClient client;
  private boolean alive;

  private Service(Path directory, Map<String, String> environment) {
    this.directory = directory;
    this.environment = environment;
    process = launch();
    client = process.client();
    alive = true;
  }

  /**
   * Starts it with its data and its log in this directory, which stays.
   *
   * @param environment variables that it has beyond ours
   */
  static Service start(Path directory, Map<String, String> environment) {
    return new Service(directory, environment);
  }

  private ServiceProcess launch() {
    return ServiceProcess.start(directory, environment, "--compat-dwell", "0s");
  }

  synchronized DatabaseMigrationClient client() {
    return client;
  }

  /** kill -9. */
  synchronized void kill() {
    process.kill();
    alive = false;
  }

  synchronized boolean isAlive() {
    return alive;
  }

  /** Starts it again after a kill; it listens on another port. */
  synchronized void restart() {
    client.close();
    process.close();
    process = launch();
    client = process.client();
    alive = true;
  }

  /** The most heap in use when a garbage collection began, in bytes. */
  synchronized long peakHeapBytes() {
    return process.peakHeapBytes();
  }

  synchronized String logTail() {
    return process.logTail();
  }

  @Override
  public synchronized void close() {
    client.close();
    process.close();
  }
}
