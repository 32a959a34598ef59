package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static wherry.mysql.Applying.query;
import static wherry.mysql.Applying.row;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import wherry.change.Checkpoint;
import wherry.connector.ChangeRefused;
import wherry.connector.ChangeWriter;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.ServerOptions;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

class ChangeTransactionIT {
  private static final String OF_WRITERS =
      "SELECT id FROM information_schema.processlist WHERE db='awsdms_control' ORDER BY id";

  private static Applying table(Engine engine) {
    engine.fresh("dst");
    engine.execute("dst", "CREATE TABLE t (id int PRIMARY KEY, v varchar(20))");
    return Applying.same(engine, "dst", "t");
  }

  private static ChangeWriter writer(Engine engine) {
    return engine.target().changes(Applying.REQUEST);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void rows_and_checkpoint_are_durable_together_or_not_at_all(Engine engine) throws Exception {
    Applying t = table(engine);
    Checkpoint first =
        new Checkpoint(
            "binlog.000001:4",
            Instant.parse("2024-02-29T12:00:00.123456Z"),
            "binlog.000001:9",
            List.of(new TableId("a b", "c/d"), new TableId("é", "%")),
            List.of(new TableId("in", "error")),
            "uuid",
            "notes é\nof two lines",
            "partitions, too");
    try (ChangeWriter writer = writer(engine)) {
      assertThat(writer.checkpoint()).isEmpty();
      writer.apply(t.route, t.insert("1", "a"));
      kill(engine);
      assertThatThrownBy(() -> writer.commit(first))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONNECTION_FAILED));
    }
    try (ChangeWriter writer = writer(engine)) {
      assertThat(writer.checkpoint()).isEmpty();
      assertThat(query(engine, "SELECT * FROM dst.t")).isEmpty();
      writer.apply(t.route, t.insert("1", "a"));
      writer.commit(first);
      assertThat(writer.checkpoint()).contains(first);
      writer.apply(t.route, t.insert("2", "b"));
      kill(engine);
      assertThatThrownBy(() -> writer.apply(t.route, t.insert("3", "c")))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONNECTION_FAILED));
    }
    try (ChangeWriter writer = writer(engine)) {
      assertThat(writer.checkpoint()).contains(first);
      writer.apply(t.route, t.insert("4", "d"));
      writer.rollBack();
      assertThat(query(engine, "SELECT * FROM dst.t")).containsExactly("1|a");
    }
    assertThat(query(engine, "SELECT TASK_NAME, CHECKPOINT FROM awsdms_control.awsdms_txn_state"))
        .containsExactly("task|checkpoint:V1#1#binlog.000001:4#0#0#*#0#0");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void what_is_not_committed_is_gone_when_the_writer_closes(Engine engine) throws Exception {
    Applying t = table(engine);
    try (ChangeWriter writer = writer(engine)) {
      writer.apply(t.route, t.insert("1", "a"));
    }
    try (ChangeWriter writer = writer(engine)) {
      assertThat(writer.checkpoint()).isEmpty();
    }
    assertThat(query(engine, "SELECT * FROM dst.t")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_run_that_was_given_up_never_commits_after_its_successor_has_begun(Engine engine)
      throws Exception {
    Applying t = table(engine);
    restrictedUser(engine);
    Target plain = engine.target("Username", "plain", "Password", "plain");
    try (ChangeWriter stalled = writer(engine)) {
      stalled.apply(t.route, t.insert("1", "stalled"));
      // It has no right to end the other's session, so only the checkpoint's owner is in the way.
      try (ChangeWriter successor = plain.changes(Applying.REQUEST)) {
        assertThat(successor.checkpoint()).isEmpty();
        assertThatThrownBy(() -> stalled.commit(Applying.checkpoint("1")))
            .isInstanceOfSatisfying(
                DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TAKEN_OVER));
        successor.apply(t.route, t.insert("1", "successor"));
        successor.commit(Applying.checkpoint("2"));
      }
      assertThatThrownBy(() -> stalled.commit(Applying.checkpoint("3")))
          .isInstanceOf(DmsException.class);
    }
    assertThat(query(engine, "SELECT * FROM dst.t")).containsExactly("1|successor");
    assertThat(query(engine, "SELECT POSITION FROM awsdms_control.awsdms_txn_state"))
        .containsExactly("2");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void the_session_of_a_run_that_was_given_up_is_ended_and_its_rows_are_free(Engine engine)
      throws Exception {
    Applying t = table(engine);
    Target stalledRun = engine.target();
    stalledRun.changes(Applying.REQUEST).close();
    try (ChangeWriter stalled = stalledRun.changes(Applying.REQUEST)) {
      stalled.apply(t.route, t.insert("1", "stalled"));
      List<String> before = query(engine, OF_WRITERS);
      try (ChangeWriter successor = writer(engine)) {
        // A session that was ended or closed is listed until its thread has seen it.
        await()
            .untilAsserted(() ->
                assertThat(query(engine, OF_WRITERS))
                    .doesNotContainAnyElementsOf(before)
                    .hasSize(1));
        successor.apply(t.route, t.insert("1", "successor"));
        successor.commit(Applying.checkpoint("2"));
      }
      assertThatThrownBy(() -> stalled.commit(Applying.checkpoint("1")))
          .isInstanceOf(DmsException.class);
      // Trying again, it finds that its turn is over, and does not fight.
      assertThatThrownBy(() -> stalledRun.changes(Applying.REQUEST))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TAKEN_OVER));
    }
    assertThat(query(engine, "SELECT * FROM dst.t")).containsExactly("1|successor");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void tasks_do_not_stand_in_each_others_way(Engine engine) throws Exception {
    Applying t = table(engine);
    Target.ChangeRequest other =
        new Target.ChangeRequest("other", "", 50, Applying.REQUEST.controlTables());
    try (ChangeWriter one = writer(engine);
        ChangeWriter two = engine.target().changes(other)) {
      one.apply(t.route, t.insert("1", "one"));
      two.apply(t.route, t.insert("2", "two"));
      two.commit(Applying.checkpoint("2"));
      one.commit(Applying.checkpoint("1"));
      assertThat(one.checkpoint()).contains(Applying.checkpoint("1"));
      assertThat(two.checkpoint()).contains(Applying.checkpoint("2"));
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void after_a_lock_wait_or_deadlock_nothing_of_the_transaction_is_left(Engine engine)
      throws Exception {
    Applying t = table(engine);
    engine.execute("dst", "INSERT INTO t VALUES (1,'a'),(2,'b')");
    try (ChangeWriter writer = writer(engine);
        Connection other = engine.server().connect("dst");
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("UPDATE t SET v='other' WHERE id=2");
      writer.apply(t.route, t.update(row("1", "mine")));
      CompletableFuture<Void> waiting =
          CompletableFuture.runAsync(() -> applyUnchecked(writer, t, "2"));
      // What a lock wait does: it ends the statement, and leaves the transaction open.
      killWaitingQuery(engine);
      assertThatThrownBy(waiting::join)
          .cause()
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
      other.rollback();
      writer.commit(Applying.checkpoint("1"));
      assertThat(query(engine, "SELECT * FROM dst.t ORDER BY id")).containsExactly("1|a", "2|b");
    }
  }

  private static void applyUnchecked(ChangeWriter writer, Applying t, String id) {
    try {
      writer.apply(t.route, t.update(row(id, "mine")));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void killWaitingQuery(Engine engine) {
    String waiting = LockWaits.await(engine);
    engine.server().execute("KILL QUERY " + waiting);
  }

  /** The session of the one writer that is open; those of closed ones go by themselves. */
  private static void kill(Engine engine) {
    String writer =
        await().until(() -> query(engine, OF_WRITERS), sessions -> sessions.size() == 1).getFirst();
    engine.server().execute("KILL " + writer);
  }

  /** A user with the rights that the documentation asks for, and no others. */
  private static void restrictedUser(Engine engine) throws SQLException {
    try (Connection connection = engine.server().connect("");
        Statement statement = connection.createStatement()) {
      statement.execute("DROP USER IF EXISTS plain@'%'");
      statement.execute("CREATE USER plain@'%' IDENTIFIED BY 'plain'");
      for (String database : List.of("dst", "awsdms_control")) {
        statement.execute(
            "GRANT ALTER, CREATE, DROP, INDEX, INSERT, UPDATE, DELETE, SELECT ON "
                + database
                + ".* TO plain@'%'");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void without_the_right_to_temporary_tables_changes_go_one_by_one(Engine engine) throws Exception {
    Applying t = table(engine);
    restrictedUser(engine);
    String[][] rows = new String[50][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = row(Integer.toString(i), "v");
    }
    Target plain = engine.target("Username", "plain", "Password", "plain");
    try (ChangeWriter writer = plain.changes(Applying.REQUEST)) {
      assertThat(writer.checksForeignKeys()).isFalse();
      assertThat(writer.apply(t.route, t.inserts(rows)).inserted()).isEqualTo(50);
      assertThat(writer.apply(t.route, t.updates(List.of(1), rows)).updated()).isEqualTo(50);
      assertThat(writer.apply(t.route, t.deletes(rows)).deleted()).isEqualTo(50);
      writer.commit(Applying.checkpoint("1"));
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void tasks_that_start_at_the_same_time_all_find_their_control_tables(Engine engine)
      throws Exception {
    Applying t = table(engine);
    try (ExecutorService pool = Executors.newFixedThreadPool(6)) {
      List<Future<?>> tasks = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        String id = Integer.toString(i);
        tasks.add(
            pool.submit(() -> {
              Target.ChangeRequest request =
                  new Target.ChangeRequest("task " + id, "", 50, Applying.REQUEST.controlTables());
              try (ChangeWriter writer = engine.target().changes(request)) {
                writer.apply(t.route, t.insert(id, "v"));
                writer.commit(Applying.checkpoint(id));
              }
              return null;
            }));
      }
      for (Future<?> task : tasks) {
        task.get();
      }
    }
    assertThat(query(engine, "SELECT count(*) FROM awsdms_control.awsdms_txn_state"))
        .containsExactly("12");
    assertThat(query(engine, "SELECT count(*) FROM dst.t")).containsExactly("12");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void a_statement_of_the_user_cannot_hide_duplicates_or_loosen_values(Engine engine)
      throws Exception {
    Applying t = table(engine);
    Target target =
        engine.target(
            "AfterConnectScript",
            "SET SESSION unique_checks=0, foreign_key_checks=1, sql_mode='', time_zone='+05:00'");
    try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
      assertThat(writer.checksForeignKeys()).isFalse();
      writer.savepoint();
      assertThatThrownBy(() -> writer.apply(t.route, t.insert("1", "x".repeat(21))))
          .isInstanceOf(ChangeRefused.class);
      writer.rollBackToSavepoint();
      writer.apply(t.route, t.insert("1", "x"));
      assertThatThrownBy(() -> writer.apply(t.route, t.insert("1", "x")))
          .isInstanceOf(ChangeRefused.class);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void triggers_of_the_target_are_told_once(Engine engine) throws Exception {
    Applying t = table(engine);
    engine.execute("dst", "CREATE TRIGGER loud BEFORE INSERT ON t FOR EACH ROW SET NEW.v='!'");
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(RowChanges.class);
    told.start();
    logger.addAppender(told);
    try (ChangeWriter writer = writer(engine)) {
      writer.apply(t.route, t.insert("1", "a"));
      writer.apply(t.route, t.insert("2", "b"));
    } finally {
      logger.detachAppender(told);
    }
    assertThat(told.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .singleElement()
        .satisfies(message -> assertThat(message).contains("dst.t has triggers", "loud"));
  }

  @Test
  void a_server_of_a_cluster_that_wants_keys_and_gtids_takes_changes() throws Exception {
    ServerOptions options =
        ServerOptions.standard()
            .with("local_infile", "1")
            .with("gtid_mode", "ON")
            .with("enforce_gtid_consistency", "ON")
            .with("sql_require_primary_key", "ON");
    try (wherry.sandbox.MySqlServer server = wherry.sandbox.MySqlServer.start(options)) {
      server.createDatabase("dst");
      server.executeIn("dst", "CREATE TABLE t (id int PRIMARY KEY, `what?` varchar(20))");
      Target target = new MySqlConnector().target(Engine.endpoint(server));
      target.ledger("task", "").open();
      TableSchema rows =
          new MySqlConnector()
              .source(Engine.endpoint(server))
              .tables((id, kind) -> id.name().equals("t"))
              .get(0);
      Applying t = new Applying(target, rows);
      String[][] many = new String[50][];
      for (int i = 0; i < many.length; i++) {
        many[i] = row(Integer.toString(i), "?");
      }
      try (ChangeWriter writer = target.changes(Applying.REQUEST)) {
        assertThat(writer.apply(t.route, t.inserts(many)).inserted()).isEqualTo(50);
        assertThat(writer.apply(t.route, t.updates(List.of(1), many)).updated()).isEqualTo(50);
        assertThat(writer.apply(t.route, t.deletes(many)).deleted()).isEqualTo(50);
        writer.commit(Applying.checkpoint("1"));
      }
    }
  }
}
