package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import wherry.change.Position;
import wherry.connector.ChangeLog;
import wherry.connector.Source;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlFamilyServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.ServerOptions;

/** Start positions by the names of the transactions that are on the target already. */
class CaptureGtidIT {
  /** Everything that the server has committed until now. */
  private static String committed(MySqlFamilyServer server) {
    return Applying.query(
            server,
            server instanceof MariaDbServer
                ? "SELECT @@gtid_binlog_pos"
                : "SELECT REPLACE(@@gtid_executed, '\n', '')")
        .get(0);
  }

  private static Capture read(Source source, String position) {
    ChangeLog log = source.changeLog("task");
    return new Capture(
        log,
        source.tables((id, kind) -> id.schema().equals("shop")),
        log.given(position),
        "",
        id -> id.schema().equals("shop"));
  }

  private static List<String> since(Source source, String position) throws InterruptedException {
    try (Capture capture = read(source, position)) {
      return capture.toTheEnd().told();
    }
  }

  private static void fails(Source source, String position, ErrorCode code, String words) {
    assertThatThrownBy(() -> source.changeLog("task").given(position))
        .isInstanceOfSatisfying(
            DmsException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code))
        .hasMessageContaining(words);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void reading_begins_behind_the_transactions_of_a_set(Engine engine) throws Exception {
    engine.fresh("shop");
    Source source = engine.source();
    engine.execute("shop", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    String first = committed(engine.server());
    engine.execute(
        "shop", "INSERT INTO t VALUES (2)", "FLUSH BINARY LOGS", "INSERT INTO t VALUES (3)");
    String third = committed(engine.server());

    assertThat(since(source, first)).containsExactly("INSERT t (2)", "INSERT t (3)");
    assertThat(since(source, third)).isEmpty();
    engine.execute("shop", "INSERT INTO t VALUES (4)");
    assertThat(since(source, third)).containsExactly("INSERT t (4)");

    String newest = ((BinlogPosition) source.changeLog("task").now()).file();
    CaptureFaultsIT.awaitPurge(engine, newest);
    fails(source, first, ErrorCode.LOG_LOST, "purged");
    int last = third.lastIndexOf('-') + 1;
    long number = Long.parseLong(third.substring(last));
    fails(source, third.substring(0, last) + (number + 100), ErrorCode.LOG_CHANGED, "not all");
    if (engine == Engine.MYSQL) {
      engine.execute("shop", "INSERT INTO t VALUES (5)");
      fails(source, third + ":" + (number + 2), ErrorCode.SETTING_INVALID, "committed before");
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_place_tells_the_transactions_before_it_wherever_reading_began(Engine engine)
      throws Exception {
    engine.fresh("shop");
    engine.execute("shop", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    try (Capture capture = Capture.of(engine.source(), id -> id.schema().equals("shop"))) {
      engine.execute("shop", "INSERT INTO t VALUES (2)");
      assertThat(gtids(capture.toTheEnd())).isEqualTo(committed(engine.server()));
      engine.execute("shop", "FLUSH BINARY LOGS", "INSERT INTO t VALUES (3)");
      assertThat(gtids(capture.toTheEnd())).isEqualTo(committed(engine.server()));
      assertThat(BinlogPosition.parse(capture.reached.text())).isEqualTo(capture.reached);
    }
  }

  @Test
  void a_checkpoint_of_a_server_without_names_goes_on_by_its_place() throws Exception {
    Engine engine = Engine.MYSQL;
    engine.fresh("shop");
    engine.execute("shop", "CREATE TABLE t (id int PRIMARY KEY)");
    engine
        .server()
        .execute(
            "SET GLOBAL gtid_mode = ON_PERMISSIVE",
            "SET GLOBAL gtid_mode = OFF_PERMISSIVE",
            "SET GLOBAL gtid_mode = OFF");
    try (Capture capture = Capture.of(engine.source(), id -> id.schema().equals("shop"))) {
      engine.execute("shop", "FLUSH BINARY LOGS");
      String head = capture.toTheEnd().reached.text();
      engine.execute("shop", "INSERT INTO t VALUES (1)", "FLUSH BINARY LOGS");
      assertThat(since(engine.source(), head)).containsExactly("INSERT t (1)");
      fails(
          engine.source(),
          committed(engine.server()),
          ErrorCode.SETTING_INVALID,
          "gtid_mode is OFF");
    } finally {
      engine
          .server()
          .execute(
              "SET GLOBAL gtid_mode = OFF_PERMISSIVE",
              "SET GLOBAL gtid_mode = ON_PERMISSIVE",
              "SET GLOBAL gtid_mode = ON");
    }
  }

  private static String gtids(Capture capture) {
    Position end = capture.parts.getLast().end().orElseThrow();
    return ((BinlogPosition) end).gtids().orElseThrow().text();
  }

  /**
   * The replica's log has the same transactions at other places; and it is never taken for the
   * former server's.
   */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void after_a_failover_a_task_goes_on_at_the_replica_from_its_checkpoint(Engine engine)
      throws Exception {
    try (MySqlFamilyServer primary = start(engine, "1");
        MySqlFamilyServer replica = start(engine, "2")) {
      replicate(primary, replica);
      primary.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id int PRIMARY KEY)");
      Source source = source(primary);
      String identity = source.changeLog("task").open(List.of(), "").identity();
      String checkpoint;
      try (Capture capture = Capture.of(source, id -> id.schema().equals("shop"))) {
        primary.execute("INSERT INTO shop.t VALUES (1)", "INSERT INTO shop.t VALUES (2)");
        assertThat(capture.toTheEnd().told()).containsExactly("INSERT t (1)", "INSERT t (2)");
        checkpoint = capture.reached.text();
      }
      primary.execute("INSERT INTO shop.t VALUES (3)");
      awaitRow(replica, 3);
      replica.execute("STOP SLAVE", "FLUSH BINARY LOGS", "INSERT INTO shop.t VALUES (4)");
      primary.execute("INSERT INTO shop.t VALUES (13)"); // Too late: the replica never has it.
      String beyond = committed(primary);
      primary.kill();

      Source other = source(replica);
      assertThatThrownBy(() -> other.changeLog("task").open(List.of(), identity))
          .hasMessageContaining("another server")
          .hasMessageContaining("CdcStartPosition");
      assertThat(since(other, checkpoint)).containsExactly("INSERT t (3)", "INSERT t (4)");
      if (engine == Engine.MYSQL) { // MariaDB counts on, so the numbers do not tell.
        fails(other, beyond, ErrorCode.LOG_CHANGED, "took over before");
      }
    }
  }

  private static MySqlFamilyServer start(Engine engine, String serverId) {
    ServerOptions options =
        ServerOptions.standard().with("server_id", serverId).with("log_slave_updates", "ON");
    return engine == Engine.MARIADB ? MariaDbServer.start(options) : MySqlServer.start(options);
  }

  private static Source source(MySqlFamilyServer server) {
    return new MySqlConnector().source(Engine.endpoint(server));
  }

  private static void replicate(MySqlFamilyServer primary, MySqlFamilyServer replica) {
    String byName =
        replica instanceof MariaDbServer
            ? "MASTER_USE_GTID=slave_pos, MASTER_SSL=0, MASTER_SSL_VERIFY_SERVER_CERT=0"
            : "MASTER_AUTO_POSITION=1, GET_MASTER_PUBLIC_KEY=1";
    replica.execute(
        "CHANGE MASTER TO MASTER_HOST='%s', MASTER_PORT=%d, MASTER_USER='%s', MASTER_PASSWORD='%s', MASTER_CONNECT_RETRY=1, %s"
            .formatted(primary.host(), primary.port(), primary.user(), primary.password(), byName),
        "START SLAVE");
  }

  private static void awaitRow(MySqlFamilyServer server, int id) {
    Awaitility.await()
        .ignoreExceptions()
        .until(() ->
            Applying.query(server, "SELECT count(*) FROM shop.t WHERE id = " + id)
                .equals(List.of("1")));
  }
}
