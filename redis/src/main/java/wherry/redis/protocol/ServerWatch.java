package wherry.redis.protocol;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.redis.ServerAddress;

/**
 * Asks one server again and again, on a connection that stays open and is made anew after it has
 * broken. Safe for all threads.
 */
public final class ServerWatch implements AutoCloseable {
  private final ServerAddress server;
  private final int timeoutMilliseconds;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Connection connection;

  /**
   * @param timeoutMilliseconds how long a reply may take
   */
  public ServerWatch(ServerAddress server, int timeoutMilliseconds) {
    this.server = server;
    this.timeoutMilliseconds = timeoutMilliseconds;
  }

  public ServerAddress server() {
    return server;
  }

  /**
   * What INFO says now.
   *
   * @throws DmsException when it cannot be asked; the next call connects again
   */
  public ServerInfo info(String... sections) {
    return ask(open -> ServerInfo.of(open, sections));
  }

  /**
   * What a question answers now.
   *
   * @throws DmsException when it cannot be asked; the next call connects again
   */
  public <T> T ask(Function<Connection, T> question) {
    lock.lock();
    try {
      if (connection == null) {
        connection = Connection.open(server);
        connection.readTimeout(timeoutMilliseconds);
      }
      return question.apply(connection);
    } catch (DmsException e) {
      close();
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /** Hangs up; asking again connects again. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (connection != null) {
        connection.close();
        connection = null;
      }
    } finally {
      lock.unlock();
    }
  }
}
