package wherry.chaos;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import wherry.chaos.History.Outcome;

/**
 * Writes transactions to the source, one after the other, until it is told to stop, and keeps what
 * it was told about each. When the source is gone it comes back as soon as the source does.
 */
final class Client implements Runnable {
  private static final int PAUSE_MILLISECONDS_MOST = 16;
  private static final long RECONNECT_MILLISECONDS = 50;

  private final Place source;
  private final int number;
  private final SplittableRandom random;
  private final History history;
  private final CountDownLatch stop;
  private final int largeEvery;
  private final int largeRows;
  private int sequence;

  /**
   * @param number from 1 on; it is part of what the client writes
   * @param largeEvery after so many transactions a large one follows; 0 for never
   * @param largeRows rows of a large transaction
   */
  Client(
      Place source,
      int number,
      SplittableRandom random,
      History history,
      CountDownLatch stop,
      int largeEvery,
      int largeRows) {
    this.source = source;
    this.number = number;
    this.random = random;
    this.history = history;
    this.stop = stop;
    this.largeEvery = largeEvery;
    this.largeRows = largeRows;
  }

  @Override
  public void run() {
    try {
      while (stop.getCount() > 0) {
        try (Connection connection = source.connect()) {
          connection.setAutoCommit(false);
          writeUntilStopped(connection);
        } catch (SQLException sourceGone) {
          // What it means for the transaction is in the history; the next one waits for the source.
          stop.await(RECONNECT_MILLISECONDS, TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeUntilStopped(Connection connection) throws SQLException, InterruptedException {
    Writes writes = new Writes(source, connection, number, random);
    while (!stop.await(random.nextInt(PAUSE_MILLISECONDS_MOST), TimeUnit.MILLISECONDS)) {
      transact(connection, writes);
    }
  }

  private void transact(Connection connection, Writes writes) throws SQLException {
    sequence++;
    boolean large = largeEvery > 0 && sequence % largeEvery == 0;
    Operation operation = Operation.draw(random);
    try {
      if (large) {
        writes.insertBulk(number * 1_000_000_000L + sequence * 1_000_000L, largeRows);
        writes.mark(sequence, "large", 0);
      } else {
        int touched = writes.perform(operation, sequence);
        writes.mark(sequence, operation.name(), touched);
      }
    } catch (SQLException refused) {
      // A slot that is taken, a lock not granted, or the source is gone: no commit was asked for.
      rollBack(connection);
      return;
    }
    if (operation == Operation.ROLL_BACK) {
      rollBack(connection);
      return;
    }
    try {
      connection.commit();
      history.record(number, sequence, Outcome.ACKNOWLEDGED);
    } catch (SQLException e) {
      history.record(number, sequence, Outcome.UNKNOWN);
      throw e;
    }
  }

  private void rollBack(Connection connection) throws SQLException {
    history.record(number, sequence, Outcome.ROLLED_BACK);
    connection.rollback();
  }
}
