package wherry.task;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import wherry.connector.RecordingTarget;
import wherry.connector.ScriptedLog.Insert;
import wherry.connector.ScriptedLog.Update;
import wherry.connector.ScriptedSource;
import wherry.schema.TableId;
import wherry.schema.TestTables;

/** Two tables that change in a source in memory, and a target that is to follow them. */
final class ChangingTables {
  static final TableId ORDERS = TestTables.id("app.orders");
  static final TableId ITEMS = TestTables.id("app.items");

  private final ScriptedSource source =
      new ScriptedSource()
          .table(TestTables.table("app.orders", "id:INT4", "text"), TestTables.rows(3))
          .table(TestTables.table("app.items", "id:INT4", "text"), TestTables.rows(2));
  private final RecordingTarget target = new RecordingTarget();

  ScriptedSource source() {
    return source;
  }

  RecordingTarget target() {
    return target;
  }

  TestRun.Plan loadAndFollow() {
    return TestRun.of(source, target).type(MigrationType.FULL_LOAD_AND_CDC);
  }

  TestRun.Plan follow() {
    return TestRun.of(source, target).type(MigrationType.CDC);
  }

  static Insert insert(TableId table, String key) {
    return new Insert(table, asList(key, "new " + key));
  }

  static Update update(TableId table, String key, String text) {
    return new Update(table, key, asList(key, text));
  }

  void awaitEqual() {
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(() -> {
          assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(source.rows(ORDERS));
          assertThat(target.rows(ITEMS)).containsExactlyInAnyOrderElementsOf(source.rows(ITEMS));
        });
  }

  static void stop(TestRun run) {
    run.task().stop();
    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
  }
}
