package wherry.server.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;
import org.sqlite.JDBC;

/**
 * The SQLite file behind one writing and one reading connection, each guarded by a lock. Reading
 * sees what is committed; within a {@link #write} of the same thread it sees that transaction.
 */
final class MetadataDatabase implements AutoCloseable {
  interface Work<T> {
    T on(Sql sql) throws SQLException;
  }

  private final Path file;
  private final Connection writer;
  private final Connection reader;
  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock reading = new ReentrantLock();

  private MetadataDatabase(Path file, Connection writer, Connection reader) {
    this.file = file;
    this.writer = writer;
    this.reader = reader;
  }

  static MetadataDatabase open(Path file) {
    try {
      Connection writer = connect(file);
      try {
        // FULL: a status that a client was told must survive a power cut.
        run(writer, "PRAGMA journal_mode=WAL");
        run(writer, "PRAGMA synchronous=FULL");
        new Migrations(file).apply(writer);
        return new MetadataDatabase(file, writer, connect(file));
      } catch (SQLException | RuntimeException e) {
        writer.close();
        throw e;
      }
    } catch (SQLException e) {
      throw failure(file, e);
    }
  }

  private static Connection connect(Path file) throws SQLException {
    // Not through DriverManager, which would load every JDBC driver on the class path at start.
    Connection connection = JDBC.createConnection(JDBC.PREFIX + file, new Properties());
    run(connection, "PRAGMA busy_timeout=10000");
    return connection;
  }

  private static void run(Connection connection, String statement) throws SQLException {
    try (var pragma = connection.createStatement()) {
      pragma.execute(statement);
    }
  }

  <T> T read(Work<T> work) {
    if (writing.isHeldByCurrentThread()) {
      return within(work);
    }
    reading.lock();
    try {
      return work.on(new Sql(reader));
    } catch (SQLException e) {
      throw failure(file, e);
    } finally {
      reading.unlock();
    }
  }

  /** One transaction; joins that of the caller when there is one. Whatever is thrown undoes it. */
  <T> T write(Work<T> work) {
    if (writing.isHeldByCurrentThread()) {
      return within(work);
    }
    writing.lock();
    try {
      writer.setAutoCommit(false);
      T result;
      try {
        result = work.on(new Sql(writer));
        writer.commit();
      } catch (SQLException | RuntimeException | Error e) {
        undo(e);
        throw e;
      }
      writer.setAutoCommit(true);
      return result;
    } catch (SQLException e) {
      throw failure(file, e);
    } finally {
      writing.unlock();
    }
  }

  /**
   * Ends the transaction. After a full disk SQLite has undone it by itself and knows of none any
   * more ("Response To Errors Within A Transaction"): it then refuses both calls, but the
   * connection is as it was before.
   */
  private void undo(Throwable cause) {
    try {
      writer.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
    try {
      writer.setAutoCommit(true);
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private <T> T within(Work<T> work) {
    try {
      return work.on(new Sql(writer));
    } catch (SQLException e) {
      throw failure(file, e);
    }
  }

  private static StoreException failure(Path file, SQLException cause) {
    return new StoreException(
        "The metadata store "
            + file
            + " could not be read or written: "
            + cause.getMessage()
            + ". Check that its disk has space and that the directory is writable.",
        cause);
  }

  @Override
  public void close() {
    writing.lock();
    reading.lock();
    try {
      reader.close();
      writer.close();
    } catch (SQLException e) {
      throw failure(file, e);
    } finally {
      reading.unlock();
      writing.unlock();
    }
  }
}
