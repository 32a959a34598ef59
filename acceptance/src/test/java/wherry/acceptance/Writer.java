package wherry.acceptance;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import wherry.sandbox.DatabaseServer;

/**
 * An application that writes: statements by turns, each a transaction, again and again until it is
 * stopped. What goes wrong is thrown by {@link #stop}.
 */
final class Writer implements AutoCloseable {
  /** Others have work to do on this machine, too. */
  private static final long PAUSE_NANOS = 5_000_000;

  private final DatabaseServer server;
  private final String database;
  private final String[] statements;
  private final Thread thread;
  private volatile boolean wanted = true;
  private volatile @Nullable SQLException failure;

  /**
   * @param statements in which {@code {n}} is the number of the round, from 1 on
   */
  Writer(DatabaseServer server, String database, String... statements) {
    this.server = server;
    this.database = database;
    this.statements = statements;
    this.thread = Thread.ofVirtual().name("writer").unstarted(this::write);
  }

  Writer begin() {
    thread.start();
    return this;
  }

  private void write() {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      for (int n = 1; wanted; n++) {
        for (String sql : statements) {
          statement.execute(sql.replace("{n}", Integer.toString(n)));
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (SQLException e) {
      failure = e;
    }
  }

  void stop() throws InterruptedException {
    wanted = false;
    thread.join();
    if (failure != null) {
      throw new IllegalStateException("The writer failed", failure);
    }
  }

  @Override
  public void close() throws InterruptedException {
    wanted = false;
    if (thread.isAlive()) {
      thread.join();
    }
  }
}
