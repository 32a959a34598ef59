package wherry.mysql;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import wherry.change.ChangeBatch;
import wherry.change.Position;
import wherry.connector.ChangeReader;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * Reads the log on a thread of its own, which decodes ahead by one batch at most and then leaves
 * the rest in the socket: so what is there can be handed on at once, a large transaction takes no
 * more memory than a small one, and a server that falls silent is noticed whatever the consumer
 * does.
 */
final class BinlogReader implements ChangeReader {
  /** A batch is full here, with what one event more takes. */
  private static final long BATCH_BYTES = 1 << 20;

  /**
   * Between two batches, unless one is full: to hand on each transaction of a busy log by itself
   * costs more than to decode it. After a longer silence the first one goes on at once.
   */
  private static final Duration GATHER = Duration.ofMillis(5);

  private final MySqlSettings settings;
  private final BinlogPosition from;
  private final BinlogStream stream;
  private final BinlogDecoder decoder;
  private final PreparedScan prepared;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition decoded = lock.newCondition();
  private final Condition taken = lock.newCondition();
  private BinlogPosition at;
  private long handedOnNanos = System.nanoTime() - GATHER.toNanos();
  private @Nullable DmsException failure;
  private boolean closed;

  /**
   * @param prepared finds and reads again transactions that were prepared before
   */
  BinlogReader(
      MySqlSettings settings,
      BinlogPosition from,
      long serverId,
      BinlogDecoder decoder,
      PreparedScan prepared) {
    this.settings = settings;
    this.prepared = prepared;
    this.from = from;
    this.at = from;
    this.decoder = decoder;
    this.stream = BinlogStream.open(settings, from, serverId, false);
    this.thread =
        Thread.ofPlatform()
            .name(Thread.currentThread().getName() + "/binlog")
            .daemon()
            .start(this::run);
  }

  private void run() {
    DmsException end;
    try {
      end = readAll();
    } catch (DmsException e) {
      end = e;
    } catch (SQLException e) {
      end = BinlogFailure.of(settings, at, e);
    } catch (BinlogStream.Damaged e) {
      // Some servers send whatever begins there.
      end =
          at.compareTo(from) == 0
              ? BinlogFailure.noEvent(settings, at, String.valueOf(e.getMessage()), e)
              : broken(e);
    } catch (IOException e) {
      end = broken(e);
    } catch (RuntimeException | Error e) {
      end =
          new DmsException(
              ErrorCode.INTERNAL, "Reading the binary log failed at " + at.text() + ": " + e, e);
    }
    lock.lock();
    try {
      failure = end;
      decoded.signalAll();
    } finally {
      lock.unlock();
      stream.close();
    }
  }

  private DmsException broken(IOException e) {
    return new DmsException(
        ErrorCode.CONNECTION_FAILED,
        "The binary log of "
            + settings.where()
            + " broke off at "
            + at.text()
            + ": "
            + e.getMessage()
            + ". Check that the server runs and that nothing between here and there ends"
            + " connections.",
        e);
  }

  private DmsException readAll() throws IOException, SQLException {
    while (true) {
      BinlogEvent event = stream.next();
      if (event == null) {
        return new DmsException(
            ErrorCode.CONNECTION_FAILED,
            "The server "
                + settings.where()
                + " ended the binary log at "
                + at.text()
                + "; it was probably shut down.");
      }
      if (!decode(event)) {
        return closed();
      }
      if (event.type() == BinlogEvent.TRANSACTION_PAYLOAD) {
        try (TransactionPayload payload = TransactionPayload.of(event)) {
          for (BinlogEvent part = payload.next(); part != null; part = payload.next()) {
            if (!decode(part)) {
              return closed();
            }
          }
        }
      }
      BinlogDecoder.Replay committed = decoder.replay();
      if (committed != null && !readAgain(committed)) {
        return closed();
      }
    }
  }

  private static DmsException closed() {
    return new DmsException(ErrorCode.INTERNAL, "The reader of the binary log is closed.");
  }

  /** The rows of a transaction that was prepared are part of the one that commits it. */
  private boolean readAgain(BinlogDecoder.Replay committed) {
    return prepared.read(committed, at, event -> whenThereIsRoom(() -> decoder.replay(event)))
        && whenThereIsRoom(decoder::endReplay);
  }

  private boolean decode(BinlogEvent event) {
    return whenThereIsRoom(() -> {
      decoder.read(event);
      at = decoder.place();
    });
  }

  /** Waits for room and decodes; false when the reader was closed meanwhile. */
  private boolean whenThereIsRoom(Runnable decode) {
    lock.lock();
    try {
      while (isFull() && !closed) {
        taken.awaitUninterruptibly();
      }
      if (closed) {
        return false;
      }
      boolean hadTransactions = decoder.hasTransactions();
      decode.run();
      if (isFull() || (!hadTransactions && decoder.hasTransactions())) {
        decoded.signalAll();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Whole transactions, or as much of a large one as a batch takes. */
  private boolean ready() {
    return decoder.hasTransactions() || isFull();
  }

  private boolean isFull() {
    return decoder.bytes() >= BATCH_BYTES;
  }

  @Override
  public ChangeBatch next(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      awaitBatch(patience.toNanos());
      if (!ready() && failure != null) {
        throw failure;
      }
      if (ready()) {
        handedOnNanos = System.nanoTime();
      }
      taken.signalAll();
      return decoder.take();
    } finally {
      lock.unlock();
    }
  }

  private void awaitBatch(long patienceNanos) throws InterruptedException {
    long begun = System.nanoTime();
    while (failure == null && !isFull()) {
      long now = System.nanoTime();
      long left = patienceNanos - (now - begun);
      if (decoder.hasTransactions()) {
        left = Math.min(left, GATHER.toNanos() - (now - handedOnNanos));
      }
      if (left <= 0) {
        return;
      }
      decoded.awaitNanos(left);
    }
  }

  /** The source keeps its log by its own rules; nothing to tell it. */
  @Override
  public void acknowledge(Position durable) {}

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      taken.signalAll();
    } finally {
      lock.unlock();
    }
    stream.close();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
