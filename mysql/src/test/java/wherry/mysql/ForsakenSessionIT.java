package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.connector.ChangeWriter;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.FaultProxy;

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
}
