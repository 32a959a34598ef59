package wherry.task;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.task.ChangingTables.ITEMS;
import static wherry.task.ChangingTables.ORDERS;
import static wherry.task.ChangingTables.insert;
import static wherry.task.ChangingTables.stop;
import static wherry.task.ChangingTables.update;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import wherry.change.PartitionsSeen;
import wherry.change.SchemaChange.ColumnChange;
import wherry.change.SchemaChange.ColumnsChanged;
import wherry.change.SchemaChange.TableCreated;
import wherry.change.SchemaChange.TableDropped;
import wherry.change.SchemaChange.TableLost;
import wherry.change.TableTruncated;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedLog;
import wherry.connector.ScriptedLog.Delete;
import wherry.connector.ScriptedLog.Insert;
import wherry.connector.ScriptedSource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.schema.TestTables;

/** Tables that are defined anew, come to be or go while changes are followed. */
class ChangedTablesTest {
  private final ChangingTables tables = new ChangingTables();
  private final ScriptedSource source = tables.source();
  private final RecordingTarget target = tables.target();

  @Test
  void a_table_that_comes_to_be_right_after_the_tables_were_found_is_loaded_and_followed() {
    TableSchema created = TestTables.table("app.fresh", "id:INT4", "text");
    source.onceFound(() -> {
      source.table(created, TestTables.rows(2));
      source.commit(new ScriptedLog.Event(new TableCreated(created, "CREATE TABLE fresh (...)")));
    });

    TestRun run = tables.loadAndFollow().start();

    await().ignoreExceptions().until(() -> run.table("app.fresh").state() == TableState.COMPLETED);
    source.commit(insert(created.id(), "8"));
    await().until(() -> target.rows(created.id()).size() == 3);
    stop(run);
  }

  @Test
  void truncate_empties_the_target_or_not_as_the_policy_says() {
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
    source.commit(new ScriptedLog.Event(new TableTruncated(ORDERS)));
    await().untilAsserted(() -> assertThat(target.rows(ORDERS)).isEmpty());
    stop(run);
    assertThat(run.table("app.orders").changes().appliedDdls()).isEqualTo(1);

    TestRun other =
        tables
            .loadAndFollow()
            .settings("{'ChangeProcessingDdlHandlingPolicy':{'HandleSourceTableTruncated':false}}")
            .resuming(run)
            .start()
            .awaitEvent("streaming");
    source.commit(new ScriptedLog.Event(new TableTruncated(ITEMS)), insert(ITEMS, "9"));
    await().untilAsserted(() -> assertThat(target.rows(ITEMS)).hasSize(3));
    stop(other);
  }

  @Test
  void a_dropped_table_stays_or_goes_as_the_policy_says_and_is_told_after_a_restart_too() {
    TestRun first = tables.loadAndFollow().start().awaitEvent("streaming");
    source.drop(ITEMS);
    source.commit(new ScriptedLog.Event(new TableDropped(ITEMS, "DROP TABLE items")));
    await().until(() -> target.calls().contains("drop app.items"));
    stop(first);
    String keep = "{'ChangeProcessingDdlHandlingPolicy':{'HandleSourceTableDropped':false}}";
    TestRun second =
        tables.loadAndFollow().settings(keep).resuming(first).start().awaitEvent("streaming");
    assertThat(second.table("app.items").state()).isEqualTo(TableState.DOES_NOT_EXIST);
    source.drop(ORDERS);
    source.commit(new ScriptedLog.Event(new TableDropped(ORDERS, "DROP TABLE orders")));
    await().until(() -> second.table("app.orders").state() == TableState.DOES_NOT_EXIST);
    stop(second);
    assertThat(target.rows(ORDERS)).hasSize(3);
    assertThat(target.calls()).doesNotContain("drop app.orders");
  }

  @Test
  void a_table_that_goes_while_the_task_stands_still_is_told_and_stays_on_the_target() {
    TestRun first = tables.loadAndFollow().start().awaitEvent("streaming");
    stop(first);
    source.drop(ITEMS);

    TestRun second = tables.loadAndFollow().resuming(first).start().awaitEvent("streaming");
    stop(second);

    assertThat(second.table("app.items").state()).isEqualTo(TableState.DOES_NOT_EXIST);
    assertThat(second.table("app.items").message()).contains("no longer on the source");
    assertThat(target.rows(ITEMS)).hasSize(2);
  }

  @Test
  void partitions_are_known_as_they_were_at_the_checkpoint_or_before_the_load() {
    source.log().partitioned(ORDERS, "one two");
    TestRun first = tables.loadAndFollow().start().awaitEvent("streaming");
    assertThat(source.log().readWithPartitions()).containsExactly(Map.entry(ORDERS, "one two"));
    source.commit(
        new ScriptedLog.Event(new PartitionsSeen(ORDERS, "one")),
        new ScriptedLog.Event(new TableLost(ITEMS, "", "Too strange.")));
    source.commit(
        insert(ORDERS, "8"), new ScriptedLog.Event(new PartitionsSeen(ITEMS, "not followed")));
    await().until(() -> target.rows(ORDERS).size() == 4);
    stop(first);

    source.log().partitioned(ORDERS, "none").partitioned(ITEMS, "three");
    TestRun second =
        tables.loadAndFollow().resuming(first.statistics()).start().awaitEvent("streaming");
    assertThat(source.log().readWithPartitions())
        .containsOnly(Map.entry(ORDERS, "one"), Map.entry(ITEMS, "three"));
    source.log().partitioned(ORDERS, "four");
    second.task().reload(List.of(ORDERS));
    await().until(() -> "four".equals(source.log().readWithPartitions().get(ORDERS)));
    stop(second);
  }

  @Test
  void a_table_that_was_dropped_and_made_again_is_loaded_anew() {
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
    source.commit(new ScriptedLog.Event(new TableDropped(ORDERS, "DROP TABLE orders")));
    await().until(() -> run.table("app.orders").state() == TableState.DOES_NOT_EXIST);
    TableSchema again = TestTables.table("app.orders", "id:INT4", "text");
    source.table(again, TestTables.rows(1));
    source.commit(new ScriptedLog.Event(new TableCreated(again, "CREATE TABLE orders (...)")));
    source.commit(insert(ORDERS, "7"));

    tables.awaitEqual();
    stop(run);
  }

  @Test
  void a_table_that_was_made_again_while_the_task_stood_still_is_in_error_until_it_is_reloaded() {
    TestRun first = tables.loadAndFollow().start().awaitEvent("streaming");
    stop(first);
    source.table(TestTables.table("app.orders", "id:INT4", "text"), TestTables.rows(1));
    source.log().joins(ORDERS);

    TestRun second = tables.loadAndFollow().resuming(first).start().awaitEvent("streaming");
    assertThat(second.table("app.orders").state()).isEqualTo(TableState.ERROR);
    assertThat(second.table("app.orders").message()).contains("Reload the table");
    source.commit(insert(ITEMS, "7"));
    await().until(() -> target.rows(ITEMS).size() == 3);
    second.task().reload(List.of(ORDERS));

    tables.awaitEqual();
    stop(second);
  }

  @Test
  void a_table_that_was_made_again_is_known_to_be_after_a_crash_right_behind_its_joining() {
    TestRun first = tables.loadAndFollow().start().awaitEvent("streaming");
    stop(first);
    List<TableStatistics> told = first.statistics();
    source.table(TestTables.table("app.orders", "id:INT4", "text"), TestTables.rows(1));
    source.log().joins(ORDERS);
    source
        .log()
        .failsWhenOpened(1, () -> new DmsException(ErrorCode.SETTING_INVALID, "As if killed"));
    tables.loadAndFollow().resuming(told).fails();

    TestRun second = tables.loadAndFollow().resuming(told).start().awaitEvent("streaming");

    source.commit(insert(ORDERS, "7"));
    tables.awaitEqual();
    stop(second);
  }

  /** ORDERS has other columns now; all rows get a value in what is new. */
  private void alter(TableSchema wider, ColumnChange change, String value) {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (List<@Nullable String> row : source.rows(ORDERS)) {
      List<@Nullable String> longer = new ArrayList<>(row);
      longer.add(value);
      rows.add(longer.subList(0, wider.columns().size()));
    }
    source.table(wider, rows);
    source.commit(
        new ScriptedLog.Event(
            new ColumnsChanged(ORDERS, wider, List.of(change), "ALTER TABLE app.orders")));
  }

  private static final TableSchema WIDER =
      TestTables.table("app.orders", "id:INT4", "text", "more");

  private static final ColumnChange FILLED =
      ColumnChange.Added.filled(ORDERS, WIDER.columns().get(2), "seven".getBytes(UTF_8));

  @Test
  void rows_that_are_there_get_the_value_of_a_new_column_by_the_rules_of_all_others() {
    TestRun run =
        tables
            .loadAndFollow()
            .mapping(
                """
                {'rules':[
                  {'rule-type':'selection','rule-id':1,'rule-name':'1','rule-action':'include',
                   'object-locator':{'schema-name':'%','table-name':'%'}},
                  {'rule-type':'transformation','rule-id':2,'rule-name':'2','rule-target':'column',
                   'object-locator':{'schema-name':'%','table-name':'%','column-name':'more'},
                   'rule-action':'rename','value':'most'}]}\
                """)
            .start()
            .awaitEvent("streaming");

    alter(WIDER, FILLED, "seven");

    await().until(() -> target.calls().contains("alter app.orders: add most = seven"));
    stop(run);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.COMPLETED);
  }

  private TestRun retryingAtOnce() {
    return tables
        .loadAndFollow()
        .settings("{'ErrorBehavior':{'RecoverableErrorInterval':0}}")
        .start()
        .awaitEvent("streaming");
  }

  private int columnsThatTheLogIsReadWith() {
    return source.log().readWith().stream()
        .filter(table -> table.id().equals(ORDERS))
        .findFirst()
        .orElseThrow()
        .columns()
        .size();
  }

  @Test
  void a_definition_whose_commit_nobody_answered_is_not_new_to_the_stream_that_goes_on() {
    TestRun run = retryingAtOnce();
    target.losesTheAnswerOfOneCommit();

    alter(WIDER, FILLED, "seven");

    run.awaitEvents("streaming", 2);
    assertThat(columnsThatTheLogIsReadWith()).isEqualTo(3);
    stop(run);
  }

  @Test
  void a_definition_that_was_rolled_back_is_followed_again() {
    TestRun run = retryingAtOnce();
    target.failsAt(
        "commit changes", 1, () -> new DmsException(ErrorCode.CONNECTION_FAILED, "Hung up"));

    alter(WIDER, FILLED, "seven");

    run.awaitEvents("streaming", 2);
    assertThat(columnsThatTheLogIsReadWith()).isEqualTo(2);
    await().until(() -> target.calls().stream().filter(c -> c.startsWith("alter")).count() == 2);
    stop(run);
  }

  @Test
  void where_definitions_commit_a_transaction_with_one_in_its_middle_is_still_committed_whole() {
    target.definitionsCommit(true);
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
    List<List<List<@Nullable String>>> atDefinition = new CopyOnWriteArrayList<>();
    target.fails(call -> {
      if (call.equals("truncate app.items")) {
        atDefinition.addAll(List.of(target.rows(ITEMS), target.rows(ORDERS)));
      }
      return Optional.empty();
    });
    List<List<@Nullable String>> ordersBefore = List.copyOf(source.rows(ORDERS));
    source.commit(insert(ITEMS, "5"));

    source.commit(
        insert(ORDERS, "7"), new ScriptedLog.Event(new TableTruncated(ITEMS)), insert(ORDERS, "8"));

    await().until(() -> target.rows(ORDERS).size() == ordersBefore.size() + 2);
    stop(run);
    assertThat(atDefinition.get(0)).contains(asList("5", "new 5"));
    assertThat(atDefinition.get(1)).isEqualTo(ordersBefore);
    assertThat(target.rows(ITEMS)).isEmpty();
  }

  @Test
  void columns_that_are_not_to_follow_the_source_do_not_after_a_restart_either() {
    String settings = "{'ChangeProcessingDdlHandlingPolicy':{'HandleSourceTableAltered':false}}";
    TestRun first = tables.loadAndFollow().settings(settings).start().awaitEvent("streaming");
    alter(WIDER, FILLED, "seven");
    TableSchema renamed = TestTables.table("app.orders", "id:INT4", "words", "more");
    alter(renamed, new ColumnChange.Renamed("text", renamed.columns().get(1)), "");
    source.commit(new Insert(ORDERS, asList("7", "new", "left out")));
    await().until(() -> target.rows(ORDERS).contains(asList("7", "new")));
    stop(first);

    TestRun second =
        tables.loadAndFollow().settings(settings).resuming(first).start().awaitEvent("streaming");
    source.commit(new Insert(ORDERS, asList("8", "new", "left out")));
    await().until(() -> target.rows(ORDERS).contains(asList("8", "new")));

    second.task().reload(List.of(ORDERS));
    await().until(() -> target.rows(ORDERS).contains(asList("8", "new", "left out")));
    stop(second);
  }

  @Test
  void columns_that_change_while_nobody_tells_put_the_table_into_error_but_not_those_followed() {
    source.log().withoutStatements();
    TestRun first = tables.loadAndFollow().start().awaitEvent("streaming");
    List<TableStatistics> written = first.statistics();
    TableSchema renamed = TestTables.table("app.orders", "id:INT4", "words");
    alter(renamed, new ColumnChange.Renamed("text", renamed.columns().get(1)), "");
    source.commit(insert(ORDERS, "7"));
    tables.awaitEqual();
    stop(first);

    TestRun second = tables.loadAndFollow().resuming(written).start().awaitEvent("streaming");
    assertThat(second.table("app.orders").state()).isEqualTo(TableState.COMPLETED);
    stop(second);
    source.table(TestTables.table("app.orders", "id:INT4", "other"), TestTables.rows(1));

    TestRun third =
        tables.loadAndFollow().resuming(second.statistics()).start().awaitEvent("streaming");
    assertThat(third.table("app.orders").state()).isEqualTo(TableState.ERROR);
    assertThat(third.table("app.orders").message()).contains("does not tell how");
    third.task().reload(List.of(ORDERS));
    tables.awaitEqual();
    stop(third);
  }

  @Test
  void a_new_table_that_the_log_cannot_carry_is_told_until_it_can_or_is_gone() {
    TableId fresh = TestTables.id("app.fresh");
    TestRun run = tables.loadAndFollow().start().awaitEvent("streaming");
    TableLost refused = new TableLost(fresh, "", "It has no key: give it one.");
    source.commit(new ScriptedLog.Event(refused), new ScriptedLog.Event(refused));
    await().until(() -> run.task().statistics().size() == 3);
    assertThat(run.table("app.fresh").state()).isEqualTo(TableState.ERROR);
    assertThat(run.table("app.fresh").message()).contains("give it one", "by itself");

    source.commit(new ScriptedLog.Event(new TableDropped(fresh, "DROP TABLE fresh")));
    await().until(() -> run.table("app.fresh").state() == TableState.DOES_NOT_EXIST);

    source.commit(new ScriptedLog.Event(refused));
    await().until(() -> run.table("app.fresh").state() == TableState.ERROR);
    TableSchema created = TestTables.table("app.fresh", "id:INT4", "text");
    source.table(created, TestTables.rows(2));
    source.commit(new ScriptedLog.Event(new TableCreated(created, "CREATE TABLE fresh (...)")));
    await().until(() -> run.table("app.fresh").state() == TableState.COMPLETED);
    assertThat(target.rows(fresh)).hasSize(2);
    assertThat(run.logs()).filteredOn(line -> line.contains("give it one")).hasSize(2);
    stop(run);
  }

  @Test
  void counters_of_a_service_that_was_killed_are_as_the_target_has_committed_them() {
    TestRun first = tables.loadAndFollow().start().awaitEvent("streaming");
    List<TableStatistics> written = first.statistics();
    source.commit(insert(ORDERS, "7"), update(ORDERS, "7", "changed"), insert(ITEMS, "8"));
    tables.awaitEqual();
    stop(first);

    TestRun second = tables.loadAndFollow().resuming(written).start().awaitEvent("streaming");
    source.commit(new Delete(ORDERS, "7"));
    tables.awaitEqual();

    stop(second);
    assertThat(second.table("app.orders").changes())
        .isEqualTo(new ChangeCounts(1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0));
    assertThat(second.table("app.items").changes().appliedInserts()).isEqualTo(1);
  }
}
