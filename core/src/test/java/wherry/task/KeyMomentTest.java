package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.id;
import static wherry.schema.TestTables.rows;
import static wherry.schema.TestTables.table;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedSource;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/** When the key of a target table is created: with the table, or when its rows are loaded. */
class KeyMomentTest {
  private static final TableId ORDERS = id("app.orders");
  private static final String WITH_TABLE = "prepare app.orders DROP_AND_CREATE";
  private static final String AFTER_LOAD = WITH_TABLE + " without key";

  private final ScriptedSource source =
      new ScriptedSource()
          .table(table("app.orders", "id:INT8", "note"), rows(40))
          .cut(ORDERS, 4, true);
  private final RecordingTarget target = new RecordingTarget();

  @Test
  void by_default_the_key_comes_with_the_table() {
    TestRun.of(source, target).run();

    assertThat(target.calls()).contains(WITH_TABLE).doesNotContain(AFTER_LOAD, "key app.orders");
  }

  @Test
  void by_default_it_comes_after_the_rows_where_the_target_builds_it_faster_then() {
    target.buildsKeysFasterAfterLoad(true);

    TestRun.of(source, target).run();

    assertThat(target.calls()).contains(AFTER_LOAD).endsWith("key app.orders");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'FullLoadSettings':{'TargetTablePrepMode':'DO_NOTHING'}}",
        "{'FullLoadSettings':{'TargetTablePrepMode':'TRUNCATE_BEFORE_LOAD'}}",
        "{'TargetMetadata':{'SupportLobs':true,'LimitedSizeLobMode':true,'LobMaxSize':1}}"
      })
  void a_table_that_others_may_use_or_whose_values_may_be_cut_keeps_its_key_all_the_time(
      String settings) {
    target.buildsKeysFasterAfterLoad(true);

    TestRun.of(source, target).settings(settings).run();

    assertThat(target.calls())
        .anyMatch(call -> call.startsWith("prepare app.orders"))
        .doesNotContain("key app.orders")
        .noneMatch(call -> call.endsWith("without key"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'FullLoadSettings':{'TargetTablePrepMode':'DO_NOTHING'}}",
        "{'FullLoadSettings':{'TargetTablePrepMode':'TRUNCATE_BEFORE_LOAD'}}",
        "{'TargetMetadata':{'SupportLobs':true,'LimitedSizeLobMode':true,'LobMaxSize':1}}"
      })
  void a_key_that_was_deferred_is_created_by_the_run_that_resumes_under_other_settings(
      String settings) {
    target.buildsKeysFasterAfterLoad(true);
    TestRun failed = failsInTheMiddle();
    assertThat(target.calls()).contains(AFTER_LOAD).doesNotContain("key app.orders");

    TestRun.of(source, target).settings(settings).resuming(failed).run();

    assertThat(target.calls()).endsWith("key app.orders");
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
  }

  @Test
  void a_key_is_created_though_the_run_ended_while_the_table_was_prepared_without_it() {
    target
        .buildsKeysFasterAfterLoad(true)
        .failsAt(
            AFTER_LOAD,
            1,
            () -> new DmsException(ErrorCode.PRIVILEGE_MISSING, "The answer is lost"));
    TestRun failed = TestRun.of(source, target).start();
    assertThat(failed.endsWell()).isFalse();

    TestRun.of(source, target)
        .settings("{'FullLoadSettings':{'TargetTablePrepMode':'DO_NOTHING'}}")
        .resuming(failed)
        .run();

    assertThat(target.calls()).endsWith("key app.orders");
  }

  @Test
  void a_key_that_came_with_the_table_is_not_created_again_under_other_settings() {
    TestRun failed = failsInTheMiddle();
    assertThat(target.calls()).contains(WITH_TABLE);

    TestRun.of(source, target)
        .settings("{'FullLoadSettings':{'CreatePkAfterFullLoad':true}}")
        .resuming(failed)
        .run();

    assertThat(target.calls()).doesNotContain("key app.orders");
  }

  /** Behind two segments that are loaded: one after the other, so that it is always these. */
  private TestRun failsInTheMiddle() {
    source.failsReading(
        ORDERS, 2, 5, 1, () -> new DmsException(ErrorCode.PRIVILEGE_MISSING, "no longer allowed"));
    TestRun run =
        TestRun.of(source, target)
            .settings("{'FullLoadSettings':{'MaxFullLoadSubTasks':1}}")
            .start();
    assertThat(run.endsWell()).isFalse();
    return run;
  }
}
