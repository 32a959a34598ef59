package wherry.task;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.id;
import static wherry.schema.TestTables.rows;
import static wherry.schema.TestTables.table;
import static wherry.schema.TestTables.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.connector.RecordingTarget;
import wherry.connector.RejectedRow;
import wherry.connector.ScriptedSource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowFormat;
import wherry.schema.TableId;

class FullLoadTest {
  private static final TableId ORDERS = id("app.orders");

  private final ScriptedSource source = new ScriptedSource();
  private final RecordingTarget target = new RecordingTarget();

  @AfterEach
  void nothing_stays_open() {
    assertThat(source.open()).as("snapshots and readers still open").isZero();
    assertThat(target.open()).as("ledgers and writers still open").isZero();
  }

  @Test
  void every_row_of_every_segment_arrives_once() {
    source.table(table("app.orders", "id:INT8", "note"), rows(1000)).cut(ORDERS, 7, true);

    TestRun run = TestRun.of(source, target).run();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.FULL_LOAD_ONLY_FINISHED);
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(1000));
    assertThat(source.reads())
        .extracting(ScriptedSource.Read::segment)
        .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
    TableStatistics orders = run.table("app.orders");
    assertThat(orders.state()).isEqualTo(TableState.COMPLETED);
    assertThat(orders.read()).isEqualTo(1000).isEqualTo(orders.loaded());
    assertThat(orders.inFlight()).isZero();
    assertThat(orders.startedAt()).isNotNull().isBeforeOrEqualTo(orders.endedAt());
  }

  @Test
  void the_states_and_events_come_in_the_order_of_the_guide() {
    source.table(table("app.orders", "id:INT8", "note"), rows(3));

    TestRun run = TestRun.of(source, target).run();

    assertThat(run.events()).startsWith("running", "snapshot 0/1");
    assertThat(run.states("app.orders"))
        .containsExactly(TableState.BEFORE_LOAD, TableState.FULL_LOAD, TableState.COMPLETED);
  }

  @Test
  void a_table_without_snapshot_is_named_in_the_log() {
    source
        .table(table("app.orders", "id:INT8", "note"), rows(3))
        .exceptions("Table app.orders keeps no snapshot");

    TestRun run = TestRun.of(source, target).run();

    assertThat(run.logs()).contains("WARNING SOURCE_UNLOAD: Table app.orders keeps no snapshot");
  }

  @Test
  void an_empty_table_is_loaded_too() {
    source.table(table("app.orders", "id:INT8", "note"), rows(0));
    source.table(table("app.uncut", "id:INT8", "note"), rows(0)).cut(id("app.uncut"), 0, true);

    TestRun run = TestRun.of(source, target).run();

    assertThat(target.has(ORDERS)).isTrue();
    assertThat(run.statistics())
        .extracting(TableStatistics::state)
        .containsOnly(TableState.COMPLETED);
  }

  @Test
  void a_target_that_loses_one_row_without_a_word_fails_the_task() {
    source.table(table("app.orders", "id:INT8", "note"), rows(100));
    target.loses(row -> "42".equals(row.getFirst()));

    DmsException failure = TestRun.of(source, target).fails();

    assertThat(failure.code()).isEqualTo(ErrorCode.BOOKS_DO_NOT_BALANCE);
    assertThat(failure)
        .hasMessageContaining(
            "app.orders, segment 0: 100 rows were read, but the target has taken 99 and rejected 0")
        .hasMessageContaining("Nothing of the segment is committed");
    assertThat(target.rows(ORDERS)).isEmpty();
    assertThat(target.loadedSegments(ORDERS)).isEmpty();
  }

  @Test
  void rejected_rows_are_part_of_the_books() {
    source.table(table("app.orders", "id:INT8", "note"), rows(100));
    target.refuses(
        row -> row.getFirst().endsWith("7") ? refusal(RejectedRow.Kind.DATA) : Optional.empty());

    TestRun run = TestRun.of(source, target).run();

    assertThat(run.table("app.orders"))
        .extracting(
            TableStatistics::read,
            TableStatistics::loaded,
            TableStatistics::filtered,
            TableStatistics::rejected)
        .containsExactly(100L, 90L, 0L, 10L);
    assertThat(target.kept()).hasSize(10);
    assertThat(run.logs())
        .anyMatch(log -> log.contains("row id=17 is rejected, column note: does not fit"));
    assertThat(run.logs())
        .anyMatch(log -> log.contains("100 rows read = 90 loaded + 0 filtered + 10 rejected"));
  }

  @Test
  void tables_start_by_load_order_then_by_name() {
    for (String name : List.of("app.a", "app.b", "app.c", "app.d")) {
      source.table(table(name, "id:INT8", "note"), rows(5));
    }

    TestRun.of(source, target)
        .settings("{'FullLoadSettings':{'MaxFullLoadSubTasks':1}}")
        .mapping(
            """
            {'rules':[
              {'rule-type':'selection','rule-id':1,'rule-action':'include','object-locator':{'schema-name':'app','table-name':'%'}},
              {'rule-type':'selection','rule-id':2,'rule-action':'include','object-locator':{'schema-name':'app','table-name':'c'},'load-order':1},
              {'rule-type':'selection','rule-id':3,'rule-action':'include','object-locator':{'schema-name':'app','table-name':'d'},'load-order':'2'}]}\
            """)
        .run();

    assertThat(source.reads().stream().map(r -> r.table().name()).collect(joining()))
        .isEqualTo("dcab");
  }

  @Test
  void as_many_segments_are_read_at_the_same_time_as_sub_tasks_are_allowed_and_no_more() {
    for (int i = 0; i < 4; i++) {
      source.table(table("app.t" + i, "id:INT8", "note"), rows(30)).cut(id("app.t" + i), 3, true);
    }
    CyclicBarrier three = new CyclicBarrier(3); // Only passes when three are reading at once.
    source.on((table, segment, row) -> {
      if (row == 0) {
        pass(three);
      }
    });

    TestRun.of(source, target).settings("{'FullLoadSettings':{'MaxFullLoadSubTasks':3}}").run();

    assertThat(source.readingMost()).isEqualTo(3);
  }

  @Test
  void commit_rate_bounds_the_rows_that_are_sent_together() {
    source.table(table("app.orders", "id:INT8", "note"), rows(25));

    TestRun.of(source, target).settings("{'FullLoadSettings':{'CommitRate':10}}").run();

    assertThat(target.calls().stream().filter("write app.orders"::equals)).hasSize(3);
    assertThat(target.calls().stream().filter(call -> call.startsWith("commit"))).hasSize(1);
  }

  @Test
  void encoded_rows_pass_when_both_ends_speak_the_format() {
    source
        .table(table("app.orders", "id:INT8", "note"), rows(25))
        .formats(ScriptedSource.LINES, RowFormat.CELLS);
    target.formats(ScriptedSource.LINES, RowFormat.CELLS);

    TestRun.of(source, target).run();

    assertThat(source.reads())
        .extracting(ScriptedSource.Read::format)
        .containsExactly(ScriptedSource.LINES);
    assertThat(target.rows(ORDERS)).isEqualTo(rows(25));
  }

  @Test
  void
      a_stream_that_the_target_refuses_is_read_again_cell_by_cell_and_only_the_bad_row_is_left_out() {
    source
        .table(table("app.orders", "id:INT8", "note"), rows(25))
        .formats(ScriptedSource.LINES, RowFormat.CELLS);
    target
        .formats(ScriptedSource.LINES, RowFormat.CELLS)
        .refuses(
            row -> row.getFirst().equals("13") ? refusal(RejectedRow.Kind.DATA) : Optional.empty());

    TestRun run = TestRun.of(source, target).run();

    assertThat(source.reads())
        .extracting(ScriptedSource.Read::format)
        .containsExactly(ScriptedSource.LINES, RowFormat.CELLS);
    assertThat(run.table("app.orders"))
        .extracting(TableStatistics::loaded, TableStatistics::rejected)
        .containsExactly(24L, 1L);
    assertThat(target.kept()).extracting(RejectedRow::key).containsExactly("id=13");
    assertThat(run.logs()).anyMatch(log -> log.contains("the segment is read again cell by cell"));
  }

  @Test
  void lobs_are_cut_only_where_the_user_has_given_a_size_and_each_cut_is_counted() {
    List<List<@Nullable String>> rows =
        List.of(List.of("1", "x".repeat(1025)), List.of("2", "y".repeat(1024)), nullLob("3"));
    source
        .table(table("app.orders", "id:INT8", "note:NCLOB"), rows)
        .formats(ScriptedSource.LINES, RowFormat.CELLS);
    target.formats(ScriptedSource.LINES, RowFormat.CELLS);

    TestRun whole = TestRun.of(source, target).run();
    assertThat(target.rows(ORDERS)).isEqualTo(rows);
    assertThat(whole.table("app.orders").shortened()).isZero();

    TestRun cut = TestRun.of(source, target).settings("{'TargetMetadata':{'LobMaxSize':1}}").run();
    assertThat(target.rows(ORDERS))
        .containsExactly(
            List.of("1", "x".repeat(1024)), List.of("2", "y".repeat(1024)), nullLob("3"));
    assertThat(cut.table("app.orders").shortened()).isEqualTo(1);
    assertThat(cut.logs())
        .anyMatch(log -> log.contains("1 LOB values were truncated to length 1024"));
  }

  @Test
  void lob_columns_are_left_out_and_named_when_lobs_are_not_supported() {
    source.table(table("app.orders", "id:INT8", "note:NCLOB"), rows(2));

    TestRun run =
        TestRun.of(source, target).settings("{'TargetMetadata':{'SupportLobs':false}}").run();

    assertThat(target.rows(ORDERS)).containsExactly(List.of("0"), List.of("1"));
    assertThat(run.logs())
        .anyMatch(
            log -> log.contains("Table app.orders: columns [note] are LOBs and are not migrated"));
  }

  @Test
  void the_key_and_the_indexes_come_after_the_rows_when_asked_for() {
    source.table(table("app.orders", "id:INT8", "note"), rows(4)).cut(ORDERS, 2, true);

    TestRun run =
        TestRun.of(source, target)
            .settings(
                "{'FullLoadSettings':{'CreatePkAfterFullLoad':true},'WherrySettings':{'CreateIndexesAfterFullLoad':true}}")
            .run();

    assertThat(target.calls()).contains("prepare app.orders DROP_AND_CREATE without key");
    assertThat(target.calls().subList(target.calls().size() - 2, target.calls().size()))
        .containsExactly("key app.orders", "indexes app.orders");
    assertThat(run.logs()).anyMatch(log -> log.contains("Index i of app.orders has no equal here"));
  }

  @Test
  void a_table_that_cannot_be_prepared_is_in_error_and_the_others_are_loaded() {
    source
        .table(table("app.a", "id:INT8", "note"), rows(3))
        .table(table("app.b", "id:INT8", "note"), rows(3));
    target.failsAt("prepare app.a", 1, () -> tableFailed("app.a", "a view depends on it"));

    TestRun run = TestRun.of(source, target).run();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.FULL_LOAD_ONLY_FINISHED);
    assertThat(run.table("app.a").state()).isEqualTo(TableState.ERROR);
    assertThat(run.table("app.a").message()).contains("a view depends on it");
    assertThat(run.table("app.b").state()).isEqualTo(TableState.COMPLETED);
  }

  @Test
  void a_table_error_stops_the_task_when_the_policy_says_so() {
    source.table(table("app.a", "id:INT8", "note"), rows(3));
    target.failsAt("prepare app.a", 1, () -> tableFailed("app.a", "a view depends on it."));

    DmsException failure =
        TestRun.of(source, target)
            .settings("{'ErrorBehavior':{'TableErrorPolicy':'STOP_TASK'}}")
            .fails();

    assertThat(failure.code()).isEqualTo(ErrorCode.TASK_STOPPED_BY_POLICY);
    assertThat(failure)
        .hasMessageContaining("a view depends on it. TableErrorPolicy is STOP_TASK.");
  }

  @Test
  void table_errors_escalate_when_their_count_is_reached() {
    for (String name : List.of("app.a", "app.b", "app.c", "app.d")) {
      source.table(table(name, "id:INT8", "note"), rows(3));
    }
    target
        .failsAt("prepare app.b", 1, () -> tableFailed("app.b", "no."))
        .failsAt("prepare app.c", 1, () -> tableFailed("app.c", "no."));
    String settings =
        "{'FullLoadSettings':{'MaxFullLoadSubTasks':1},'ErrorBehavior':{'TableErrorEscalationCount':%d}}";

    DmsException failure = TestRun.of(source, target).settings(settings.formatted(2)).fails();

    assertThat(failure.code()).isEqualTo(ErrorCode.TASK_STOPPED_BY_POLICY);
    assertThat(failure)
        .hasMessageContaining("2 tables are in error and TableErrorEscalationCount is 2");
    assertThat(TestRun.of(source, target).settings(settings.formatted(3)).run().end())
        .isEqualTo(ReplicationTask.End.FULL_LOAD_ONLY_FINISHED);
  }

  @Test
  void a_table_whose_segments_fail_together_counts_as_one_error() {
    source
        .table(table("app.a", "id:INT8", "note"), rows(8))
        .cut(id("app.a"), 4, true)
        .table(table("app.b", "id:INT8", "note"), rows(2));
    CyclicBarrier all = new CyclicBarrier(4);
    source.on((table, segment, row) -> {
      if (table.equals(id("app.a"))) {
        pass(all);
        throw tableFailed("app.a", "a column is gone.");
      }
    });

    TestRun run =
        TestRun.of(source, target)
            .settings("{'ErrorBehavior':{'TableErrorEscalationCount':2}}")
            .run();

    assertThat(run.table("app.a").state()).isEqualTo(TableState.ERROR);
    assertThat(run.table("app.b").state()).isEqualTo(TableState.COMPLETED);
    assertThat(run.logs().stream().filter(log -> log.contains("Table app.a is in error")))
        .hasSize(1);
  }

  @Test
  void progress_never_goes_back() throws Exception {
    for (String name : List.of("app.a", "app.b", "app.c")) {
      source
          .table(table(name, "id:INT8", "note"), rows(300))
          .cut(id(name), 3, true)
          .estimate(id(name), 250);
    }
    AtomicInteger steps = new AtomicInteger();
    List<Integer> percents = new ArrayList<>();
    CountDownLatch started = new CountDownLatch(1);
    TestRun[] run = new TestRun[1];
    source.on((table, segment, row) -> {
      started.await();
      if (steps.incrementAndGet() % 10 == 0) {
        synchronized (percents) {
          percents.add(TableStatistics.percent(run[0].statistics()));
        }
      }
    });
    run[0] =
        TestRun.of(source, target)
            .settings("{'FullLoadSettings':{'MaxFullLoadSubTasks':2,'CommitRate':20}}")
            .start();
    started.countDown();
    run[0].awaitEvent("loaded").task().release();
    run[0].end();

    assertThat(percents).hasSizeGreaterThan(50).isSorted().allMatch(percent -> percent < 100);
    assertThat(percents.get(percents.size() / 4))
        .as("all tables are expected from the beginning")
        .isLessThan(50);
    assertThat(TableStatistics.percent(run[0].statistics())).isEqualTo(100);
  }

  @Test
  void a_selection_that_matches_nothing_fails_the_task_in_the_words_of_aws() {
    assertThat(TestRun.of(source, target).fails())
        .hasMessage(
            "No tables were found at task initialization. Either the selected table(s) or schemas(s) no longer exist or no match was"
                + " found for the table selection pattern(s). If you would like to start a Task that does not initially capture any"
                + " tables, set Task Setting FailOnNoTablesCaptured to false and restart task.")
        .returns(ErrorCode.NO_TABLES, DmsException::code);
  }

  @Test
  void a_selection_that_matches_nothing_may_be_allowed() {
    TestRun run =
        TestRun.of(source, target)
            .settings("{'ErrorBehavior':{'FailOnNoTablesCaptured':false}}")
            .run();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.FULL_LOAD_ONLY_FINISHED);
    assertThat(run.statistics()).isEmpty();
  }

  @Test
  void a_named_table_that_the_source_lacks_is_told_and_an_excluded_one_is_not() {
    source
        .table(table("app.orders", "id:INT8", "note"), rows(1))
        .table(view("app.sums", "id:INT8", "note"), rows(1));

    TestRun run =
        TestRun.of(source, target)
            .mapping(
                """
                {'rules':[
                  {'rule-type':'selection','rule-id':1,'rule-action':'include','object-locator':{'schema-name':'app','table-name':'orders'}},
                  {'rule-type':'selection','rule-id':2,'rule-action':'explicit','object-locator':{'schema-name':'app','table-name':'gone_'}},
                  {'rule-type':'selection','rule-id':3,'rule-action':'include','object-locator':{'schema-name':'app','table-name':'sums'}},
                  {'rule-type':'selection','rule-id':4,'rule-action':'include','object-locator':{'schema-name':'app','table-name':'log[_]old'}},
                  {'rule-type':'selection','rule-id':5,'rule-action':'include','object-locator':{'schema-name':'app','table-name':'hidden'}},
                  {'rule-type':'selection','rule-id':6,'rule-action':'exclude','object-locator':{'schema-name':'app','table-name':'hid%'}}]}\
                """)
            .run();

    assertThat(run.table("app.orders").state()).isEqualTo(TableState.COMPLETED);
    assertThat(
            run.statistics().stream()
                .filter(t -> t.state() == TableState.DOES_NOT_EXIST)
                .map(t -> t.table().name()))
        .containsExactly("gone_", "sums", "log_old");
  }

  static Optional<RecordingTarget.Refusal> refusal(RejectedRow.Kind kind) {
    return Optional.of(new RecordingTarget.Refusal(kind, "note", "does not fit"));
  }

  private static List<@Nullable String> nullLob(String id) {
    List<@Nullable String> row = new ArrayList<>();
    row.add(id);
    row.add(null);
    return row;
  }

  static DmsException tableFailed(String table, String message) {
    return new DmsException(ErrorCode.TARGET_TABLE_FAILED, id(table), message, null);
  }

  private static void pass(CyclicBarrier barrier) {
    try {
      barrier.await(3, TimeUnit.MINUTES);
    } catch (Exception e) {
      throw new IllegalStateException("Too few read at the same time", e);
    }
  }
}
