package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static wherry.postgresql.Changes.insert;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import wherry.change.Checkpoint;
import wherry.connector.ChangeWriter;
import wherry.connector.ControlRow;
import wherry.connector.TableRoute;
import wherry.connector.Target;
import wherry.connector.Target.ControlTable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/** What commits together, what a second run of a task may do, and what is written beside rows. */
class PostgresCheckpointIT {
  private static final Databases databases = new Databases();

  /** Ends the session that applies changes, as a crash of its server process would. */
  private static final String END_SESSION =
      "SELECT pg_terminate_backend(split_part(\"RUN\", '/', 1)::int, 10000) FROM awsdms_txn_state";

  @BeforeEach
  void create_a_table() {
    databases.clear();
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)");
    databases.inTarget("CREATE TABLE t (id int PRIMARY KEY)");
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  private static Checkpoint checkpoint(String position) {
    return new Checkpoint(
        position,
        Instant.parse("2024-02-29T12:00:00.123456Z"),
        "0/FF",
        List.of(new TableId("a schema", "a,\"table"), new TableId("b", "c")),
        List.of(new TableId("in", "error")),
        "system 7 timeline 1",
        "notes é\nof two lines",
        "partitions, too");
  }

  private static TableRoute route(Target target) {
    return Changes.route(target, databases.sourceTable("public", "t"));
  }

  private static List<String> ids() {
    return databases.targetRows("SELECT id FROM t ORDER BY id");
  }

  private static void failsWith(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(DmsException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void a_checkpoint_is_read_back_as_it_was_committed() {
    try (Target target = databases.target()) {
      try (ChangeWriter writer = target.changes(Changes.request())) {
        assertThat(writer.checkpoint()).isEmpty();
        writer.commit(checkpoint("0/1"));
        writer.commit(checkpoint("0/2"));
        assertThat(writer.checkpoint()).contains(checkpoint("0/2"));
      }
      try (ChangeWriter writer = target.changes(Changes.request())) {
        assertThat(writer.checkpoint()).contains(checkpoint("0/2"));
      }
    }
    assertThat(databases.targetRows("SELECT \"TASK_NAME\", \"CHECKPOINT\" FROM awsdms_txn_state"))
        .containsExactly("TASK|checkpoint:V1#1#0/2#0#0#*#0#0");
  }

  @Test
  void rows_and_their_checkpoint_are_there_together_or_not_at_all() throws Exception {
    try (Target target = databases.target()) {
      try (ChangeWriter writer = target.changes(Changes.request())) {
        TableRoute route = route(target);
        writer.apply(route, insert(route, "1"));
        writer.commit(checkpoint("0/1"));
        writer.apply(route, insert(route, "2"));
        writer.rollBack();
        writer.apply(route, insert(route, "3"));
        writer.commit(checkpoint("0/3"));
        writer.apply(route, insert(route, "4"));
        databases.targetRows(END_SESSION);
        failsWith(ErrorCode.CONNECTION_FAILED, () -> writer.commit(checkpoint("0/4")));
      }
      assertThat(ids()).containsExactly("1", "3");
      try (ChangeWriter writer = target.changes(Changes.request())) {
        assertThat(writer.checkpoint()).contains(checkpoint("0/3"));
        TableRoute route = route(target);
        writer.apply(route, insert(route, "4"));
        writer.commit(checkpoint("0/4"));
        databases.targetRows(END_SESSION);
        failsWith(ErrorCode.CONNECTION_FAILED, () -> writer.apply(route, insert(route, "5")));
      }
      assertThat(ids()).containsExactly("1", "3", "4");
    }
  }

  @Test
  void closing_rolls_back() throws Exception {
    try (Target target = databases.target()) {
      try (ChangeWriter writer = target.changes(Changes.request())) {
        TableRoute route = route(target);
        writer.apply(route, insert(route, "1"));
      }
      try (ChangeWriter writer = target.changes(Changes.request())) {
        assertThat(writer.checkpoint()).isEmpty();
      }
    }
    assertThat(ids()).isEmpty();
  }

  @Test
  void a_run_that_was_taken_over_commits_nothing_more_and_does_not_fight() throws Exception {
    try (Target stalled = databases.target();
        Target successor = databases.target();
        ChangeWriter old = stalled.changes(Changes.request())) {
      TableRoute route = route(stalled);
      old.commit(checkpoint("0/1"));
      old.apply(route, insert(route, "1"));

      try (ChangeWriter now = successor.changes(Changes.request())) {
        assertThat(now.checkpoint()).contains(checkpoint("0/1"));
        now.apply(route, insert(route, "1"));

        failsWith(ErrorCode.CONNECTION_FAILED, () -> old.commit(checkpoint("0/2")));
        failsWith(ErrorCode.TAKEN_OVER, () -> stalled.changes(Changes.request()));

        now.commit(checkpoint("0/3"));
      }
    }
    assertThat(ids()).containsExactly("1");
  }

  @Test
  void a_run_that_stalls_within_its_commit_does_not_hold_its_successor_up() throws Exception {
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      writer.commit(checkpoint("0/1"));
    }
    try (Connection stalled = Databases.server().connect(databases.targetName());
        Statement statement = stalled.createStatement();
        Target target = databases.target()) {
      statement.execute("SET TimeZone = 'UTC'");
      statement.execute(
          "UPDATE awsdms_txn_state SET \"RUN\" = pid || '/' || backend_start FROM pg_stat_activity"
              + " WHERE pid = pg_backend_pid()");
      stalled.setAutoCommit(false);
      statement.execute("UPDATE awsdms_txn_state SET \"SOURCE_POSITION\" = '0/2'");

      try (ChangeWriter writer = target.changes(Changes.request())) {
        assertThat(writer.checkpoint()).contains(checkpoint("0/1"));
      }
      assertThatThrownBy(stalled::commit).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void a_run_whose_session_outlived_the_takeover_is_refused_at_its_commit() throws Exception {
    try (Target stalled = databases.target();
        ChangeWriter old = stalled.changes(Changes.request())) {
      TableRoute route = route(stalled);
      old.commit(checkpoint("0/1"));
      databases.inTarget("UPDATE awsdms_txn_state SET \"RUN\" = 'the successor'");
      old.apply(route, insert(route, "1"));

      failsWith(ErrorCode.TAKEN_OVER, () -> old.commit(checkpoint("0/2")));
      old.rollBack();
    }
    assertThat(ids()).isEmpty();
    assertThat(databases.targetRows("SELECT \"SOURCE_POSITION\" FROM awsdms_txn_state"))
        .containsExactly("0/1");
  }

  @Test
  void tasks_share_the_control_tables_and_may_create_them_at_the_same_time() throws Exception {
    List<Throwable> failures = new ArrayList<>();
    try (Target target = databases.target()) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Target.ChangeRequest request =
            new Target.ChangeRequest(
                "task" + i, "wherry control", 50, Set.of(ControlTable.values()));
        Thread thread =
            new Thread(() -> {
              try (ChangeWriter writer = target.changes(request)) {
                writer.commit(checkpoint("0/" + request.taskName()));
              }
            });
        thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertThat(failures).isEmpty();
    assertThat(
            databases.targetRows(
                "SELECT count(DISTINCT \"SOURCE_POSITION\") FROM \"wherry control\".awsdms_txn_state"))
        .containsExactly("8");
  }

  @Test
  void control_tables_have_the_documented_columns_and_rows() {
    Instant time = Instant.parse("2024-02-29T12:00:00Z");
    TableId table = new TableId("public", "t");
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request(ControlTable.values()))) {
      writer.write(new ControlRow.ApplyException(table, time, "INSERT 'a\0b'", "no"));
      writer.write(status("FULL LOAD", time));
      writer.write(status("CHANGE PROCESSING", time));
      writer.write(new ControlRow.Suspended("host", table, "because", time));
      writer.write(new ControlRow.Suspended("host", table, "because again", time));
      writer.write(
          new ControlRow.Suspended("host", new TableId("public", "healed"), "because", time));
      writer.write(new ControlRow.Healed("host", new TableId("public", "healed")));
      writer.write(new ControlRow.Timeslot("host", "CHANGE PROCESSING", time, 5, 1L, 10, 1));
      writer.write(new ControlRow.Timeslot("host", "CHANGE PROCESSING", time, 5, 2L, 20, 2));
      writer.write(new ControlRow.Timeslot("host", "FULL LOAD", time, 5, null, 20, 2));
      writer.commit(checkpoint("0/1"));
    }
    assertThat(databases.targetRows("SELECT * FROM awsdms_apply_exceptions"))
        .containsExactly("TASK|public|t|2024-02-29 12:00:00|INSERT 'a\\u0000b'|no");
    assertThat(databases.targetRows("SELECT * FROM awsdms_status"))
        .containsExactly(
            "host|TASK|CHANGE PROCESSING|2024-02-29 12:00:00|1|2|3|0/A|2024-02-29"
                + " 12:00:00|0/B|null|null");
    assertThat(databases.targetRows("SELECT * FROM awsdms_suspended_tables"))
        .containsExactly("host|TASK|public|t|because again|2024-02-29 12:00:00");
    assertThat(databases.targetRows("SELECT * FROM awsdms_history ORDER BY \"TIMESLOT_TYPE\""))
        .containsExactly(
            "host|TASK|CHANGE PROCESSING|2024-02-29 12:00:00|5|2|20|2",
            "host|TASK|FULL LOAD|2024-02-29 12:00:00|5|null|20|2");
    assertThat(
            databases.targetRows(
                "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attnum > 0"
                    + " AND attrelid = 'awsdms_status'::regclass"))
        .containsExactly(
            "SERVER_NAME,TASK_NAME,TASK_STATUS,STATUS_TIME,PENDING_CHANGES,DISK_SWAP_SIZE,"
                + "TASK_MEMORY,SOURCE_CURRENT_POSITION,SOURCE_CURRENT_TIMESTAMP,"
                + "SOURCE_TAIL_POSITION,SOURCE_TAIL_TIMESTAMP,SOURCE_TIMESTAMP_APPLIED");
  }

  private static ControlRow.Status status(String word, Instant time) {
    return new ControlRow.Status("host", word, time, 1, 2, 3, "0/A", time, "0/B", null, null);
  }

  @Test
  void a_control_table_that_is_not_wanted_is_not_created_nor_written() {
    try (Target target = databases.target();
        ChangeWriter writer = target.changes(Changes.request())) {
      writer.write(status("FULL LOAD", Instant.EPOCH));
      writer.commit(checkpoint("0/1"));
    }
    assertThat(
            databases.targetRows(
                "SELECT relname FROM pg_class WHERE relname ~ '^awsdms_.*[a-z]$' AND relkind = 'r' ORDER BY 1"))
        .containsExactly("awsdms_apply_exceptions", "awsdms_txn_state");
  }
}
