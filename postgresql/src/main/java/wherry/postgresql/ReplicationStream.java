package wherry.postgresql;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import wherry.connector.Resource;

/**
 * The server's stream of log messages. A thread of its own tells the server every second that we
 * are there, whether anybody reads or not, and how far the target is: the server may forget the log
 * before that, and never learns of a later place than was acknowledged.
 *
 * <p>{@link #next} belongs to one thread, the rest to any.
 */
final class ReplicationStream implements Resource {
  /** Since then large transactions come before they end, and the heartbeat's message comes too. */
  private static final int STREAMING_SINCE = 14;

  private static final Duration STATUS_INTERVAL = Duration.ofSeconds(1);
  private static final Duration LAST_STATUS_PATIENCE = Duration.ofSeconds(1);

  private final Connection session;
  private final PGReplicationStream stream;
  private final AtomicReference<Lsn> acknowledged = new AtomicReference<>(new Lsn(0));
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread keeper;

  /** Starts the stream; the session is closed with it, or when it cannot be started. */
  ReplicationStream(Connection session, String slot, String publication, Lsn from)
      throws SQLException {
    this.session = session;
    this.stream = start(session, slot, publication, from);
    this.keeper = Thread.ofVirtual().name("wherry-slot-" + slot).start(this::keepAlive);
  }

  private static PGReplicationStream start(
      Connection session, String slot, String publication, Lsn from) throws SQLException {
    var options =
        session
            .unwrap(PGConnection.class)
            .getReplicationAPI()
            .replicationStream()
            .logical()
            .withSlotName(slot)
            .withStartPosition(LogSequenceNumber.valueOf(from.value()))
            .withStatusInterval((int) STATUS_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)
            // The driver would otherwise tell the server that what it has read is safe.
            .withAutomaticFlush(false)
            .withSlotOption("publication_names", PostgresNames.quote(publication));
    if (session.getMetaData().getDatabaseMajorVersion() < STREAMING_SINCE) {
      return options.withSlotOption("proto_version", 1).start();
    }
    return options
        .withSlotOption("proto_version", 2)
        .withSlotOption("streaming", true)
        .withSlotOption("messages", true)
        .start();
  }

  /** The server's process that sends it. */
  int sender() throws SQLException {
    return session.unwrap(PGConnection.class).getBackendPID();
  }

  /** The next message of the plug-in that has come already; null when none has. */
  @Nullable ByteBuffer next() throws SQLException {
    return stream.readPending();
  }

  /** Between transactions: where the server has come to. */
  Lsn reached() {
    return new Lsn(stream.getLastReceiveLSN().asLong());
  }

  void acknowledge(Lsn durable) {
    Lsn highest = acknowledged.accumulateAndGet(durable, (a, b) -> a.compareTo(b) >= 0 ? a : b);
    LogSequenceNumber position = LogSequenceNumber.valueOf(highest.value());
    stream.setFlushedLSN(position);
    stream.setAppliedLSN(position);
  }

  private void keepAlive() {
    try {
      while (!closed.await(STATUS_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        stream.forceUpdateStatus();
      }
      // Or else the next reader waits until the server has decoded all of it once more.
      stream.forceUpdateStatus();
    } catch (SQLException e) {
      // The reading thread meets the same failure, and tells it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the stream without waiting for what the server would still send; it learns how far the
   * target is, if it listens.
   */
  @Override
  public void close() {
    if (closed.getCount() > 0) {
      closed.countDown();
      try {
        keeper.join(LAST_STATUS_PATIENCE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      abort(session);
    }
  }

  static void abort(Connection session) {
    try {
      session.abort(Runnable::run);
    } catch (SQLException e) {
      // The session is of no more use, and that is all that was wanted.
    }
  }
}
