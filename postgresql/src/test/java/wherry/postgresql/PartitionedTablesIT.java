package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.change.Position;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.schema.TableId;
import wherry.task.ReplicationTask;
import wherry.task.TableState;
import wherry.task.TableStatistics;

/** Partitioned tables in the log: their rows, and what no log tells of their partitions. */
class PartitionedTablesIT {
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
    return new CapturedChanges(
        databases.source(), "PARTITIONS", (id, kind) -> !id.name().startsWith("x"));
  }

  @Test
  void partitions_are_their_table_and_rows_that_come_or_go_with_one_give_it_up() throws Exception {
    databases.inSource(
        "CREATE TABLE p (id int PRIMARY KEY, v int) PARTITION BY LIST (id)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
        "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2)",
        "CREATE TABLE q (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE q1 PARTITION OF q FOR VALUES IN (1)",
        "INSERT INTO q VALUES (1)",
        "CREATE TABLE r (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE r1 PARTITION OF r FOR VALUES IN (1)",
        "CREATE TABLE x2 (id int PRIMARY KEY)",
        "INSERT INTO x2 VALUES (2)",
        "CREATE TABLE s (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE s1 PARTITION OF s FOR VALUES IN (1)",
        "CREATE TABLE s2 PARTITION OF s FOR VALUES IN (2)",
        "INSERT INTO s VALUES (1), (2)");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "INSERT INTO p VALUES (1, 1)",
          "UPDATE p SET id = 2",
          "DELETE FROM p",
          "TRUNCATE p",
          "CREATE TABLE p3 PARTITION OF p FOR VALUES IN (3)",
          "INSERT INTO p VALUES (3, 3)",
          "UPDATE p3 SET v = 4",
          "CREATE TABLE xp (id int NOT NULL, v int)",
          "ALTER TABLE p ATTACH PARTITION xp FOR VALUES IN (4)");
      assertThat(changes.lines(7))
          .containsExactly(
              "INSERT p is [1, 1]",
              "DELETE p was [1, ?]",
              "INSERT p is [2, 1]",
              "DELETE p was [2, ?]",
              "TRUNCATE p",
              "INSERT p is [3, 3]",
              "UPDATE p is [3, 4]");
      databases.inSource(
          "ALTER TABLE q DETACH PARTITION q1",
          "ALTER TABLE r ATTACH PARTITION x2 FOR VALUES IN (2)",
          "TRUNCATE s2");
      assertThat(changes.lines(4))
          .anyMatch(line -> line.startsWith("TableCreated q1"))
          .anyMatch(line -> line.startsWith("LOST q") && line.contains("public.q1 was taken off"))
          .anyMatch(line -> line.startsWith("LOST r") && line.contains("public.x2 was attached"))
          .anyMatch(line -> line.startsWith("LOST s") && line.contains("public.s2 was truncated"));
    }
  }

  @Test
  void a_partition_that_was_emptied_by_itself_gives_up_its_table_though_rows_came_again()
      throws Exception {
    databases.inSource(
        "CREATE TABLE many (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE many1 PARTITION OF many FOR VALUES IN (1)",
        "CREATE TABLE many2 PARTITION OF many FOR VALUES IN (2)",
        "CREATE TABLE one (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE one1 PARTITION OF one FOR VALUES IN (1)",
        "CREATE TABLE whole (id int PRIMARY KEY, v int) PARTITION BY LIST (id)",
        "CREATE TABLE whole1 PARTITION OF whole FOR VALUES IN (1)",
        "CREATE TABLE copied (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE copied1 PARTITION OF copied FOR VALUES IN (1)",
        "CREATE TABLE copied2 PARTITION OF copied FOR VALUES IN (2)",
        "INSERT INTO many VALUES (1), (2)",
        "INSERT INTO one VALUES (1)",
        "INSERT INTO whole VALUES (1, 1)",
        "INSERT INTO copied VALUES (1), (2)",
        "CREATE TABLE moved (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE moved1 PARTITION OF moved FOR VALUES IN (1)",
        "CREATE TABLE moved2 PARTITION OF moved FOR VALUES IN (2)",
        "INSERT INTO moved VALUES (1), (2)",
        "SET allow_in_place_tablespaces = on",
        "CREATE TABLESPACE elsewhere LOCATION ''");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "VACUUM FULL copied1",
          "ANALYZE copied",
          "ALTER TABLE moved1 SET TABLESPACE elsewhere",
          "BEGIN; TRUNCATE whole; INSERT INTO whole VALUES (1, 2); COMMIT",
          "ALTER TABLE whole ALTER v TYPE bigint",
          "BEGIN; TRUNCATE many1; INSERT INTO many VALUES (1); COMMIT; ANALYZE many",
          "TRUNCATE one1");
      assertThat(changes.lines(5))
          .startsWith("TRUNCATE whole", "INSERT whole is [1, 2]", "INSERT many is [1]")
          .anyMatch(line -> line.startsWith("LOST many") && line.contains("many1 was truncated"))
          .anyMatch(line -> line.startsWith("LOST one") && line.contains("one1 was truncated"));
      databases.inSource(
          "DELETE FROM copied WHERE id = 1", "DELETE FROM moved WHERE id = 1", "DELETE FROM whole");
      assertThat(changes.lines(4))
          .startsWith("DELETE copied was [1]", "DELETE moved was [1]")
          .last()
          .asString()
          .startsWith("DELETE whole");
    } finally {
      databases.inSource("DROP TABLE moved", "DROP TABLESPACE elsewhere");
    }
  }

  @Test
  void a_partition_that_is_emptied_while_it_is_looked_at_is_told_by_the_next_look()
      throws Exception {
    databases.inSource(
        "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
        "INSERT INTO p VALUES (1)");
    int oid = Integer.parseInt(databases.sourceRows("SELECT 'p'::regclass::oid").getFirst());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Connection other = Databases.server().connect(databases.sourceName());
        Statement statement = other.createStatement();
        Connection session = Databases.server().connect(databases.sourceName())) {
      session.setAutoCommit(false);
      PartitionWatch watch = new PartitionWatch(PartitionWatch.first(session, List.of(oid)));
      session.commit();
      other.setAutoCommit(false);
      statement.execute("TRUNCATE p1");
      // Its query sees the file of before, and may wait for the size of the one that comes.
      Future<List<TableNotice>> look = threads.submit(() -> watch.look(session, List.of(oid)));
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() ->
              look.isDone()
                  || !databases.sourceRows("SELECT 1 FROM pg_locks WHERE NOT granted").isEmpty());
      other.commit();
      List<TableNotice> notices = new ArrayList<>(look.get());
      session.commit();
      watch.told();
      notices.addAll(watch.look(session, List.of(oid)));

      assertThat(notices)
          .map(TableNotice.Partitioned.class::cast)
          .flatExtracting(TableNotice.Partitioned::losses)
          .containsExactly(
              new TableNotice.Partitioned.Loss("partition public.p1 was truncated", true, true));
    }
  }

  @Test
  void rows_that_came_and_went_with_a_partition_between_two_looks_give_up_its_table()
      throws Exception {
    databases.inSource(
        "CREATE TABLE emptied (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE emptied1 PARTITION OF emptied FOR VALUES IN (1)",
        "CREATE TABLE emptied2 PARTITION OF emptied FOR VALUES IN (2)",
        "CREATE TABLE dropped (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE dropped1 PARTITION OF dropped FOR VALUES IN (1)",
        "CREATE TABLE moved (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE moved1 PARTITION OF moved FOR VALUES IN (1)",
        "CREATE TABLE bare (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE x1 (id int PRIMARY KEY)",
        "INSERT INTO x1 VALUES (1)",
        "CREATE TABLE quick (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE made (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "INSERT INTO moved VALUES (1)",
        "SET allow_in_place_tablespaces = on",
        "CREATE TABLESPACE elsewhere LOCATION ''");
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "BEGIN; INSERT INTO emptied VALUES (1); TRUNCATE emptied1; COMMIT",
          "BEGIN; INSERT INTO dropped VALUES (1); DROP TABLE dropped1; COMMIT",
          "BEGIN; TRUNCATE moved1; ALTER TABLE moved1 SET TABLESPACE elsewhere; COMMIT",
          "ALTER TABLE bare ATTACH PARTITION x1 FOR VALUES IN (1)",
          "BEGIN; CREATE TABLE x2 (id int PRIMARY KEY); INSERT INTO x2 VALUES (1);"
              + " ALTER TABLE quick ATTACH PARTITION x2 FOR VALUES IN (1); COMMIT",
          "BEGIN; CREATE TABLE made1 PARTITION OF made FOR VALUES IN (1);"
              + " INSERT INTO made VALUES (1); COMMIT");
      assertThat(changes.lines(8))
          .contains("INSERT emptied is [1]", "INSERT dropped is [1]")
          .anyMatch(line -> line.startsWith("LOST emptied") && line.contains("1 was truncated"))
          .anyMatch(line -> line.startsWith("LOST dropped") && line.contains("1 was taken off"))
          .anyMatch(line -> line.startsWith("LOST moved") && line.contains("1 was truncated"))
          .anyMatch(line -> line.startsWith("LOST bare") && line.contains("x1 was attached"))
          .anyMatch(line -> line.startsWith("LOST quick") && line.contains("x2 was attached"));
      databases.inSource("DELETE FROM made");
      assertThat(changes.lines(1)).containsExactly("DELETE made was [1]");
    } finally {
      databases.inSource("DROP TABLE moved", "DROP TABLESPACE elsewhere");
    }
  }

  @Test
  void what_happened_to_partitions_while_nobody_read_the_log_gives_up_their_tables()
      throws Exception {
    databases.inSource(
        "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
        "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2)",
        "CREATE TABLE q (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE q1 PARTITION OF q FOR VALUES IN (1)",
        "CREATE TABLE r (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE r1 PARTITION OF r FOR VALUES IN (1)",
        "INSERT INTO p VALUES (1)",
        "INSERT INTO q VALUES (1)",
        "INSERT INTO r VALUES (1)");
    try (CapturedChanges changes = capture()) {
      databases.inSource("INSERT INTO p VALUES (2)");
      changes.lines(1);
      String seen = changes.partitions.get(new TableId("public", "p"));
      while (changes.partitions.get(new TableId("public", "p")).equals(seen)) {
        changes.next();
      }
      Position reached = changes.batches.getLast().reached();
      changes.reader.close();
      databases.inSource(
          "DROP TABLE p2",
          "TRUNCATE q1",
          "INSERT INTO q VALUES (1)",
          "VACUUM q",
          "VACUUM FULL r",
          "INSERT INTO r VALUES (1) ON CONFLICT DO NOTHING");
      changes.readAgain(reached);
      assertThat(changes.lines(3))
          .contains("INSERT q is [1]")
          .anyMatch(line -> line.startsWith("LOST p") && line.contains("p2 was taken off"))
          .anyMatch(line -> line.startsWith("LOST q") && line.contains("q1 was truncated"));
      databases.inSource("DELETE FROM r");
      assertThat(changes.lines(1)).containsExactly("DELETE r was [1]");
    }
  }

  @Test
  void a_child_by_inheritance_is_a_table_of_its_own() throws Exception {
    databases.inSource(
        "CREATE TABLE parent (id int PRIMARY KEY)",
        "CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)",
        "INSERT INTO child VALUES (1)");
    try (CapturedChanges changes = capture()) {
      databases.inSource("TRUNCATE child", "CREATE TABLE looked (id int PRIMARY KEY)");
      assertThat(changes.lines(2))
          .startsWith("TRUNCATE child")
          .last()
          .asString()
          .startsWith("TableCreated looked");
      databases.inSource("INSERT INTO parent VALUES (2)");
      assertThat(changes.lines(1)).containsExactly("INSERT parent is [2]");
    }
  }

  @Test
  void a_partition_that_others_have_locked_stops_nothing() throws Exception {
    databases.inSource(
        "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
        "CREATE TABLE t (id int PRIMARY KEY)",
        "INSERT INTO p VALUES (1)");
    try (CapturedChanges changes = capture();
        Connection other = Databases.server().connect(databases.sourceName());
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE p1 IN ACCESS EXCLUSIVE MODE");
      for (int looks = 1; looks <= 3; looks++) {
        databases.inSource("CREATE TABLE n" + looks + " (id int PRIMARY KEY)");
        assertThat(changes.lines(1)).hasSize(1).allMatch(line -> line.startsWith("TableCreated n"));
      }
    }
  }

  @Test
  void a_partition_that_goes_while_the_task_stands_still_puts_its_table_into_error()
      throws Exception {
    databases.inSource(
        "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
        "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2)",
        "CREATE TABLE t (id int PRIMARY KEY)",
        "INSERT INTO p VALUES (1), (2)");
    List<TableStatistics> stopped;
    TableId p = new TableId("public", "p");
    try (Running run = new Running(List.of())) {
      run.awaitState(p, TableState.COMPLETED);
      databases.inSource("INSERT INTO t VALUES (1)");
      run.awaitTarget("SELECT id FROM t", "1");
      stopped = run.stop();
    }
    databases.inSource("DROP TABLE p2");
    try (Running run = new Running(stopped)) {
      run.awaitState(p, TableState.ERROR);
      run.task.reload(List.of(p));
      run.awaitState(p, TableState.COMPLETED);
      run.awaitTarget("SELECT id FROM p", "1");
      databases.inSource("INSERT INTO t VALUES (2)");
      run.awaitTarget("SELECT id FROM t ORDER BY id", "1", "2");
      stopped = run.stop();
    }
    try (Running run = new Running(stopped)) {
      databases.inSource("DELETE FROM p");
      run.awaitTarget("SELECT id FROM p");
      run.awaitState(p, TableState.COMPLETED);
    }
    try (Source source = databases.source()) {
      source.changeLog(Databases.TASK).drop();
    }
  }

  /** A task on a thread of its own; closing it stops it. */
  private static final class Running implements AutoCloseable {
    private final Source source = databases.source();
    private final Target target = databases.target();
    private final ReplicationTask task;
    private final CompletableFuture<ReplicationTask.End> end;

    Running(List<TableStatistics> earlier) {
      task = TestTask.following(source, target, "", earlier);
      end = CompletableFuture.supplyAsync(task::run);
    }

    void awaitState(TableId id, TableState state) {
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() ->
              task.statistics().stream()
                  .anyMatch(table -> table.table().equals(id) && table.state() == state));
    }

    void awaitTarget(String query, String... rows) {
      await()
          .atMost(Duration.ofMinutes(3))
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(databases.targetRows(query)).containsExactly(rows));
    }

    List<TableStatistics> stop() throws Exception {
      task.stop();
      assertThat(end.get(3, TimeUnit.MINUTES)).isEqualTo(ReplicationTask.End.NORMAL);
      return task.statistics();
    }

    @Override
    public void close() throws Exception {
      task.stop();
      try {
        end.get(3, TimeUnit.MINUTES);
      } finally {
        target.close();
        source.close();
      }
    }
  }
}
