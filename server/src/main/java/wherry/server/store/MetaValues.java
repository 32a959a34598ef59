package wherry.server.store;

import java.util.Optional;
import java.util.function.Supplier;

/** Small facts about the store itself, by name. Safe for all threads. */
public final class MetaValues {
  private final MetadataDatabase database;

  MetaValues(MetadataDatabase database) {
    this.database = database;
  }

  public Optional<String> find(String name) {
    return database.read(
        sql -> sql.first("SELECT value FROM meta WHERE name = ?", row -> row.getString(1), name));
  }

  public void put(String name, String value) {
    database.write(sql ->
        sql.update(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET"
                + " value = excluded.value",
            name,
            value));
  }

  /** The value, made and kept by the first call. */
  public String computeIfAbsent(String name, Supplier<String> value) {
    return database.write(sql ->
        find(name)
            .orElseGet(() -> {
              String made = value.get();
              put(name, made);
              return made;
            }));
  }
}
