package wherry.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import wherry.testing.Seed;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class HandoffTest {
  @Test
  void items_come_out_in_order_and_the_end_after_the_last() throws Exception {
    Handoff<String> handoff = new Handoff<>(3, 100);
    handoff.put("a", 1);
    handoff.put("b", 1);
    handoff.finish();

    assertThat(handoff.take()).contains("a");
    assertThat(handoff.take()).contains("b");
    assertThat(handoff.take()).isEmpty();
    assertThat(handoff.take()).isEmpty();
  }

  @Test
  void the_producer_waits_when_there_are_enough_items() throws Exception {
    Handoff<Integer> handoff = new Handoff<>(2, 100);
    handoff.put(1, 1);
    handoff.put(2, 1);
    Other<Void> third = new Other<>(() -> put(handoff, 3, 1));
    third.awaitWaiting();

    assertThat(handoff.take()).contains(1);

    third.result();
    assertThat(handoff.take()).contains(2);
    assertThat(handoff.take()).contains(3);
  }

  @Test
  void the_producer_waits_when_there_are_enough_bytes() throws Exception {
    Handoff<Integer> handoff = new Handoff<>(10, 100);
    handoff.put(1, 60);
    handoff.put(2, 40);
    Other<Void> third = new Other<>(() -> put(handoff, 3, 1));
    third.awaitWaiting();

    assertThat(handoff.take()).contains(1);

    third.result();
  }

  @Test
  void an_item_larger_than_the_limit_passes_alone() throws Exception {
    Handoff<Integer> handoff = new Handoff<>(10, 100);
    handoff.put(1, 1);
    Other<Void> large = new Other<>(() -> put(handoff, 2, 5_000));
    large.awaitWaiting();

    assertThat(handoff.take()).contains(1);
    large.result();
    Other<Void> next = new Other<>(() -> put(handoff, 3, 1));
    next.awaitWaiting();

    assertThat(handoff.take()).contains(2);
    next.result();
    assertThat(handoff.take()).contains(3);
  }

  @Test
  void the_producers_failure_reaches_a_waiting_consumer() throws Exception {
    Handoff<Integer> handoff = new Handoff<>(2, 100);
    Other<Optional<Integer>> consumer = new Other<>(handoff::take);
    consumer.awaitWaiting();

    handoff.fail(new IllegalStateException("the source is gone"));

    consumer.failsWith("the source is gone");
  }

  @Test
  void the_consumers_failure_reaches_a_waiting_producer() throws Exception {
    Handoff<Integer> handoff = new Handoff<>(1, 100);
    handoff.put(1, 1);
    Other<Void> producer = new Other<>(() -> put(handoff, 2, 1));
    producer.awaitWaiting();

    handoff.fail(new IllegalStateException("the target is gone"));

    producer.failsWith("the target is gone");
  }

  @Test
  void the_first_failure_counts_and_a_failure_beats_the_end() throws Exception {
    Handoff<Integer> handoff = new Handoff<>(1, 100);
    handoff.put(1, 1);
    handoff.finish();
    handoff.fail(new IllegalStateException("first"));
    handoff.fail(new IllegalStateException("second"));

    assertThatExceptionOfType(Handoff.HandoffClosed.class)
        .isThrownBy(handoff::take)
        .withRootCauseInstanceOf(IllegalStateException.class)
        .satisfies(e -> assertThat(e.getCause()).hasMessage("first"));
  }

  @Test
  void who_waits_can_be_interrupted() throws Exception {
    Handoff<Integer> handoff = new Handoff<>(1, 100);
    Other<Optional<Integer>> consumer = new Other<>(handoff::take);
    consumer.awaitWaiting();

    consumer.thread.interrupt();

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(consumer::result)
        .withCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void no_item_is_lost_doubled_or_overtaken_under_load() throws Exception {
    Random random = Seed.random("no_item_is_lost_doubled_or_overtaken_under_load");
    for (int round = 0; round < 20; round++) {
      Handoff<Integer> handoff = new Handoff<>(1 + random.nextInt(4), 1 + random.nextInt(50));
      int[] sizes = random.ints(5_000, 0, 80).toArray();
      Other<Void> producer =
          new Other<>(() -> {
            for (int i = 0; i < sizes.length; i++) {
              handoff.put(i, sizes[i]);
            }
            handoff.finish();
            return null;
          });
      List<Integer> taken = new ArrayList<>();
      for (Optional<Integer> item = handoff.take(); item.isPresent(); item = handoff.take()) {
        taken.add(item.get());
      }
      producer.result();

      assertThat(taken).isEqualTo(IntStream.range(0, sizes.length).boxed().toList());
    }
  }

  private static Void put(Handoff<Integer> handoff, int value, long bytes)
      throws InterruptedException {
    handoff.put(value, bytes);
    return null;
  }

  /** The other side, on a thread of its own. */
  private static final class Other<T> {
    private final FutureTask<T> task;
    private final Thread thread;

    Other(Callable<T> work) {
      task = new FutureTask<>(work);
      thread = Thread.ofPlatform().daemon().start(task);
    }

    void awaitWaiting() {
      await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> thread.getState() == Thread.State.WAITING);
    }

    T result() throws Exception {
      return task.get(3, TimeUnit.MINUTES);
    }

    void failsWith(String message) {
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(this::result)
          .satisfies(e ->
              assertThat(e.getCause())
                  .isInstanceOf(Handoff.HandoffClosed.class)
                  .hasRootCauseMessage(message));
    }
  }
}
