package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import wherry.connector.ChangeWriter;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.FaultProxy;

/** A target that will never answer is told from one that is slow. */
class ForsakenSessionIT {
  private static final Databases databases = new Databases();
  private static final Duration A_SECOND = Duration.ofSeconds(1);

  @AfterAll
  static void drop() {
    databases.close();
  }

  @Test
  void a_session_whose_server_waits_for_us_while_we_wait_for_it_is_forsaken_and_can_be_cut() {
    try (FaultProxy proxy = FaultProxy.to(Databases.server().port());
        Target target = databases.target("Port", Integer.toString(proxy.port()));
        ChangeWriter writer = target.changes(Changes.request())) {
      writer.savepoint();
      proxy.leaveHalfOpen();
      CompletableFuture<Void> stuck = CompletableFuture.runAsync(writer::rollBackToSavepoint);
      await().until(() -> writer.isForsaken(A_SECOND));

      writer.abort();

      assertThatThrownBy(stuck::join)
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONNECTION_FAILED));
    }
  }

  @Test
  void a_session_that_is_ended_is_forsaken_and_one_that_waits_for_a_lock_is_not() throws Exception {
    databases.inSource("CREATE TABLE locked (id int PRIMARY KEY)");
    databases.inTarget("CREATE TABLE locked (id int PRIMARY KEY)");
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request());
        var other = Databases.server().connect(databases.targetName())) {
      other.setAutoCommit(false);
      other.createStatement().execute("LOCK TABLE locked");
      var table = Changes.route(target, databases.sourceTable("public", "locked")).target();
      CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> writer.truncate(table));
      await()
          .until(() ->
              databases
                  .targetRows(
                      "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                  .contains("1"));

      assertThat(writer.isForsaken(Duration.ZERO)).isFalse();

      other.rollback();
      waiting.join();
      databases.targetRows(
          "SELECT pg_terminate_backend(split_part(\"RUN\", '/', 1)::int, 10000) FROM awsdms_txn_state");
      assertThat(writer.isForsaken(A_SECOND)).isTrue();
    }
  }
}
