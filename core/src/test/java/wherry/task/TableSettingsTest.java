package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.schema.TestTables.id;
import static wherry.schema.TestTables.rows;
import static wherry.schema.TestTables.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedLog;
import wherry.connector.ScriptedSource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/** What rules of rule-type table-settings make of a load: how tables are cut, and their LOBs. */
class TableSettingsTest {
  private static final TableId ORDERS = id("app.orders");
  private static final String NO_RETRY = "{'ErrorBehavior':{'RecoverableErrorCount':0}}";

  private final ScriptedSource source = new ScriptedSource();
  private final RecordingTarget target = new RecordingTarget();

  @AfterEach
  void nothing_stays_open() {
    assertThat(source.open()).as("snapshots and readers still open").isZero();
    assertThat(target.open()).as("ledgers and writers still open").isZero();
  }

  private static String settings(String... settings) {
    StringBuilder rules =
        new StringBuilder(
            "{'rules':[{'rule-type':'selection','rule-id':1,'rule-action':'include',"
                + "'object-locator':{'schema-name':'%','table-name':'%'}}");
    for (int i = 0; i < settings.length; i++) {
      rules
          .append(",{'rule-type':'table-settings','rule-id':")
          .append(i + 2)
          .append(",'object-locator':{'schema-name':'app','table-name':'orders'},")
          .append(settings[i])
          .append('}');
    }
    return rules.append("]}").toString();
  }

  private TestRun.Plan run(String... settings) {
    return TestRun.of(source, target).mapping(settings(settings)).settings(NO_RETRY);
  }

  private List<Integer> segments() {
    return source.reads().stream().map(ScriptedSource.Read::segment).sorted().toList();
  }

  private static DmsException lost() {
    return new DmsException(ErrorCode.CONNECTION_FAILED, "The source has hung up");
  }

  private static String ranges(String columns, String boundaries) {
    return "'parallel-load':{'type':'ranges','columns':"
        + columns
        + ",'boundaries':"
        + boundaries
        + "}";
  }

  @Test
  void ranges_hold_each_row_once_those_with_null_and_those_outside_too() {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      rows.add(
          Arrays.asList("" + i, i % 7 == 0 ? null : "" + i % 5, i % 3 == 0 ? null : "" + i % 4));
    }
    source.table(table("app.orders", "id:INT8", "a:INT4", "b:INT4"), rows);

    TestRun run = run(ranges("['a','b']", "[['1','2'],[3,'0'],['3','2']]")).run();

    assertThat(segments()).containsExactly(0, 1, 2, 3);
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows);
    assertThat(run.table("app.orders").read()).isEqualTo(100);
  }

  @Test
  void none_loads_the_table_in_one_piece() {
    source.table(table("app.orders", "id:INT8", "note"), rows(40)).cut(ORDERS, 4, true);

    run("'parallel-load':{'type':'none'}").run();

    assertThat(segments()).containsExactly(0);
    assertThat(target.rows(ORDERS)).hasSize(40);
  }

  @Test
  void each_partition_is_a_segment_and_no_more_are_read_at_once_than_there_are_sub_tasks() {
    source
        .table(table("app.orders", "id:INT8", "note"), rows(40))
        .partition(ORDERS, row -> "p" + Integer.parseInt("" + row.getFirst()) % 5, five());

    run("'parallel-load':{'type':'partitions-auto'}")
        .settings("{'FullLoadSettings':{'MaxFullLoadSubTasks':2}}")
        .run();

    assertThat(segments()).containsExactly(0, 1, 2, 3, 4);
    assertThat(source.readingMost()).isLessThanOrEqualTo(2);
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
  }

  private static String[] five() {
    return new String[] {"p0", "p1", "p2", "p3", "p4"};
  }

  private void divided() {
    source
        .table(table("app.orders", "id:INT8", "note"), rows(40))
        .partition(
            ORDERS,
            row ->
                switch (Integer.parseInt("" + row.getFirst()) % 4) {
                  case 0 -> "a1";
                  case 1 -> "a2";
                  case 2 -> "b1";
                  default -> "c";
                },
            "a",
            "b",
            "c",
            "a/a1",
            "a/a2",
            "b/b1");
  }

  @Test
  void partitions_are_taken_with_their_subpartitions_or_these_one_by_one() {
    divided();

    run("'parallel-load':{'type':'partitions-auto'}").run();
    assertThat(segments()).containsExactly(0, 1, 2);
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));

    run("'parallel-load':{'type':'subpartitions-auto'}").run();
    assertThat(segments()).containsExactly(0, 0, 1, 1, 2, 2, 3);
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
  }

  @Test
  void partitions_that_a_list_does_not_name_are_loaded_too_and_that_is_told() {
    divided();

    TestRun run =
        run("'parallel-load':{'type':'partitions-list','partitions':['b'],'subpartitions':['a2']}")
            .run();

    assertThat(segments()).as("b, a2, and then a1, c").containsExactly(0, 1, 2, 3);
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
    assertThat(run.logs())
        .contains(
            "WARNING TABLES_MANAGER: Rule 2: the partitions of table app.orders that it does not name"
                + " are loaded, too: [a1, c]");
  }

  @Test
  void a_table_without_partitions_is_cut_by_its_size() {
    source.table(table("app.orders", "id:INT8", "note"), rows(40)).cut(ORDERS, 4, true);

    TestRun run = run("'parallel-load':{'type':'partitions-auto'}").run();

    assertThat(segments()).containsExactly(0, 1, 2, 3);
    assertThat(run.logs())
        .contains(
            "WARNING TABLES_MANAGER: Rule 2: table app.orders has no partitions, so it is cut by its"
                + " size");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'type':'partitions-list','partitions':['p0','p9','P1']} | the table has no partition p9, P1; it has [p0, p1, p2, p3, p4].
          {'type':'ranges','columns':['Day'],'boundaries':[[1]]}   | the table has no column Day; it has [id, note, blob].
          {'type':'ranges','columns':['blob'],'boundaries':[[1]]}  | column blob is of type BLOB, which cannot bound ranges; integers, decimals, dates, times and texts can.
          {'type':'ranges','columns':['ID'],'boundaries':[[1],['two']]} | "two" of boundary 2 is no value of column id, which is of type INT8: a number is expected.
          """)
  void a_rule_that_does_not_fit_puts_its_table_into_error_before_the_target_is_touched(
      String load, String reason) {
    source
        .table(table("app.orders", "id:INT8", "note", "blob:BLOB"), List.of())
        .partition(ORDERS, row -> "p0", five())
        .table(table("app.other", "id:INT8", "note"), rows(2));

    TestRun run = run("'parallel-load':" + load).run();

    assertThat(run.table("app.orders").state()).isEqualTo(TableState.ERROR);
    assertThat(run.table("app.orders").message())
        .isEqualTo("Rule 2: its parallel-load does not fit table app.orders: " + reason);
    assertThat(run.table("app.other").state()).isEqualTo(TableState.COMPLETED);
    assertThat(target.calls()).noneMatch(call -> call.startsWith("prepare app.orders"));
  }

  @Test
  void a_part_of_a_named_partition_cannot_be_named_as_well() {
    divided();

    TestRun run =
        run("'parallel-load':{'type':'partitions-list','partitions':['a'],'subpartitions':['a2']}")
            .run();

    assertThat(run.table("app.orders").message())
        .endsWith("a2 is a part of a; name one of the two.");
  }

  @Test
  void a_load_in_ranges_of_the_key_goes_on_where_it_was() {
    source
        .table(table("app.orders", "id:INT8", "note"), rows(40))
        .failsReading(ORDERS, 2, 0, 1, TableSettingsTest::lost);
    String byKey = ranges("['id']", "[[10],[20],[30]]");
    String one =
        "{'FullLoadSettings':{'MaxFullLoadSubTasks':1},'ErrorBehavior':{'RecoverableErrorCount':0}}";
    TestRun failed = run(byKey).settings(one).start();
    failed.failure();
    int before = source.reads().size();

    run(byKey).resuming(failed).run();

    assertThat(source.reads().subList(before, source.reads().size()))
        .extracting(ScriptedSource.Read::segment)
        .containsExactlyInAnyOrder(2, 3);
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
  }

  @Test
  void a_load_in_ranges_that_rows_may_have_left_meanwhile_starts_again() {
    source
        .table(table("app.orders", "id:INT8", "note"), rows(40))
        .failsReading(ORDERS, 1, 0, 1, TableSettingsTest::lost);
    String byNote = ranges("['note']", "[['row 2']]");
    String one =
        "{'FullLoadSettings':{'MaxFullLoadSubTasks':1},'ErrorBehavior':{'RecoverableErrorCount':0}}";
    TestRun failed = run(byNote).settings(one).start();
    failed.failure();
    source.commit(new ScriptedLog.Update(ORDERS, "1", List.of("1", "row 9")));

    run(byNote).resuming(failed).run();

    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(source.rows(ORDERS));
  }

  @Test
  void a_load_by_partitions_goes_on_while_they_are_the_same_and_else_starts_again() {
    source
        .table(table("app.orders", "id:INT8", "note"), rows(40))
        .partition(ORDERS, row -> "p" + Integer.parseInt("" + row.getFirst()) % 2, "p0", "p1")
        .failsReading(ORDERS, 1, 0, 2, TableSettingsTest::lost);
    String each = "'parallel-load':{'type':'partitions-auto'}";
    String one =
        "{'FullLoadSettings':{'MaxFullLoadSubTasks':1},'ErrorBehavior':{'RecoverableErrorCount':0}}";
    TestRun failed = run(each).settings(one).start();
    failed.failure();

    TestRun again = run(each).settings(one).resuming(failed).start();
    again.failure();
    assertThat(segments()).as("segment 0 is not read again").containsExactly(0, 1, 1);

    source.partition(
        ORDERS, row -> "p" + Integer.parseInt("" + row.getFirst()) % 3, "p0", "p1", "p2");
    run(each).resuming(again).run();
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
  }

  @Test
  void of_two_rules_on_one_table_the_lowest_rule_id_applies_and_the_other_is_told() {
    source.table(table("app.orders", "id:INT8", "note"), rows(40));

    TestRun run =
        run(
                ranges("['id']", "[[20]]"),
                "'parallel-load':{'type':'none'},'lob-settings':{'mode':'none'}")
            .run();

    assertThat(segments()).containsExactly(0, 1);
    assertThat(run.logs())
        .contains(
            "WARNING TRANSFORMATION: Rule 3 does not apply to the parallel-load of table app.orders:"
                + " rule 2 has the lower rule-id");
  }

  @Test
  void settings_of_a_table_that_the_task_does_not_take_are_told() {
    source.table(table("app.other", "id:INT8", "note"), rows(1));

    assertThat(run("'parallel-load':{'type':'none'}").run().logs())
        .contains(
            "WARNING TABLES_MANAGER: Rule 2 has no effect: the task takes no table app.orders, and"
                + " table-settings go by the name that a table has in the source");
  }

  @Test
  void lobs_of_one_table_are_cut_or_whole_in_the_load_and_in_changes_whatever_the_task_says() {
    String kilobytes = "x".repeat(3000);
    source.table(table("app.orders", "id:INT8", "note:CLOB"), List.of(List.of("1", kilobytes)));
    source.table(table("app.whole", "id:INT8", "note:CLOB"), List.of(List.of("1", kilobytes)));
    String whole =
        settings("'lob-settings':{'mode':'limited','bulk-max-size':'2'}")
            .replace(
                "]}",
                ",{'rule-type':'table-settings','rule-id':9,'object-locator':{'schema-name':'app',"
                    + "'table-name':'whole'},'lob-settings':{'mode':'unlimited','bulk-max-size':0}}]}");

    TestRun run =
        TestRun.of(source, target)
            .mapping(whole)
            .settings("{'TargetMetadata':{'LobMaxSize':1}}")
            .type(MigrationType.FULL_LOAD_AND_CDC)
            .start()
            .awaitEvent("streaming");
    source.commit(
        new ScriptedLog.Insert(ORDERS, List.of("2", kilobytes)),
        new ScriptedLog.Insert(id("app.whole"), List.of("2", kilobytes)));

    await()
        .untilAsserted(() -> {
          assertThat(target.rows(ORDERS))
              .containsExactlyInAnyOrder(
                  List.of("1", kilobytes.substring(0, 2048)),
                  List.of("2", kilobytes.substring(0, 2048)));
          assertThat(target.rows(id("app.whole")))
              .containsExactlyInAnyOrder(List.of("1", kilobytes), List.of("2", kilobytes));
          assertThat(run.table("app.orders").shortened()).isEqualTo(2);
          assertThat(run.table("app.whole").shortened()).isZero();
        });
    run.task().stop();
    run.end();
    assertThat(run.logs())
        .anyMatch(line -> line.contains("app.orders: 1 LOB values were truncated to length 2048"));
  }
}
