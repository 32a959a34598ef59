package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.task.ChangingTables.ITEMS;
import static wherry.task.ChangingTables.ORDERS;
import static wherry.task.ChangingTables.insert;
import static wherry.task.ChangingTables.stop;
import static wherry.task.ChangingTables.update;

import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import wherry.change.SchemaChange.TableLost;
import wherry.change.SchemaChange.TableRenamed;
import wherry.change.TableTruncated;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedLog;
import wherry.connector.ScriptedLog.Delete;
import wherry.connector.ScriptedSource;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.schema.TestTables;
import wherry.testing.Seed;

/** Tables that the log has lost or does not carry, and what heals them, while others go on. */
class LostTablesTest {
  private final ChangingTables tables = new ChangingTables();
  private final ScriptedSource source = tables.source();
  private final RecordingTarget target = tables.target();

  @Test
  void a_table_whose_log_is_lost_is_in_error_and_a_reload_heals_it_while_the_others_go_on() {
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
    source.commit(
        new ScriptedLog.Event(new TableLost(ORDERS, "ALTER TABLE app.orders", "Too strange.")),
        insert(ITEMS, "5"));
    await().until(() -> run.table("app.orders").state() == TableState.ERROR);
    assertThat(run.table("app.orders").message()).contains("Too strange.").contains("ALTER TABLE");
    source.commit(insert(ORDERS, "8"), insert(ITEMS, "6"));
    await().until(() -> target.rows(ITEMS).size() == 4);

    run.task().reload(List.of(ORDERS));

    tables.awaitEqual();
    stop(run);
  }

  @Test
  void a_table_that_has_missed_changes_is_loaded_anew_by_the_run_that_resumes() {
    TestRun first = tables.loadAndFollow().start().awaitEvent("streaming");
    source.commit(
        new ScriptedLog.Event(new TableLost(ORDERS, "ALTER TABLE app.orders", "Too strange.")));
    source.commit(insert(ORDERS, "8"), insert(ITEMS, "5"));
    await().until(() -> target.rows(ITEMS).size() == 3);
    List<TableStatistics> toldBefore = first.statistics().stream().map(t -> completed(t)).toList();
    stop(first);
    assertThat(target.checkpoint().orElseThrow().suspended()).containsExactly(ORDERS);

    TestRun second = tables.loadAndFollow().resuming(toldBefore).start().awaitEvent("streaming");

    tables.awaitEqual();
    stop(second);
    assertThat(target.checkpoint().orElseThrow().suspended()).isEmpty();
  }

  /** ORDERS is in error when it stops, and the log, where it goes on, will lose them once more. */
  private TestRun stoppedBeforeOrdersAreLostAgain() {
    ScriptedLog.Event lost =
        new ScriptedLog.Event(new TableLost(ORDERS, "ALTER TABLE app.orders", "Too strange."));
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
    source.commit(lost);
    await().until(() -> run.table("app.orders").state() == TableState.ERROR);
    stop(run);
    source.commit(insert(ITEMS, "5"), lost);
    return run;
  }

  @Test
  void a_table_that_the_reader_has_lost_to_what_was_loaded_with_it_is_followed_by_another_reader() {
    TestRun first = stoppedBeforeOrdersAreLostAgain();
    source.commit(insert(ORDERS, "8"));

    TestRun second =
        tables.loadAndFollow().resuming(first.statistics()).start().awaitEvent("streaming");
    source.commit(insert(ORDERS, "9"), insert(ITEMS, "6"));

    tables.awaitEqual();
    source.commit(update(ORDERS, "9", "changed"));
    tables.awaitEqual();
    assertThat(second.table("app.orders").state()).isEqualTo(TableState.COMPLETED);
    stop(second);
  }

  @Test
  void another_reader_comes_though_nothing_else_is_written() {
    TestRun first = stoppedBeforeOrdersAreLostAgain();

    TestRun second =
        tables.loadAndFollow().resuming(first.statistics()).start().awaitEvent("streaming");
    source.commit(insert(ORDERS, "9"));

    tables.awaitEqual();
    stop(second);
  }

  @Test
  void a_definition_right_behind_the_beginning_of_a_reload_costs_no_change_of_the_table()
      throws Exception {
    target.definitionsCommit(true);
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch written = new CountDownLatch(1);
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
    source.on((table, segment, row) -> {
      reading.countDown();
      written.await();
    });

    run.task().reload(List.of(ORDERS));
    assertThat(reading.await(3, TimeUnit.MINUTES)).isTrue();
    source.commit(new ScriptedLog.Event(new TableTruncated(TestTables.id("app.another"))));
    source.commit(insert(ORDERS, "8"));
    source.commit(insert(ITEMS, "8"));
    await().until(() -> target.rows(ITEMS).size() == 3);
    written.countDown();

    tables.awaitEqual();
    stop(run);
  }

  @Test
  void a_table_in_error_is_followed_under_its_new_name() {
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
    source.commit(new ScriptedLog.Event(new TableLost(ORDERS, "", "Too strange.")));
    await().until(() -> run.table("app.orders").state() == TableState.ERROR);

    TableSchema renamed = TestTables.table("app.sales", "id:INT4", "text");
    source.table(renamed, TestTables.rows(2));
    source.commit(
        new ScriptedLog.Event(new TableRenamed(ORDERS, renamed, "ALTER TABLE orders RENAME")));

    await().until(() -> run.table("app.sales").state() == TableState.COMPLETED);
    source.commit(insert(renamed.id(), "8"));
    await().until(() -> target.rows(renamed.id()).size() == 3);
    stop(run);
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
        t.definition(),
        t.changes(),
        "");
  }

  @Test
  void a_table_that_the_log_does_not_carry_is_in_error_and_the_others_are_followed() {
    source.log().refuses(ORDERS, "ALTER TABLE app.orders REPLICA IDENTITY FULL");

    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
    source.commit(insert(ITEMS, "7"));

    await().untilAsserted(() -> assertThat(target.rows(ITEMS)).hasSize(3));
    stop(run);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.ERROR);
    assertThat(run.table("app.orders").message()).contains("REPLICA IDENTITY FULL");
  }

  @Test
  void tables_reload_again_and_again_while_changes_go_on_and_nothing_is_lost_or_doubled() {
    Random random =
        Seed.random(
            "tables_reload_again_and_again_while_changes_go_on_and_nothing_is_lost_or_doubled");
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
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

    tables.awaitEqual();
    await().until(() -> run.statistics().stream().allMatch(t -> t.state() == TableState.COMPLETED));
    tables.awaitEqual();
    stop(run);
    assertThat(target.control()).isEmpty();
  }

  @Test
  void a_table_is_loaded_again_only_when_the_log_carries_its_changes_by_then() {
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
    source.commit(new ScriptedLog.Event(new TableLost(ORDERS, "", "It has lost its key.")));
    await().until(() -> run.table("app.orders").state() == TableState.ERROR);
    source.log().refuses(ORDERS, "Give it a key.");

    run.task().reload(List.of(ORDERS, ITEMS));

    await().until(() -> run.table("app.orders").message().equals("Give it a key."));
    source.commit(insert(ITEMS, "6"));
    await().until(() -> target.rows(ITEMS).size() == 3);
    stop(run);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.ERROR);
    assertThat(run.table("app.items").reloaded()).isTrue();
  }
}
