package wherry.task;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.task.ChangingTables.ITEMS;
import static wherry.task.ChangingTables.ORDERS;
import static wherry.task.ChangingTables.insert;
import static wherry.task.ChangingTables.stop;
import static wherry.task.ChangingTables.update;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import wherry.connector.ControlRow;
import wherry.connector.RecordingTarget;
import wherry.connector.RecordingTarget.Refusal;
import wherry.connector.RejectedRow;
import wherry.connector.ScriptedLog.Delete;
import wherry.connector.ScriptedLog.Insert;
import wherry.connector.ScriptedSource;

/** What becomes of a change that the target refuses, or that finds no row. */
class ChangeConflictsTest {
  private final ChangingTables tables = new ChangingTables();
  private final ScriptedSource source = tables.source();
  private final RecordingTarget target = tables.target();

  @Test
  void one_bad_change_is_found_kept_and_left_out() {
    target.refuses(row ->
        "bad".equals(row.get(1))
            ? Optional.of(new Refusal(RejectedRow.Kind.DATA, "text", "it is bad"))
            : Optional.empty());
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");

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
        tables
            .loadAndFollow()
            .settings(
                "{'ErrorBehavior':{'ApplyErrorInsertPolicy':'INSERT_RECORD','ApplyErrorUpdatePolicy':'UPDATE_RECORD'}}")
            .start()
            .awaitEvent("streaming");
    target.insert(ORDERS, asList("7", "in the way"));

    source.commit(insert(ORDERS, "7"), insert(ORDERS, "8"));
    await().untilAsserted(() -> assertThat(target.rows(ORDERS)).contains(asList("7", "new 7")));
    tables.awaitEqual();

    stop(run);
    assertThat(target.control()).isEmpty();
  }

  @Test
  void a_missing_row_is_by_default_ignored_for_a_delete_and_kept_for_an_update() {
    TestRun run = tables.follow().start().awaitEvent("streaming");

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
        tables
            .loadAndFollow()
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

    tables.awaitEqual();
    stop(run);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.COMPLETED);
    assertThat(run.table("app.orders").reloaded()).isTrue();
  }
}
