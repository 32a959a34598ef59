package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import wherry.change.Cut;
import wherry.change.RowChange;
import wherry.change.TransactionPart;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.TableSchema;

/** A snapshot's cut against the rows that the snapshot really shows. */
class PostgresCutIT {
  private static final int WRITERS = 4;
  private static final int SNAPSHOTS = 25;

  /** At least; some of them have rolled back all that they did. */
  private static final int COMMITS_PER_SNAPSHOT = 8;

  @Test
  void a_cut_contains_exactly_the_transactions_whose_rows_its_snapshot_shows() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    try (Databases databases = new Databases();
        Source source = databases.source()) {
      databases.inSource("CREATE TABLE t (id int PRIMARY KEY)");
      try (CapturedChanges changes = new CapturedChanges(databases.source(), "CUTS")) {
        List<Cut> cuts = new ArrayList<>();
        List<Set<Integer>> shown = new ArrayList<>();
        AtomicInteger committed = new AtomicInteger();
        writeMeanwhile(
            databases,
            seed,
            committed,
            () -> look(source, changes.tables.getFirst(), committed, cuts, shown));
        changes.readToEnd();
        List<TransactionPart> transactions =
            changes.parts.stream().filter(part -> !part.events().isEmpty()).toList();
        assertThat(transactions).hasSizeGreaterThan(100);
        for (int i = 0; i < cuts.size(); i++) {
          Set<Integer> contained = new HashSet<>();
          for (TransactionPart part : transactions) {
            if (cuts.get(i).contains(part.transaction())) {
              part.events().forEach(event -> contained.add(id((RowChange) event)));
            } else {
              assertThat(part.transaction().at()).isGreaterThanOrEqualTo(cuts.get(i).from());
            }
          }
          assertThat(contained).as("seed %d, snapshot %d", seed, i).isEqualTo(shown.get(i));
        }
      }
    }
  }

  private static int id(RowChange change) {
    return Integer.parseInt(
        Optional.ofNullable(change.rows().text(change.after(), 0)).orElseThrow());
  }

  private static void look(
      Source source,
      TableSchema table,
      AtomicInteger committed,
      List<Cut> cuts,
      List<Set<Integer>> shown) {
    for (int i = 0; i < SNAPSHOTS; i++) {
      int enough = i * COMMITS_PER_SNAPSHOT;
      await().pollInterval(Duration.ofMillis(1)).until(() -> committed.get() >= enough);
      try (Snapshot snapshot = source.snapshot(List.of(table), 1);
          RowReader reader =
              snapshot.read(table, new Segment(0, "", 0, true), RowFormat.CELLS, 10_000)) {
        cuts.add(snapshot.cut().orElseThrow());
        Set<Integer> ids = new HashSet<>();
        for (Optional<Rows> rows = reader.next(); rows.isPresent(); rows = reader.next()) {
          RowBatch batch = (RowBatch) rows.get();
          for (int row = 0; row < batch.count(); row++) {
            ids.add(Integer.parseInt(Optional.ofNullable(batch.text(row, 0)).orElseThrow()));
          }
        }
        shown.add(ids);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Transactions of several inserts, some through subtransactions, some rolled back. */
  private static void writeMeanwhile(
      Databases databases, long seed, AtomicInteger committed, Runnable work)
      throws InterruptedException {
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger ids = new AtomicInteger();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      Random random = new Random(seed + i);
      writers.add(Thread.ofVirtual().start(() -> write(databases, random, ids, committed, done)));
    }
    try {
      work.run();
    } finally {
      done.set(true);
      for (Thread writer : writers) {
        writer.join();
      }
    }
  }

  private static void write(
      Databases databases,
      Random random,
      AtomicInteger ids,
      AtomicInteger committed,
      AtomicBoolean done) {
    try (Connection session = Databases.server().connect(databases.sourceName());
        Statement statement = session.createStatement()) {
      session.setAutoCommit(false);
      while (!done.get()) {
        for (int i = random.nextInt(3); i >= 0; i--) {
          boolean inner = random.nextBoolean();
          if (inner) {
            statement.execute("SAVEPOINT s");
          }
          statement.execute("INSERT INTO t VALUES (" + ids.incrementAndGet() + ")");
          if (inner && random.nextInt(4) == 0) {
            statement.execute("ROLLBACK TO s");
          }
          statement.execute("SELECT pg_sleep(" + random.nextInt(5) / 1000.0 + ")");
        }
        if (random.nextInt(5) == 0) {
          session.rollback();
        } else {
          session.commit();
          committed.incrementAndGet();
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
