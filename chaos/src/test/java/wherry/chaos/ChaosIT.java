package wherry.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wherry.chaos.Fault.Phase;
import wherry.chaos.Trial.Plan;
import wherry.chaos.Trial.Result;

/** A few runs of the matrix; {@code ./wherry chaos} makes many. */
class ChaosIT {
  private static final Path EVIDENCE = Path.of("target", "chaos");

  private static Servers servers;

  @BeforeAll
  static void start() {
    servers = new Servers();
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  @ParameterizedTest
  @CsvSource({
    "1, postgres-postgres, crash-after-commit, stream",
    "2, mysql-postgres, kill-service, catch-up",
    "3, postgres-mariadb, cut-target, load"
  })
  void each_acknowledged_write_arrives_once_and_no_row_goes_back(
      int number, String pair, String fault, String phase) throws Exception {
    assumeTrue(Dialect.MYSQL.available().usable(), Dialect.MYSQL.available().reason());
    long seed = Long.getLong("wherry.seed", System.nanoTime());
    System.out.printf("wherry.seed=%d%n", seed);

    Plan plan = new Plan(number, seed, Pair.of(pair), Fault.of(fault), Phase.of(phase));
    Result result = Trial.run(servers, plan, EVIDENCE);

    assertThat(result.findings().none())
        .as("%s, evidence in %s: %s", plan, plan.evidence(EVIDENCE), result.findings().examples())
        .isTrue();
    assertThat(result.acknowledged()).isGreaterThan(100);
    assertThat(result.looks()).isPositive();
  }
}
