package wherry.chaos;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import wherry.chaos.History.Outcome;
import wherry.sandbox.SandboxException;

/** The rows that a source begins with, and the clients that write to it. */
final class Workload implements AutoCloseable {
  static final long OPENING_BALANCE = 1000;

  private static final int CLIENTS = 4;
  private static final int BULK_ROWS = 12_000;
  private static final int LARGE_ROWS = 6_000;

  /** Client number of the marks that fences set. */
  private static final int FENCE = 0;

  private static final long COMMIT_PATIENCE_SECONDS = 180;
  private static final long RETRY_MILLISECONDS = 50;

  private final Place source;
  private final History history;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();
  private int fences;

  private Workload(Place source, History history) {
    this.source = source;
    this.history = history;
  }

  /** Fills the source's empty tables and lets the clients begin. */
  static Workload start(Place source, History history, SplittableRandom random)
      throws SQLException {
    fill(source, random.split());
    Workload workload = new Workload(source, history);
    for (int number = 1; number <= CLIENTS; number++) {
      int largeEvery = number == 1 ? 150 + random.nextInt(150) : 0;
      Client client =
          new Client(
              source, number, random.split(), history, workload.stop, largeEvery, LARGE_ROWS);
      workload.threads.add(Thread.ofPlatform().name("client-" + number).daemon().start(client));
    }
    return workload;
  }

  private static void fill(Place source, SplittableRandom random) throws SQLException {
    try (Connection connection = source.connect()) {
      connection.setAutoCommit(false);
      Writes writes = new Writes(source, connection, FENCE, random);
      writes.insert(
          Table.ACCOUNT, Writes.ACCOUNTS + 1, id -> new Object[] {id, OPENING_BALANCE, 0L});
      writes.insert(Table.CHAIN, Writes.TOKENS, i -> new Object[] {3 * i + 1, i, 0L});
      writes.insert(Table.KEYLESS, 200, i -> new Object[] {i % 25, "kind " + i % 25, 0});
      writes.insert(
          Table.DOCUMENT, Writes.DOCUMENTS, i -> new Object[] {i + 1, 0L, Writes.longText(random)});
      writes.insertBulk(1, BULK_ROWS);
      connection.commit();
    }
  }

  /**
   * A transaction behind everything that was committed before: once the target shows it, the target
   * has all of that.
   *
   * @param sequence of its mark in the journal
   * @param version that it gave account 0
   */
  record Fence(int sequence, long version) {
    /** Whether a place shows it. */
    boolean isIn(Place place) throws SQLException {
      return place.number(
              "SELECT count(*) FROM %s j, %s a WHERE j.client = %d AND j.seq = %d AND a.id = 0 AND a.version >= %d"
                  .formatted(
                      place.table(Table.JOURNAL),
                      place.table(Table.ACCOUNT),
                      FENCE,
                      sequence,
                      version))
          > 0;
    }
  }

  /** Commits a fence; when the source is away, as soon as it is back. */
  Fence fence() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(COMMIT_PATIENCE_SECONDS);
    while (true) {
      fences++;
      try (Connection connection = source.connect();
          var statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.executeUpdate(
            "UPDATE " + source.table(Table.ACCOUNT) + " SET version = version + 1 WHERE id = 0");
        new Writes(source, connection, FENCE, new SplittableRandom()).mark(fences, "fence", 1);
        connection.commit();
        history.record(FENCE, fences, Outcome.ACKNOWLEDGED);
        return new Fence(
            fences,
            source.number("SELECT version FROM " + source.table(Table.ACCOUNT) + " WHERE id = 0"));
      } catch (SQLException e) {
        history.record(FENCE, fences, Outcome.UNKNOWN);
        if (System.nanoTime() > deadline) {
          throw new SandboxException("the source takes no transaction: " + e.getMessage(), e);
        }
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLISECONDS);
      }
    }
  }

  /** Lets every client finish its transaction; closing twice is fine. */
  @Override
  public void close() {
    stop.countDown();
    for (Thread thread : threads) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(COMMIT_PATIENCE_SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
