package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.rows;
import static wherry.schema.TestTables.table;

import org.junit.jupiter.api.Test;
import wherry.connector.ScriptedSource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/** A run whose databases fail: what is tried again, how often, and what is not. */
class TaskRetryTest extends OrdersRun {
  @Test
  void a_lost_connection_is_tried_again_and_only_missing_segments_are_read_again() {
    orders(40, 4, true).failsReading(ORDERS, 2, 5, 1, OrdersRun::lost);

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
    orders(40, 4, false).failsReading(ORDERS, 2, 5, 1, OrdersRun::lost);

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
    orders(10, 1, true).failsReading(ORDERS, 0, 5, 100, OrdersRun::lost);

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
      source.failsReading(ORDERS, segment, 0, 1, OrdersRun::lost);
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
    orders(40, 4, true).failsReading(ORDERS, 2, 0, 100, OrdersRun::lost);

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
        .failsReading(ORDERS, 2, 0, 1, OrdersRun::lost);

    TestRun run = TestRun.of(source, target).settings(NO_RETRY).start();

    assertThat(run.failure().code()).isEqualTo(ErrorCode.CONNECTION_FAILED);
    assertThat(run.statistics())
        .extracting(TableStatistics::state)
        .containsOnly(TableState.CANCELLED);
    assertThat(run.table("app.orders").read()).isEqualTo(20);
    assertThat(run.table("app.orders").message()).contains("resume-processing goes on with it");
  }
}
