package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.change.Position;
import wherry.connector.ChangeLog;
import wherry.connector.Source;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.FaultProxy;
import wherry.schema.TableSchema;

/**
 * Everything that can be wrong with a source's log is told, within seconds, and nothing is skipped.
 */
class PostgresCaptureFaultsIT {
  private static final Databases databases = new Databases();
  private static final String TASK = "FAULTS";
  private static final String SLOT = PostgresChangeLog.ownName(TASK);

  @AfterEach
  void clear() {
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  private static CapturedChanges capture() {
    return new CapturedChanges(databases.source(), TASK);
  }

  static DmsException failure(CapturedChanges changes) {
    long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
    try {
      while (System.nanoTime() < deadline) {
        changes.next();
      }
    } catch (DmsException e) {
      return e;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    throw new AssertionError("Reading went on for three minutes");
  }

  private static void table() {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)");
  }

  @Test
  void a_session_that_is_ended_is_a_broken_connection_and_reading_goes_on_in_a_new_one()
      throws Exception {
    table();
    try (CapturedChanges changes = capture()) {
      databases.inSource("INSERT INTO t VALUES (1)");
      changes.lines(1);
      Position end = changes.parts.getLast().end().orElseThrow();
      databases.inSource(
          "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '%s'"
              .formatted(SLOT));
      assertThat(failure(changes).code()).isEqualTo(ErrorCode.CONNECTION_FAILED);
      databases.inSource("INSERT INTO t VALUES (2)");
      changes.readAgain(end);
      assertThat(changes.lines(1)).containsExactly("INSERT t is [2]");
    }
  }

  @Test
  void a_line_that_breaks_without_a_word_is_a_broken_connection_within_seconds() throws Exception {
    table();
    try (FaultProxy proxy = FaultProxy.to(Databases.server().port())) {
      Source source =
          databases.source("Port", Integer.toString(proxy.port()), "ConnectionTimeout", "3");
      try (CapturedChanges changes = new CapturedChanges(source, TASK)) {
        databases.inSource("INSERT INTO t VALUES (1)");
        changes.lines(1);
        Position end = changes.parts.getLast().end().orElseThrow();
        proxy.leaveHalfOpen();
        assertThat(failure(changes).code()).isEqualTo(ErrorCode.CONNECTION_FAILED);
        databases.inSource("INSERT INTO t VALUES (2)");
        changes.readAgain(end);
        assertThat(changes.lines(1)).containsExactly("INSERT t is [2]");
        proxy.stall();
        assertThat(failure(changes).code()).isEqualTo(ErrorCode.CONNECTION_FAILED);
        proxy.heal();
      }
    }
  }

  @Test
  void a_slot_that_is_dropped_is_a_lost_log() {
    table();
    try (CapturedChanges changes = capture()) {
      dropSlot();
      DmsException failure = failure(changes);
      if (failure.code() == ErrorCode.CONNECTION_FAILED) {
        // It was looked for between the end of its sender and its own: who tries again is told.
        failure =
            catchThrowableOfType(
                DmsException.class, () -> changes.readAgain(changes.start.position()));
      }
      assertThat(failure.code()).isEqualTo(ErrorCode.LOG_LOST);
      assertThat(failure).hasMessageContaining(SLOT).hasMessageContaining("reload-target");
      assertThatThrownBy(() -> changes.log.open(changes.tables, changes.start.identity()))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOG_LOST));
    }
  }

  private static void dropSlot() {
    databases.inSource(
        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '%s'"
            .formatted(SLOT),
        """
        DO $$ BEGIN
          FOR i IN 1..9000 LOOP
            BEGIN
              PERFORM pg_drop_replication_slot('%s');
              RETURN;
            EXCEPTION WHEN object_in_use THEN PERFORM pg_sleep(0.02);
            END;
          END LOOP;
          RAISE 'The slot is still in use';
        END $$\
        """
            .formatted(SLOT));
  }

  @Test
  void a_slot_that_was_made_again_is_another_log() throws Exception {
    table();
    try (CapturedChanges changes = capture()) {
      databases.inSource("INSERT INTO t VALUES (1)");
      changes.lines(1);
      Position end = changes.parts.getLast().end().orElseThrow();
      changes.reader.close();
      dropSlot();
      databases.inSource("INSERT INTO t VALUES (2)");
      databases.inSource(
          "SELECT pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(SLOT));
      assertThatThrownBy(() -> changes.readAgain(end))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOG_CHANGED))
          .hasMessageContaining(SLOT);
    }
  }

  @Test
  void another_server_timeline_or_engine_is_another_log() {
    table();
    try (CapturedChanges changes = capture()) {
      String[] identity = changes.start.identity().split(":", 3);
      for (String other :
          List.of(
              "7" + identity[0].substring(1) + "7:" + identity[1] + ":" + identity[2],
              identity[0] + ":9:" + identity[2],
              "a MySQL server's UUID")) {
        assertThatThrownBy(() -> changes.log.open(changes.tables, other))
            .as(other)
            .isInstanceOfSatisfying(
                DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOG_CHANGED));
      }
    }
  }

  @Test
  void the_server_never_hears_of_more_than_was_acknowledged() throws Exception {
    table();
    try (CapturedChanges changes = capture()) {
      Lsn before = confirmed();
      databases.inSource("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)");
      changes.lines(2);
      assertThat(confirmed()).isEqualTo(before);
      List<Position> ends =
          changes.parts.stream()
              .filter(part -> !part.events().isEmpty())
              .map(part -> part.end().orElseThrow())
              .toList();
      changes.reader.acknowledge(ends.get(0));
      await()
          .untilAsserted(() -> {
            changes.next();
            assertThat(confirmed()).isEqualTo(ends.get(0));
          });
      changes.reader.acknowledge(before);
      changes.readToEnd();
      assertThat(confirmed()).isEqualTo(ends.get(0));
    }
  }

  @Test
  void a_reader_that_is_closed_has_told_the_source_how_far_the_target_is() throws Exception {
    table();
    try (CapturedChanges changes = capture()) {
      databases.inSource("INSERT INTO t VALUES (1)");
      changes.lines(1);
      Position last = changes.parts.getLast().end().orElseThrow();
      changes.reader.acknowledge(last);
      changes.reader.close();
      await().untilAsserted(() -> assertThat(confirmed()).isEqualTo(last));
    }
  }

  private static Lsn confirmed() {
    return Lsn.parse(
        databases
            .sourceRows(
                "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '%s'"
                    .formatted(SLOT))
            .getFirst());
  }

  @Test
  void on_a_source_where_only_others_write_the_kept_log_stays_short() throws Exception {
    table();
    databases.inSource("CREATE TABLE busy (id int)");
    try (CapturedChanges changes =
        new CapturedChanges(databases.source(), TASK, (id, kind) -> id.name().equals("t"))) {
      databases.inSource("INSERT INTO busy SELECT generate_series(1, 100000)");
      Position behind = changes.log.now();
      await()
          .untilAsserted(() -> {
            changes.reader.acknowledge(changes.next().reached());
            assertThat(confirmed()).isGreaterThanOrEqualTo((Lsn) behind);
          });
      assertThat(changes.allLines()).isEmpty();
      assertThat(changes.parts).isNotEmpty();
    }
  }

  @Test
  void nobody_reading_for_longer_than_the_servers_patience_does_not_matter() throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "ALTER DATABASE %s SET wal_sender_timeout = '4s'".formatted(databases.sourceName()));
    try (CapturedChanges changes = capture()) {
      databases.inSource(
          "INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i");
      long begun = System.nanoTime();
      await().until(() -> System.nanoTime() - begun > Duration.ofSeconds(7).toNanos());
      assertThat(changes.lines(20_000)).hasSize(20_000);
    } finally {
      databases.inSource(
          "ALTER DATABASE %s RESET wal_sender_timeout".formatted(databases.sourceName()));
    }
  }

  @Test
  void the_task_leaves_nothing_behind_and_can_begin_again_after_any_crash() throws Exception {
    table();
    for (int i = 0; i < 2; i++) {
      Source source = databases.source();
      ChangeLog log = source.changeLog(TASK);
      List<TableSchema> tables = source.tables((id, kind) -> true);
      log.open(tables, "");
      ChangeLog.Start again = log.open(tables, "");
      assertThat(log.open(tables, again.identity()).position()).isEqualTo(again.position());
    }
    databases.inSource(
        "SELECT pg_drop_replication_slot('%s')".formatted(SLOT)); // Killed between the two.
    try (CapturedChanges changes = capture()) {
      databases.inSource("INSERT INTO t VALUES (1)");
      assertThat(changes.lines(1)).containsExactly("INSERT t is [1]");
    }
    assertThat(databases.sourceRows("SELECT slot_name FROM pg_replication_slots")).isEmpty();
    assertThat(databases.sourceRows("SELECT pubname FROM pg_publication")).isEmpty();
  }
}
