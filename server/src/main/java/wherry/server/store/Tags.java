package wherry.server.store;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tags by ARN. Safe for all threads. */
public final class Tags {
  private final MetadataDatabase database;

  Tags(MetadataDatabase database) {
    this.database = database;
  }

  /** By key, sorted. */
  public Map<String, String> of(String arn) {
    Map<String, String> tags = new LinkedHashMap<>();
    database.read(sql ->
        sql.rows(
            "SELECT name, value FROM tag WHERE arn = ? ORDER BY name",
            row -> tags.put(row.getString(1), row.getString(2)),
            arn));
    return tags;
  }

  /** Adds tags; a key that is there takes the new value. */
  public void put(String arn, Map<String, String> tags) {
    database.write(sql -> {
      for (Map.Entry<String, String> tag : tags.entrySet()) {
        sql.update(
            "INSERT INTO tag (arn, name, value) VALUES (?, ?, ?)"
                + " ON CONFLICT (arn, name) DO UPDATE SET value = excluded.value",
            arn,
            tag.getKey(),
            tag.getValue());
      }
      return tags.size();
    });
  }

  /** Removes keys; those that are not there do not matter. */
  public void remove(String arn, Collection<String> keys) {
    database.write(sql -> {
      for (String key : keys) {
        sql.update("DELETE FROM tag WHERE arn = ? AND name = ?", arn, key);
      }
      return keys.size();
    });
  }
}
