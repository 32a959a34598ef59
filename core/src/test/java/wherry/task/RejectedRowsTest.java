package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import wherry.connector.RecordingTarget;
import wherry.connector.RejectedRow;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/** Rows that the target refuses, by each policy. */
class RejectedRowsTest extends OrdersRun {
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
    orders(10, 1, true).failsReading(ORDERS, 0, 9, 1, OrdersRun::lost);
    target.refuses(RejectedRowsTest::bad);

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
    target.refuses(RejectedRowsTest::bad);
    return TestRun.of(source, target).settings("{'ErrorBehavior':{" + errorBehavior + "}}");
  }

  private static Optional<RecordingTarget.Refusal> bad(List<String> row) {
    return row.getFirst().equals("3") || row.getFirst().equals("6")
        ? FullLoadTest.refusal(RejectedRow.Kind.DATA)
        : Optional.empty();
  }
}
