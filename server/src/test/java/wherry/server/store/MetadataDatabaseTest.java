package wherry.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetadataDatabaseTest {
  @TempDir Path directory;

  @Test
  void after_a_full_disk_nothing_of_the_write_is_left_and_the_next_one_is_whole_again() {
    try (var database = MetadataDatabase.open(directory.resolve("wherry.db"))) {
      var meta = new MetaValues(database);
      database.write(sql -> limitPages(sql, 100));
      assertThatThrownBy(() ->
              database.write(sql -> {
                meta.put("small", "x");
                meta.put("large", "x".repeat(1_000_000));
                return 0;
              }))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("full");
      assertThat(meta.find("small")).isEmpty();

      database.write(sql -> limitPages(sql, 1_000_000));
      meta.put("small", "y");
      assertThat(meta.find("small")).contains("y");
      assertThatThrownBy(() ->
              database.write(sql -> {
                meta.put("small", "z");
                throw new IllegalStateException("changed its mind");
              }))
          .hasMessage("changed its mind");
      assertThat(meta.find("small")).contains("y");
    }
  }

  /** A database that has all its pages answers as one whose disk is full (SQLITE_FULL). */
  private static int limitPages(Sql sql, int pages) throws SQLException {
    return sql.first("PRAGMA max_page_count=" + pages, row -> row.getInt(1)).orElseThrow();
  }
}
