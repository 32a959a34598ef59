package wherry.task;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.task.ChangingTables.ORDERS;
import static wherry.task.ChangingTables.insert;
import static wherry.task.ChangingTables.stop;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedSource;

/** Where the processing of changes begins and ends. */
class ChangeBoundsTest {
  private final ChangingTables tables = new ChangingTables();
  private final ScriptedSource source = tables.source();
  private final RecordingTarget target = tables.target();

  @Test
  void a_cdc_task_loads_nothing_and_begins_where_it_is_told() {
    source.commit(insert(ORDERS, "7"));
    source.commit(insert(ORDERS, "8"));

    TestRun run =
        tables.follow().from(new CdcStart.FromPosition("checkpoint:V1#1#1#0#0#*#0#0")).start();

    await()
        .untilAsserted(() -> assertThat(target.rows(ORDERS)).containsExactly(asList("8", "new 8")));
    stop(run);
    assertThat(source.snapshots()).isZero();
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.COMPLETED);
  }

  @Test
  void a_task_stops_before_the_first_transaction_committed_later() {
    Instant noon = Instant.parse("2026-01-01T12:00:00Z");
    TestRun run =
        tables.loadAndFollow().until(new CdcStop.CommitTime(noon)).start().awaitEvent("streaming");

    source.commit(noon, insert(ORDERS, "7"));
    source.commit(noon.plusSeconds(1), insert(ORDERS, "8"));

    assertThat(run.end()).isEqualTo(ReplicationTask.End.STOPPED_AT_COMMIT_TIME);
    assertThat(target.rows(ORDERS)).hasSize(4);
  }

  @Test
  void a_task_stops_when_the_clock_says_so_however_idle_the_source() {
    TestRun run =
        tables.loadAndFollow().until(new CdcStop.ServerTime(Instant.now().plusMillis(300))).start();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.STOPPED_AT_SERVER_TIME);
  }

  @Test
  void a_task_stops_after_its_load_and_later_applies_what_came_meanwhile() {
    AtomicBoolean once = new AtomicBoolean();
    source.on((table, segment, row) -> {
      if (once.compareAndSet(false, true)) {
        source.commit(insert(ORDERS, "50"));
      }
    });
    TestRun first =
        tables
            .loadAndFollow()
            .settings("{'FullLoadSettings':{'StopTaskCachedChangesNotApplied':true}}")
            .start();
    assertThat(first.end()).isEqualTo(ReplicationTask.End.STOPPED_AFTER_FULL_LOAD);
    assertThat(target.rows(ORDERS)).hasSize(3);

    TestRun second =
        tables
            .loadAndFollow()
            .settings("{'FullLoadSettings':{'StopTaskCachedChangesNotApplied':true}}")
            .resuming(first)
            .start();

    tables.awaitEqual();
    stop(second);
  }

  @Test
  void a_load_alone_ends_before_changes_even_when_nothing_was_left_to_load() {
    TestRun first = tables.loadAndFollow().loadOnly().start();
    assertThat(first.end()).isEqualTo(ReplicationTask.End.STOPPED_AFTER_FULL_LOAD);
    source.commit(insert(ORDERS, "50"));

    TestRun second = tables.loadAndFollow().resuming(first).loadOnly().start();

    assertThat(second.end()).isEqualTo(ReplicationTask.End.STOPPED_AFTER_FULL_LOAD);
    assertThat(target.rows(ORDERS)).hasSize(3);
    TestRun third = tables.loadAndFollow().resuming(second).start();
    tables.awaitEqual();
    stop(third);
  }

  @Test
  void a_task_stops_after_what_came_during_its_load_is_applied() {
    AtomicBoolean once = new AtomicBoolean();
    source.on((table, segment, row) -> {
      if (once.compareAndSet(false, true)) {
        source.commit(insert(ORDERS, "50"));
      }
    });

    TestRun run =
        tables
            .loadAndFollow()
            .settings("{'FullLoadSettings':{'StopTaskCachedChangesApplied':true}}")
            .start();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.STOPPED_AFTER_CACHED_EVENTS);
    tables.awaitEqual();
  }

  @Test
  void a_batch_that_is_behind_the_source_does_not_wait_for_more() {
    TestRun run =
        tables
            .loadAndFollow()
            .settings(
                "{'TargetMetadata':{'BatchApplyEnabled':true},'ChangeProcessingTuning':{'BatchApplyTimeoutMin':600,'BatchApplyTimeoutMax':900}}")
            .start()
            .awaitEvent("streaming");

    source.commit(Instant.now().minusSeconds(601), insert(ORDERS, "50"));

    tables.awaitEqual();
    stop(run);
  }
}
