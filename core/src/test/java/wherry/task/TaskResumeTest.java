package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.rows;
import static wherry.schema.TestTables.table;

import org.junit.jupiter.api.Test;
import wherry.connector.ScriptedSource;

/** A run that goes on where an earlier one has ended, and a fresh one that does not. */
class TaskResumeTest extends OrdersRun {
  private static final String ORDERS_RENAMED =
      """
      {'rules':[
        {'rule-type':'selection','rule-id':1,'rule-action':'include','object-locator':{'schema-name':'app','table-name':'%'}},
        {'rule-type':'transformation','rule-id':2,'rule-target':'column','rule-action':'rename','value':'remark',
         'object-locator':{'schema-name':'app','table-name':'orders','column-name':'note'}}]}\
      """;

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
    target.failsAt("key", 1, OrdersRun::lost);
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
    source.failsReading(ORDERS, 3, 0, 1, OrdersRun::lost);

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
    source.failsFindingTables(1, OrdersRun::lost);
    target.failsAt("forget", 1, OrdersRun::lost);

    TestRun.of(source, target).settings(RETRY_AT_ONCE).run();

    assertThat(source.reads()).hasSize(8);
  }

  /** A run that has committed two of four segments. */
  private TestRun failedAtSegment2(boolean lasting) {
    orders(40, 4, lasting).failsReading(ORDERS, 2, 0, 1, OrdersRun::lost);
    TestRun failed = TestRun.of(source, target).settings(NO_RETRY).start();
    failed.failure();
    assertThat(target.rows(ORDERS)).hasSize(20);
    return failed;
  }

  private static String doNothing() {
    return "{'FullLoadSettings':{'TargetTablePrepMode':'DO_NOTHING'}}";
  }
}
