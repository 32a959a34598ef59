package wherry.task;

import static org.assertj.core.api.Assertions.assertThat;
import static wherry.schema.TestTables.rows;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A run that is stopped, wherever it is. */
class TaskStopTest extends OrdersRun {
  @Test
  void stop_rolls_back_what_is_not_committed_and_resume_finishes() {
    orders(40, 4, true);
    CountDownLatch third = new CountDownLatch(1);
    source.on((table, segment, row) -> {
      if (segment == 2 && row == 5) {
        third.countDown();
        Thread.currentThread()
            .join(); // Waits to be interrupted, as a reader on a silent socket does.
      }
    });
    TestRun run = TestRun.of(source, target).settings(NO_RETRY).start();
    await(third);

    run.task().stop();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.CANCELLED);
    assertThat(run.table("app.orders").inFlight()).isZero();
    assertThat(target.rows(ORDERS)).hasSize(20);

    source.on((table, segment, row) -> {});
    TestRun.of(source, target).resuming(run).run();
    assertThat(target.rows(ORDERS)).containsExactlyInAnyOrderElementsOf(rows(40));
  }

  @Test
  void a_connection_that_breaks_because_of_the_stop_is_no_failure() {
    orders(4, 1, true);
    CountDownLatch reading = new CountDownLatch(1);
    target.fails(call -> {
      if (!call.startsWith("write")) {
        return Optional.empty();
      }
      reading.countDown();
      try {
        Thread.currentThread().join();
      } catch (InterruptedException e) {
        return Optional.of(lost());
      }
      return Optional.empty();
    });
    TestRun run = TestRun.of(source, target).settings(NO_RETRY).start();
    await(reading);

    run.task().stop();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.CANCELLED);
  }

  @Test
  void stop_ends_a_run_whose_source_has_fallen_silent() {
    orders(40, 4, true).fallsSilent(ORDERS, 2, 5);
    TestRun run = TestRun.of(source, target).settings(NO_RETRY).start();
    Awaitility.await().until(() -> source.reads().size() == 3);

    run.task().stop();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.CANCELLED);
    assertThat(target.rows(ORDERS)).hasSize(20);
  }

  @Test
  void stop_ends_a_run_whose_target_has_fallen_silent() {
    orders(40, 4, true);
    target.fallsSilent();
    TestRun run = TestRun.of(source, target).settings(NO_RETRY).start();
    Awaitility.await().until(() -> target.calls().contains("write app.orders"));

    run.task().stop();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.CANCELLED);
    assertThat(target.rows(ORDERS)).isEmpty();
  }

  @Test
  void stop_ends_the_wait_before_the_next_attempt() {
    orders(4, 1, true).failsReading(ORDERS, 0, 0, 1, OrdersRun::lost);
    TestRun run =
        TestRun.of(source, target)
            .settings("{'ErrorBehavior':{'RecoverableErrorInterval':1000}}")
            .start();
    run.awaitEvent("retry 1 after 1000");

    run.task().stop();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.CANCELLED);
  }

  @Test
  void stop_after_everything_is_loaded_is_no_cancellation() {
    orders(4, 1, true);
    TestRun run = TestRun.of(source, target).start().awaitEvent("loaded");

    run.task().stop();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.FULL_LOAD_ONLY_FINISHED);
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.COMPLETED);
  }

  @Test
  void stop_before_the_load_begins_loads_nothing() {
    orders(4, 1, true);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    TestRun run =
        TestRun.of(
                source.failsSnapshot(
                    1,
                    () -> {
                      asked.countDown();
                      await(goOn);
                      return lost();
                    }),
                target)
            .settings(RETRY_AT_ONCE)
            .start();
    await(asked);

    run.task().stop();
    goOn.countDown();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(source.reads()).isEmpty();
  }

  @Test
  void an_interrupted_run_ends_as_stopped_and_not_as_loaded() {
    orders(4, 1, true);
    CountDownLatch reading = new CountDownLatch(1);
    source.on((table, segment, row) -> {
      reading.countDown();
      Thread.currentThread().join();
    });
    TestRun run = TestRun.of(source, target).start();
    await(reading);

    run.interrupt();

    assertThat(run.end()).isEqualTo(ReplicationTask.End.NORMAL);
    assertThat(run.events()).doesNotContain("loaded");
    assertThat(run.table("app.orders").state()).isEqualTo(TableState.CANCELLED);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
