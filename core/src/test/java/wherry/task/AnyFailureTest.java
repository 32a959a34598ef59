package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.id;
import static wherry.schema.TestTables.rows;
import static wherry.schema.TestTables.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import wherry.connector.RecordingTarget;
import wherry.connector.RejectedRow;
import wherry.connector.ScriptedSource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.testing.Seed;

/**
 * Whatever fails, wherever and however often: after enough resumes the target holds each row of the
 * source once, and the books say so.
 */
class AnyFailureTest {
  private static final int ROUNDS = 100;

  @Test
  void after_any_failures_and_stops_the_target_holds_each_row_once() {
    Random random = Seed.random("after_any_failures_and_stops_the_target_holds_each_row_once");
    for (int round = 0; round < ROUNDS; round++) {
      new Migration(random).finishes("round " + round);
    }
  }

  /** A task, its databases, and the service that resumes it until it is done. */
  private static final class Migration {
    private final Random random;
    private final ScriptedSource source = new ScriptedSource();
    private final RecordingTarget target = new RecordingTarget();
    private final Map<TableId, Integer> sizes = new HashMap<>();
    private final String settings;
    private double failing = 0.03;
    private List<TableStatistics> known = List.of();

    Migration(Random random) {
      this.random = random;
      boolean appends =
          random.nextInt(4) == 0; // What DO_NOTHING has added can only go on by value.
      for (int i = 0; i <= random.nextInt(3); i++) {
        TableId table = id("app.t" + i);
        sizes.put(table, random.nextInt(60));
        source.table(table(table.toString(), "id:INT8", "note"), rows(sizes.get(table)));
        source.cut(table, 1 + random.nextInt(5), appends || random.nextBoolean());
      }
      settings =
          "{'FullLoadSettings':{'MaxFullLoadSubTasks':%d,'CommitRate':%d,'TargetTablePrepMode':'%s'},'ErrorBehavior':{'RecoverableErrorCount':%d,'RecoverableErrorInterval':0}}"
              .formatted(
                  1 + random.nextInt(4),
                  1 + random.nextInt(20),
                  appends
                      ? "DO_NOTHING"
                      : random.nextBoolean() ? "DROP_AND_CREATE" : "TRUNCATE_BEFORE_LOAD",
                  random.nextInt(3));
      target
          .fails(call ->
              chance(failing) ? Optional.of(lost("the target, at " + call)) : Optional.empty())
          .refuses(row ->
              row.getFirst().endsWith("5")
                  ? Optional.of(new RecordingTarget.Refusal(RejectedRow.Kind.DATA, "note", "five"))
                  : Optional.empty());
      source.on((table, segment, row) -> {
        if (chance(failing / 3)) {
          throw lost("the source");
        }
      });
      if (chance(0.3)) {
        target.losesTheAnswerOfOneCommit();
      }
      source.failsSnapshot(random.nextInt(3) == 0 ? 1 : 0, () -> lost("the source"));
    }

    void finishes(String round) {
      boolean done = run(TestRun.of(source, target));
      for (int resumes = 0; !done; resumes++) {
        failing = resumes < 6 ? failing : 0;
        done = run(TestRun.of(source, target).resuming(known));
      }
      sizes.forEach((table, size) -> {
        assertThat(target.rows(table))
            .as("%s, %s with %s", round, table, settings)
            .containsExactlyInAnyOrderElementsOf(
                rows(size).stream()
                    .filter(row -> !String.valueOf(row.getFirst()).endsWith("5"))
                    .toList());
        TableStatistics books =
            known.stream().filter(t -> t.table().equals(table)).findFirst().orElseThrow();
        assertThat(books.read())
            .as("%s, rows of %s", round, table)
            .isEqualTo(size.longValue())
            .isEqualTo(books.loaded() + books.rejected());
        assertThat(books.state()).isEqualTo(TableState.COMPLETED);
      });
      assertThat(source.open() + target.open()).as("%s, still open", round).isZero();
    }

    /**
     * Runs once; may stop it in the middle, and may lose what was told last, as a service does that
     * is killed.
     */
    private boolean run(TestRun.Plan plan) {
      TestRun run = plan.settings(settings).start();
      if (chance(0.3)) {
        run.task().stop();
      }
      run.task().release();
      boolean well = run.endsWell();
      List<TableStatistics> told = new ArrayList<>();
      for (TableStatistics table : run.statistics()) {
        Optional<TableStatistics> before =
            known.stream().filter(t -> t.table().equals(table.table())).findFirst();
        told.add(failing > 0 && chance(0.2) && before.isPresent() ? before.get() : table);
      }
      known = told;
      return well
          && run.statistics().size() == sizes.size()
          && known.stream().allMatch(t -> t.state() == TableState.COMPLETED);
    }

    private boolean chance(double probability) {
      synchronized (random) {
        return random.nextDouble() < probability;
      }
    }

    private static DmsException lost(String side) {
      return new DmsException(ErrorCode.CONNECTION_FAILED, "Lost " + side + ".");
    }
  }
}
