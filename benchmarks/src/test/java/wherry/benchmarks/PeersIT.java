package wherry.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;

class PeersIT {
  private static final double SCALE = 0.01;
  @TempDir private static Path directory;
  private static PostgresServer source;
  private static PostgresServer target;
  private static MariaDbServer mariaDb;
  private static long rows;

  @BeforeAll
  static void fill_the_sources() throws Exception {
    source = PostgresServer.start();
    target = PostgresServer.start();
    mariaDb = MariaDbServer.start();
    target.createDatabase(BenchmarkTable.DATABASE);
    rows = BenchmarkTable.fill(source, SCALE);
    assertThat(BenchmarkTable.fill(mariaDb, SCALE)).isEqualTo(rows).isGreaterThan(60_000);
  }

  @AfterAll
  static void stop() {
    source.close();
    target.close();
    mariaDb.close();
  }

  @Test
  void psql_moves_the_whole_table_in_any_number_of_streams() {
    for (int streams : new int[] {1, 3}) {
      assertMoves(new PsqlPipe(source, target, streams, directory));
    }
  }

  @Test
  void pgloader_moves_the_whole_table_and_leaves_its_files_in_our_directory() {
    assertMoves(new Pgloader(mariaDb, target, directory));
    assertThat(directory.resolve("pgloader")).isDirectory();
  }

  /** A run counts the target's rows itself and throws when one is missing. */
  private static void assertMoves(Mover mover) {
    assumeTrue(mover.missing().isEmpty(), () -> mover.missing().orElse(""));
    Run run = Run.of(mover, rows);
    assertThat(run.wall()).isPositive();
    assertThat(run.moverCpu()).isPositive();
    assertThat(run.sourceCpu()).isPositive();
    assertThat(run.targetCpu()).isPositive();
  }
}
