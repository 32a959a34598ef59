package wherry.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {
  private static final long KB = 1024;

  @Test
  void who_asks_for_more_than_is_free_waits_until_somebody_gives_back() throws Exception {
    ByteBudget budget = new ByteBudget(100 * KB);
    assertThat(budget.acquire(60 * KB)).isEqualTo(60 * KB);
    FutureTask<Long> other = new FutureTask<>(() -> budget.acquire(50 * KB));
    Thread thread = Thread.ofPlatform().daemon().start(other);
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> thread.getState() == Thread.State.WAITING);

    budget.release(60 * KB);

    assertThat(other.get(3, TimeUnit.MINUTES)).isEqualTo(50 * KB);
  }

  @Test
  void who_asks_for_more_than_all_gets_all() throws Exception {
    ByteBudget budget = new ByteBudget(100 * KB);

    assertThat(budget.acquire(5_000 * KB)).isEqualTo(100 * KB);
    budget.release(100 * KB);
    assertThat(budget.acquire(100 * KB)).isEqualTo(100 * KB);
  }
}
