package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.id;
import static wherry.schema.TestTables.rows;
import static wherry.schema.TestTables.table;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import wherry.connector.ScriptedSource;
import wherry.connector.Target;
import wherry.task.ReplicationTask;
import wherry.task.TaskDefinition;

/** A server that keeps its connections open and does not answer. */
class SilentTargetIT {
  private static final String WAITING =
      "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = to_regclass('app.orders')";

  private static final Databases databases = new Databases();

  @AfterAll
  static void drop() {
    databases.close();
  }

  @Test
  void a_stop_ends_a_load_that_waits_for_a_lock_on_its_table() throws Exception {
    ScriptedSource source =
        new ScriptedSource()
            .table(table("app.orders", "id:INT8", "note"), rows(40))
            .cut(id("app.orders"), 4, true);
    try (Target target = databases.target();
        Connection other = Databases.server().connect(databases.targetName());
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      source.on((table, segment, row) -> {
        if (segment == 2 && row == 0) {
          lock(statement);
        }
      });
      ReplicationTask task =
          TestTask.of(source, target, "{}", TaskDefinition.Start.FRESH, List.of());
      CompletableFuture<ReplicationTask.End> end = CompletableFuture.supplyAsync(task::run);
      Awaitility.await().until(() -> databases.targetRows(WAITING).equals(List.of("1")));

      task.stop();

      assertThat(end.get(3, TimeUnit.MINUTES)).isEqualTo(ReplicationTask.End.NORMAL);
      other.rollback();
    }
    assertThat(databases.targetRows("SELECT count(*) FROM app.orders")).containsExactly("20");
  }

  @Test
  void a_stop_ends_the_preparation_of_a_table_that_others_have_locked() throws Exception {
    databases.inTarget(
        "CREATE SCHEMA IF NOT EXISTS app", "CREATE TABLE app.items (id int8, note text)");
    ScriptedSource source =
        new ScriptedSource().table(table("app.items", "id:INT8", "note"), rows(4));
    try (Target target = databases.target();
        Connection other = Databases.server().connect(databases.targetName());
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE app.items IN ACCESS SHARE MODE");
      ReplicationTask task =
          TestTask.of(source, target, "{}", TaskDefinition.Start.FRESH, List.of());
      CompletableFuture<ReplicationTask.End> end = CompletableFuture.supplyAsync(task::run);
      Awaitility.await()
          .until(() ->
              databases
                  .targetRows(WAITING.replace("app.orders", "app.items"))
                  .equals(List.of("1")));

      task.stop();

      assertThat(end.get(3, TimeUnit.MINUTES)).isEqualTo(ReplicationTask.End.NORMAL);
      other.rollback();
    }
    assertThat(databases.targetRows("SELECT to_regclass('app.items') IS NOT NULL"))
        .containsExactly("t");
  }

  private static void lock(Statement statement) {
    try {
      statement.execute("LOCK TABLE app.orders IN ACCESS EXCLUSIVE MODE");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
