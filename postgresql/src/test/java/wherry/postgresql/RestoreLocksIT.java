package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectReport.Outcome;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;

/** Who makes objects waits for a lock only where nothing else can be done meanwhile. */
class RestoreLocksIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String DATABASE = "shop";

  private static PostgresServer server;

  @BeforeAll
  static void a_server_whose_own_patience_with_a_lock_is_longer_than_ours() {
    server =
        PostgresServer.start(
            ServerOptions.standard()
                .with("autovacuum_naptime", "1s")
                .with("deadlock_timeout", "1h"));
    server.createDatabase(DATABASE);
  }

  @AfterAll
  static void end() {
    server.close();
  }

  @Test
  void an_index_does_not_wait_until_an_automatic_vacuum_of_its_table_is_over() throws Exception {
    // A page of it takes a tenth of a second, which it has to sleep.
    server.executeIn(
        DATABASE,
        "CREATE TABLE vacuumed (id int, v text) WITH (autovacuum_vacuum_cost_delay = 100,"
            + " autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 0,"
            + " autovacuum_vacuum_scale_factor = 0)",
        "INSERT INTO vacuumed SELECT n, repeat('v', 1000) FROM generate_series(1, 10000) n",
        "DELETE FROM vacuumed WHERE id % 2 = 0");
    await("the automatic vacuum")
        .atMost(PATIENCE)
        .until(
            () ->
                number(
                    "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE"
                        + " backend_type = 'autovacuum worker' AND relation ="
                        + " 'vacuumed'::regclass AND mode = 'ShareUpdateExclusiveLock' AND granted"),
            found -> found == 1);

    assertThat(
            restore(
                1, entry(1, "INDEX", "vacuumed_id", "CREATE INDEX ON public.vacuumed (id)", 100)))
        .extracting(ObjectReport::outcome)
        .containsExactly(Outcome.CARRIED);
  }

  @Test
  void foreign_keys_of_one_table_leave_the_other_sessions_to_those_of_others() throws Exception {
    server.executeIn(
        DATABASE,
        "CREATE TABLE held (id int PRIMARY KEY)",
        "CREATE TABLE free (id int PRIMARY KEY)",
        "CREATE TABLE one (id int, held int)",
        "CREATE TABLE two (id int, held int)",
        "CREATE TABLE three (id int, free int)");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Connection other = server.connect(DATABASE);
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE held IN ROW EXCLUSIVE MODE");

      Future<List<ObjectReport>> reports =
          threads.submit(() ->
              restore(2, key(1, "one", "held"), key(2, "two", "held"), key(3, "three", "free")));

      await("the key that has to wait for nobody")
          .atMost(PATIENCE)
          .until(() -> keys("three"), found -> found == 1);
      assertThat(keys("one") + keys("two")).isZero();
      other.commit();
      assertThat(reports.get()).extracting(ObjectReport::outcome).containsOnly(Outcome.CARRIED);
      assertThat(keys("one") + keys("two")).isEqualTo(2);
    }
  }

  /** Depends on its table and on the one that it refers to, as in an archive of pg_dump. */
  private static DumpEntry key(int id, String table, String to) {
    String definition =
        "ALTER TABLE %1$s ADD FOREIGN KEY (%2$s) REFERENCES %2$s (id)"
            .formatted("public." + table, to)
            .replace("REFERENCES ", "REFERENCES public.");
    return entry(id, "FK CONSTRAINT", table + "_key", definition, table.hashCode(), to.hashCode());
  }

  private static DumpEntry entry(
      int id, String kind, String name, String definition, Integer... dependencies) {
    return new DumpEntry(
        id,
        kind,
        DumpEntry.Section.POST_DATA,
        "public",
        name,
        definition,
        "",
        "",
        List.of(dependencies));
  }

  private static List<ObjectReport> restore(int jobs, DumpEntry... entries) throws Exception {
    PostgresSettings settings = PostgresSettings.from(Databases.endpoint(server, DATABASE));
    ObjectSessions sessions = new ObjectSessions(new PostgresSessions(settings, Side.TARGET), jobs);
    return new DumpRestore(sessions).run(List.of(entries), jobs);
  }

  private static long keys(String table) {
    return number(
        "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = '"
            + table
            + "'::regclass");
  }

  private static long number(String query) {
    return Long.parseLong(Databases.rows(server, DATABASE, query).getFirst());
  }
}
