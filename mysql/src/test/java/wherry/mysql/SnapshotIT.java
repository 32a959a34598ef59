package wherry.mysql;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.connector.RowReader;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.ServerOptions;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

class SnapshotIT {
  private static final TableId ACCOUNTS = new TableId("bank", "accounts");

  @ParameterizedTest
  @EnumSource(Engine.class)
  void all_readers_see_one_state_and_its_exact_position_while_transfers_go_on(Engine engine)
      throws Exception {
    bank(engine);
    try (Transfers transfers = new Transfers(engine, 3)) {
      Source source = engine.source();
      TableSchema table = table(source, ACCOUNTS);
      for (int round = 0; round < 2; round++) {
        try (Snapshot snapshot = source.snapshot(List.of(table), 4)) {
          Segment whole = new Segment(0, "", 0, true);
          Set<List<String>> views = new HashSet<>();
          for (int reader = 0; reader < 4; reader++) {
            views.add(readAll(snapshot, table, whole));
          }
          assertThat(views).hasSize(1);
          // Each committed transfer moves the counter and one unit, so the counter tells which
          // commits are seen.
          List<String> view = views.iterator().next();
          assertThat(
                  view.stream()
                      .skip(1)
                      .mapToLong(line -> Long.parseLong(line.split("\\|")[1]))
                      .sum())
              .isEqualTo(1000);
          assertThat(snapshot.position()).isPresent();
          assertThat(commitsUpTo(engine, snapshot.position().get().text()))
              .isEqualTo(Long.parseLong(view.get(0).split("\\|")[1]));
        }
      }
      assertThat(transfers.stop()).isPositive();
    }
  }

  @Test
  void without_any_right_to_lock_a_busy_source_is_refused_by_the_grant_that_helps()
      throws Exception {
    bank(Engine.MYSQL);
    user(Engine.MYSQL, "reader", "GRANT SELECT, REPLICATION CLIENT ON *.* TO reader");
    try (FaultProxy proxy = FaultProxy.to(Engine.MYSQL.server().port())) {
      Source source =
          Engine.MYSQL.source(
              "Username", "reader", "Password", "secret", "Port", "" + proxy.port());
      TableSchema table = table(source, ACCOUNTS);
      proxy.tap(SnapshotIT::commitsBeforeEachView);
      assertThatThrownBy(() -> source.snapshot(List.of(table), 3).close())
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING))
          .hasMessageContaining("GRANT RELOAD ON *.* TO 'reader'");
      proxy.tap((connection, toServer, bytes, length) -> true);
      try (Snapshot snapshot = source.snapshot(List.of(table), 3)) {
        assertThat(snapshot.position()).isPresent();
      }
    }
  }

  /** A source that is never still, however slow it and this machine are. */
  private static boolean commitsBeforeEachView(
      int connection, boolean toServer, byte[] bytes, int length) {
    if (toServer && new String(bytes, 0, length, ISO_8859_1).contains("START TRANSACTION")) {
      Engine.MYSQL.execute("bank", "UPDATE accounts SET amount = amount + 1 WHERE id = 0");
    }
    return true;
  }

  @Test
  void the_right_to_lock_tables_is_enough_on_a_busy_source() throws Exception {
    bank(Engine.MYSQL);
    user(
        Engine.MYSQL,
        "locker",
        "GRANT SELECT, LOCK TABLES ON bank.* TO locker",
        "GRANT REPLICATION CLIENT ON *.* TO locker");
    Source source = Engine.MYSQL.source("Username", "locker", "Password", "secret");
    TableSchema table = table(source, ACCOUNTS);
    try (Transfers transfers = new Transfers(Engine.MYSQL, 2);
        Snapshot snapshot = source.snapshot(List.of(table), 3)) {
      List<String> view = readAll(snapshot, table, new Segment(0, "", 0, true));
      assertThat(commitsUpTo(Engine.MYSQL, snapshot.position().orElseThrow().text()))
          .isEqualTo(Long.parseLong(view.get(0).split("\\|")[1]));
      assertThat(transfers.stop()).isPositive();
    }
  }

  @Test
  void without_log_and_lock_one_connection_serves_all_readers() throws Exception {
    try (MySqlServer server =
        MySqlServer.start(
            ServerOptions.standard().with("skip-log-bin", "1").with("gtid-mode", "OFF"))) {
      server.execute(
          "CREATE DATABASE bank",
          "CREATE TABLE bank.accounts (id int PRIMARY KEY, amount bigint)",
          "INSERT INTO bank.accounts VALUES (1, 1), (2, 2)",
          "CREATE USER reader IDENTIFIED BY 'secret'",
          "GRANT SELECT ON *.* TO reader");
      Source source =
          new MySqlConnector()
              .source(Engine.endpoint(server, "Username", "reader", "Password", "secret"));
      TableSchema table = table(source, ACCOUNTS);
      try (Snapshot snapshot = source.snapshot(List.of(table), 3)) {
        assertThat(snapshot.position()).isEmpty();
        assertThat(readAll(snapshot, table, new Segment(0, "", 0, true))).hasSize(2);
        assertThat(readAll(snapshot, table, new Segment(0, "", 0, true))).hasSize(2);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void segments_of_random_tables_hold_each_row_exactly_once(Engine engine) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    engine.fresh("cut");
    String[] keys = {
      "k bigint NOT NULL, PRIMARY KEY (k)",
      "k bigint unsigned NOT NULL, PRIMARY KEY (k)",
      "k varchar(30) COLLATE utf8mb4_unicode_ci NOT NULL, n int NOT NULL, PRIMARY KEY (k, n)",
      "k varbinary(16) NOT NULL, PRIMARY KEY (k)",
      "k int NOT NULL, n bigint NOT NULL, PRIMARY KEY (k, n)",
      "k datetime(3) NOT NULL, n int NOT NULL, UNIQUE KEY (k, n)",
      "k decimal(20,5) NOT NULL, PRIMARY KEY (k)"
    };
    for (int t = 0; t < keys.length; t++) {
      engine.execute("cut", "CREATE TABLE t" + t + " (" + keys[t] + ", v int)");
      int rows = fill(engine, t, keys[t], random);
      engine.execute("cut", "ANALYZE TABLE t" + t);
      Source source = engine.source();
      TableSchema table = table(source, new TableId("cut", "t" + t));
      try (Snapshot snapshot = source.snapshot(List.of(table), 1)) {
        List<Segment> segments = snapshot.segments(table, 400);
        assertThat(segments).as("seed %d, table %s", seed, keys[t]).hasSizeGreaterThan(2);
        List<String> seen = new ArrayList<>();
        long largest = 0;
        for (Segment segment : segments) {
          assertThat(segment.lasting()).isTrue();
          List<String> part = readAll(snapshot, table, segment);
          largest = Math.max(largest, part.size());
          seen.addAll(part);
        }
        assertThat(seen).as("seed %d, table %s", seed, keys[t]).hasSize(rows);
        assertThat(new HashSet<>(seen)).as("seed %d, table %s", seed, keys[t]).hasSize(rows);
        assertThat(largest).as("seed %d, table %s", seed, keys[t]).isLessThan(1600);
      }
    }
  }

  /** Skewed on purpose: most keys are close together, some far away. */
  private static int fill(Engine engine, int t, String key, Random random) throws Exception {
    boolean two = key.contains("n int") || key.contains("n bigint");
    Set<String> used = new HashSet<>();
    try (Connection connection = engine.server().connect("cut");
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO t" + t + " VALUES (?," + (two ? "?," : "") + "?)")) {
      connection.setAutoCommit(false);
      int i = 0;
      while (used.size() < 3000) {
        long near =
            random.nextInt(10) == 0
                ? Math.abs(random.nextLong() / 4)
                : 1_000_000 + random.nextInt(20_000);
        String value =
            switch (t) {
              case 2 ->
                  new String[] {"é", "E", "a ", "A", "ß", "😀", "'\\"}[random.nextInt(7)]
                      + near % 50;
              case 3 -> Long.toString(near, 36);
              case 4 -> Integer.toString(random.nextInt(3));
              case 5 ->
                  "2024-01-0"
                      + (1 + random.nextInt(9))
                      + " 00:00:00."
                      + (100 + random.nextInt(900));
              case 6 -> near % 1_000_000_000L + "." + random.nextInt(99999);
              default -> Long.toString(near);
            };
        String second = two ? Integer.toString(i) : "";
        if (used.add(value + "/" + second)) {
          insert.setString(1, value);
          if (two) {
            insert.setString(2, second);
          }
          insert.setInt(two ? 3 : 2, i);
          insert.addBatch();
        }
        i++;
      }
      insert.executeBatch();
      connection.commit();
    }
    return used.size();
  }

  @Test
  void a_source_that_dies_in_the_middle_is_a_failure_and_never_the_end() throws Exception {
    try (MySqlServer server = MySqlServer.start()) {
      server.execute(
          "CREATE DATABASE big",
          "CREATE TABLE big.t (id int PRIMARY KEY AUTO_INCREMENT, v longtext)");
      server.execute("INSERT INTO big.t (v) VALUES (repeat('x', 100000))");
      for (int i = 0; i < 10; i++) {
        server.execute("INSERT INTO big.t (v) SELECT v FROM big.t");
      }
      Source source = new MySqlConnector().source(Engine.endpoint(server));
      TableSchema table = table(source, new TableId("big", "t"));
      try (Snapshot snapshot = source.snapshot(List.of(table), 1);
          RowReader reader =
              snapshot.read(table, new Segment(0, "", 0, true), RowFormat.CELLS, 10)) {
        assertThat(reader.next()).isPresent();
        server.kill();
        assertThatThrownBy(
                () -> {
                  while (reader.next().isPresent()) {
                    // On to the break.
                  }
                })
            .isInstanceOfSatisfying(
                DmsException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.CONNECTION_FAILED))
            .hasMessageContaining("big.t");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_reader_closed_early_leaves_its_session_and_the_view_usable(Engine engine)
      throws Exception {
    engine.fresh("early");
    engine.execute(
        "early",
        "CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT, v longtext)",
        "INSERT INTO t (v) VALUES (repeat('x', 100000))");
    for (int i = 0; i < 9; i++) {
      engine.execute("early", "INSERT INTO t (v) SELECT v FROM t");
    }
    Source source = engine.source();
    TableSchema table = table(source, new TableId("early", "t"));
    try (Snapshot snapshot = source.snapshot(List.of(table), 1)) {
      Segment whole = new Segment(0, "", 0, true);
      try (RowReader reader = snapshot.read(table, whole, RowFormat.CELLS, 5)) {
        assertThat(reader.next()).isPresent();
      }
      engine.execute("early", "DELETE FROM t");
      assertThat(readAll(snapshot, table, whole)).hasSize(512);
    }
  }

  @Test
  void memory_stays_bounded_while_a_big_table_streams() throws Exception {
    Engine.MARIADB.fresh("wide");
    Engine.MARIADB.execute(
        "wide",
        "CREATE TABLE t (v varchar(8000)) CHARACTER SET latin1",
        "INSERT INTO t SELECT repeat('x', 8000) FROM seq_1_to_30000");
    Source source = Engine.MARIADB.source();
    TableSchema table = table(source, new TableId("wide", "t"));
    Runtime runtime = Runtime.getRuntime();
    try (Snapshot snapshot = source.snapshot(List.of(table), 1);
        RowReader reader =
            snapshot.read(table, new Segment(0, "", 0, true), RowFormat.CELLS, 10_000)) {
      long rows = 0;
      long most = 0;
      for (Optional<Rows> batch = reader.next(); batch.isPresent(); batch = reader.next()) {
        rows += batch.get().count();
        most = Math.max(most, batch.get().bytes());
        if (rows % 10_000 < 131) {
          System.gc();
          assertThat(runtime.totalMemory() - runtime.freeMemory()).isLessThan(200L << 20);
        }
      }
      assertThat(rows).isEqualTo(30_000);
      assertThat(most).isLessThan(2 << 20);
    }
  }

  private static void bank(Engine engine) {
    engine.fresh("bank");
    engine.execute(
        "bank",
        "CREATE TABLE accounts (id int PRIMARY KEY, amount bigint NOT NULL)",
        "INSERT INTO accounts VALUES (0, 0)");
    for (int i = 1; i <= 10; i++) {
      engine.execute("bank", "INSERT INTO accounts VALUES (" + i + ", 100)");
    }
  }

  static void user(Engine engine, String name, String... grants) {
    engine
        .server()
        .execute("DROP USER IF EXISTS " + name, "CREATE USER " + name + " IDENTIFIED BY 'secret'");
    engine.server().execute(grants);
  }

  private static TableSchema table(Source source, TableId id) {
    return source.tables((name, kind) -> name.equals(id)).get(0);
  }

  private static List<String> readAll(Snapshot snapshot, TableSchema table, Segment segment)
      throws InterruptedException {
    List<String> lines = new ArrayList<>();
    try (RowReader reader = snapshot.read(table, segment, RowFormat.CELLS, 100)) {
      for (Optional<Rows> rows = reader.next(); rows.isPresent(); rows = reader.next()) {
        RowBatch batch = (RowBatch) rows.get();
        for (int row = 0; row < batch.count(); row++) {
          StringBuilder line = new StringBuilder();
          for (int column = 0; column < table.columns().size(); column++) {
            line.append(column == 0 ? "" : "|").append(batch.text(row, column));
          }
          lines.add(line.toString());
        }
      }
    }
    return lines;
  }

  /**
   * Transfers in the log before a position: each writes the counter in a statement that names it.
   */
  private static long commitsUpTo(Engine engine, String position) throws Exception {
    BinlogPosition end = BinlogPosition.parse(position);
    long counter = 0;
    try (Connection connection = engine.server().connect("bank");
        Statement statement = connection.createStatement();
        var events = statement.executeQuery("SHOW BINLOG EVENTS IN '" + end.file() + "'")) {
      while (events.next()) {
        if (events.getLong("Pos") < end.offset()
            && events.getString("Info").contains("transfer ")) {
          counter =
              Long.parseLong(
                  events.getString("Info").replaceFirst("(?s).*transfer (\\d+) .*", "$1"));
        }
      }
    }
    return counter;
  }

  /** Threads that move one unit at a time between accounts and count it in account 0. */
  private static final class Transfers implements AutoCloseable {
    private final AtomicBoolean going = new AtomicBoolean(true);
    private final ExecutorService pool;
    private final List<Future<Long>> counts = new ArrayList<>();
    private final AtomicLong committed = new AtomicLong();

    Transfers(Engine engine, int threads) {
      pool = Executors.newFixedThreadPool(threads);
      for (int i = 0; i < threads; i++) {
        int seed = i;
        counts.add(pool.submit(() -> transfer(engine, new Random(seed))));
      }
      await().until(() -> committed.get() > 0);
    }

    private long transfer(Engine engine, Random random) throws Exception {
      long count = 0;
      try (Connection connection = engine.server().connect("bank");
          Statement statement = connection.createStatement()) {
        statement.execute("SET SESSION binlog_format=STATEMENT");
        connection.setAutoCommit(false);
        while (going.get()) {
          int from = 1 + random.nextInt(10);
          statement.execute("UPDATE accounts SET amount = amount + 1 WHERE id = 0");
          long number;
          try (var row = statement.executeQuery("SELECT amount FROM accounts WHERE id = 0")) {
            row.next();
            number = row.getLong(1);
          }
          statement.execute("UPDATE accounts SET amount = amount - 1 WHERE id = " + from);
          statement.execute(
              "UPDATE /* transfer "
                  + number
                  + " */ accounts SET amount = amount + 1 WHERE id = "
                  + (1 + from % 10));
          connection.commit();
          committed.incrementAndGet();
          count++;
          // As users do, who never all wait for one row all of the time.
          LockSupport.parkNanos(1_000_000L + random.nextInt(4_000_000));
        }
      }
      return count;
    }

    long stop() throws Exception {
      going.set(false);
      long sum = 0;
      for (Future<Long> count : counts) {
        sum += count.get();
      }
      counts.clear();
      return sum;
    }

    @Override
    public void close() throws Exception {
      stop();
      pool.shutdown();
    }
  }
}
