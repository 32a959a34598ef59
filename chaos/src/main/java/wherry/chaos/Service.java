package wherry.chaos;

import java.nio.file.Path;
import software.amazon.awssdk.services.databasemigration.DatabaseMigrationClient;
import wherry.demo.ServiceProcess;

/**
 * The service of one run, which can be killed and started again on its data. Safe for all threads.
 */
final class Service implements AutoCloseable {
  private final Path directory;
  private ServiceProcess process;
  private DatabaseMigrationClient client;
  private boolean alive;

  private Service(Path directory) {
    this.directory = directory;
    process = ServiceProcess.start(directory, "--compat-dwell", "0s");
    client = process.client();
    alive = true;
  }

  /** Starts it with its data and its log in this directory, which stays. */
  static Service start(Path directory) {
    return new Service(directory);
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
    process = ServiceProcess.start(directory, "--compat-dwell", "0s");
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
