package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.Position;
import wherry.connector.ChangeLog;
import wherry.connector.ChangeReader;
import wherry.connector.Source;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlFamilyServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.ServerOptions;
import wherry.schema.TableSchema;

class CaptureFaultsIT {
  private static MySqlFamilyServer start(Engine engine, ServerOptions options) {
    return engine == Engine.MARIADB ? MariaDbServer.start(options) : MySqlServer.start(options);
  }

  private static Source source(MySqlFamilyServer server, String... settings) {
    return new MySqlConnector().source(Engine.endpoint(server, settings));
  }

  private static ChangeReader read(ChangeLog log, Source source, Position from, String identity) {
    List<TableSchema> tables = source.tables((id, kind) -> id.schema().equals("shop"));
    return log.read(
        new ChangeLog.Request(tables, (id, kind) -> id.schema().equals("shop"), from, identity));
  }

  private static void readOn(ChangeLog log, Source source, Position from, String identity)
      throws InterruptedException {
    try (ChangeReader reader = read(log, source, from, identity)) {
      drain(reader);
    }
  }

  private static void drain(ChangeReader reader) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
    while (System.nanoTime() < deadline) {
      reader.next(Duration.ofMillis(300));
    }
  }

  private static void fails(ThrowingCallable call, ErrorCode code, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DmsException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
              assertThat(e.getMessage()).contains(words).doesNotContain("secret");
            });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_killed_server_breaks_the_reader_and_another_goes_on_where_it_ended(Engine engine)
      throws Exception {
    try (MySqlFamilyServer server = start(engine, ServerOptions.standard())) {
      server.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id int PRIMARY KEY)");
      Source source = source(server);
      Position reached;
      try (Capture capture = Capture.of(source, id -> id.schema().equals("shop"))) {
        server.execute("INSERT INTO shop.t VALUES (1)");
        capture.toTheEnd();
        reached = capture.reached;
        server.execute("INSERT INTO shop.t VALUES (2)");
        server.kill();
        fails(() -> drain(capture.reader), ErrorCode.CONNECTION_FAILED, "binary log");
      }
      server.restart();
      server.execute("INSERT INTO shop.t VALUES (3)");
      ChangeLog log = source.changeLog("task");
      try (Capture again =
          new Capture(
              log,
              source.tables((id, kind) -> id.schema().equals("shop")),
              log.position(reached.text()),
              "",
              id -> id.schema().equals("shop"))) {
        assertThat(again.toTheEnd().told()).containsExactly("INSERT t (2)", "INSERT t (3)");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_purged_log_and_another_server_are_told_and_never_passed_over(Engine engine)
      throws Exception {
    engine.fresh("shop");
    engine.execute("shop", "CREATE TABLE t (id int PRIMARY KEY)");
    Source source = engine.source();
    ChangeLog log = source.changeLog("task");
    List<TableSchema> tables = source.tables((id, kind) -> id.schema().equals("shop"));
    ChangeLog.Start start = log.open(tables, "");
    fails(() -> log.open(tables, "another"), ErrorCode.LOG_CHANGED, "another server", "another");
    fails(
        () -> read(log, source, start.position(), "another").close(),
        ErrorCode.LOG_CHANGED,
        "reload-target");
    BinlogPosition from = (BinlogPosition) start.position();
    BinlogPosition beyond = new BinlogPosition(from.file(), from.offset() + 1_000_000, 0);
    fails(
        () -> readOn(log, source, beyond, start.identity()), ErrorCode.LOG_CHANGED, beyond.text());
    engine.execute("shop", "FLUSH BINARY LOGS", "FLUSH BINARY LOGS", "INSERT INTO t VALUES (1)");
    String newest = ((BinlogPosition) log.now()).file();
    awaitPurge(engine, newest);
    fails(
        () -> readOn(log, source, from, start.identity()),
        ErrorCode.LOG_LOST,
        from.file(),
        newest,
        "binlog_expire_logs_seconds");
    BinlogPosition inside = new BinlogPosition(newest, 21, 0);
    fails(
        () -> readOn(log, source, inside, start.identity()),
        ErrorCode.SETTING_INVALID,
        "no event begins there");
  }

  /** MariaDB keeps a file until the sessions that have read it are gone, and says nothing. */
  static void awaitPurge(Engine engine, String oldest) {
    Awaitility.await()
        .until(() -> {
          engine.execute("", "PURGE BINARY LOGS TO '" + oldest + "'");
          try (Connection connection = engine.server().connect("");
              Statement statement = connection.createStatement();
              ResultSet files = statement.executeQuery("SHOW BINARY LOGS")) {
            return files.next() && files.getString(1).equals(oldest);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_file_of_the_same_name_that_was_begun_at_another_time_is_another_log(Engine engine)
      throws Exception {
    engine.fresh("shop");
    engine.execute("shop", "CREATE TABLE t (id int PRIMARY KEY)");
    Source source = engine.source();
    BinlogPosition reached;
    try (Capture capture = Capture.of(source, id -> id.schema().equals("shop"))) {
      engine.execute("shop", "INSERT INTO t VALUES (1)");
      reached = (BinlogPosition) capture.toTheEnd().parts.get(0).end().orElseThrow();
    }
    assertThat(reached.begun()).isPositive();
    ChangeLog log = source.changeLog("task");
    assertThat(log.position(reached.text())).isEqualTo(reached);
    assertThat(log.position("mysql-bin.000024:373"))
        .isEqualTo(new BinlogPosition("mysql-bin.000024", 373, 0));
    BinlogPosition other =
        new BinlogPosition(reached.file(), reached.offset(), reached.begun() - 1);
    fails(() -> readOn(log, source, other, ""), ErrorCode.LOG_CHANGED, reached.file(), "begun at");
  }

  @Test
  void a_consumer_that_pauses_longer_than_the_servers_patience_stays_connected() throws Exception {
    try (MySqlFamilyServer server =
        MySqlServer.start(
            ServerOptions.standard().with("net_write_timeout", "1").with("wait_timeout", "2"))) {
      server.execute(
          "CREATE DATABASE shop",
          "CREATE TABLE shop.t (id int PRIMARY KEY AUTO_INCREMENT, v longblob)");
      Source source = source(server);
      try (Capture capture = Capture.of(source, id -> id.schema().equals("shop"))) {
        for (int i = 0; i < 30; i++) {
          server.execute("INSERT INTO shop.t (v) VALUES (repeat(x'ab', 1000000))");
        }
        pause(Duration.ofSeconds(3));
        assertThat(capture.toTheEnd().changes()).hasSize(30);
        pause(Duration.ofSeconds(3));
        server.execute("INSERT INTO shop.t (v) VALUES ('x')");
        assertThat(capture.toTheEnd().changes()).hasSize(31);
      }
    }
  }

  /**
   * Longer than the server waits; there is no condition to wait for, since nothing shall happen.
   */
  private static void pause(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void closing_leaves_no_session_behind_though_much_of_the_log_is_not_read(Engine engine)
      throws Exception {
    engine.fresh("shop");
    engine.execute("shop", "CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT, v longblob)");
    Capture capture = Capture.of(engine.source(), id -> id.schema().equals("shop"));
    for (int i = 0; i < 10; i++) {
      engine.execute("shop", "INSERT INTO t (v) VALUES (repeat(x'ab', 1000000))");
    }
    capture.close();
    await()
        .untilAsserted(() -> {
          // The server finds nobody there when it sends: at its heartbeat, or what has come.
          engine.execute("shop", "INSERT INTO t (v) VALUES ('x')");
          assertThat(
                  Applying.query(
                      engine,
                      "SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'"))
              .isEmpty();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void what_is_missing_is_told_with_the_statement_that_mends_it(Engine engine) throws Exception {
    String monitor = engine == Engine.MARIADB ? "BINLOG MONITOR" : "REPLICATION CLIENT";
    SnapshotIT.user(engine, "reader", "GRANT SELECT ON *.* TO reader");
    ChangeLog log = engine.source("Username", "reader", "Password", "secret").changeLog("task");
    fails(
        () -> log.open(List.of(), ""),
        ErrorCode.PRIVILEGE_MISSING,
        "GRANT REPLICATION SLAVE, " + monitor + " ON *.* TO 'reader';");
    engine.server().execute("GRANT REPLICATION SLAVE, " + monitor + " ON *.* TO reader");
    assertThat(log.open(List.of(), "").refused()).isEmpty();
    read(log, engine.source(), log.now(), "").close();
    try {
      engine.server().execute("SET GLOBAL binlog_format='MIXED'");
      fails(
          () -> log.open(List.of(), ""),
          ErrorCode.SETTING_INVALID,
          "binlog_format is MIXED",
          "SET GLOBAL binlog_format = 'ROW'");
      engine
          .server()
          .execute("SET GLOBAL binlog_format='ROW'", "SET GLOBAL binlog_row_image='MINIMAL'");
      engine.fresh("shop");
      engine.execute("shop", "CREATE TABLE t (a int)", "CREATE TABLE k (a int PRIMARY KEY)");
      List<DmsException> refused =
          log.open(engine.source().tables((id, kind) -> id.schema().equals("shop")), "").refused();
      assertThat(refused).hasSize(1);
      assertThat(refused.get(0))
          .hasMessageContaining("shop.t")
          .hasMessageContaining("SET GLOBAL binlog_row_image = 'FULL'");
    } finally {
      engine
          .server()
          .execute("SET GLOBAL binlog_format='ROW'", "SET GLOBAL binlog_row_image='FULL'");
    }
  }
}
