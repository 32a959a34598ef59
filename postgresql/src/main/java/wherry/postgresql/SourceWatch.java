package wherry.postgresql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import wherry.connector.Resource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * Looks after the source while its log is read, from an ordinary session every few seconds: asks
 * whether the slot still stands, lets {@link TableWatch} find what the log does not tell of tables,
 * and writes an empty transaction into the log, so that the position and the source's time move on
 * while only others write. What was found is told by the place of that transaction in the log.
 *
 * <p>A server that does not answer is a failure within seconds, whatever the stream's own
 * connection may still wait for.
 */
final class SourceWatch implements Resource {
  private static final Duration INTERVAL = Duration.ofSeconds(3);

  /** A look that takes long comes less often: a twentieth of the time is what it may take. */
  private static final int INTERVAL_PER_LOOK = 20;

  private static final int ANSWER_SECONDS = 10;

  /** The transaction's own commit is durable when the next one is; nobody has to wait for it. */
  private static final String SETTINGS =
      "SET synchronous_commit = off; SET lock_timeout = '2s'; SET intervalstyle = 'iso_8601'";

  private static final String MARK =
      "SELECT pg_catalog.txid_current(), pg_catalog.pg_logical_emit_message(true, 'wherry', '')";

  private final PostgresSessions sessions;
  private final ReplicationSlot slot;
  private final int sender;
  private final TableWatch tables;
  private final Map<Integer, List<TableNotice>> noticed = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable DmsException failure;
  private int failures;

  /**
   * @param sender the server's process that sends the stream
   */
  SourceWatch(PostgresSessions sessions, ReplicationSlot slot, int sender, TableWatch tables) {
    this.sessions = sessions;
    this.slot = slot;
    this.sender = sender;
    this.tables = tables;
  }

  /**
   * @param onFailure run when the source can no longer be watched
   */
  void start(Runnable onFailure) {
    Thread.ofVirtual()
        .name("wherry-watch-" + slot.name())
        .start(() -> {
          try {
            run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          if (failure != null) {
            onFailure.run();
          }
        });
  }

  /** What was found before a transaction; told once. */
  List<TableNotice> before(int xid) {
    List<TableNotice> found = noticed.remove(xid);
    return found == null ? List.of() : found;
  }

  /** Why the source can no longer be watched. */
  Optional<DmsException> failure() {
    return Optional.ofNullable(failure);
  }

  private void run() throws InterruptedException {
    while (failure == null && closed.getCount() > 0) {
      try (Connection session = sessions.openAnswering(ANSWER_SECONDS)) {
        execute(session, SETTINGS);
        session.setAutoCommit(false);
        boolean over = false;
        while (!over) {
          long begun = System.nanoTime();
          look(session);
          failures = 0;
          long pause =
              Math.max(INTERVAL.toNanos(), INTERVAL_PER_LOOK * (System.nanoTime() - begun));
          over = closed.await(pause, TimeUnit.NANOSECONDS);
        }
      } catch (SQLException e) {
        failed(sessions.failures().during("Watching the log", "", e));
      } catch (DmsException e) {
        failed(e);
      }
    }
  }

  /** A session that breaks once is opened again. */
  private void failed(DmsException e) {
    if (e.code().kind() != ErrorCode.Kind.RECOVERABLE || ++failures > 1) {
      failure = e;
    }
  }

  private void look(Connection session) throws SQLException {
    if (slot.usable(session).reader() != sender) {
      throw new DmsException(
          ErrorCode.CONNECTION_FAILED,
          "The source %s no longer sends the log of replication slot %s to this task; the line broke"
                  .formatted(sessions.settings().place(), slot.name())
              + " without a word, or its process was ended.");
    }
    int xid = 0;
    try {
      List<TableNotice> found = tables.look(session);
      xid = mark(session);
      if (!found.isEmpty()) {
        noticed.put(xid, found);
      }
      session.commit();
      tables.told();
    } catch (SQLException e) {
      noticed.remove(xid);
      throw e;
    }
  }

  private static int mark(Connection session) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery(MARK)) {
      row.next();
      return (int) row.getLong(1);
    }
  }

  private static void execute(Connection session, String sql) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
