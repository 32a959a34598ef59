package wherry.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
}
