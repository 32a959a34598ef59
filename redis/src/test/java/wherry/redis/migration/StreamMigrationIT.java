package wherry.redis.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.error.DmsException;
import wherry.redis.ServerAddress;
import wherry.redis.migration.Progress.Way;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.RedisServer;

class StreamMigrationIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Every value comes in parts, and is built by commands. */
  private static final StreamOptions BY_COMMANDS = new StreamOptions(0, 100);

  private final long seed = Long.getLong("wherry.seed", System.nanoTime());
  private final RedisServer source = RedisServers.start();
  private final RedisServer target =
      RedisServers.start(Map.of("appendonly", "yes", "appendfsync", "no"));
  private final Notes notes = new Notes();

  StreamMigrationIT() {
    System.out.println("wherry.seed=" + seed);
  }

  @AfterEach
  void stop() {
    source.close();
    target.close();
  }

  private static MigrationRequest request(ServerAddress from, ServerAddress to) {
    return new MigrationRequest(from, List.of(TargetShard.whole(to)), false);
  }

  private Migration migrate(Way way, StreamOptions options) {
    return Migrations.open(
        request(RedisServers.address(source), RedisServers.address(target)),
        notes,
        false,
        way,
        options);
  }

  private Migration migrate() {
    return migrate(Way.STREAM, StreamOptions.STANDARD);
  }

  private void awaitStreaming(Migration migration) {
    await()
        .atMost(PATIENCE)
        .until(() -> {
          if (notes.failure != null) {
            throw notes.failure;
          }
          return migration.progress().phase() == Progress.Phase.STREAMING
              && migration.progress().link() == Progress.Link.UP;
        });
  }

  /** The writers have stopped: what they have written arrives. */
  private void awaitSync(Migration migration) {
    await()
        .atMost(PATIENCE)
        .until(() -> {
          if (notes.failure != null) {
            throw notes.failure;
          }
          return migration.progress().isInSync();
        });
  }

  private void assertEqual(CompletionReport report) {
    assertThat(report.differences()).as(notes.toString()).isEmpty();
    assertThat(report.isEqual()).isTrue();
    assertThat(report.sourceWasWritten()).isFalse();
  }

  private static String ask(RedisServer server, String... command) {
    try (Connection connection = RedisServers.connect(server)) {
      Reply reply = connection.call(Command.of(command));
      return reply instanceof Reply.Number number
          ? Long.toString(number.value())
          : reply.toString();
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void what_is_written_before_and_meanwhile_is_on_the_target_once(Way way) {
    List<Workload> writers = Workload.start(RedisServers.address(source), 3, seed, true);
    Workload.awaitMore(writers, 20_000);
    try (Migration migration = migrate(way, StreamOptions.STANDARD)) {
      awaitStreaming(migration);
      ask(source, "SET", "long", "wherry".repeat(2 << 20));
      Workload.awaitMore(writers, 10_000);
      writers.forEach(Workload::close);
      awaitSync(migration);

      CompletionReport report = migration.complete(false);

      assertEqual(report);
      assertThat(report.keysCompared()).isGreaterThan(300);
      assertThat(migration.progress().phase()).isEqualTo(Progress.Phase.COMPLETED);
      assertThat(ask(target, "SET", "after", "1")).isEqualTo("OK");
    }
  }

  @Test
  void a_value_that_is_built_by_commands_is_the_value_that_restore_makes() {
    try (Workload writer =
        new Workload(RedisServers.address(source), 1, seed, Workload.Reach.DATABASES)) {
      Workload.awaitMore(List.of(writer), 40_000);
    }
    ask(source, "XADD", "emptied", "5-5", "a", "b");
    ask(source, "XDEL", "emptied", "5-5");
    ask(source, "XGROUP", "CREATE", "emptied", "group", "3-3");
    ask(source, "SET", "nothing", "");
    ask(source, "SET", "compressed", "wherry".repeat(10_000));
    ask(source, "ZADD", "scores", "inf", "most", "-inf", "least", "1e-300", "tiny");
    ask(
        source,
        "FUNCTION",
        "LOAD",
        "#!lua name=mine\nredis.register_function('f', function() return 1 end)");
    try (Migration migration = migrate(Way.STREAM, BY_COMMANDS)) {
      awaitStreaming(migration);

      assertEqual(migration.complete(false));
      assertThat(ask(target, "FUNCTION", "LIST")).contains("mine");
    }
  }

  @Test
  void cuts_on_either_side_neither_lose_nor_double() throws Exception {
    try (FaultProxy toSource = FaultProxy.to(source.port());
        FaultProxy toTarget = FaultProxy.to(target.port())) {
      ask(source, "CONFIG", "SET", "repl-backlog-size", "64mb");
      List<Workload> writers = Workload.start(RedisServers.address(source), 2, seed, true);
      Workload.awaitMore(writers, 5_000);
      MigrationRequest request =
          request(
              ServerAddress.of("127.0.0.1", toSource.port()),
              ServerAddress.of("127.0.0.1", toTarget.port()));
      try (Migration migration =
          Migrations.open(request, notes, false, Way.STREAM, StreamOptions.STANDARD)) {
        awaitStreaming(migration);
        Random random = new Random(seed);
        for (int cut = 0; cut < 6; cut++) {
          Workload.awaitMore(writers, 500 + random.nextInt(1_500));
          int seen = migration.progress().reconnections();
          (random.nextBoolean() ? toSource : toTarget).cut();
          await().atMost(PATIENCE).until(() -> migration.progress().reconnections() > seen);
          awaitStreaming(migration);
        }
        writers.forEach(Workload::close);
        awaitSync(migration);

        assertEqual(migration.complete(false));
        assertThat(migration.progress().fullSynchronisations()).isEqualTo(1);
      }
    }
  }

  @Test
  void a_target_that_is_killed_goes_on_and_a_process_that_ends_is_resumed() {
    ask(source, "CONFIG", "SET", "repl-backlog-size", "64mb");
    List<Workload> writers = Workload.start(RedisServers.address(source), 2, seed, true);
    try (Migration first = migrate()) {
      awaitStreaming(first);
      Workload.awaitMore(writers, 3_000);
      target.kill();
      Workload.awaitMore(writers, 1_000);
      target.restart();
      await().atMost(PATIENCE).until(() -> first.progress().reconnections() > 0);
      awaitStreaming(first);
      Workload.awaitMore(writers, 1_000);
    }
    Workload.awaitMore(writers, 1_000);
    try (Migration second =
        Migrations.open(
            request(RedisServers.address(source), RedisServers.address(target)),
            notes,
            true,
            Way.STREAM,
            StreamOptions.STANDARD)) {
      awaitStreaming(second);
      writers.forEach(Workload::close);
      awaitSync(second);

      assertEqual(second.complete(false));
      assertThat(second.progress().fullSynchronisations()).isZero();
    }
  }

  @Test
  void a_target_that_follows_by_itself_is_told_to_again_when_it_was_killed() {
    List<Workload> writers = Workload.start(RedisServers.address(source), 2, seed, true);
    try (Migration migration = migrate(Way.NATIVE, StreamOptions.STANDARD)) {
      awaitStreaming(migration);
      Workload.awaitMore(writers, 2_000);
      target.kill();
      await().atMost(PATIENCE).until(() -> migration.progress().link() == Progress.Link.DOWN);
      target.restart();
      awaitStreaming(migration);
      Workload.awaitMore(writers, 1_000);
      writers.forEach(Workload::close);
      awaitSync(migration);

      assertEqual(migration.complete(false));
    }
  }

  @Test
  void a_source_that_is_killed_or_forgets_is_synchronised_again() {
    List<Workload> writers = Workload.start(RedisServers.address(source), 2, seed, true);
    try (Migration migration = migrate()) {
      awaitStreaming(migration);
      Workload.awaitMore(writers, 2_000);
      source.restart();
      Workload.awaitMore(writers, 2_000);
      await().atMost(PATIENCE).until(() -> migration.progress().fullSynchronisations() > 1);
      awaitStreaming(migration);
      writers.forEach(Workload::close);
      awaitSync(migration);

      assertEqual(migration.complete(false));
    }
  }

  @Test
  void a_key_that_is_given_more_time_while_the_link_is_down_is_not_lost() throws Exception {
    try (FaultProxy toSource = FaultProxy.to(source.port())) {
      MigrationRequest request =
          request(ServerAddress.of("127.0.0.1", toSource.port()), RedisServers.address(target));
      try (Migration migration =
          Migrations.open(request, notes, false, Way.STREAM, StreamOptions.STANDARD)) {
        awaitStreaming(migration);
        String value = stallWithinTheLivesOfTwoKeys(toSource);
        await().atMost(PATIENCE).until(() -> ask(source, "EXISTS", "short").equals("0"));

        // Its first time is over, and the target has heard of no other.
        assertThat(ask(target, "GET", "session")).isEqualTo(value);
        toSource.heal();

        assertEqual(migration.complete(false));
        assertThat(ask(target, "EXISTS", "short")).isEqualTo("0");
        assertThat(ask(target, "PEXPIRETIME", "session"))
            .isEqualTo(ask(source, "PEXPIRETIME", "session"));
      }
    }
  }

  /**
   * One of the keys is then given more time. A machine on which it lives too short for that gets a
   * longer life.
   *
   * @return their value
   */
  private String stallWithinTheLivesOfTwoKeys(FaultProxy toSource) {
    for (int life = 3_000; ; life *= 2) {
      String milliseconds = Integer.toString(life);
      ask(source, "SET", "session", milliseconds, "PX", milliseconds);
      ask(source, "SET", "short", milliseconds, "PX", milliseconds);
      await()
          .atMost(PATIENCE)
          .until(() ->
              ask(target, "GET", "short").equals(milliseconds)
                  || ask(source, "EXISTS", "short").equals("0"));
      toSource.stall();
      if (ask(source, "PEXPIRE", "session", "990000").equals("1")) {
        return milliseconds;
      }
      toSource.heal();
    }
  }

  @Test
  void what_is_not_in_sync_is_not_completed_without_force() throws Exception {
    try (FaultProxy toSource = FaultProxy.to(source.port())) {
      MigrationRequest request =
          request(ServerAddress.of("127.0.0.1", toSource.port()), RedisServers.address(target));
      try (Migration migration =
          Migrations.open(request, notes, false, Way.STREAM, StreamOptions.STANDARD)) {
        awaitStreaming(migration);
        toSource.refuse();
        ask(source, "SET", "unknown", "to the target");

        assertThatThrownBy(() -> migration.complete(false))
            .isInstanceOf(DmsException.class)
            .hasMessageContaining("does not have everything");
        toSource.heal();
        await().atMost(PATIENCE).until(() -> ask(target, "EXISTS", "unknown").equals("1"));
        ask(target, "SET", "foreign", "key");

        CompletionReport report = migration.complete(true);

        assertThat(report.keysDifferent()).isEqualTo(1);
        assertThat(report.differences().getFirst().key()).isEqualTo("foreign");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void force_goes_over_when_the_source_is_gone_and_says_that_nothing_was_compared(Way way) {
    ask(source, "SET", "key", "value", "EX", "1000");
    try (Migration migration = migrate(way, StreamOptions.STANDARD)) {
      awaitStreaming(migration);
      source.kill();

      CompletionReport report = migration.complete(true);

      assertThat(report.isEqual()).isFalse();
      assertThat(report.notCompared()).contains(Integer.toString(source.port()));
      assertThat(ask(target, "SET", "own", "1")).isEqualTo("OK");
      assertThat(Long.parseLong(ask(target, "TTL", "key"))).isBetween(1L, 1000L);
    }
  }

  /**
   * As when the process ends in the midst of the promotion, or ends and the source is gone then.
   */
  @ParameterizedTest
  @EnumSource(Way.class)
  void a_migration_whose_process_has_ended_is_finished_by_another_as_often_as_it_tries(Way way) {
    ask(source, "SET", "key", "value", "EX", "1000");
    ask(source, "SET", "forever", "value");
    ask(source, "CONFIG", "SET", "requirepass", "secret");
    MigrationRequest request =
        request(
            new ServerAddress(
                source.host(), source.port(), new ServerAddress.Credentials(null, "secret"), null),
            RedisServers.address(target));
    try (Migration migration =
        Migrations.open(request, notes, false, way, StreamOptions.STANDARD)) {
      awaitStreaming(migration);
      awaitSync(migration);
    }
    assertEqual(Migration.finish(request, way));
    assertThat(ask(target, "SET", "own", "1")).isEqualTo("OK");
    assertThat(ask(target, "CONFIG", "GET", "masterauth")).doesNotContain("secret");
    source.kill();

    CompletionReport report = Migration.finish(request, way);

    assertThat(report.notCompared()).contains(Integer.toString(source.port()));
    assertThat(Long.parseLong(ask(target, "TTL", "key"))).isBetween(1L, 1000L);
    assertThat(ask(target, "DBSIZE")).as("its three keys, and no positions").isEqualTo("3");
  }
}
