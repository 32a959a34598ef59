package wherry.postgresql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Queries that stand beside this class as files, named after what they answer. */
final class Sql {
  static final String RELATIONS = read("relations.sql");
  static final String COLUMNS = read("columns.sql");
  static final String INDEXES = read("indexes.sql");
  static final String TABLE_PARTS = read("table_parts.sql");
  static final String SIZES = read("sizes.sql");
  static final String IDENTITIES = read("identities.sql");
  static final String SLOT = read("slot.sql");
  static final String ATTRIBUTES = read("attributes.sql");
  static final String COLUMN_TYPES = read("column_types.sql");
  static final String PARTITIONS = read("partitions.sql");
  static final String WATCHED = read("watched.sql");
  static final String PUBLISHED = read("published.sql");
  static final String PUBLICATION_ENTRIES = read("publication_entries.sql");
  static final String OUTSIDE = read("outside.sql");

  private Sql() {}

  private static String read(String name) {
    try (InputStream file = Sql.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("The jar lacks " + name);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
