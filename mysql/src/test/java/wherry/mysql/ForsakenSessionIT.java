package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.SchemaChange.ColumnChange;
import wherry.connector.ChangeWriter;
import wherry.connector.PrepareMode;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.FaultProxy;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** A target that will never answer is told from one that works. */
class ForsakenSessionIT {
  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_session_whose_server_waits_for_us_while_we_wait_for_it_is_forsaken_and_can_be_cut(
      Engine engine) {
    engine.fresh("dst");
    try (FaultProxy proxy = FaultProxy.to(engine.server().port());
        Target target = engine.target("Port", Integer.toString(proxy.port()));
        ChangeWriter writer = target.changes(Applying.REQUEST)) {
      writer.savepoint();
      assertThat(writer.isForsaken(Duration.ofSeconds(100))).isFalse();
      proxy.leaveHalfOpen();
      CompletableFuture<Void> stuck = CompletableFuture.runAsync(writer::rollBackToSavepoint);
      await().until(() -> writer.isForsaken(Duration.ofSeconds(1)));

      writer.abort();

      assertThatThrownBy(stuck::join)
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONNECTION_FAILED));
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void the_preparation_of_a_table_that_others_have_locked_can_be_ended(Engine engine)
      throws Exception {
    engine.fresh("dst");
    engine.execute("dst", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    TableSchema table =
        engine.source().tables((id, kind) -> id.equals(new TableId("dst", "t"))).get(0);
    try (Target target = engine.target();
        Connection other = engine.server().connect("dst");
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT * FROM t LOCK IN SHARE MODE");
      CompletableFuture<Void> stuck =
          CompletableFuture.runAsync(
              () -> target.prepare(table, PrepareMode.TRUNCATE_BEFORE_LOAD, false));
      awaitWaiting(engine, 1);

      target.abandonDefinitions();

      assertThatFails(stuck);
      awaitWaiting(engine, 0);
      other.rollback();
    }
    assertThat(Applying.query(engine, "SELECT * FROM dst.t")).containsExactly("1");
  }

  private static void awaitWaiting(Engine engine, int sessions) {
    await()
        .until(() ->
            Applying.query(
                    engine,
                    "SELECT count(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'")
                .equals(List.of("" + sessions)));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void changes_that_wait_for_others_can_be_ended_be_they_of_rows_or_definitions(Engine engine)
      throws Exception {
    engine.fresh("dst");
    engine.execute(
        "dst", "CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1)");
    Applying t = Applying.same(engine, "dst", "t");
    TableSchema table = t.route.target();
    TableSchema narrow = table.keepColumns(i -> i == 0);
    try (Target target = engine.target();
        Connection other = engine.server().connect("dst");
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT * FROM t FOR UPDATE");
      try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
        CompletableFuture<Void> rows =
            CompletableFuture.runAsync(
                () -> unchecked(() -> writer.apply(t.route, t.update("1", "2"))));
        LockWaits.await(engine);
        writer.cancel();
        assertThatFails(rows);
      }
      try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
        CompletableFuture<Void> definition =
            CompletableFuture.runAsync(
                () -> writer.alter(table, narrow, List.of(new ColumnChange.Dropped("v"))));
        awaitWaiting(engine, 1);
        target.abandonDefinitions();
        assertThatFails(definition);
      }
      awaitWaiting(engine, 0);
      other.rollback();
    }
    assertThat(Applying.query(engine, "SELECT * FROM dst.t")).containsExactly("1|1");
  }

  private static void assertThatFails(CompletableFuture<Void> stuck) {
    assertThatThrownBy(stuck::join)
        .cause()
        .isInstanceOfSatisfying(
            DmsException.class,
            e -> assertThat(e.code().kind()).isEqualTo(ErrorCode.Kind.RECOVERABLE));
  }

  private static void unchecked(Callable<?> work) {
    try {
      work.call();
    } catch (DmsException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
