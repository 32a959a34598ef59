package wherry.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wherry.chaos.Trial.Plan;
import wherry.chaos.Trial.Result;

/** A few runs of the matrix; {@code ./wherry chaos} makes many. */
class ChaosIT {
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
    "1, postgres-postgres, CRASH_AFTER_COMMIT",
    "2, mysql-postgres, KILL_SERVICE",
    "3, postgres-mariadb, CUT_TARGET"
  })
  void each_acknowledged_write_arrives_once_and_no_row_goes_back(
      int number, String pair, Fault fault) throws Exception {
    assumeTrue(Dialect.MYSQL.available().usable(), Dialect.MYSQL.available().reason());
    long seed = Long.getLong("wherry.seed", System.nanoTime());
    System.out.printf("wherry.seed=%d%n", seed);

    Result result =
        Trial.run(
            servers, new Plan(number, seed, Pair.of(pair), fault), Path.of("target", "chaos"));

    assertThat(result.findings().none())
        .as(
            "%s, evidence in %s: %s",
            result.plan(), result.evidence(), result.findings().examples())
        .isTrue();
    assertThat(result.acknowledged()).isGreaterThan(100);
    assertThat(result.looks()).isPositive();
  }
}
