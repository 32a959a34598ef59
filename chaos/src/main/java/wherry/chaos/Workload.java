package wherry.chaos;

import java.sql.Connection;
import java.sql.PreparedStatement;
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
  private static final int BULK_ROWS = 40_000;
  private static final int LARGE_ROWS = 6_000;

  /** Client number of the marks that fences set. */
  private static final int FENCE = 0;

  private static final long COMMIT_PATIENCE_SECONDS = 60;
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
      insert(
          connection,
          source,
          Table.ACCOUNT,
          Writes.ACCOUNTS + 1,
          id -> new Object[] {id, OPENING_BALANCE, 0L});
      insert(connection, source, Table.CHAIN, Writes.TOKENS, i -> new Object[] {3 * i + 1, i, 0L});
      insert(
          connection, source, Table.KEYLESS, 200, i -> new Object[] {i % 25, "kind " + i % 25, 0});
      insert(
          connection,
          source,
          Table.DOCUMENT,
          Writes.DOCUMENTS,
          i -> new Object[] {i + 1, 0L, Writes.longText(random)});
      new Writes(source, connection, FENCE, random).insertBulk(1, BULK_ROWS);
      connection.commit();
    }
  }

  private interface Rows {
    Object[] row(int number);
  }

  private static void insert(Connection connection, Place source, Table table, int count, Rows rows)
      throws SQLException {
    int columns = rows.row(0).length;
    String places = "?" + ", ?".repeat(columns - 1);
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO %s VALUES (%s)".formatted(source.table(table), places))) {
      for (int number = 0; number < count; number++) {
        Object[] row = rows.row(number);
        for (int column = 0; column < columns; column++) {
          statement.setObject(column + 1, row[column]);
        }
        statement.addBatch();
      }
      statement.executeBatch();
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
                  "SELECT count(*) FROM %s WHERE client = %d AND seq = %d"
                      .formatted(place.table(Table.JOURNAL), FENCE, sequence))
              > 0
          && place.number("SELECT version FROM " + place.table(Table.ACCOUNT) + " WHERE id = 0")
              >= version;
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
