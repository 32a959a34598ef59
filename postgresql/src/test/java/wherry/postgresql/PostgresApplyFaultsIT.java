package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static wherry.postgresql.Changes.inserts;
import static wherry.postgresql.Changes.update;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.change.Checkpoint;
import wherry.connector.ChangeWriter;
import wherry.connector.TableRoute;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.Availability;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;
import wherry.sandbox.SmallDisk;

/**
 * What goes wrong in the middle of an apply is an error that the task tries again, leaves nothing
 * behind, and the next session applies the same changes once.
 */
class PostgresApplyFaultsIT {
  private static final int ROWS = 20_000;
  private static final int CUT_AFTER_BYTES = 500_000;

  private static final Databases databases = new Databases();

  @AfterEach
  void clear() {
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  private static void tables() {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, v text)");
    databases.inTarget(
        "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (-1, 'a'), (-2, 'b')");
  }

  private static TableRoute route(Target target) {
    return Changes.route(target, databases.sourceTable("public", "t"));
  }

  private static List<String[]> rows() {
    return IntStream.range(0, ROWS).mapToObj(i -> new String[] {"" + i, "x".repeat(100)}).toList();
  }

  private static Checkpoint checkpoint(String position) {
    return new Checkpoint(position, Instant.EPOCH, position, List.of(), "log");
  }

  private static void fails(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DmsException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
              assertThat(code.kind()).isEqualTo(ErrorCode.Kind.RECOVERABLE);
            });
  }

  @Test
  void a_network_that_is_cut_in_the_middle_of_a_copy_leaves_nothing_and_all_is_applied_once()
      throws Exception {
    tables();
    try (FaultProxy proxy = FaultProxy.to(Databases.server().port());
        Target target = databases.target("Port", "" + proxy.port())) {
      TableRoute route = route(target);
      try (ChangeWriter writer = target.changes(Changes.request())) {
        writer.commit(checkpoint("0/1"));
        AtomicLong sent = new AtomicLong();
        proxy.tap((connection, toServer, bytes, length) ->
            !toServer || sent.addAndGet(length) < CUT_AFTER_BYTES);
        fails(() -> writer.apply(route, inserts(route, rows())), ErrorCode.CONNECTION_FAILED);
      }
      proxy.tap((connection, toServer, bytes, length) -> true);
      assertThat(databases.targetRows("SELECT count(*) FROM t")).containsExactly("2");
      try (ChangeWriter writer = target.changes(Changes.request())) {
        assertThat(writer.checkpoint().orElseThrow().position()).isEqualTo("0/1");
        assertThat(writer.apply(route, inserts(route, rows())).inserted()).isEqualTo(ROWS);
        writer.commit(checkpoint("0/2"));
      }
      assertThat(databases.targetRows("SELECT count(*) FROM t")).containsExactly("20002");
    }
  }

  @Test
  void who_loses_a_deadlock_has_changed_nothing_and_may_try_again() throws Exception {
    tables();
    try (Target target = databases.target("AfterConnectScript", "SET deadlock_timeout = '50ms'");
        ChangeWriter writer = target.changes(Changes.request());
        Connection other = Databases.server().connect(databases.targetName());
        Statement statement = other.createStatement()) {
      TableRoute route = route(target);
      other.setAutoCommit(false);
      statement.execute("SET deadlock_timeout = '1h'"); // So that it never is the victim.
      statement.execute("UPDATE t SET v = 'other' WHERE id = -2");
      writer.apply(route, update(route, "-1", "mine"));
      CompletableFuture<Void> waits =
          CompletableFuture.runAsync(() -> {
            try (Statement second = other.createStatement()) {
              second.execute("UPDATE t SET v = 'other' WHERE id = -1");
            } catch (SQLException e) {
              throw new AssertionError(e);
            }
          });
      Awaitility.await()
          .until(() ->
              databases
                  .targetRows("SELECT count(*) FROM pg_locks WHERE NOT granted")
                  .equals(List.of("1")));
      fails(() -> writer.apply(route, update(route, "-2", "mine")), ErrorCode.BUSY);
      writer.rollBack();
      waits.join();
      other.commit();
      writer.apply(route, update(route, "-1", "again"));
      writer.commit(checkpoint("0/1"));
      assertThat(databases.targetRows("SELECT * FROM t ORDER BY id"))
          .containsExactly("-2|other", "-1|again");
    }
  }

  @Test
  void a_full_disk_undoes_the_changes_and_they_are_applied_once_there_is_room() throws Exception {
    Availability available = SmallDisk.available();
    assumeTrue(available.usable(), available::reason);
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY, v text)");
    try (SmallDisk disk = SmallDisk.mount(256);
        PostgresServer server =
            PostgresServer.start(ServerOptions.standard().in(disk.directory()))) {
      server.executeIn("postgres", "CREATE TABLE t (id int PRIMARY KEY, v text)");
      try (Target target = new PostgresConnector().target(Databases.endpoint(server, "postgres"))) {
        TableRoute route = route(target);
        try (ChangeWriter writer = target.changes(Changes.request())) {
          writer.commit(checkpoint("0/1"));
          disk.fill();
          assertThatThrownBy(
                  () -> {
                    writer.apply(route, inserts(route, rows()));
                    writer.commit(checkpoint("0/2"));
                  })
              .isInstanceOfSatisfying(
                  DmsException.class,
                  e -> assertThat(e.code().kind()).isEqualTo(ErrorCode.Kind.RECOVERABLE));
        }
        disk.free();
        awaitServer(server);
        try (ChangeWriter writer = target.changes(Changes.request())) {
          assertThat(writer.checkpoint().orElseThrow().position()).isEqualTo("0/1");
          assertThat(writer.apply(route, inserts(route, rows())).inserted()).isEqualTo(ROWS);
          writer.commit(checkpoint("0/2"));
        }
      }
    }
  }

  /** A server that could not write its log restarts itself. */
  private static void awaitServer(PostgresServer server) {
    Awaitility.await()
        .ignoreExceptions()
        .until(() -> {
          try (Connection connection = server.connect("postgres")) {
            return connection.isValid(1);
          }
        });
  }
}
