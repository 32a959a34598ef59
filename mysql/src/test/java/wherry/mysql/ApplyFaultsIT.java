package wherry.mysql;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static wherry.mysql.Applying.checkpoint;
import static wherry.mysql.Applying.query;
import static wherry.mysql.Applying.row;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.connector.ChangeWriter;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.Availability;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlFamilyServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.ServerOptions;
import wherry.sandbox.SmallDisk;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * What goes wrong in the middle of an apply is an error that the task tries again, leaves nothing
 * behind, and the next session applies the same changes once.
 */
class ApplyFaultsIT {
  private static final int ROWS = 20_000;
  private static final int CUT_AFTER_BYTES = 500_000;

  private static String[][] rows() {
    return IntStream.range(0, ROWS)
        .mapToObj(i -> row("" + i, "x".repeat(100)))
        .toArray(String[][]::new);
  }

  private static void fails(ThrowingCallable call, ErrorCode code, String words) {
    assertThatThrownBy(call)
        .hasMessageContaining(words)
        .isInstanceOfSatisfying(
            DmsException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
              assertThat(code.kind()).isEqualTo(ErrorCode.Kind.RECOVERABLE);
            });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_network_that_is_cut_in_the_middle_of_a_set_leaves_nothing_and_all_is_applied_once(
      Engine engine) throws Exception {
    engine.fresh("dst");
    engine.execute("dst", "CREATE TABLE t (id int PRIMARY KEY, v varchar(100))");
    Applying t = Applying.same(engine, "dst", "t");
    try (FaultProxy proxy = FaultProxy.to(engine.server().port());
        Target target = engine.target("Port", "" + proxy.port())) {
      try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
        writer.commit(checkpoint("1"));
        AtomicLong sent = new AtomicLong();
        proxy.tap((connection, toServer, bytes, length) ->
            !toServer || sent.addAndGet(length) < CUT_AFTER_BYTES);
        fails(
            () -> writer.apply(t.route, t.inserts(rows())),
            ErrorCode.CONNECTION_FAILED,
            "firewalls");
      }
      proxy.tap((connection, toServer, bytes, length) -> true);
      assertThat(query(engine, "SELECT count(*) FROM dst.t")).containsExactly("0");
      try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
        assertThat(writer.checkpoint()).contains(checkpoint("1"));
        assertThat(writer.apply(t.route, t.inserts(rows())).inserted()).isEqualTo(ROWS);
        writer.commit(checkpoint("2"));
      }
      assertThat(query(engine, "SELECT count(*) FROM dst.t")).containsExactly("" + ROWS);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_run_whose_session_has_taken_the_task_over_without_an_answer_is_no_stranger_to_itself(
      Engine engine) throws Exception {
    engine.fresh("dst");
    try (FaultProxy proxy = FaultProxy.to(engine.server().port());
        Target target = engine.target("Port", "" + proxy.port())) {
      target.changes(Applying.REQUEST).close();
      AtomicBoolean asked = new AtomicBoolean();
      proxy.tap((connection, toServer, bytes, length) -> {
        if (toServer && new String(bytes, 0, length, ISO_8859_1).contains("SET OWNER")) {
          asked.set(true);
        }
        return toServer || !asked.get();
      });
      fails(() -> target.changes(Applying.REQUEST), ErrorCode.CONNECTION_FAILED, "");
      assertThat(asked).isTrue();
      proxy.tap((connection, toServer, bytes, length) -> true);
      try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
        writer.commit(checkpoint("1"));
        assertThat(writer.checkpoint()).contains(checkpoint("1"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void who_loses_a_deadlock_has_changed_nothing_and_may_try_again(Engine engine) throws Exception {
    engine.fresh("dst");
    engine.execute(
        "dst",
        "CREATE TABLE t (id int PRIMARY KEY, v varchar(100))",
        "CREATE TABLE heavy (id int PRIMARY KEY)",
        "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    Applying t = Applying.same(engine, "dst", "t");
    try (Target target = engine.target();
        ChangeWriter writer = target.changes(Applying.REQUEST);
        Connection other = engine.server().connect("dst");
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      // The server ends the transaction that has changed fewer rows.
      statement.execute(
          "INSERT INTO heavy WITH RECURSIVE n AS (SELECT 1 i UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i FROM n");
      statement.execute("UPDATE t SET v = 'other' WHERE id = 2");
      writer.apply(t.route, t.update(row("1", "mine")));
      CompletableFuture<Void> waits =
          CompletableFuture.runAsync(() -> {
            try (Statement second = other.createStatement()) {
              second.execute("UPDATE t SET v = 'other' WHERE id = 1");
            } catch (SQLException e) {
              throw new AssertionError(e);
            }
          });
      LockWaits.await(engine);
      fails(
          () -> writer.apply(t.route, t.update(row("2", "mine"))),
          ErrorCode.BUSY,
          "SHOW FULL PROCESSLIST");
      writer.rollBack();
      waits.join();
      other.commit();
      writer.apply(t.route, t.update(row("1", "again")));
      writer.commit(checkpoint("1"));
      assertThat(query(engine, "SELECT * FROM dst.t ORDER BY id"))
          .containsExactly("1|again", "2|other");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_full_disk_undoes_the_changes_and_they_are_applied_once_there_is_room(Engine engine)
      throws Exception {
    Availability available = SmallDisk.available();
    assumeTrue(available.usable(), available::reason);
    try (SmallDisk disk = SmallDisk.mount(640);
        MySqlFamilyServer server = start(engine, disk)) {
      server.execute(
          "CREATE DATABASE dst", "CREATE TABLE dst.t (id int PRIMARY KEY, v varchar(100))");
      TableSchema table =
          new MySqlConnector()
              .source(Engine.endpoint(server))
              .tables((id, kind) -> id.equals(new TableId("dst", "t")))
              .get(0);
      try (Target target = new MySqlConnector().target(Engine.endpoint(server))) {
        Applying t = new Applying(target, table);
        try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
          writer.commit(checkpoint("1"));
          disk.fill();
          fails(
              () -> writer.apply(t.route, t.inserts(rows())),
              ErrorCode.RESOURCES_EXHAUSTED,
              "out of disk");
        }
        disk.free();
        try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
          assertThat(writer.checkpoint()).contains(checkpoint("1"));
          assertThat(query(server, "SELECT count(*) FROM dst.t")).containsExactly("0");
          assertThat(writer.apply(t.route, t.inserts(rows())).inserted()).isEqualTo(ROWS);
          writer.commit(checkpoint("2"));
        }
        assertThat(query(server, "SELECT count(*) FROM dst.t")).containsExactly("" + ROWS);
      }
    }
  }

  private static MySqlFamilyServer start(Engine engine, SmallDisk disk) {
    ServerOptions options = ServerOptions.standard().with("local_infile", "1").in(disk.directory());
    return engine == Engine.MARIADB ? MariaDbServer.start(options) : MySqlServer.start(options);
  }
}
