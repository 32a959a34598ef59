package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wherry.connector.ChangeLog;
import wherry.connector.Source;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

class PublicationIT {
  private static final Databases databases = new Databases();

  @AfterEach
  void clear() {
    databases.clear();
  }

  @AfterAll
  static void drop() {
    databases.close();
  }

  /** Nobody would hear of what it leaves out. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TABLE t, parts WITH (publish = 'insert, update', publish_via_partition_root = true)"
            + " | it does not publish insert, update, delete and truncate",
        "TABLE t WHERE (id > 5), parts WITH (publish_via_partition_root = true)"
            + " | it has row filters or column lists",
        "TABLE t (id), parts WITH (publish_via_partition_root = true)"
            + " | it has row filters or column lists",
        "TABLE t, parts | it publishes partitions under their own names"
      })
  void a_publication_that_would_leave_changes_out_is_refused(String tables, String how) {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY, v int)",
        "CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE part PARTITION OF parts DEFAULT",
        "CREATE PUBLICATION given FOR " + tables.strip(),
        "SELECT pg_create_logical_replication_slot('given', 'pgoutput')");
    try (Source source = databases.source("SlotName", "given")) {
      assertThatThrownBy(
              () -> source.changeLog("GIVEN").open(source.tables((id, kind) -> true), ""))
          .isInstanceOfSatisfying(
              DmsException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SETTING_INVALID))
          .hasMessageContainingAll(
              "Publication given of the source", how, "CREATE PUBLICATION \"given\" FOR TABLE");
    } finally {
      databases.inSource("SELECT pg_drop_replication_slot('given')", "DROP PUBLICATION given");
    }
  }

  @Test
  void a_table_is_held_as_long_as_one_of_its_entries_outlives_the_other() throws Exception {
    databases.inSource(
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE part PARTITION OF parts DEFAULT",
        "CREATE PUBLICATION given FOR TABLE t, parts WITH (publish_via_partition_root = true)");
    try (Connection session = Databases.server().connect(databases.sourceName())) {
      Publication publication =
          new Publication(PostgresSettings.from(databases.sourceEndpoint()), "given");
      PublicationEntries entries = new PublicationEntries();
      entries.begin(session, publication, oids());
      assertThat(replacedBy(session, entries, publication, "ADD TABLES IN SCHEMA public"))
          .isEmpty();
      assertThat(replacedBy(session, entries, publication, "DROP TABLE t, parts")).isEmpty();
      assertThat(replacedBy(session, entries, publication, "ADD TABLE t")).isEmpty();
      assertThat(
              replacedBy(
                  session,
                  entries,
                  publication,
                  "DROP TABLES IN SCHEMA public",
                  "ADD TABLES IN SCHEMA public"))
          .as("all but t, which its own entry held")
          .hasSize(2);
      assertThat(replacedBy(session, entries, publication))
          .as("told until the log carries them anew")
          .hasSize(2);
      entries.begin(session, publication, oids());
      assertThat(replacedBy(session, entries, publication)).isEmpty();

      databases.inSource("DROP PUBLICATION given", "CREATE PUBLICATION given FOR ALL TABLES");
      assertThat(replacedBy(session, entries, publication)).hasSize(3);
    } finally {
      databases.inSource("DROP PUBLICATION given");
    }
  }

  @Test
  void a_new_table_whose_key_comes_in_the_next_statement_is_no_table_in_error() throws Exception {
    databases.inSource("CREATE PUBLICATION given");
    try (Connection session = Databases.server().connect(databases.sourceName())) {
      session.setAutoCommit(false);
      PostgresSettings settings = PostgresSettings.from(databases.sourceEndpoint());
      TableWatch watch =
          new TableWatch(
              settings,
              new Publication(settings, "given"),
              new PartitionWatch(Map.of()),
              new PublicationEntries(),
              new ChangeLog.Request(List.of(), (id, kind) -> true, new Lsn(0), ""),
              Set.of(),
              Map.of(),
              new HashMap<>());
      databases.inSource("CREATE TABLE late (id int)", "CREATE TABLE never (id int)");
      assertThat(looked(watch, session)).isEmpty();

      databases.inSource("ALTER TABLE late ADD PRIMARY KEY (id)");
      assertThat(looked(watch, session))
          .containsExactlyInAnyOrder("Appeared late", "Refused never");
      assertThat(looked(watch, session)).isEmpty();

      databases.inSource("ALTER TABLE never ADD PRIMARY KEY (id)");
      assertThat(looked(watch, session)).containsExactly("Appeared never");
    } finally {
      databases.inSource("DROP PUBLICATION given");
    }
  }

  private static List<String> looked(TableWatch watch, Connection session) throws SQLException {
    List<TableNotice> notices = watch.look(session);
    session.commit();
    watch.told();
    return notices.stream()
        .map(notice ->
            switch (notice) {
              case TableNotice.Appeared appeared -> "Appeared " + appeared.table().id().name();
              case TableNotice.Refused refused -> "Refused " + refused.table().name();
              default -> notice.toString();
            })
        .toList();
  }

  private static Set<Integer> replacedBy(
      Connection session, PublicationEntries entries, Publication publication, String... changes)
      throws SQLException {
    for (String change : changes) {
      databases.inSource("ALTER PUBLICATION given " + change);
    }
    Set<Integer> replaced = entries.replaced(session, publication, oids());
    entries.told();
    return replaced;
  }

  private static List<Integer> oids() {
    return databases
        .sourceRows("SELECT oid FROM pg_class WHERE relname IN ('t', 'parts', 'part')")
        .stream()
        .map(Integer::parseUnsignedInt)
        .toList();
  }
}
