package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.change.ChangeBatch;
import wherry.change.Position;
import wherry.change.TransactionPart;
import wherry.connector.Source;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;

/** What comes out of the log for what was done to the source. */
class PostgresChangesIT {
  private static final Databases databases = new Databases();

  @AfterEach
  void clear() {
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  private static CapturedChanges capture() {
    return new CapturedChanges(databases.source(), "CHANGES");
  }

  @Test
  void inserts_updates_and_deletes_come_in_order_with_what_the_log_has_of_them() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, v text, n int)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "INSERT INTO t VALUES (1, 'a', NULL), (2, '', 7)",
          "UPDATE t SET v = 'b' WHERE id = 1",
          "UPDATE t SET id = 3 WHERE id = 2",
          "DELETE FROM t WHERE id = 1");
      assertThat(changes.lines(5))
          .containsExactly(
              "INSERT t is [1, a, null]",
              "INSERT t is [2, , 7]",
              "UPDATE t is [1, b, null]",
              "UPDATE t was [2, ?, ?] is [3, , 7]",
              "DELETE t was [1, ?, ?]");
    }
  }

  @Test
  void a_full_identity_gives_the_whole_row_before_and_keyless_tables_need_it() throws Exception {
    databases.inSource("CREATE TABLE t (a int, v text)", "ALTER TABLE t REPLICA IDENTITY FULL");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "INSERT INTO t VALUES (1, NULL), (1, 'x')",
          "UPDATE t SET a = 2 WHERE v = 'x'",
          "DELETE FROM t WHERE v IS NULL");
      assertThat(changes.lines(4))
          .containsExactly(
              "INSERT t is [1, null]",
              "INSERT t is [1, x]",
              "UPDATE t was [1, x] is [2, x]",
              "DELETE t was [1, null]");
    }
  }

  @Test
  void an_unchanged_long_value_is_absent_and_with_a_full_identity_it_is_there() throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, n int, v text)",
        "ALTER TABLE t ALTER v SET STORAGE EXTERNAL",
        "CREATE TABLE f (id int PRIMARY KEY, n int, v text)",
        "ALTER TABLE f ALTER v SET STORAGE EXTERNAL",
        "ALTER TABLE f REPLICA IDENTITY FULL",
        "INSERT INTO t VALUES (1, 1, repeat('x', 10000))",
        "INSERT INTO f VALUES (1, 1, repeat('x', 10000))");
    String value = "x".repeat(10_000);
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "UPDATE t SET n = 2",
          "UPDATE t SET id = 2",
          "UPDATE f SET n = 2",
          "UPDATE f SET v = NULL",
          "UPDATE t SET v = 'short'");
      assertThat(changes.lines(5))
          .containsExactly(
              "UPDATE t is [1, 2, ?]",
              "UPDATE t was [1, ?, ?] is [2, 2, ?]",
              "UPDATE f was [1, 1, %s] is [1, 2, %s]".formatted(value, value),
              "UPDATE f was [1, 2, %s] is [1, 2, null]".formatted(value),
              "UPDATE t is [2, 2, short]");
    }
  }

  @Test
  void truncate_names_each_table_that_it_has_emptied() throws Exception {
    databases.inSource(
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a)",
        "CREATE TABLE c (id int PRIMARY KEY)",
        "INSERT INTO a VALUES (1)",
        "INSERT INTO b VALUES (1, 1)");
    try (CapturedChanges changes = capture()) {
      databases.inSource("TRUNCATE a, c CASCADE", "INSERT INTO b VALUES (2, NULL)");
      assertThat(changes.lines(4))
          .containsExactlyInAnyOrder(
              "TRUNCATE a", "TRUNCATE b", "TRUNCATE c", "INSERT b is [2, null]")
          .endsWith("INSERT b is [2, null]");
    }
  }

  @Test
  void transactions_come_whole_in_commit_order_and_rolled_back_ones_not_at_all() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)");
    try (CapturedChanges changes = capture();
        var first = Databases.server().connect(databases.sourceName());
        var second = Databases.server().connect(databases.sourceName());
        var one = first.createStatement();
        var two = second.createStatement()) {
      first.setAutoCommit(false);
      second.setAutoCommit(false);
      one.execute("INSERT INTO t VALUES (1)");
      two.execute("INSERT INTO t VALUES (2)");
      one.execute("INSERT INTO t VALUES (3)");
      one.execute("SAVEPOINT s");
      one.execute("INSERT INTO t VALUES (4)");
      one.execute("ROLLBACK TO s");
      second.commit();
      first.commit();
      two.execute("INSERT INTO t VALUES (5)");
      second.rollback();
      two.execute("INSERT INTO t VALUES (6)");
      second.commit();
      assertThat(changes.lines(4))
          .containsExactly(
              "INSERT t is [2]", "INSERT t is [1]", "INSERT t is [3]", "INSERT t is [6]");
      List<TransactionPart> parts =
          changes.parts.stream().filter(part -> !part.events().isEmpty()).toList();
      assertThat(parts).hasSize(3);
      Position last = changes.start.position();
      for (TransactionPart part : parts) {
        assertThat(part.transaction().at()).isGreaterThanOrEqualTo(last);
        last = part.end().orElseThrow();
        assertThat(part.transaction().at()).isLessThan(last);
        assertThat(part.transaction().committedAt())
            .isBetween(
                java.time.Instant.now().minusSeconds(3600), java.time.Instant.now().plusSeconds(1));
      }
    }
  }

  @Test
  void a_large_transaction_comes_in_parts_and_only_the_last_has_an_end() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, v text)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 50000) i",
          "INSERT INTO t VALUES (0, '')");
      assertThat(changes.lines(50_001)).hasSize(50_001).endsWith("INSERT t is [0, ]");
      List<TransactionPart> parts =
          changes.parts.stream().filter(part -> !part.events().isEmpty()).toList();
      assertThat(parts).hasSizeGreaterThan(5);
      assertThat(parts.stream().map(TransactionPart::end).filter(Optional::isPresent)).hasSize(2);
      assertThat(changes.batches).extracting(ChangeBatch::bytes).allMatch(bytes -> bytes < 4 << 20);
    }
  }

  @Test
  void reading_goes_on_behind_any_transaction_in_a_new_reader() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)");
    try (CapturedChanges changes = capture()) {
      for (int i = 1; i <= 5; i++) {
        databases.inSource("INSERT INTO t VALUES (" + i + ")");
      }
      changes.lines(5);
      Position behindThird =
          changes.parts.stream()
              .filter(part -> !part.events().isEmpty())
              .toList()
              .get(2)
              .end()
              .orElseThrow();
      changes.readAgain(behindThird);
      assertThat(changes.lines(2)).containsExactly("INSERT t is [4]", "INSERT t is [5]");
    }
  }

  @Test
  void what_others_do_to_tables_that_are_not_the_tasks_only_moves_the_position() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE o (id int)");
    try (CapturedChanges changes =
        new CapturedChanges(databases.source(), "CHANGES", (id, kind) -> id.name().equals("t"))) {
      databases.inSource("INSERT INTO o SELECT generate_series(1, 10)", "UPDATE o SET id = 0");
      changes.readToEnd();
      assertThat(changes.allLines()).isEmpty();
    }
  }

  @Test
  void a_transaction_sent_before_its_end_comes_at_its_commit_without_what_was_rolled_back()
      throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "ALTER DATABASE %s SET logical_decoding_work_mem = '64kB'"
            .formatted(databases.sourceName()));
    List<Path> before = spools();
    try (CapturedChanges changes = capture();
        var first = Databases.server().connect(databases.sourceName());
        var second = Databases.server().connect(databases.sourceName());
        var one = first.createStatement();
        var two = second.createStatement()) {
      first.setAutoCommit(false);
      second.setAutoCommit(false);
      one.execute("INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 3000) i");
      one.execute("SAVEPOINT s");
      one.execute("INSERT INTO t SELECT i, repeat('y', 100) FROM generate_series(3001, 6000) i");
      two.execute("INSERT INTO t SELECT i, repeat('z', 100) FROM generate_series(9001, 12000) i");
      databases.inSource("INSERT INTO t VALUES (0, 'small')");
      await()
          .until(() -> {
            changes.next();
            return streamedTransactions() >= 2 && !changes.allLines().isEmpty();
          });
      assertThat(spools()).hasSize(before.size() + 1);
      assertThat(changes.lines(1)).containsExactly("INSERT t is [0, small]");
      one.execute("ROLLBACK TO s");
      second.rollback();
      one.execute("INSERT INTO t SELECT i, 'last' FROM generate_series(6001, 7000) i");
      first.commit();
      List<String> lines = changes.lines(4000);
      assertThat(lines).hasSize(4000).startsWith("INSERT t is [1, %s]".formatted("x".repeat(100)));
      assertThat(lines).endsWith("INSERT t is [7000, last]").noneMatch(line -> line.contains("yy"));
      assertThat(changes.parts.getLast().transaction().at())
          .isLessThan(changes.parts.getLast().end().orElseThrow());
      changes.readToEnd();
      assertThat(changes.lines(0)).isEmpty();
    } finally {
      databases.inSource(
          "ALTER DATABASE %s RESET logical_decoding_work_mem".formatted(databases.sourceName()));
    }
    assertThat(spools()).isEqualTo(before);
  }

  @Test
  void changes_come_as_well_over_tls() throws Exception {
    try (PostgresServer server = PostgresServer.start(ServerOptions.standard().withTls())) {
      server.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
      Source source =
          new PostgresConnector()
              .source(Databases.endpoint(server, "postgres", "SslMode", "require"));
      try (CapturedChanges changes = new CapturedChanges(source, "CHANGES")) {
        server.execute(
            "INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 50000) i",
            "INSERT INTO t VALUES (0, '')");
        assertThat(changes.lines(50_001)).hasSize(50_001).endsWith("INSERT t is [0, ]");
      }
    }
  }

  private static long streamedTransactions() {
    return Long.parseLong(
        databases
            .sourceRows("SELECT coalesce(sum(stream_txns), 0) FROM pg_stat_replication_slots")
            .getFirst());
  }

  private static List<Path> spools() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(
              file -> file.getFileName().toString().startsWith(StreamedTransactions.FOLDER_NAME))
          .toList();
    }
  }
}
