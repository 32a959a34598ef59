package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.ChangeEvent;
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

/** Loaded rows and the changes that their snapshot has not seen give the source, exactly. */
class CaptureCutIT {
  private static final int KEYS = 20;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void what_the_snapshot_has_not_seen_is_applied_once_and_nothing_else(Engine engine)
      throws Exception {
    long seed = Long.getLong("wherry.seed", System.nanoTime());
    engine.fresh("shop");
    engine.execute("shop", "CREATE TABLE t (id int PRIMARY KEY, n bigint NOT NULL)");
    Source source = engine.source();
    try (Capture capture = Capture.of(source, id -> id.schema().equals("shop"));
        Writers writers = new Writers(engine, 3, seed)) {
      List<TableSchema> tables = source.tables((id, kind) -> id.schema().equals("shop"));
      List<Map<String, String>> loads = new ArrayList<>();
      List<Cut> cuts = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        try (Snapshot snapshot = source.snapshot(tables, 2)) {
          Cut cut = snapshot.cut().orElseThrow();
          cuts.add(capture.log.cut(cut.text()));
          loads.add(load(snapshot, tables.get(0)));
        }
        writers.awaitMore();
      }
      writers.stop();
      capture.toTheEnd();
      Map<String, String> truth;
      try (Snapshot snapshot = source.snapshot(tables, 1)) {
        truth = load(snapshot, tables.get(0));
      }
      for (int i = 0; i < 3; i++) {
        Map<String, String> rows = loads.get(i);
        assertThat(rows).as("seed %d", seed).isNotEqualTo(truth);
        for (TransactionPart part : capture.parts) {
          if (!cuts.get(i).contains(part.transaction())) {
            part.events().forEach(event -> apply(event, rows));
          }
        }
        assertThat(rows).as("seed %d, snapshot %d", seed, i).isEqualTo(truth);
      }
    }
  }

  /** Strictly: a row that is there already, or not there, is a defect of the cut. */
  private static void apply(ChangeEvent event, Map<String, String> rows) {
    RowChange change = (RowChange) event;
    if (change.before() != RowChange.NONE) {
      assertThat(rows.remove(change.rows().text(change.before(), 0)))
          .isEqualTo(change.rows().text(change.before(), 1));
    }
    if (change.after() != RowChange.NONE) {
      assertThat(
              rows.put(
                  String.valueOf(change.rows().text(change.after(), 0)),
                  String.valueOf(change.rows().text(change.after(), 1))))
          .isNull();
    }
  }

  private static Map<String, String> load(Snapshot snapshot, TableSchema table)
      throws InterruptedException {
    Map<String, String> loaded = new TreeMap<>();
    try (RowReader reader =
        snapshot.read(table, new Segment(0, "", 0, true), RowFormat.CELLS, 100)) {
      for (Optional<Rows> rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        RowBatch batch = (RowBatch) rows.get();
        for (int row = 0; row < batch.count(); row++) {
          loaded.put(String.valueOf(batch.text(row, 0)), String.valueOf(batch.text(row, 1)));
        }
      }
    }
    return loaded;
  }

  /**
   * Sessions that insert, update and delete at random, each transaction with a value of its own.
   */
  private static final class Writers implements AutoCloseable {
    private final AtomicBoolean going = new AtomicBoolean(true);
    private final ExecutorService pool;
    private final List<Future<Long>> counts = new ArrayList<>();
    private final AtomicLong committed = new AtomicLong();

    Writers(Engine engine, int threads, long seed) {
      pool = Executors.newFixedThreadPool(threads);
      for (int i = 0; i < threads; i++) {
        Random random = new Random(seed + i);
        counts.add(pool.submit(() -> write(engine, random)));
      }
    }

    private long write(Engine engine, Random random) throws Exception {
      try (Connection connection = engine.server().connect("shop");
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        while (going.get()) {
          try {
            int id = random.nextInt(KEYS);
            long value = random.nextLong(1L << 50);
            statement.execute("DELETE FROM t WHERE id = " + random.nextInt(KEYS));
            statement.execute(
                "INSERT INTO t VALUES ("
                    + id
                    + ", "
                    + value
                    + ") ON DUPLICATE KEY UPDATE n = n + 1");
            connection.commit();
            committed.incrementAndGet();
          } catch (SQLException e) {
            connection.rollback(); // A deadlock between the writers.
          }
          LockSupport.parkNanos(random.nextInt(2_000_000));
        }
      }
      return committed.get();
    }

    void awaitMore() {
      long before = committed.get();
      Awaitility.await().until(() -> committed.get() > before + 20);
    }

    void stop() throws Exception {
      going.set(false);
      for (Future<Long> count : counts) {
        count.get();
      }
      counts.clear();
    }

    @Override
    public void close() throws Exception {
      stop();
      pool.shutdown();
    }
  }
}
