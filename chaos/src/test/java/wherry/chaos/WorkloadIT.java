package wherry.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.chaos.History.Outcome;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.ServerOptions;

/** The clients and the observer alone, without a service: a source is its own perfect copy. */
class WorkloadIT {
  private static final long TRANSACTIONS = 600;

  /** Every operation but the one that rolls back, and the marks of the filling and of fences. */
  private static final long ALL_KINDS = Operation.values().length - 1 + 2;

  @ParameterizedTest
  @EnumSource
  void what_clients_were_told_is_what_the_source_holds_even_when_it_is_killed_meanwhile(
      Dialect dialect) throws Exception {
    assumeTrue(dialect.available().usable(), dialect.available().reason());
    long seed = Long.getLong("wherry.seed", System.nanoTime());
    System.out.println("wherry.seed=" + seed);
    History history = new History();
    Findings findings = new Findings();
    Watch watch = new Watch(findings, true);
    try (DatabaseServer server = dialect.start(ServerOptions.standard())) {
      Place source = Place.of(dialect, server, "shop");
      source.createTables();
      try (Workload workload = Workload.start(source, history, new SplittableRandom(seed));
          Observer observer = Observer.start(source, watch, true)) {
        assertThat(observer).isNotNull();
        assertThat(workload.fence().isIn(source)).isTrue();
        watch.arm();
        await()
            .atMost(Duration.ofMinutes(3))
            .until(() -> history.count(Outcome.ACKNOWLEDGED) > TRANSACTIONS);
        server.kill();
        server.restart();
        await()
            .atMost(Duration.ofMinutes(3))
            .until(() -> history.count(Outcome.ACKNOWLEDGED) > 2 * TRANSACTIONS);
        await().atMost(Duration.ofMinutes(3)).until(() -> kinds(source) == ALL_KINDS);
        await().atMost(Duration.ofMinutes(3)).until(() -> watch.looks() > 20);
        assertThat(workload.fence().isIn(source)).isTrue();
      }
      Contents contents = Contents.read(source);
      Checker.check(history, contents, contents, findings);

      assertThat(findings.none()).as("%s", findings.examples()).isTrue();
      assertThat(history.count(Outcome.ROLLED_BACK)).isPositive();
      assertThat(contents.rows()).allSatisfy((table, rows) -> assertThat(rows).isNotEmpty());
    }
  }

  /** How many kinds of transactions were committed. */
  private static long kinds(Place source) throws SQLException {
    try (var connection = source.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT count(DISTINCT kind) FROM " + source.table(Table.JOURNAL))) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
