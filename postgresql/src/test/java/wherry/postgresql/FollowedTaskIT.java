package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wherry.connector.ChangeLog;
import wherry.connector.ChangeWriter;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.task.ReplicationTask;
import wherry.task.TableState;
import wherry.task.TableStatistics;

/** Whole tasks that follow one database into another while something unusual happens. */
class FollowedTaskIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String WAITING =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

  private static final String READ =
      "SELECT count(*) FROM pg_replication_slots WHERE database = current_database() AND active";

  private static final Databases databases = new Databases();

  @AfterEach
  void clear() {
    try (Source source = databases.source();
        ChangeLog log = source.changeLog(Databases.TASK)) {
      log.drop();
    }
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  /** A task on a thread of its own; closing it stops it. */
  private static final class Run implements AutoCloseable {
    private final Source source = databases.source();
    private final Target target;
    private final ReplicationTask task;
    private final CompletableFuture<ReplicationTask.End> end;

    Run(Target target, String rules, List<TableStatistics> earlier) {
      this.target = target;
      task = TestTask.following(source, target, rules, earlier);
      end = CompletableFuture.supplyAsync(task::run);
    }

    Run() {
      this(databases.target(), "", List.of());
    }

    TableStatistics table(String name) {
      return task.statistics().stream()
          .filter(table -> table.table().equals(new TableId("public", name)))
          .findFirst()
          .orElseThrow();
    }

    Run awaitState(String table, TableState state) {
      await().atMost(PATIENCE).ignoreExceptions().until(() -> table(table).state() == state);
      return this;
    }

    /** Until these tables are loaded and the log is read: what is done then is found there. */
    Run awaitFollowing(String... loaded) {
      for (String table : loaded) {
        awaitState(table, TableState.COMPLETED);
      }
      await().atMost(PATIENCE).until(() -> databases.sourceRows(READ).equals(List.of("1")));
      return this;
    }

    List<TableStatistics> stop() throws Exception {
      task.stop();
      assertThat(end.get(3, TimeUnit.MINUTES)).isEqualTo(ReplicationTask.End.NORMAL);
      return task.statistics();
    }

    @Override
    public void close() throws InterruptedException, TimeoutException {
      task.stop();
      try {
        end.get(3, TimeUnit.MINUTES);
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(DmsException.class);
      } finally {
        target.close();
        source.close();
      }
    }
  }

  private static void awaitTarget(String query, String... rows) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(databases.targetRows(query)).containsExactly(rows));
  }

  @Test
  void a_table_that_cannot_be_followed_is_told_under_its_new_name_too() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE keyless (id int)");
    try (Run run = new Run()) {
      run.awaitFollowing("t").awaitState("keyless", TableState.ERROR);

      databases.inSource("ALTER TABLE keyless RENAME TO renamed");

      run.awaitState("renamed", TableState.ERROR);
      assertThat(run.table("renamed").message()).contains("renamed", "REPLICA IDENTITY FULL");
      databases.inSource(
          "ALTER TABLE renamed REPLICA IDENTITY FULL", "INSERT INTO renamed VALUES (1)");
      run.task.reload(List.of(new TableId("public", "renamed")));
      run.awaitState("renamed", TableState.COMPLETED);
      awaitTarget("SELECT * FROM renamed", "1");
    }
  }

  @Test
  void nulls_that_came_with_a_new_column_stay_though_nobody_answered_their_commit()
      throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    AtomicBoolean altered = new AtomicBoolean();
    AtomicBoolean lost = new AtomicBoolean();
    try (Run run = new Run(losingTheAnswerBehindAlter(altered, lost), "", List.of())) {
      run.awaitFollowing("t");
      databases.inSource(
          "BEGIN", "ALTER TABLE t ADD w int DEFAULT 7", "INSERT INTO t VALUES (2, NULL)", "COMMIT");
      await().atMost(PATIENCE).until(lost::get);

      databases.inSource("INSERT INTO t VALUES (3, 8)");

      awaitTarget("SELECT * FROM t ORDER BY id", "1|7", "2|null", "3|8");
      run.awaitState("t", TableState.COMPLETED);
    }
  }

  private static Target losingTheAnswerBehindAlter(AtomicBoolean altered, AtomicBoolean lost) {
    Target target = databases.target();
    return proxy(
        Target.class,
        (method, arguments) -> {
          Object result = invoke(target, method, arguments);
          if (!(result instanceof ChangeWriter writer)) {
            return result;
          }
          return proxy(
              ChangeWriter.class,
              (call, values) -> {
                Object answer = invoke(writer, call, values);
                if (call.getName().equals("alter")) {
                  altered.set(true);
                }
                if (call.getName().equals("commit")
                    && altered.get()
                    && lost.compareAndSet(false, true)) {
                  throw new DmsException(ErrorCode.CONNECTION_FAILED, "The answer was lost");
                }
                return answer;
              });
        });
  }

  private interface Call {
    Object of(Method method, Object[] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call.of(method, arguments)));
  }

  private static Object invoke(Object object, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(object, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static String removing(String table, String column) {
    return """
    ,{"rule-type":"transformation","rule-id":2,"rule-name":"2","rule-target":"column",
      "object-locator":{"schema-name":"public","table-name":"%s","column-name":"%s"},
      "rule-action":"remove-column"}\
    """
        .formatted(table, column);
  }

  @Test
  void a_reload_leaves_the_other_tables_in_the_log_whatever_their_columns() throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL)",
        "CREATE TABLE u (id int PRIMARY KEY)");
    try (Run run = new Run(databases.target(), removing("t", "twice"), List.of())) {
      run.awaitFollowing("t", "u");
      run.task.reload(List.of(new TableId("public", "u")));
      await().atMost(PATIENCE).until(() -> run.table("u").reloaded());
      run.awaitState("u", TableState.COMPLETED);
      databases.inSource("INSERT INTO t VALUES (1)", "INSERT INTO u VALUES (1)");
      awaitTarget("SELECT id FROM u", "1");
      awaitTarget("SELECT id FROM t", "1");

      run.task.reload(List.of(new TableId("public", "t")));
      await().atMost(PATIENCE).until(() -> run.table("t").reloaded());
      run.awaitState("t", TableState.COMPLETED);
      databases.inSource("INSERT INTO t VALUES (2)");
      awaitTarget("SELECT id FROM t ORDER BY id", "1", "2");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ALTER TABLE t ADD w int", "UPDATE t SET v = 2"})
  void a_stop_ends_what_waits_for_somebody_s_lock_on_the_target(String change) throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1)");
    List<TableStatistics> stopped;
    try (Run run = new Run();
        Connection other = Databases.server().connect(databases.targetName());
        Statement lock = other.createStatement()) {
      run.awaitFollowing("t");
      other.setAutoCommit(false);
      lock.execute("SELECT * FROM t FOR UPDATE");
      databases.inSource(change, "INSERT INTO t (id) VALUES (2)");
      await().atMost(PATIENCE).until(() -> databases.targetRows(WAITING).equals(List.of("1")));

      stopped = run.stop();

      awaitTarget(WAITING, "0");
      other.rollback();
    }
    try (Run run = new Run(databases.target(), "", stopped)) {
      awaitTarget(
          "SELECT id, v FROM t ORDER BY id",
          databases.sourceRows("SELECT id, v FROM t ORDER BY id").toArray(String[]::new));
      run.awaitState("t", TableState.COMPLETED);
    }
  }

  @Test
  void columns_that_came_while_the_task_stood_still_are_followed() throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE u (id int PRIMARY KEY)",
        "CREATE TABLE old (id int PRIMARY KEY, v int)",
        "CREATE TABLE another (id int PRIMARY KEY, v text)",
        "INSERT INTO another VALUES (1, 'of before')",
        "INSERT INTO t VALUES (1)",
        "INSERT INTO u VALUES (1)",
        "INSERT INTO old VALUES (1, 1)");
    List<TableStatistics> stopped;
    try (Run run = new Run(databases.target(), removing("old", "v"), List.of())) {
      run.awaitFollowing("t", "u", "old", "another");
      stopped = run.stop();
    }
    databases.inSource(
        "ALTER TABLE another DROP v",
        "ALTER TABLE another ADD v int DEFAULT 7",
        "ALTER TABLE t ADD w int DEFAULT 7",
        "INSERT INTO t VALUES (2, NULL)",
        "INSERT INTO u VALUES (2)",
        "ALTER TABLE u ADD w int, ADD x text DEFAULT 'x'",
        "INSERT INTO u VALUES (3, 3, NULL)",
        "INSERT INTO old VALUES (2, 2)");

    try (Run run = new Run(databases.target(), "", stopped)) {
      awaitTarget("SELECT * FROM t ORDER BY id", "1|7", "2|null");
      awaitTarget("SELECT * FROM u ORDER BY id", "1|null|x", "2|null|x", "3|3|null");
      run.awaitState("t", TableState.COMPLETED);
      // Not new, but taken only now: nobody knows what the rows of the target are to have in it.
      run.awaitState("old", TableState.ERROR);
      run.awaitState("another", TableState.ERROR);
      assertThat(run.table("another").message()).contains("public.another", "Reload the table");
    }
  }

  @Test
  void new_tables_are_followed_or_told_with_what_stands_in_the_way() throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE again (id int PRIMARY KEY, v int)");
    try (Run run = new Run(databases.target(), removing("computed", "twice"), List.of())) {
      run.awaitFollowing("t", "again");
      // At once: with the first new table that is found, another reader takes over, and a table
      // that is made again right then is in error until somebody reloads it.
      databases.inSource(
          "BEGIN",
          "CREATE TABLE computed (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL)",
          "INSERT INTO computed VALUES (1)",
          "CREATE TABLE keyless (id int)",
          "INSERT INTO keyless VALUES (1)",
          "CREATE TABLE passing (id int)",
          "CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY)",
          "DROP TABLE again",
          "CREATE TABLE again (id int PRIMARY KEY)",
          "INSERT INTO again VALUES (1)",
          "COMMIT");

      awaitTarget("SELECT id FROM computed", "1");
      awaitTarget("SELECT * FROM again", "1");
      for (String table : List.of("keyless", "passing", "unlogged")) {
        run.awaitState(table, TableState.ERROR);
      }
      assertThat(run.table("keyless").message())
          .contains("public.keyless cannot be captured", "REPLICA IDENTITY FULL", "by itself");
      assertThat(run.table("unlogged").message()).contains("SET LOGGED");

      run.awaitState("computed", TableState.COMPLETED).awaitState("again", TableState.COMPLETED);
      databases.inSource(
          "DROP TABLE passing",
          "ALTER TABLE keyless REPLICA IDENTITY FULL",
          "INSERT INTO computed VALUES (2)",
          "INSERT INTO again VALUES (2)");
      awaitTarget("SELECT id FROM computed ORDER BY id", "1", "2");
      awaitTarget("SELECT * FROM again ORDER BY id", "1", "2");
      awaitTarget("SELECT * FROM keyless", "1");
      run.awaitState("keyless", TableState.COMPLETED)
          .awaitState("passing", TableState.DOES_NOT_EXIST);
    }
  }

  @Test
  void a_table_without_columns_is_told() throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE nothing ()");
    try (Run run = new Run()) {
      run.awaitFollowing("t");
      assertThat(run.table("nothing").state()).isEqualTo(TableState.ERROR);
      assertThat(run.table("nothing").message()).contains("has no columns");

      databases.inSource(
          "ALTER TABLE nothing ADD id int PRIMARY KEY", "INSERT INTO nothing VALUES (1)");
      awaitTarget("SELECT * FROM nothing", "1");
      run.awaitState("nothing", TableState.COMPLETED);
    }
  }

  @Test
  void a_table_made_again_while_the_task_stood_still_is_known_after_a_crash_in_the_next_start()
      throws Exception {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    List<TableStatistics> stopped;
    try (Run run = new Run()) {
      run.awaitFollowing("t");
      stopped = run.stop();
    }
    databases.inSource("DROP TABLE t", "CREATE TABLE t (id int PRIMARY KEY)");
    databases.inSource("INSERT INTO t VALUES (2)");
    try (Run crashed = new Run(failingBehindJoining(), "", stopped)) {
      assertThat(crashed.end.handle((end, e) -> e).get(3, TimeUnit.MINUTES)).isNotNull();
    }

    try (Run run = new Run(databases.target(), "", stopped)) {
      awaitTarget("SELECT * FROM t", "2");
      run.awaitState("t", TableState.COMPLETED);
    }
  }

  @Test
  void a_table_that_goes_between_the_log_s_opening_and_the_snapshot_is_in_error_until_a_reload()
      throws Exception {
    for (String table : List.of("again", "gone", "stays")) {
      databases.inSource(
          "CREATE TABLE %s (id int PRIMARY KEY)".formatted(table),
          "INSERT INTO %s VALUES (1)".formatted(table));
    }
    try (Run run = new Run(droppingBehindTheOpening(), "", List.of())) {
      run.awaitState("stays", TableState.COMPLETED)
          .awaitState("gone", TableState.ERROR)
          .awaitState("again", TableState.ERROR);
      assertThat(run.table("gone").message())
          .contains("Table public.gone is gone from the source database", "Reload it");
      assertThat(run.table("again").message())
          .contains("Table public.again was dropped, or dropped and made again", "Reload it");
      databases.inSource("INSERT INTO stays VALUES (2)");
      awaitTarget("SELECT id FROM stays ORDER BY id", "1", "2");

      run.task.reload(List.of(new TableId("public", "again")));
      run.awaitState("again", TableState.COMPLETED);
      databases.inSource("INSERT INTO again VALUES (3)");
      awaitTarget("SELECT id FROM again ORDER BY id", "2", "3");

      run.task.reload(List.of(new TableId("public", "gone")));
      run.awaitState("gone", TableState.ERROR);
      databases.inSource(
          "CREATE TABLE gone (id int PRIMARY KEY)",
          "INSERT INTO gone VALUES (4)",
          "INSERT INTO stays VALUES (3)");
      awaitTarget("SELECT id FROM stays ORDER BY id", "1", "2", "3");
      run.task.reload(List.of(new TableId("public", "gone")));
      run.awaitState("gone", TableState.COMPLETED);
      awaitTarget("SELECT id FROM gone", "4");
    }
  }

  /** At the first commit, which keeps the place in the log: the snapshot comes after it. */
  private static Target droppingBehindTheOpening() {
    Target target = databases.target();
    AtomicBoolean dropped = new AtomicBoolean();
    return proxy(
        Target.class,
        (method, arguments) -> {
          Object result = invoke(target, method, arguments);
          return result instanceof ChangeWriter writer
              ? proxy(
                  ChangeWriter.class,
                  (call, values) -> {
                    if (call.getName().equals("commit") && dropped.compareAndSet(false, true)) {
                      databases.inSource(
                          "DROP TABLE gone, again",
                          "CREATE TABLE again (id int PRIMARY KEY)",
                          "INSERT INTO again VALUES (2)");
                    }
                    return invoke(writer, call, values);
                  })
              : result;
        });
  }

  @Test
  void a_table_taken_out_and_put_back_while_the_task_stood_still_is_in_error_until_a_reload()
      throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int PRIMARY KEY)");
    List<TableStatistics> stopped;
    try (Run run = new Run()) {
      run.awaitFollowing("t", "u");
      stopped = run.stop();
    }
    try (Run run = new Run(databases.target(), "", stopped)) {
      databases.inSource("INSERT INTO t VALUES (1)");
      awaitTarget("SELECT id FROM t", "1");
      stopped = run.stop();
    }
    String publication = "ALTER PUBLICATION " + PostgresChangeLog.ownName("TASK");
    databases.inSource(publication + " DROP TABLE t");
    databases.inSource("INSERT INTO t VALUES (2)");
    databases.inSource(publication + " ADD TABLE t");

    try (Run run = new Run(databases.target(), "", stopped)) {
      run.awaitState("t", TableState.ERROR);
      assertThat(run.table("t").message()).contains("public.t all the time", "Reload the table");
      databases.inSource("INSERT INTO u VALUES (1)");
      awaitTarget("SELECT id FROM u", "1");
      run.task.reload(List.of(new TableId("public", "t")));
      run.awaitState("t", TableState.COMPLETED);
      databases.inSource("INSERT INTO t VALUES (3)");
      awaitTarget("SELECT id FROM t ORDER BY id", "1", "2", "3");
      run.awaitState("u", TableState.COMPLETED);
    }
  }

  /** Fails at the first commit that comes when the publication holds t. */
  private static Target failingBehindJoining() {
    Target target = databases.target();
    return proxy(
        Target.class,
        (method, arguments) -> {
          Object result = invoke(target, method, arguments);
          return result instanceof ChangeWriter writer
              ? proxy(
                  ChangeWriter.class,
                  (call, values) -> {
                    if (call.getName().equals("commit")
                        && !databases.sourceRows("SELECT * FROM pg_publication_tables").isEmpty()) {
                      throw new DmsException(ErrorCode.SETTING_INVALID, "As if killed");
                    }
                    return invoke(writer, call, values);
                  })
              : result;
        });
  }
}
