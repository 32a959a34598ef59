package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.id;
import static wherry.schema.TestTables.rows;
import static wherry.schema.TestTables.table;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables that are loaded again while the run goes on. */
class TaskReloadTest extends OrdersRun {
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
    source.failsSnapshot(1, OrdersRun::lost).failsReading(id("app.z"), 0, 2, 1, OrdersRun::lost);

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
        .failsReading(ORDERS, 0, 3, 1, OrdersRun::lost);

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
}
