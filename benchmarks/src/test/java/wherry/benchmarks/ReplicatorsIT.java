package wherry.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;

/** What changes are measured with, each for two turns of a few thousand changes. */
class ReplicatorsIT {
  private static final ChangeTable TABLE = new ChangeTable(0.002);
  @TempDir private static Path directory;
  private static PostgresServer source;
  private static PostgresServer target;

  @BeforeAll
  static void fill_the_source() {
    source = PostgresServer.start();
    target = PostgresServer.start();
    TABLE.fill(source);
  }

  @AfterAll
  static void stop() {
    source.close();
    target.close();
  }

  @Test
  void each_takes_every_change_of_a_turn() throws Exception {
    NativeReplication subscription = new NativeReplication(source, target);
    CaptureProcess debezium =
        new CaptureProcess(
            "Debezium", DebeziumCapture.class, DebeziumCapture.SLOT, source, directory);
    CaptureProcess ours =
        new CaptureProcess("ours", WherryCapture.class, WherryCapture.SLOT, source, directory);
    for (int turn = 1; turn <= 2; turn++) {
      for (Replicator replicator : List.of(subscription, debezium, ours)) {
        replicator.prepare();
      }
      TABLE.write(source, turn);
      assertThat(ChangeTable.has(target, "native", turn)).isFalse();
      for (Replicator replicator : List.of(subscription, debezium, ours)) {
        replicator.upTo(turn);
        assertThat(Run.measure(replicator).wall()).isPositive();
      }
      assertThat(ChangeTable.digest(target, "native"))
          .isEqualTo(ChangeTable.digest(source, ChangeTable.DATABASE));
    }
    long changes = TABLE.changesPerTurn() + 1;
    // Debezium promises each change at least once, and sometimes repeats one.
    assertThat(numbers("DebeziumCapture.log", " records"))
        .hasSize(2)
        .allMatch(records -> records >= changes);
    assertThat(numbers("WherryCapture.log", " changes")).containsExactly(changes, changes);
  }

  /** What a reader's log says at the end of each turn. */
  private static List<Long> numbers(String log, String unit) throws IOException {
    return Pattern.compile("turn \\d+: (\\d+)" + unit)
        .matcher(Files.readString(directory.resolve(log)))
        .results()
        .map(turn -> Long.valueOf(turn.group(1)))
        .toList();
  }

  @Test
  void mariadb_writes_turns_of_the_same_shape() {
    try (MariaDbServer mariaDb = MariaDbServer.start()) {
      TABLE.fill(mariaDb);
      TABLE.write(mariaDb, 1);
      TABLE.write(mariaDb, 2);
      assertThat(ChangeTable.value(mariaDb, "bench", "SELECT count(*) FROM item"))
          .isEqualTo(String.valueOf(TABLE.rows() + 2 * (TABLE.changesPerTurn() * 4 / 10)));
      assertThat(
              ChangeTable.value(
                  mariaDb, "bench", "SELECT count(*) > 300 FROM item WHERE turn = 1 AND id < 4000"))
          .isEqualTo("1");
    }
  }
}
