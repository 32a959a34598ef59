package wherry.task;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.task.ChangingTables.ITEMS;
import static wherry.task.ChangingTables.ORDERS;
import static wherry.task.ChangingTables.insert;
import static wherry.task.ChangingTables.stop;
import static wherry.task.ChangingTables.update;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import wherry.connector.ControlRow;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedLog.Delete;
import wherry.connector.ScriptedLog.Update;
import wherry.connector.ScriptedSource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.testing.Seed;

/** What a task does with changes, between a source and a target in memory. */
class ChangeProcessingTest {
  private final ChangingTables tables = new ChangingTables();
  private final ScriptedSource source = tables.source();
  private final RecordingTarget target = tables.target();

  @Test
  void loaded_rows_are_followed_by_what_changes() {
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");

    source.commit(insert(ORDERS, "7"), update(ORDERS, "0", "changed"), new Delete(ITEMS, "1"));
    source.commit(new Update(ORDERS, "7", asList("8", "moved")));

    tables.awaitEqual();
    stop(run);
    ChangeCounts orders = run.table("app.orders").changes();
    assertThat(orders).isEqualTo(new ChangeCounts(1, 2, 0, 0, 1, 2, 0, 0, 0, 0, 0));
    assertThat(run.table("app.items").changes().appliedDeletes()).isEqualTo(1);
    assertThat(run.table("app.orders").loaded()).isEqualTo(3);
    assertThat(target.open()).isZero();
    assertThat(source.log().open()).isZero();
  }

  @Test
  void what_the_snapshot_has_seen_is_not_applied_again_and_nothing_after_it_is_missed() {
    AtomicBoolean once = new AtomicBoolean();
    source.on((table, segment, row) -> {
      if (table.equals(ORDERS) && row == 1 && once.compareAndSet(false, true)) {
        source.commit(insert(ORDERS, "50"), update(ORDERS, "0", "during the load"));
      }
    });
    source.commit(insert(ORDERS, "40"));

    TestRun run = tables.loadAndFollow().start();

    tables.awaitEqual();
    stop(run);
    assertThat(run.table("app.orders").changes())
        .isEqualTo(new ChangeCounts(1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0));
    assertThat(target.control()).isEmpty();
  }

  @Test
  void a_stopped_task_goes_on_where_it_was() {
    TestRun first = tables.loadAndFollow().start().awaitEvent("streaming");
    source.commit(insert(ORDERS, "7"));
    tables.awaitEqual();
    stop(first);
    source.commit(insert(ORDERS, "8"), new Delete(ORDERS, "7"));

    TestRun second = tables.loadAndFollow().resuming(first).start();

    tables.awaitEqual();
    stop(second);
    assertThat(source.snapshots()).isEqualTo(1);
    assertThat(second.table("app.orders").changes().appliedInserts()).isEqualTo(2);
  }

  @Test
  void a_commit_whose_answer_is_lost_is_not_applied_twice() {
    TestRun run =
        tables
            .loadAndFollow()
            .settings("{'ErrorBehavior':{'RecoverableErrorInterval':0}}")
            .start()
            .awaitEvent("streaming");
    target.losesTheAnswerOfOneCommit();

    source.commit(insert(ORDERS, "7"));

    run.awaitEvents("streaming", 2);
    tables.awaitEqual();
    stop(run);
    assertThat(target.control()).isEmpty();
  }

  @Test
  void a_log_that_breaks_off_is_read_on() {
    TestRun run =
        tables
            .loadAndFollow()
            .settings("{'ErrorBehavior':{'RecoverableErrorInterval':0}}")
            .start()
            .awaitEvent("streaming");
    source.log().breaksOff(3);
    source.commit(insert(ORDERS, "7"));

    tables.awaitEqual();
    stop(run);
  }

  @Test
  void another_log_than_before_is_refused() {
    TestRun first = tables.loadAndFollow().start().awaitEvent("streaming");
    stop(first);
    source.log().replaced();

    TestRun second = tables.loadAndFollow().resuming(first).start();

    assertThat(second.failure().code()).isEqualTo(ErrorCode.LOG_CHANGED);
  }

  @Test
  void a_transaction_that_comes_in_parts_is_committed_whole() {
    source.log().inPartsOf(1);
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
    long commitsBefore = commits();

    source.commit(insert(ORDERS, "7"), insert(ORDERS, "8"), insert(ITEMS, "9"));

    tables.awaitEqual();
    stop(run);
    assertThat(commits() - commitsBefore).isEqualTo(2); // The last one is of the stop.
  }

  @Test
  void what_is_due_is_committed_although_what_was_read_ends_within_another_transaction() {
    source.log().endsWithin(true);
    TestRun run =
        tables
            .loadAndFollow()
            .settings(
                """
                {"TargetMetadata": {"BatchApplyEnabled": true},
                 "ChangeProcessingTuning": {"BatchSplitSize": 1}}\
                """)
            .start()
            .awaitEvent("streaming");

    source.commit(insert(ORDERS, "7"), insert(ORDERS, "8"));
    source.commit(insert(ITEMS, "9"), insert(ITEMS, "10"));

    await().untilAsserted(() -> assertThat(target.rows(ORDERS)).isEqualTo(source.rows(ORDERS)));
    assertThat(target.rows(ITEMS)).hasSize(source.rows(ITEMS).size() - 2);
    source.log().endsWithin(false);
    tables.awaitEqual();
    stop(run);
  }

  private long commits() {
    return target.calls().stream().filter("commit changes"::equals).count();
  }

  @Test
  void the_source_forgets_only_what_is_on_the_target() {
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
    source.commit(insert(ORDERS, "7"));
    tables.awaitEqual();

    await().untilAsserted(() -> assertThat(source.log().acknowledged()).isEqualTo(1));
    stop(run);
    assertThat(target.checkpoint().orElseThrow().position()).isEqualTo("1");
  }

  @Test
  void after_any_failures_and_stops_the_target_equals_the_source() {
    Random random = Seed.random("after_any_failures_and_stops_the_target_equals_the_source");
    TestRun run =
        tables.loadAndFollow().settings("{'ErrorBehavior':{'RecoverableErrorInterval':0}}").start();
    target.fails(call ->
        random.nextInt(60) == 0
            ? Optional.of(new DmsException(ErrorCode.CONNECTION_FAILED, "Hung up at " + call))
            : Optional.empty());
    for (int i = 0; i < 200; i++) {
      TableId table = random.nextBoolean() ? ORDERS : ITEMS;
      String key = "" + (10 + random.nextInt(20));
      boolean there = source.rows(table).stream().anyMatch(row -> row.getFirst().equals(key));
      source.commit(!there ? insert(table, key) : update(table, key, "v" + i));
      if (random.nextInt(50) == 0) {
        run.task().stop();
        run.endsWell();
        run =
            tables
                .loadAndFollow()
                .settings("{'ErrorBehavior':{'RecoverableErrorInterval':0}}")
                .resuming(run)
                .start();
      }
    }
    target.fails(call -> Optional.empty());

    if (!run.isRunning()) {
      run =
          tables
              .loadAndFollow()
              .settings("{'ErrorBehavior':{'RecoverableErrorInterval':0}}")
              .resuming(run)
              .start();
    }
    tables.awaitEqual();
    stop(run);
    assertThat(target.control()).isEmpty();
  }

  @Test
  void the_control_tables_that_were_asked_for_tell_what_the_task_does() {
    TestRun run =
        tables
            .loadAndFollow()
            .settings(
                "{'ControlTablesSettings':{'StatusTableEnabled':true,'HistoryTableEnabled':true}}")
            .start()
            .awaitEvent("streaming");
    source.commit(insert(ORDERS, "7"));
    tables.awaitEqual();
    stop(run);

    assertThat(
            target.control().stream()
                .filter(ControlRow.Status.class::isInstance)
                .map(row -> ((ControlRow.Status) row).taskStatus())
                .distinct())
        .containsExactly("FULL LOAD", "CHANGE PROCESSING", "NOT RUNNING");
    assertThat(target.control())
        .filteredOn(ControlRow.Timeslot.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            ControlRow.Timeslot.class, slot -> assertThat(slot.records()).isEqualTo(1));
  }

  @Test
  void a_task_that_failed_before_it_did_anything_is_resumed_as_it_was_begun() {
    target.failsAt(
        "changes", 1, () -> new DmsException(ErrorCode.PRIVILEGE_MISSING, "You may not"));
    TestRun first = tables.loadAndFollow().start();
    assertThat(first.failure().code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING);

    TestRun second = tables.loadAndFollow().resuming(first).start();

    tables.awaitEqual();
    stop(second);
  }

  @Test
  void a_target_without_checkpoint_is_not_taken_for_one_at_the_end_of_the_log() {
    TestRun first = tables.loadAndFollow().start().awaitEvent("streaming");
    stop(first);

    TestRun second =
        TestRun.of(source, new RecordingTarget())
            .type(MigrationType.FULL_LOAD_AND_CDC)
            .resuming(first)
            .start();

    assertThat(second.failure())
        .hasMessageContaining("awsdms_txn_state")
        .hasMessageContaining("reload-target");
  }

  @Test
  void transactions_are_applied_in_their_order_however_the_sources_clock_jumps() {
    Instant now = Instant.now();
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");

    source.commit(now.plus(Duration.ofDays(365)), insert(ORDERS, "7"));
    source.commit(now.minus(Duration.ofDays(365)), update(ORDERS, "7", "later"));
    source.commit(now, update(ORDERS, "7", "last"), insert(ITEMS, "8"));

    tables.awaitEqual();
    stop(run);
    assertThat(run.latencies()).isNotEmpty().allMatch(latency -> !latency.isNegative());
    TestRun second = tables.loadAndFollow().resuming(run).start().awaitEvent("streaming");
    source.commit(Instant.EPOCH, update(ORDERS, "7", "after a restart"));
    tables.awaitEqual();
    stop(second);
  }
}
