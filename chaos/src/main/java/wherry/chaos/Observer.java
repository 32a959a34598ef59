package wherry.chaos;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Looks at the target during the whole run, as a user who may only read. */
final class Observer implements AutoCloseable {
  private static final long INTERVAL_MILLISECONDS = 25;

  private final Place target;
  private final Watch watch;
  private final boolean crossTables;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;

  private Observer(Place target, Watch watch, boolean crossTables) {
    this.target = target;
    this.watch = watch;
    this.crossTables = crossTables;
    thread = Thread.ofPlatform().name("observer").daemon().start(this::run);
  }

  /**
   * @param crossTables whether all tables are to be at the same transaction; not while one of them
   *     is loaded again
   */
  static Observer start(Place target, Watch watch, boolean crossTables) {
    return new Observer(target, watch, crossTables);
  }

  private void run() {
    try {
      while (!stop.await(INTERVAL_MILLISECONDS, TimeUnit.MILLISECONDS)) {
        try (Connection connection = target.connectAsObserver();
            Statement statement = connection.createStatement()) {
          do {
            look(statement);
          } while (!stop.await(INTERVAL_MILLISECONDS, TimeUnit.MILLISECONDS));
        } catch (SQLException away) {
          // The target is down or the table not there yet: there is nothing to see.
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Each query is one statement and so sees one moment. */
  private void look(Statement statement) throws SQLException {
    int ticket = watch.ticket();
    if (ticket == 0) {
      return;
    }
    long total = 0;
    Map<Long, Long> accounts = new HashMap<>();
    try (ResultSet rows =
        statement.executeQuery("SELECT id, version, balance FROM " + target.table(Table.ACCOUNT))) {
      while (rows.next()) {
        accounts.put(rows.getLong(1), rows.getLong(2));
        total += rows.getLong(3);
      }
    }
    watch.see(ticket, Table.ACCOUNT, accounts);
    watch.seeInvariant(
        ticket, "the sum of all balances", (Writes.ACCOUNTS + 1) * Workload.OPENING_BALANCE, total);
    Map<Long, Long> tokens = versions(statement, "token", Table.CHAIN);
    watch.see(ticket, Table.CHAIN, tokens);
    watch.seeInvariant(ticket, "the number of tokens", Writes.TOKENS, tokens.size());
    watch.see(ticket, Table.DOCUMENT, versions(statement, "id", Table.DOCUMENT));
    if (crossTables) {
      watch.seeInvariant(
          ticket, "versions that no journal row explains", 0, unexplained(statement));
    }
  }

  private Map<Long, Long> versions(Statement statement, String row, Table table)
      throws SQLException {
    Map<Long, Long> versions = new HashMap<>();
    try (ResultSet rows =
        statement.executeQuery("SELECT %s, version FROM %s".formatted(row, target.table(table)))) {
      while (rows.next()) {
        versions.put(rows.getLong(1), rows.getLong(2));
      }
    }
    return versions;
  }

  /** Every transaction journals by how much it lets the versions of the accounts grow. */
  private long unexplained(Statement statement) throws SQLException {
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT (SELECT sum(version) FROM %s) - (SELECT coalesce(sum(touched), 0) FROM %s)"
                .formatted(target.table(Table.ACCOUNT), target.table(Table.JOURNAL)))) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Override
  public void close() {
    stop.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
