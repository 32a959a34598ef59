package wherry.sandbox;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The directory of a server and the process that works in it. Both go when the server is closed or
 * the JVM ends, the process first; and as threads still run while a JVM ends, none of them starts
 * the server again in a directory that is being deleted. Safe for all threads.
 */
final class ServerHome implements AutoCloseable {
  private final Path directory;
  private final Map<String, String> environment;
  private final Consumer<ServerProcess> end;
  private final Thread shutdownHook;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile ServerProcess process;
  private boolean abandoned;

  /**
   * Starts the server for the first time.
   *
   * @param end ends a process that runs, and returns when none of its children is left
   */
  ServerHome(
      Path directory,
      List<String> command,
      Map<String, String> environment,
      Consumer<ServerProcess> end) {
    this.directory = directory;
    this.environment = environment;
    this.end = end;
    process = start(command);
    shutdownHook = new Thread(this::abandon, "wherry-sandbox-shutdown");
    Runtime.getRuntime().addShutdownHook(shutdownHook);
  }

  Path directory() {
    return directory;
  }

  /** Of the last start. */
  ServerProcess process() {
    return process;
  }

  /** Starts the server, which does not run, again. */
  void launch(List<String> command) {
    lock.lock();
    try {
      if (abandoned) {
        throw new SandboxException(
            "the server of " + directory + " was closed, or the JVM ends: it is not started again");
      }
      process = start(command);
    } finally {
      lock.unlock();
    }
  }

  private ServerProcess start(List<String> command) {
    return ServerProcess.start(command, directory, directory.resolve("server.log"), environment);
  }

  /** SIGKILL to all of it; a directory is not deleted before the last of its processes is dead. */
  void kill() {
    lock.lock();
    try {
      process.kill();
    } finally {
      lock.unlock();
    }
  }

  /** Closing twice is fine. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException alreadyShuttingDown) {
      // The hook runs now or did already: of the two, one finds it done.
    }
    abandon();
  }

  private void abandon() {
    lock.lock();
    try {
      if (!abandoned) {
        abandoned = true;
        if (process.isAlive()) {
          end.accept(process);
        }
        Directories.delete(directory);
      }
    } finally {
      lock.unlock();
    }
  }
}
