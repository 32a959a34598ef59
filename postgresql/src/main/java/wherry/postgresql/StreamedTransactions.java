package wherry.postgresql;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.connector.Resource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * Large transactions that the server sends before they end (PostgreSQL manual, 54.5 "Logical
 * Streaming Replication Protocol"). Their messages wait in a file each, until the commit says that
 * they count, or the abort that they don't.
 *
 * <p>Used by the reader's thread; may be closed by any.
 */
final class StreamedTransactions implements Resource {
  /** Tells whose it is to who finds one that a crash has left. */
  static final String FOLDER_NAME = "wherry-log-" + ProcessHandle.current().pid() + "-";

  private static final Logger log = LoggerFactory.getLogger(StreamedTransactions.class);

  private static final int BUFFER_BYTES = 64 * 1024;

  private final Map<Integer, Streamed> transactions = new HashMap<>();
  private @Nullable Path directory;
  private @Nullable Streamed receiving;
  private boolean closed;

  /** A transaction under way: messages, each behind its length. */
  private static final class Streamed {
    final Path file;
    final DataOutputStream messages;
    final Set<Integer> aborted = new HashSet<>();
    @Nullable DataInputStream again;

    Streamed(Path file) throws IOException {
      this.file = file;
      this.messages =
          new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES));
    }
  }

  /** What comes until {@link #stop} is of this transaction. */
  synchronized void start(int xid) {
    if (closed) {
      throw new DmsException(ErrorCode.CONNECTION_FAILED, "The reader of the log was closed");
    }
    try {
      if (directory == null) {
        directory = Files.createTempDirectory(FOLDER_NAME);
      }
      Streamed known = transactions.get(xid);
      if (known == null) {
        known = new Streamed(directory.resolve(Integer.toUnsignedString(xid)));
        transactions.put(xid, known);
      }
      receiving = known;
    } catch (IOException e) {
      throw failure(e);
    }
  }

  synchronized void stop() {
    receiving = null;
  }

  synchronized boolean isReceiving() {
    return receiving != null;
  }

  synchronized void add(byte[] message, int start) {
    if (receiving == null) {
      throw new IllegalStateException("No transaction is being streamed");
    }
    try {
      receiving.messages.writeInt(message.length - start);
      receiving.messages.write(message, start, message.length - start);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** A transaction, or one inside it, is rolled back. */
  synchronized void abort(int xid, int inner) {
    Streamed transaction = transactions.get(xid);
    if (transaction != null && xid != inner) {
      transaction.aborted.add(inner);
    } else {
      forget(xid);
    }
  }

  /** The messages of a transaction that has committed. */
  synchronized Replay replay(int xid) {
    Streamed transaction = transactions.get(xid);
    if (transaction == null) {
      throw new IllegalStateException(
          "The log commits transaction %s, of which nothing was streamed"
              .formatted(Integer.toUnsignedString(xid)));
    }
    try {
      transaction.messages.close();
      return new Replay(xid, transaction);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Reads the messages again, but for those of inner transactions that were rolled back. */
  final class Replay {
    private final int xid;
    private final Set<Integer> aborted;
    private final DataInputStream messages;
    private byte[] message = new byte[BUFFER_BYTES];

    private Replay(int xid, Streamed transaction) throws IOException {
      this.xid = xid;
      this.aborted = transaction.aborted;
      this.messages =
          new DataInputStream(
              new BufferedInputStream(Files.newInputStream(transaction.file), BUFFER_BYTES));
      transaction.again = messages;
    }

    /** The next message, which stays until the next call; null at the end. */
    byte @Nullable [] next() {
      try {
        while (true) {
          int length = length();
          if (length < 0) {
            forget(xid);
            return null;
          }
          if (length > message.length) {
            message = new byte[length];
          }
          messages.readFully(message, 0, length);
          if (!aborted.contains(Bytes.int32(message, 1))) {
            return message;
          }
        }
      } catch (IOException e) {
        throw failure(e);
      }
    }

    private int length() throws IOException {
      try {
        return messages.readInt();
      } catch (EOFException e) {
        return -1;
      }
    }
  }

  private synchronized void forget(int xid) {
    Streamed transaction = transactions.remove(xid);
    if (transaction != null) {
      try {
        delete(transaction);
      } catch (IOException e) {
        throw failure(e);
      }
    }
  }

  private static void delete(Streamed transaction) throws IOException {
    transaction.messages.close();
    if (transaction.again != null) {
      transaction.again.close();
    }
    Files.deleteIfExists(transaction.file);
  }

  private static DmsException failure(IOException e) {
    return new DmsException(
        ErrorCode.RESOURCES_EXHAUSTED,
        ("A large transaction of the source could not be kept in a temporary file: %s. Free space in"
                + " %s, then resume the task.")
            .formatted(e, System.getProperty("java.io.tmpdir")),
        e);
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      for (Streamed transaction : transactions.values()) {
        delete(transaction);
      }
      if (directory != null) {
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      log.warn("A temporary file of the log stays behind in {}: {}", directory, e.toString());
    }
    transactions.clear();
    directory = null;
  }
}
