package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import wherry.change.Position;
import wherry.connector.ChangeLog;
import wherry.connector.Source;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;
import wherry.schema.TableSchema;

/**
 * What a source and its tables need to have for their changes to be captured; what is lacking is
 * told with the statement that mends it.
 */
class PostgresCaptureNeedsIT {
  private static final Databases databases = new Databases();
  private static final String TASK = "NEEDS";
  private static final String SLOT = PostgresChangeLog.ownName(TASK);

  private static final String PLAIN_ROLE =
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'plain') THEN CREATE ROLE"
          + " plain LOGIN PASSWORD 'plain'; END IF; END $$";

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

  private static void table() {
    databases.inSource("CREATE TABLE t (id int PRIMARY KEY)");
  }

  @Test
  void a_server_without_a_logical_log_or_without_room_says_how_to_mend_it() {
    try (PostgresServer server =
        PostgresServer.start(ServerOptions.standard().with("wal_level", "replica"))) {
      assertThatThrownBy(() -> open(server))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SETTING_INVALID))
          .hasMessageContaining("wal_level = logical");
    }
    try (PostgresServer server =
        PostgresServer.start(
            ServerOptions.standard()
                .with("max_replication_slots", "1")
                .with("max_wal_senders", "1")
                .with("max_slot_wal_keep_size", "1MB"))) {
      server.execute("SELECT pg_create_logical_replication_slot('other', 'pgoutput')");
      assertThatThrownBy(() -> open(server))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SETTING_INVALID))
          .hasMessageContaining("max_replication_slots");
      server.execute("SELECT pg_drop_replication_slot('other')");
      ChangeLog.Start start = open(server);
      for (int i = 0; i < 3; i++) {
        server.execute(
            "SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000000))",
            "SELECT pg_switch_wal()");
      }
      server.execute("CHECKPOINT");
      try (Source source = new PostgresConnector().source(Databases.endpoint(server, "postgres"))) {
        ChangeLog log = source.changeLog(TASK);
        ChangeLog.Request request =
            new ChangeLog.Request(
                List.of(), (id, kind) -> true, start.position(), start.identity());
        assertThatThrownBy(() -> log.read(request))
            .isInstanceOfSatisfying(
                DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOG_LOST))
            .hasMessageContaining("max_slot_wal_keep_size");
      }
    }
  }

  private static ChangeLog.Start open(PostgresServer server) {
    try (Source source = new PostgresConnector().source(Databases.endpoint(server, "postgres"))) {
      return source.changeLog(TASK).open(List.of(), "");
    }
  }

  @Test
  void a_plain_role_needs_replication_the_tables_and_create_on_the_database_and_no_more()
      throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY)",
        PLAIN_ROLE,
        "ALTER ROLE plain NOREPLICATION",
        "REVOKE CREATE ON DATABASE %s FROM plain".formatted(databases.sourceName()),
        "GRANT USAGE ON SCHEMA public TO plain",
        "GRANT SELECT ON t TO plain");
    String database = databases.sourceName();
    refused("ALTER ROLE \"plain\" REPLICATION;");
    databases.inSource("ALTER ROLE plain REPLICATION");
    refused("ALTER TABLE \"public\".\"t\" OWNER TO \"plain\";");
    databases.inSource("ALTER TABLE t OWNER TO plain");
    refused("GRANT CREATE ON DATABASE \"%s\" TO \"plain\";".formatted(database));
    databases.inSource("GRANT CREATE ON DATABASE %s TO plain".formatted(database));
    try (CapturedChanges changes = new CapturedChanges(plainSource(), TASK)) {
      databases.inSource("INSERT INTO t VALUES (1)");
      assertThat(changes.lines(1)).containsExactly("INSERT t is [1]");
      changes.readToEnd();
    }
    databases.inSource("REVOKE CREATE ON DATABASE %s FROM plain".formatted(database));
    databases.inSource("ALTER TABLE t OWNER TO postgres", "GRANT SELECT ON t TO plain");
    databases.inSource("CREATE PUBLICATION %s FOR TABLE t".formatted(SLOT));
    try (CapturedChanges changes = new CapturedChanges(plainSource(), TASK)) {
      databases.inSource("INSERT INTO t VALUES (2)");
      assertThat(changes.lines(1)).containsExactly("INSERT t is [2]");
    }
    databases.inSource("DROP PUBLICATION " + SLOT);
  }

  @Test
  void a_table_that_is_taken_out_of_a_publication_of_others_is_given_up() throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE u (id int PRIMARY KEY)",
        "CREATE TABLE v (id int PRIMARY KEY)",
        PLAIN_ROLE,
        "ALTER ROLE plain REPLICATION",
        "GRANT USAGE ON SCHEMA public TO plain",
        "GRANT SELECT ON t, u, v TO plain",
        "CREATE PUBLICATION %s FOR TABLE t, u, v".formatted(SLOT));
    try (CapturedChanges changes = new CapturedChanges(plainSource(), TASK)) {
      databases.inSource("ALTER PUBLICATION %s DROP TABLE t".formatted(SLOT));
      assertThat(changes.lines(1).getFirst())
          .startsWith("LOST t:")
          .contains("ALTER PUBLICATION \"%s\" ADD TABLE \"public\".\"t\";".formatted(SLOT));
      databases.inSource("INSERT INTO u VALUES (1)");
      assertThat(changes.lines(1)).containsExactly("INSERT u is [1]");

      databases.inSource("ALTER TABLE v RENAME TO w");
      assertThat(changes.lines(1).getFirst()).startsWith("TableRenamed v:");
      databases.inSource("ALTER PUBLICATION %s DROP TABLE w".formatted(SLOT));
      assertThat(changes.lines(1).getFirst())
          .startsWith("LOST w:")
          .contains("ALTER PUBLICATION \"%s\" ADD TABLE \"public\".\"w\";".formatted(SLOT));

      // One transaction: no look falls between.
      databases.inSource(
          "BEGIN",
          "ALTER PUBLICATION %s DROP TABLE u".formatted(SLOT),
          "INSERT INTO u VALUES (2)",
          "ALTER PUBLICATION %s ADD TABLE u".formatted(SLOT),
          "COMMIT");
      assertThat(changes.lines(1).getFirst())
          .startsWith("LOST u:")
          .contains("taken out of publication %s and put back".formatted(SLOT));

      databases.inSource("ALTER PUBLICATION %s SET (publish = 'insert')".formatted(SLOT));
      assertThat(PostgresCaptureFaultsIT.failure(changes))
          .hasMessageContaining("leaves changes out: it does not publish insert, update");
    }
    databases.inSource("DROP PUBLICATION " + SLOT);
  }

  @Test
  void a_table_that_is_taken_out_of_the_tasks_own_publication_for_good_is_given_up()
      throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE u (id int PRIMARY KEY)",
        PLAIN_ROLE,
        "ALTER ROLE plain REPLICATION",
        "GRANT USAGE ON SCHEMA public TO plain",
        "GRANT CREATE ON DATABASE %s TO plain".formatted(databases.sourceName()),
        "ALTER TABLE t OWNER TO plain",
        "ALTER TABLE u OWNER TO plain");
    try (CapturedChanges changes = new CapturedChanges(plainSource(), TASK)) {
      databases.inSource(
          "BEGIN; ALTER PUBLICATION %s DROP TABLE t; ALTER TABLE t OWNER TO postgres; COMMIT"
              .formatted(SLOT));
      assertThat(changes.lines(1).getFirst())
          .startsWith("LOST t:")
          .contains("must be owner of table t", "ALTER TABLE \"public\".\"t\" OWNER TO \"plain\";");
      databases.inSource("INSERT INTO u VALUES (1)");
      assertThat(changes.lines(1)).containsExactly("INSERT u is [1]");
      changes.readToEnd();
    }
    databases.inSource("REVOKE CREATE ON DATABASE %s FROM plain".formatted(databases.sourceName()));
  }

  private static Source plainSource() {
    return databases.source("Username", "plain", "Password", "plain");
  }

  private static void refused(String statement) {
    try (Source source = plainSource()) {
      List<TableSchema> tables = source.tables((id, kind) -> true);
      assertThatThrownBy(() -> source.changeLog(TASK).open(tables, ""))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING))
          .hasMessageContaining(statement);
    }
  }

  @Test
  void whether_the_log_carries_whole_rows_is_known_with_the_statement_that_mends_it()
      throws Exception {
    databases.inSource(
        "CREATE TABLE keyed (id int PRIMARY KEY, v int)",
        "CREATE TABLE whole (id int PRIMARY KEY, v int)",
        "ALTER TABLE whole REPLICA IDENTITY FULL",
        "CREATE TABLE parted (id int PRIMARY KEY, v int) PARTITION BY LIST (id)");
    try (CapturedChanges changes = capture()) {
      assertThat(changes.remedyForPartialRows("whole")).isEmpty();
      assertThat(changes.remedyForPartialRows("keyed"))
          .contains("Run: ALTER TABLE \"public\".\"keyed\" REPLICA IDENTITY FULL;");
      assertThat(changes.remedyForPartialRows("parted").orElseThrow())
          .contains("columns of its key");
    }
  }

  @Test
  void tables_whose_rows_the_log_cannot_tell_apart_are_refused_and_stay_writable()
      throws Exception {
    databases.inSource(
        "CREATE TABLE good (id int PRIMARY KEY)",
        "CREATE TABLE keyless (id int)",
        "CREATE TABLE nothing (id int PRIMARY KEY)",
        "ALTER TABLE nothing REPLICA IDENTITY NOTHING",
        "CREATE TABLE other (id int PRIMARY KEY, u int NOT NULL UNIQUE)",
        "ALTER TABLE other REPLICA IDENTITY USING INDEX other_u_key",
        "CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY)",
        "CREATE TABLE computed (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2)"
            + " VIRTUAL)",
        "CREATE VIEW v AS SELECT 1 AS id",
        "CREATE TABLE parts (id int) PARTITION BY LIST (id)",
        "CREATE TABLE part1 PARTITION OF parts FOR VALUES IN (1)",
        "CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY LIST (id)",
        "ALTER TABLE whole REPLICA IDENTITY FULL");
    try (CapturedChanges changes = capture()) {
      assertThat(changes.start.refused())
          .extracting(e -> e.table().orElseThrow().name())
          .containsExactlyInAnyOrder(
              "keyless", "nothing", "other", "unlogged", "computed", "v", "parts", "whole");
      assertThat(changes.start.refused())
          .extracting(Throwable::getMessage)
          .anyMatch(m -> m.contains("ALTER TABLE \"public\".\"keyless\" REPLICA IDENTITY FULL;"))
          .anyMatch(m -> m.contains("ALTER TABLE \"public\".\"nothing\" REPLICA IDENTITY DEFAULT;"))
          .anyMatch(m -> m.contains("ALTER TABLE \"public\".\"other\" REPLICA IDENTITY DEFAULT;"))
          .anyMatch(m -> m.contains("ALTER TABLE \"public\".\"unlogged\" SET LOGGED;"));
      databases.inSource(
          "INSERT INTO keyless VALUES (1)",
          "UPDATE keyless SET id = 2",
          "DELETE FROM nothing",
          "INSERT INTO parts VALUES (1)",
          "UPDATE parts SET id = 1",
          "INSERT INTO good VALUES (1)");
      assertThat(changes.lines(1)).containsExactly("INSERT good is [1]");
      databases.inSource("ALTER TABLE keyless REPLICA IDENTITY FULL");
      assertThat(changes.lines(1).getFirst()).startsWith("LOST keyless").contains("Reload");
    }
  }

  @Test
  void a_given_slot_is_used_from_a_given_position_and_stays() throws Exception {
    table();
    databases.inSource(
        "CREATE PUBLICATION given FOR TABLE t",
        "SELECT pg_create_logical_replication_slot('given', 'pgoutput')",
        "INSERT INTO t VALUES (1)");
    try (Source source = databases.source("SlotName", "given")) {
      ChangeLog log = source.changeLog(TASK);
      ChangeLog.Start start = log.open(source.tables((id, kind) -> true), "");
      Position middle = log.now();
      databases.inSource("INSERT INTO t VALUES (2)");
      try (CapturedChanges changes =
          new CapturedChanges(databases.source("SlotName", "given"), TASK)) {
        assertThat(changes.lines(2)).containsExactly("INSERT t is [1]", "INSERT t is [2]");
        changes.readAgain(middle);
        assertThat(changes.lines(1)).containsExactly("INSERT t is [2]");
        Lsn early = new Lsn(((Lsn) start.position()).value() - 1);
        assertThatThrownBy(() -> changes.readAgain(early))
            .isInstanceOfSatisfying(
                DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SETTING_INVALID))
            .hasMessageContaining(start.position().text());
      }
    }
    assertThat(databases.sourceRows("SELECT slot_name FROM pg_replication_slots"))
        .containsExactly("given");
    databases.inSource("SELECT pg_drop_replication_slot('given')", "DROP PUBLICATION given");
  }

  @Test
  void a_given_slot_without_a_publication_of_its_name_is_refused_as_its_log_would_lack_rows() {
    table();
    databases.inSource("SELECT pg_create_logical_replication_slot('alone', 'pgoutput')");
    try (Source source = databases.source("SlotName", "alone")) {
      assertThatThrownBy(() -> source.changeLog(TASK).open(source.tables((id, kind) -> true), ""))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SETTING_INVALID))
          .hasMessageContaining("CREATE PUBLICATION \"alone\"");
    }
    databases.inSource("SELECT pg_drop_replication_slot('alone')");
  }

  @Test
  void positions_are_read_as_the_engine_writes_them_and_times_are_refused() {
    try (Source source = databases.source()) {
      ChangeLog log = source.changeLog(TASK);
      assertThat(log.position("4AF/B00000D0").text()).isEqualTo("4AF/B00000D0");
      assertThat(log.position("000004AF/B00000D0").text()).isEqualTo("4AF/B00000D0");
      assertThatThrownBy(() -> log.position("binlog.000001:4"))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SETTING_INVALID));
      assertThatThrownBy(() -> log.at(Instant.EPOCH))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SETTING_INVALID));
    }
  }
}
