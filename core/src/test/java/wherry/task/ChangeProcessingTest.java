package wherry.task;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import wherry.change.SchemaChange.TableLost;
import wherry.change.TableTruncated;
import wherry.connector.ControlRow;
import wherry.connector.RecordingTarget;
import wherry.connector.RecordingTarget.Refusal;
import wherry.connector.RejectedRow;
import wherry.connector.ScriptedLog;
import wherry.connector.ScriptedLog.Delete;
import wherry.connector.ScriptedLog.Insert;
import wherry.connector.ScriptedLog.Update;
import wherry.connector.ScriptedSource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.schema.TestTables;
import wherry.testing.Seed;

/** What a task does with changes, between a source and a target in memory. */
class ChangeProcessingTest {
  private static final TableId ORDERS = TestTables.id("app.orders");
  private static final TableId ITEMS = TestTables.id("app.items");

  private final ScriptedSource source =
      new ScriptedSource()
          .table(TestTables.table("app.orders", "id:INT4", "text"), TestTables.rows(3))
          .table(TestTables.table("app.items", "id:INT4", "text"), TestTables.rows(2));
  private final RecordingTarget target = new RecordingTarget();

  private TestRun.Plan loadAndFollow() {
    return TestRun.of(source, target).type(MigrationType.FULL_LOAD_AND_CDC);
  }

  private TestRun.Plan follow() {
    return TestRun.of(source, target).type(MigrationType.CDC);
  }

  private static Insert insert(TableId table, String key) {
    return new Insert(table, asList(key, "new " + key));
  }

  private static Update update(TableId table, String key, String text) {
    return new Update(table, key, asList(key, text));
  }

  private void awaitEqual() {
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(() -> {
          assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(source.rows(ORDERS));
          assertThat(target.rows(ITEMS)).containsExactlyInAnyOrderElementsOf(source.rows(ITEMS));
        });
  }

  private static void stop(TestRun run) {
    run.task().stop();
    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
  }

  @Test
  void loaded_rows_are_followed_by_what_changes() {
    TestRun run = loadAndFollow().start().awaitEvent("streaming");

    source.commit(insert(ORDERS, "7"), update(ORDERS, "0", "changed"), new Delete(ITEMS, "1"));
    source.commit(new Update(ORDERS, "7", asList("8", "moved")));

    awaitEqual();
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

    TestRun run = loadAndFollow().start();

    awaitEqual();
    stop(run);
    assertThat(run.table("app.orders").changes())
        .isEqualTo(new ChangeCounts(1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0));
    assertThat(target.control()).isEmpty();
  }

  @Test
  void a_stopped_task_goes_on_where_it_was() {
    TestRun first = loadAndFollow().start().awaitEvent("streaming");
    source.commit(insert(ORDERS, "7"));
    awaitEqual();
    stop(first);
    source.commit(insert(ORDERS, "8"), new Delete(ORDERS, "7"));

    TestRun second = loadAndFollow().resuming(first).start();

    awaitEqual();
    stop(second);
    assertThat(source.snapshots()).isEqualTo(1);
    assertThat(second.table("app.orders").changes().appliedInserts()).isEqualTo(2);
  }

  @Test
  void a_commit_whose_answer_is_lost_is_not_applied_twice() {
    TestRun run =
        loadAndFollow()
            .settings("{'ErrorBehavior':{'RecoverableErrorInterval':0}}")
            .start()
            .awaitEvent("streaming");
    target.losesTheAnswerOfOneCommit();

    source.commit(insert(ORDERS, "7"));

    run.awaitEvents("streaming", 2);
    awaitEqual();
    stop(run);
    assertThat(target.control()).isEmpty();
  }

  @Test
  void a_log_that_breaks_off_is_read_on() {
    TestRun run =
        loadAndFollow()
            .settings("{'ErrorBehavior':{'RecoverableErrorInterval':0}}")
            .start()
            .awaitEvent("streaming");
    source.log().breaksOff(3);
    source.commit(insert(ORDERS, "7"));

    awaitEqual();
    stop(run);
  }

  @Test
  void another_log_than_before_is_refused() {
    TestRun first = loadAndFollow().start().awaitEvent("streaming");
    stop(first);
    source.log().replaced();

    TestRun second = loadAndFollow().resuming(first).start();

    assertThat(second.failure().code()).isEqualTo(ErrorCode.LOG_CHANGED);
  }

  @Test
  void a_transaction_that_comes_in_parts_is_committed_whole() {
    source.log().inPartsOf(1);
    TestRun run = loadAndFollow().start().awaitEvent("streaming");
    long commitsBefore = commits();

    source.commit(insert(ORDERS, "7"), insert(ORDERS, "8"), insert(ITEMS, "9"));

    awaitEqual();
    stop(run);
    assertThat(commits() - commitsBefore).isEqualTo(2); // The last one is of the stop.
  }

  private long commits() {
    return target.calls().stream().filter("commit changes"::equals).count();
  }

  @Test
  void the_source_forgets_only_what_is_on_the_target() {
    TestRun run = loadAndFollow().start().awaitEvent("streaming");
    source.commit(insert(ORDERS, "7"));
    awaitEqual();

    await().untilAsserted(() -> assertThat(source.log().acknowledged()).isEqualTo(1));
    stop(run);
    assertThat(target.checkpoint().orElseThrow().position()).isEqualTo("1");
  }

  @Test
  void one_bad_change_is_found_kept_and_left_out() {
    target.refuses(row ->
        "bad".equals(row.get(1))
            ? Optional.of(new Refusal(RejectedRow.Kind.DATA, "text", "it is bad"))
            : Optional.empty());
    TestRun run = loadAndFollow().start().awaitEvent("streaming");

    source.commit(
        insert(ORDERS, "10"),
        insert(ORDERS, "11"),
        new Insert(ORDERS, asList("12", "bad")),
        insert(ORDERS, "13"),
        update(ORDERS, "0", "good"));
    await()
        .untilAsserted(() ->
            assertThat(target.rows(ORDERS).stream().map(List::getFirst))
                .containsExactlyInAnyOrder("0", "1", "2", "10", "11", "13"));

    stop(run);
    assertThat(run.table("app.orders").changes())
        .isEqualTo(new ChangeCounts(4, 1, 0, 0, 3, 1, 0, 0, 0, 0, 1));
    assertThat(target.control())
        .singleElement()
        .isInstanceOfSatisfying(
            ControlRow.ApplyException.class,
            kept -> assertThat(kept.error()).contains("id=12").contains("it is bad"));
  }

  @Test
  void a_conflict_with_the_target_is_treated_as_the_policies_say() {
    TestRun run =
        loadAndFollow()
            .settings(
                "{'ErrorBehavior':{'ApplyErrorInsertPolicy':'INSERT_RECORD','ApplyErrorUpdatePolicy':'UPDATE_RECORD'}}")
            .start()
            .awaitEvent("streaming");
    target.insert(ORDERS, asList("7", "in the way"));

    source.commit(insert(ORDERS, "7"), insert(ORDERS, "8"));
    await().untilAsserted(() -> assertThat(target.rows(ORDERS)).contains(asList("7", "new 7")));
    awaitEqual();

    stop(run);
    assertThat(target.control()).isEmpty();
  }

  @Test
  void a_missing_row_is_by_default_ignored_for_a_delete_and_kept_for_an_update() {
    TestRun run = follow().start().awaitEvent("streaming");

    source.commit(update(ORDERS, "0", "changed"), new Delete(ORDERS, "1"), insert(ORDERS, "7"));
    await()
        .untilAsserted(() -> assertThat(target.rows(ORDERS)).containsExactly(asList("7", "new 7")));

    stop(run);
    assertThat(run.table("app.orders").changes())
        .isEqualTo(new ChangeCounts(1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 1));
  }

  @Test
  void a_table_that_a_policy_suspends_leaves_the_others_going_and_a_reload_heals_it() {
    TestRun run =
        loadAndFollow()
            .settings("{'ErrorBehavior':{'ApplyErrorInsertPolicy':'SUSPEND_TABLE'}}")
            .start()
            .awaitEvent("streaming");
    target.insert(ORDERS, asList("99", "alien"));
    source.commit(insert(ORDERS, "98"), insert(ORDERS, "99"), insert(ITEMS, "5"));
    await().until(() -> run.table("app.orders").state() == TableState.ERROR);
    assertThat(run.table("app.orders").message())
        .contains("id=99")
        .contains("ApplyErrorInsertPolicy is SUSPEND_TABLE");
    await().until(() -> target.rows(ITEMS).size() == 3);

    assertThat(run.task().reload(List.of(ORDERS))).isEmpty();
    source.commit(insert(ITEMS, "6"), insert(ORDERS, "101"));

    awaitEqual();
    stop(run);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.COMPLETED);
    assertThat(run.table("app.orders").reloaded()).isTrue();
  }

  @Test
  void a_table_whose_log_is_lost_is_in_error_and_a_reload_heals_it_while_the_others_go_on() {
    TestRun run = loadAndFollow().start().awaitEvent("streaming");
    source.commit(
        new ScriptedLog.Event(new TableLost(ORDERS, "ALTER TABLE app.orders", "Too strange.")),
        insert(ITEMS, "5"));
    await().until(() -> run.table("app.orders").state() == TableState.ERROR);
    assertThat(run.table("app.orders").message()).contains("Too strange.").contains("ALTER TABLE");
    source.commit(insert(ORDERS, "8"), insert(ITEMS, "6"));
    await().until(() -> target.rows(ITEMS).size() == 4);

    run.task().reload(List.of(ORDERS));

    awaitEqual();
    stop(run);
  }

  @Test
  void a_table_that_has_missed_changes_is_loaded_anew_by_the_run_that_resumes() {
    TestRun first = loadAndFollow().start().awaitEvent("streaming");
    source.commit(
        new ScriptedLog.Event(new TableLost(ORDERS, "ALTER TABLE app.orders", "Too strange.")));
    source.commit(insert(ORDERS, "8"), insert(ITEMS, "5"));
    await().until(() -> target.rows(ITEMS).size() == 3);
    List<TableStatistics> toldBefore = first.statistics().stream().map(t -> completed(t)).toList();
    stop(first);
    assertThat(target.checkpoint().orElseThrow().suspended()).containsExactly(ORDERS);

    TestRun second = loadAndFollow().resuming(toldBefore).start().awaitEvent("streaming");

    awaitEqual();
    stop(second);
    assertThat(target.checkpoint().orElseThrow().suspended()).isEmpty();
  }

  /** As a service tells it that was killed before it could write down what has happened. */
  private static TableStatistics completed(TableStatistics t) {
    return new TableStatistics(
        t.table(),
        t.target(),
        TableState.COMPLETED,
        t.estimatedRows(),
        t.read(),
        t.filtered(),
        t.loaded(),
        t.rejected(),
        t.shortened(),
        t.inFlight(),
        t.startedAt(),
        t.endedAt(),
        t.reloaded(),
        t.updatedAt(),
        t.mapping(),
        t.changes(),
        "");
  }

  @Test
  void tables_reload_again_and_again_while_changes_go_on_and_nothing_is_lost_or_doubled() {
    Random random =
        Seed.random(
            "tables_reload_again_and_again_while_changes_go_on_and_nothing_is_lost_or_doubled");
    TestRun run = loadAndFollow().start().awaitEvent("streaming");
    for (int i = 0; i < 300; i++) {
      TableId table = random.nextBoolean() ? ORDERS : ITEMS;
      String key = "" + (10 + random.nextInt(20));
      boolean there = source.rows(table).stream().anyMatch(row -> row.getFirst().equals(key));
      source.commit(
          !there
              ? insert(table, key)
              : random.nextBoolean() ? update(table, key, "v" + i) : new Delete(table, key));
      if (random.nextInt(20) == 0) {
        run.task().reload(List.of(random.nextBoolean() ? ORDERS : ITEMS));
      }
    }

    awaitEqual();
    await().until(() -> run.statistics().stream().allMatch(t -> t.state() == TableState.COMPLETED));
    awaitEqual();
    stop(run);
    assertThat(target.control()).isEmpty();
  }

  @Test
  void after_any_failures_and_stops_the_target_equals_the_source() {
    Random random = Seed.random("after_any_failures_and_stops_the_target_equals_the_source");
    TestRun run =
        loadAndFollow().settings("{'ErrorBehavior':{'RecoverableErrorInterval':0}}").start();
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
            loadAndFollow()
                .settings("{'ErrorBehavior':{'RecoverableErrorInterval':0}}")
                .resuming(run)
                .start();
      }
    }
    target.fails(call -> Optional.empty());

    if (!run.isRunning()) {
      run =
          loadAndFollow()
              .settings("{'ErrorBehavior':{'RecoverableErrorInterval':0}}")
              .resuming(run)
              .start();
    }
    awaitEqual();
    stop(run);
    assertThat(target.control()).isEmpty();
  }

  @Test
  void truncate_empties_the_target_or_not_as_the_policy_says() {
    TestRun run = loadAndFollow().start().awaitEvent("streaming");
    source.commit(new ScriptedLog.Event(new TableTruncated(ORDERS)));
    await().untilAsserted(() -> assertThat(target.rows(ORDERS)).isEmpty());
    stop(run);
    assertThat(run.table("app.orders").changes().appliedDdls()).isEqualTo(1);

    TestRun other =
        loadAndFollow()
            .settings("{'ChangeProcessingDdlHandlingPolicy':{'HandleSourceTableTruncated':false}}")
            .resuming(run)
            .start()
            .awaitEvent("streaming");
    source.commit(new ScriptedLog.Event(new TableTruncated(ITEMS)), insert(ITEMS, "9"));
    await().untilAsserted(() -> assertThat(target.rows(ITEMS)).hasSize(3));
    stop(other);
  }

  @Test
  void a_cdc_task_loads_nothing_and_begins_where_it_is_told() {
    source.commit(insert(ORDERS, "7"));
    source.commit(insert(ORDERS, "8"));

    TestRun run = follow().from(new CdcStart.FromPosition("checkpoint:V1#1#1#0#0#*#0#0")).start();

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
        loadAndFollow().until(new CdcStop.CommitTime(noon)).start().awaitEvent("streaming");

    source.commit(noon, insert(ORDERS, "7"));
    source.commit(noon.plusSeconds(1), insert(ORDERS, "8"));

    assertThat(run.end()).isEqualTo(ReplicationTask.End.STOPPED_AT_COMMIT_TIME);
    assertThat(target.rows(ORDERS)).hasSize(4);
  }

  @Test
  void a_task_stops_when_the_clock_says_so_however_idle_the_source() {
    TestRun run =
        loadAndFollow().until(new CdcStop.ServerTime(Instant.now().plusMillis(300))).start();

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
        loadAndFollow()
            .settings("{'FullLoadSettings':{'StopTaskCachedChangesNotApplied':true}}")
            .start();
    assertThat(first.end()).isEqualTo(ReplicationTask.End.STOPPED_AFTER_FULL_LOAD);
    assertThat(target.rows(ORDERS)).hasSize(3);

    TestRun second =
        loadAndFollow()
            .settings("{'FullLoadSettings':{'StopTaskCachedChangesNotApplied':true}}")
            .resuming(first)
            .start();

    awaitEqual();
    stop(second);
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
        loadAndFollow()
            .settings("{'FullLoadSettings':{'StopTaskCachedChangesApplied':true}}")
            .start();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.STOPPED_AFTER_CACHED_EVENTS);
    awaitEqual();
  }

  @Test
  void a_table_that_the_log_does_not_carry_is_in_error_and_the_others_are_followed() {
    source.log().refuses(ORDERS, "ALTER TABLE app.orders REPLICA IDENTITY FULL");

    TestRun run = loadAndFollow().start().awaitEvent("streaming");
    source.commit(insert(ITEMS, "7"));

    await().untilAsserted(() -> assertThat(target.rows(ITEMS)).hasSize(3));
    stop(run);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.ERROR);
    assertThat(run.table("app.orders").message()).contains("REPLICA IDENTITY FULL");
  }

  @Test
  void the_control_tables_that_were_asked_for_tell_what_the_task_does() {
    TestRun run =
        loadAndFollow()
            .settings(
                "{'ControlTablesSettings':{'StatusTableEnabled':true,'HistoryTableEnabled':true}}")
            .start()
            .awaitEvent("streaming");
    source.commit(insert(ORDERS, "7"));
    awaitEqual();
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
    TestRun first = loadAndFollow().start();
    assertThat(first.failure().code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING);

    TestRun second = loadAndFollow().resuming(first).start();

    awaitEqual();
    stop(second);
  }

  @Test
  void a_target_without_checkpoint_is_not_taken_for_one_at_the_end_of_the_log() {
    TestRun first = loadAndFollow().start().awaitEvent("streaming");
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
}
