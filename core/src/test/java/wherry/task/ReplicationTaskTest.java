package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.id;
import static wherry.schema.TestTables.rows;
import static wherry.schema.TestTables.table;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.connector.RecordingTarget;
import wherry.connector.RejectedRow;
import wherry.connector.ScriptedSource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/** Failures, retries, stop, resume and reload of a run. */
class ReplicationTaskTest {
  private static final TableId ORDERS = id("app.orders");
  private static final String AT_ONCE = "'RecoverableErrorInterval':0";
  private static final String ONE_BY_ONE = "'FullLoadSettings':{'MaxFullLoadSubTasks':1}";
  private static final String RETRY_AT_ONCE =
      "{" + ONE_BY_ONE + ",'ErrorBehavior':{" + AT_ONCE + "}}";
  private static final String NO_RETRY =
      "{" + ONE_BY_ONE + ",'ErrorBehavior':{'RecoverableErrorCount':0}}";
  private static final String ORDERS_RENAMED =
      """
      {'rules':[
        {'rule-type':'selection','rule-id':1,'rule-action':'include','object-locator':{'schema-name':'app','table-name':'%'}},
        {'rule-type':'transformation','rule-id':2,'rule-target':'column','rule-action':'rename','value':'remark',
         'object-locator':{'schema-name':'app','table-name':'orders','column-name':'note'}}]}\
      """;

  private final ScriptedSource source = new ScriptedSource();
  private final RecordingTarget target = new RecordingTarget();

  @AfterEach
  void nothing_stays_open() {
    assertThat(source.open()).as("snapshots and readers still open").isZero();
    assertThat(target.open()).as("ledgers and writers still open").isZero();
  }

  // Environment errors

  @Test
  void a_lost_connection_is_tried_again_and_only_missing_segments_are_read_again() {
    orders(40, 4, true).failsReading(ORDERS, 2, 5, 1, ReplicationTaskTest::lost);

    TestRun run = TestRun.of(source, target).settings(RETRY_AT_ONCE).run();

    assertThat(run.events()).containsSubsequence("retry 1 after 0", "running");
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
    assertThat(source.reads())
        .extracting(ScriptedSource.Read::segment)
        .containsExactly(0, 1, 2, 2, 3);
    assertThat(run.table("app.orders").read()).isEqualTo(40);
    assertThat(run.logs())
        .anyMatch(log -> log.contains("Table app.orders goes on: 2 of 4 segments are loaded"));
  }

  @Test
  void segments_of_a_physical_place_do_not_outlive_their_snapshot_so_the_table_starts_again() {
    orders(40, 4, false).failsReading(ORDERS, 2, 5, 1, ReplicationTaskTest::lost);

    TestRun.of(source, target).settings(RETRY_AT_ONCE).run();

    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
    assertThat(source.reads())
        .extracting(ScriptedSource.Read::segment)
        .containsExactly(0, 1, 2, 0, 1, 2, 3);
  }

  @Test
  void a_commit_whose_answer_is_lost_is_not_loaded_twice() {
    orders(40, 4, true);
    target.losesTheAnswerOfOneCommit();

    TestRun run = TestRun.of(source, target).settings(RETRY_AT_ONCE).run();

    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
    assertThat(run.table("app.orders").loaded()).isEqualTo(40);
  }

  @Test
  void attempts_are_limited_and_then_the_task_fails_with_what_went_wrong() {
    orders(10, 1, true).failsReading(ORDERS, 0, 5, 100, ReplicationTaskTest::lost);

    DmsException failure =
        TestRun.of(source, target)
            .settings("{'ErrorBehavior':{'RecoverableErrorCount':3," + AT_ONCE + "}}")
            .fails();

    assertThat(failure.code()).isEqualTo(ErrorCode.CONNECTION_FAILED);
    assertThat(failure)
        .hasMessage("The source has hung up. The task gave up after 3 recovery attempts.");
    assertThat(source.reads()).hasSize(4);
    assertThat(target.rows(ORDERS)).isEmpty();
  }

  @Test
  void attempts_are_counted_anew_once_something_was_committed() {
    orders(40, 4, true);
    for (int segment = 0; segment < 4; segment++) {
      source.failsReading(ORDERS, segment, 0, 1, ReplicationTaskTest::lost);
    }

    TestRun run =
        TestRun.of(source, target)
            .settings(
                "{" + ONE_BY_ONE + ",'ErrorBehavior':{'RecoverableErrorCount':1," + AT_ONCE + "}}")
            .run();

    assertThat(run.events().stream().filter("retry 1 after 0"::equals)).hasSize(4);
    assertThat(target.rows(ORDERS)).hasSize(40);
  }

  @Test
  void segments_found_in_the_ledger_do_not_count_as_progress() {
    orders(40, 4, true).failsReading(ORDERS, 2, 0, 100, ReplicationTaskTest::lost);

    TestRun.of(source, target)
        .settings(
            "{" + ONE_BY_ONE + ",'ErrorBehavior':{'RecoverableErrorCount':4," + AT_ONCE + "}}")
        .fails();

    assertThat(source.snapshots()).isEqualTo(1 + 4); // None of the four retries commits anything.
  }

  @Test
  void a_failure_that_cannot_heal_is_not_tried_again() {
    orders(10, 1, true);
    target.failsAt(
        "open ledger",
        1,
        () -> new DmsException(ErrorCode.PRIVILEGE_MISSING, "User app may not create tables."));

    assertThat(TestRun.of(source, target).fails()).hasMessage("User app may not create tables.");
    assertThat(source.snapshots()).isZero();
  }

  @Test
  void an_unexpected_exception_fails_the_task_as_a_defect_and_commits_nothing() {
    orders(10, 1, true).failsReading(ORDERS, 0, 5, 1, () -> new IllegalStateException("boom"));

    DmsException failure = TestRun.of(source, target).fails();

    assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(failure)
        .hasMessageContaining("table app.orders, segment 0")
        .hasMessageContaining("boom");
    assertThat(target.rows(ORDERS)).isEmpty();
  }

  @Test
  void a_failed_run_leaves_no_table_that_seems_to_be_loading() {
    orders(40, 4, true)
        .table(table("app.z", "id:INT8", "note"), rows(2))
        .failsReading(ORDERS, 2, 0, 1, ReplicationTaskTest::lost);

    TestRun run = TestRun.of(source, target).settings(NO_RETRY).start();

    assertThat(run.failure().code()).isEqualTo(ErrorCode.CONNECTION_FAILED);
    assertThat(run.statistics())
        .extracting(TableStatistics::state)
        .containsOnly(TableState.CANCELLED);
    assertThat(run.table("app.orders").read()).isEqualTo(20);
    assertThat(run.table("app.orders").message()).contains("resume-processing goes on with it");
  }

  // Resume

  @Test
  void resume_loads_only_the_segments_that_are_missing_and_keeps_the_books() {
    TestRun failed = failedAtSegment2(true);
    int before = source.reads().size();

    TestRun resumed = TestRun.of(source, target).settings(NO_RETRY).resuming(failed).run();

    assertThat(source.reads().subList(before, source.reads().size()))
        .extracting(ScriptedSource.Read::segment)
        .containsExactly(2, 3);
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
    assertThat(resumed.table("app.orders").read()).isEqualTo(40);
    assertThat(resumed.table("app.orders").state()).isEqualTo(TableState.COMPLETED);
  }

  @Test
  void resume_skips_tables_that_are_complete_and_keeps_what_is_known_of_them() {
    orders(4, 1, true);
    TestRun first = TestRun.of(source, target).run();
    source.table(table("app.z", "id:INT8", "note"), rows(2));

    TestRun resumed = TestRun.of(source, target).resuming(first).run();

    assertThat(source.reads()).extracting(r -> r.table().name()).containsExactly("orders", "z");
    assertThat(resumed.table("app.orders")).isEqualTo(first.table("app.orders"));
  }

  @Test
  void a_table_whose_last_segment_was_committed_just_before_the_crash_is_completed_by_resume() {
    orders(40, 4, true);
    target.failsAt("key", 1, ReplicationTaskTest::lost);
    String keyLater =
        "{'FullLoadSettings':{'CreatePkAfterFullLoad':true},'ErrorBehavior':{'RecoverableErrorCount':0}}";
    TestRun failed = TestRun.of(source, target).settings(keyLater).start();
    failed.failure();

    TestRun resumed = TestRun.of(source, target).settings(keyLater).resuming(failed).run();

    assertThat(source.reads()).hasSize(4);
    assertThat(target.calls()).last().isEqualTo("key app.orders");
    assertThat(resumed.table("app.orders").loaded()).isEqualTo(40);
  }

  @Test
  void with_do_nothing_a_table_that_cannot_go_on_is_refused_rather_than_doubled() {
    TestRun failed = failedAtSegment2(false);

    TestRun resumed = TestRun.of(source, target).settings(doNothing()).resuming(failed).run();

    assertThat(resumed.table("app.orders").state()).isEqualTo(TableState.ERROR);
    assertThat(resumed.table("app.orders").message())
        .contains("Loading it again would double rows. Empty app.orders on the target");
    assertThat(target.rows(ORDERS)).hasSize(20);
    assertThat(
            TestRun.of(source, target)
                .settings(doNothing())
                .resuming(resumed)
                .run()
                .table("app.orders")
                .state())
        .as("a second resume refuses as well")
        .isEqualTo(TableState.ERROR);
  }

  @Test
  void a_table_loaded_in_part_under_other_rules_starts_again() {
    TestRun failed = failedAtSegment2(true);

    TestRun resumed =
        TestRun.of(source, target)
            .settings(NO_RETRY)
            .mapping(ORDERS_RENAMED)
            .resuming(failed)
            .run();

    assertThat(resumed.logs())
        .anyMatch(log ->
            log.contains("Table app.orders starts again: its columns or names have changed"));
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
    assertThat(resumed.table("app.orders").read()).isEqualTo(40);
  }

  @Test
  void with_do_nothing_a_table_loaded_in_part_under_other_rules_is_refused_rather_than_doubled() {
    TestRun failed = failedAtSegment2(true);

    TestRun resumed =
        TestRun.of(source, target)
            .settings(doNothing())
            .mapping(ORDERS_RENAMED)
            .resuming(failed)
            .run();

    assertThat(resumed.table("app.orders").state()).isEqualTo(TableState.ERROR);
    assertThat(target.rows(ORDERS)).hasSize(20);
  }

  @Test
  void an_error_after_a_table_has_started_again_under_new_rules_goes_on_from_its_new_segments() {
    TestRun failed = failedAtSegment2(true);
    int before = source.reads().size();
    source.failsReading(ORDERS, 3, 0, 1, ReplicationTaskTest::lost);

    TestRun.of(source, target)
        .settings(RETRY_AT_ONCE)
        .mapping(ORDERS_RENAMED)
        .resuming(failed)
        .run();

    assertThat(source.reads().subList(before, source.reads().size()))
        .extracting(ScriptedSource.Read::segment)
        .containsExactly(0, 1, 2, 3, 3);
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
  }

  @Test
  void a_fresh_start_forgets_what_earlier_runs_have_loaded() {
    orders(40, 4, true);
    TestRun.of(source, target).run();

    TestRun.of(source, target).run();

    assertThat(source.reads()).hasSize(8);
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
  }

  @Test
  void a_fresh_start_that_meets_an_error_before_it_could_forget_still_loads_everything() {
    orders(40, 4, true);
    TestRun.of(source, target).run();
    source.failsFindingTables(1, ReplicationTaskTest::lost);
    target.failsAt("forget", 1, ReplicationTaskTest::lost);

    TestRun.of(source, target).settings(RETRY_AT_ONCE).run();

    assertThat(source.reads()).hasSize(8);
  }

  // Stop

  @Test
  void stop_rolls_back_what_is_not_committed_and_resume_finishes() {
    orders(40, 4, true);
    CountDownLatch third = new CountDownLatch(1);
    source.on((table, segment, row) -> {
      if (segment == 2 && row == 5) {
        third.countDown();
        Thread.currentThread()
            .join(); // Waits to be interrupted, as a reader on a silent socket does.
      }
    });
    TestRun run = TestRun.of(source, target).settings(NO_RETRY).start();
    await(third);

    run.task().stop();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.CANCELLED);
    assertThat(run.table("app.orders").inFlight()).isZero();
    assertThat(target.rows(ORDERS)).hasSize(20);

    source.on((table, segment, row) -> {});
    TestRun.of(source, target).resuming(run).run();
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
  }

  @Test
  void a_connection_that_breaks_because_of_the_stop_is_no_failure() {
    orders(4, 1, true);
    CountDownLatch reading = new CountDownLatch(1);
    target.fails(call -> {
      if (!call.startsWith("write")) {
        return Optional.empty();
      }
      reading.countDown();
      try {
        Thread.currentThread().join();
      } catch (InterruptedException e) {
        return Optional.of(lost());
      }
      return Optional.empty();
    });
    TestRun run = TestRun.of(source, target).settings(NO_RETRY).start();
    await(reading);

    run.task().stop();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.CANCELLED);
  }

  @Test
  void stop_ends_a_run_whose_source_has_fallen_silent() {
    orders(40, 4, true).fallsSilent(ORDERS, 2, 5);
    TestRun run = TestRun.of(source, target).settings(NO_RETRY).start();
    Awaitility.await().until(() -> source.reads().size() == 3);

    run.task().stop();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.CANCELLED);
    assertThat(target.rows(ORDERS)).hasSize(20);
  }

  @Test
  void stop_ends_a_run_whose_target_has_fallen_silent() {
    orders(40, 4, true);
    target.fallsSilent();
    TestRun run = TestRun.of(source, target).settings(NO_RETRY).start();
    Awaitility.await().until(() -> target.calls().contains("write app.orders"));

    run.task().stop();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.CANCELLED);
    assertThat(target.rows(ORDERS)).isEmpty();
  }

  @Test
  void stop_ends_the_wait_before_the_next_attempt() {
    orders(4, 1, true).failsReading(ORDERS, 0, 0, 1, ReplicationTaskTest::lost);
    TestRun run =
        TestRun.of(source, target)
            .settings("{'ErrorBehavior':{'RecoverableErrorInterval':1000}}")
            .start();
    run.awaitEvent("retry 1 after 1000");

    run.task().stop();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.CANCELLED);
  }

  @Test
  void stop_after_everything_is_loaded_is_no_cancellation() {
    orders(4, 1, true);
    TestRun run = TestRun.of(source, target).start().awaitEvent("loaded");

    run.task().stop();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.FULL_LOAD_ONLY_FINISHED);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.COMPLETED);
  }

  @Test
  void stop_before_the_load_begins_loads_nothing() {
    orders(4, 1, true);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    TestRun run =
        TestRun.of(
                source.failsSnapshot(
                    1,
                    () -> {
                      asked.countDown();
                      await(goOn);
                      return lost();
                    }),
                target)
            .settings(RETRY_AT_ONCE)
            .start();
    await(asked);

    run.task().stop();
    goOn.countDown();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(source.reads()).isEmpty();
  }

  @Test
  void an_interrupted_run_ends_as_stopped_and_not_as_loaded() {
    orders(4, 1, true);
    CountDownLatch reading = new CountDownLatch(1);
    source.on((table, segment, row) -> {
      reading.countDown();
      Thread.currentThread().join();
    });
    TestRun run = TestRun.of(source, target).start();
    await(reading);

    run.interrupt();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(run.events()).doesNotContain("loaded");
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.CANCELLED);
  }

  // Reload

  @Test
  void a_table_is_reloaded_from_a_new_snapshot_while_the_run_lingers() {
    orders(4, 1, true).table(table("app.z", "id:INT8", "note"), rows(2));
    TestRun run = TestRun.of(source, target).start().awaitEvent("loaded");
    source.table(table("app.orders", "id:INT8", "note"), rows(6));

    assertThat(run.task().reload(List.of(ORDERS))).isEmpty();
    run.awaitEvents("loaded", 2).task().release();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.FULL_LOAD_ONLY_FINISHED);
    assertThat(source.snapshots()).isEqualTo(2);
    assertThat(target.rows(ORDERS)).isEqualTo(rows(6));
    assertThat(run.table("app.orders"))
        .returns(true, TableStatistics::reloaded)
        .returns(6L, TableStatistics::loaded);
    assertThat(run.table("app.z").reloaded()).isFalse();
    assertThat(run.states("app.orders"))
        .containsExactly(
            TableState.BEFORE_LOAD,
            TableState.FULL_LOAD,
            TableState.COMPLETED,
            TableState.BEFORE_LOAD,
            TableState.BEING_RELOADED,
            TableState.FULL_LOAD,
            TableState.COMPLETED);
  }

  @Test
  void a_reload_that_meets_an_error_is_still_done() {
    orders(4, 1, true).table(table("app.z", "id:INT8", "note"), rows(2));
    TestRun run = TestRun.of(source, target).settings(RETRY_AT_ONCE).start().awaitEvent("loaded");
    source
        .table(table("app.orders", "id:INT8", "note"), rows(6))
        .table(table("app.z", "id:INT8", "note"), rows(3));
    source
        .failsSnapshot(1, ReplicationTaskTest::lost)
        .failsReading(id("app.z"), 0, 2, 1, ReplicationTaskTest::lost);

    run.task().reload(List.of(ORDERS, id("app.z")));
    run.awaitEvents("loaded", 2).task().release();

    run.end();
    assertThat(target.rows(ORDERS)).isEqualTo(rows(6));
    assertThat(target.rows(id("app.z"))).isEqualTo(rows(3));
    assertThat(run.statistics()).allMatch(TableStatistics::reloaded);
  }

  @Test
  void a_reload_in_a_resumed_run_that_meets_an_error_does_not_fall_back_to_the_earlier_run() {
    orders(4, 1, true);
    TestRun first = TestRun.of(source, target).run();
    TestRun run =
        TestRun.of(source, target)
            .settings(RETRY_AT_ONCE)
            .resuming(first)
            .start()
            .awaitEvent("loaded");
    source
        .table(table("app.orders", "id:INT8", "note"), rows(6))
        .failsReading(ORDERS, 0, 3, 1, ReplicationTaskTest::lost);

    run.task().reload(List.of(ORDERS));
    run.awaitEvents("loaded", 2).task().release();

    run.end();
    assertThat(target.rows(ORDERS)).isEqualTo(rows(6));
    assertThat(run.table("app.orders").loaded()).isEqualTo(6);
  }

  @Test
  void a_table_in_error_can_be_reloaded() {
    orders(4, 1, true);
    target.failsAt(
        "prepare", 1, () -> FullLoadTest.tableFailed("app.orders", "a view depends on it"));
    TestRun run = TestRun.of(source, target).start().awaitEvent("loaded");
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.ERROR);

    run.task().reload(List.of(ORDERS));
    run.awaitEvents("loaded", 2).task().release();

    run.end();
    assertThat(run.table("app.orders"))
        .returns(TableState.COMPLETED, TableStatistics::state)
        .returns("", TableStatistics::message);
  }

  @Test
  void a_reload_that_names_an_unknown_table_reloads_none() {
    orders(4, 1, true);
    TestRun run = TestRun.of(source, target).start().awaitEvent("loaded");

    assertThat(run.task().reload(List.of(ORDERS, id("app.nowhere"))))
        .containsExactly(id("app.nowhere"));
    run.task().release();

    run.end();
    assertThat(source.snapshots()).isEqualTo(1);
  }

  // Data errors

  @Test
  void ignored_records_are_counted_but_neither_kept_nor_logged() {
    TestRun run = withBadRows("'DataErrorPolicy':'IGNORE_RECORD'").run();

    assertThat(run.table("app.orders"))
        .extracting(TableStatistics::loaded, TableStatistics::rejected)
        .containsExactly(8L, 2L);
    assertThat(target.kept()).isEmpty();
    assertThat(run.logs()).noneMatch(log -> log.contains("is rejected"));
  }

  @Test
  void logged_records_are_counted_kept_and_logged() {
    TestRun run = withBadRows("'DataErrorPolicy':'LOG_ERROR'").run();

    assertThat(run.table("app.orders"))
        .extracting(TableStatistics::loaded, TableStatistics::rejected)
        .containsExactly(8L, 2L);
    assertThat(target.kept()).extracting(RejectedRow::key).containsExactly("id=3", "id=6");
    assertThat(
            run.logs().stream()
                .filter(log -> log.contains("is rejected, column note: does not fit")))
        .hasSize(2);
  }

  @Test
  void a_bad_record_suspends_its_table_when_the_policy_says_so() {
    TestRun run = withBadRows("'DataErrorPolicy':'SUSPEND_TABLE'").run();

    assertThat(run.table("app.orders").state()).isEqualTo(TableState.ERROR);
    assertThat(run.table("app.orders").message())
        .contains("row id=3 is rejected")
        .endsWith("DataErrorPolicy is SUSPEND_TABLE.");
    assertThat(target.rows(ORDERS)).isEmpty();
  }

  @Test
  void a_bad_record_stops_the_task_when_the_policy_says_so() {
    assertThat(withBadRows("'DataErrorPolicy':'STOP_TASK'").fails())
        .returns(ErrorCode.TASK_STOPPED_BY_POLICY, DmsException::code)
        .hasMessageContaining("row id=3 is rejected")
        .hasMessageEndingWith("DataErrorPolicy is STOP_TASK.");
  }

  @Test
  void values_too_long_follow_their_own_policy() {
    orders(10, 1, true);
    target.refuses(row ->
        row.getFirst().equals("3")
            ? FullLoadTest.refusal(RejectedRow.Kind.TRUNCATION)
            : Optional.empty());

    assertThat(
            TestRun.of(source, target)
                .settings("{'ErrorBehavior':{'DataErrorPolicy':'STOP_TASK'}}")
                .run()
                .table("app.orders")
                .rejected())
        .isEqualTo(1);
    assertThat(
            TestRun.of(source, target)
                .settings("{'ErrorBehavior':{'DataTruncationErrorPolicy':'STOP_TASK'}}")
                .fails())
        .hasMessageEndingWith("DataTruncationErrorPolicy is STOP_TASK.");
  }

  @Test
  void data_errors_escalate_when_the_count_of_the_table_is_reached() {
    TestRun suspended = withBadRows("'DataErrorEscalationCount':2").run();
    assertThat(suspended.table("app.orders").message())
        .endsWith("DataErrorEscalationPolicy after 2 rejected records is SUSPEND_TABLE.");

    assertThat(
            withBadRows("'DataErrorEscalationCount':2,'DataErrorEscalationPolicy':'STOP_TASK'")
                .fails())
        .hasMessageEndingWith("DataErrorEscalationPolicy after 2 rejected records is STOP_TASK.");
    assertThat(withBadRows("'DataErrorEscalationCount':3").run().table("app.orders").state())
        .isEqualTo(TableState.COMPLETED);
  }

  @Test
  void rows_rejected_in_a_segment_that_was_rolled_back_do_not_count_twice() {
    orders(10, 1, true).failsReading(ORDERS, 0, 9, 1, ReplicationTaskTest::lost);
    target.refuses(ReplicationTaskTest::bad);

    TestRun run =
        TestRun.of(source, target)
            .settings(
                "{'FullLoadSettings':{'CommitRate':1},'ErrorBehavior':{'DataErrorEscalationCount':3,"
                    + AT_ONCE
                    + "}}")
            .run();

    assertThat(run.table("app.orders"))
        .returns(TableState.COMPLETED, TableStatistics::state)
        .returns(2L, TableStatistics::rejected);
    assertThat(target.kept()).hasSize(2);
  }

  @Test
  void after_a_hundred_rejected_rows_the_log_points_to_the_exceptions_table() {
    orders(150, 1, true);
    target.refuses(row -> FullLoadTest.refusal(RejectedRow.Kind.DATA));

    TestRun run = TestRun.of(source, target).run();

    assertThat(run.logs().stream().filter(log -> log.contains("is rejected"))).hasSize(100);
    assertThat(
            run.logs().stream()
                .filter(log ->
                    log.contains("awsdms_full_load_exceptions on the target has all of them")))
        .hasSize(1);
    assertThat(target.kept()).hasSize(150);
  }

  private TestRun.Plan withBadRows(String errorBehavior) {
    orders(10, 1, true);
    target.refuses(ReplicationTaskTest::bad);
    return TestRun.of(source, target).settings("{'ErrorBehavior':{" + errorBehavior + "}}");
  }

  private static Optional<RecordingTarget.Refusal> bad(List<String> row) {
    return row.getFirst().equals("3") || row.getFirst().equals("6")
        ? FullLoadTest.refusal(RejectedRow.Kind.DATA)
        : Optional.empty();
  }

  private ScriptedSource orders(int rows, int segments, boolean lasting) {
    return source
        .table(table("app.orders", "id:INT8", "note"), rows(rows))
        .cut(ORDERS, segments, lasting);
  }

  /** A run that has committed two of four segments. */
  private TestRun failedAtSegment2(boolean lasting) {
    orders(40, 4, lasting).failsReading(ORDERS, 2, 0, 1, ReplicationTaskTest::lost);
    TestRun failed = TestRun.of(source, target).settings(NO_RETRY).start();
    failed.failure();
    assertThat(target.rows(ORDERS)).hasSize(20);
    return failed;
  }

  private static String doNothing() {
    return "{'FullLoadSettings':{'TargetTablePrepMode':'DO_NOTHING'}}";
  }

  private static DmsException lost() {
    return new DmsException(ErrorCode.CONNECTION_FAILED, "The source has hung up.");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
