package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.schema.TestTables.id;
import static wherry.schema.TestTables.rows;
import static wherry.schema.TestTables.table;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wherry.connector.ScriptedSource;
import wherry.connector.Target;
import wherry.schema.TableId;
import wherry.task.ReplicationTask;
import wherry.task.TaskDefinition;

/** A table that the load creates gets its key at the end, whatever happens in between. */
class DeferredKeyIT {
  private static final TableId ORDERS = id("app.orders");
  private static final String KEYS =
      "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid ="
          + " to_regclass('app.orders') AND contype = 'p'";

  private static final String LOADED = "SELECT count(*) FROM app.orders";
  private static final Databases databases = new Databases();

  private final ScriptedSource source =
      new ScriptedSource()
          .table(table("app.orders", "id:INT8", "note"), rows(40))
          .cut(ORDERS, 4, true);

  @AfterAll
  static void drop() {
    databases.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"FullLoadSettings\":{\"TargetTablePrepMode\":\"DO_NOTHING\"}}",
        "{\"FullLoadSettings\":{\"TargetTablePrepMode\":\"TRUNCATE_BEFORE_LOAD\"}}",
        "{\"TargetMetadata\":{\"LimitedSizeLobMode\":true,\"LobMaxSize\":1}}"
      })
  void a_load_that_is_stopped_and_resumed_under_other_settings_ends_with_the_key(String settings) {
    AtomicReference<ReplicationTask> running = new AtomicReference<>();
    source.on((table, segment, row) -> {
      if (segment == 2 && row == 5) {
        await() // A segment's rows are read while those of the one before are still written.
            .atMost(Duration.ofMinutes(3))
            .until(() -> databases.targetRows(LOADED).equals(List.of("20")));
        running.get().stop();
        Thread.currentThread().join(); // Until the stop interrupts it.
      }
    });
    try (Target target = databases.target()) {
      running.set(TestTask.of(source, target, "{}", TaskDefinition.Start.FRESH, List.of()));
      assertThat(running.get().run()).isEqualTo(ReplicationTask.End.NORMAL);
      assertThat(databases.targetRows(LOADED)).containsExactly("20");
      assertThat(databases.targetRows(KEYS)).isEmpty();

      source.on((table, segment, row) -> {});
      ReplicationTask resumed =
          TestTask.of(
              source, target, settings, TaskDefinition.Start.RESUME, running.get().statistics());
      resumed.release();
      assertThat(resumed.run()).isEqualTo(ReplicationTask.End.FULL_LOAD_ONLY_FINISHED);
    }

    assertThat(databases.targetRows("SELECT count(*), count(DISTINCT id) FROM app.orders"))
        .containsExactly("40|40");
    assertThat(databases.targetRows(KEYS)).containsExactly("PRIMARY KEY (id)");
  }
}
