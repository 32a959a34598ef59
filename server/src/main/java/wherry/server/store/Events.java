package wherry.server.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The event log of the last 14 days. Safe for all threads. */
public final class Events {
  /** How long an event is kept, as AWS DMS does. */
  public static final Duration RETENTION = Duration.ofDays(14);

  private final MetadataDatabase database;

  Events(MetadataDatabase database) {
    this.database = database;
  }

  /** Keeps an event and forgets those that are too old. */
  public void add(Event event) {
    database.write(sql -> {
      sql.update(
          "DELETE FROM event WHERE happened_at < ?", event.date().minus(RETENTION).toEpochMilli());
      return sql.update(
          "INSERT INTO event (id, happened_at, source_type, source_id, categories, message)"
              + " SELECT COALESCE(MAX(id), 0) + 1, ?, ?, ?, ?, ? FROM event",
          event.date().toEpochMilli(),
          event.sourceType(),
          event.sourceId(),
          String.join(",", event.categories()),
          event.message());
    });
  }

  /** Those of from ≤ date ≤ to in the order they happened, with a number that grows. */
  public List<Numbered> between(Instant from, Instant to) {
    return database.read(sql ->
        sql.rows(
            "SELECT id, happened_at, source_type, source_id, categories, message FROM event"
                + " WHERE happened_at BETWEEN ? AND ? ORDER BY id",
            Events::event,
            from.toEpochMilli(),
            to.toEpochMilli()));
  }

  private static Numbered event(ResultSet row) throws SQLException {
    Event event =
        new Event(
            row.getString(3),
            row.getString(4),
            List.of(row.getString(5).split(",")),
            row.getString(6),
            Instant.ofEpochMilli(row.getLong(2)));
    return new Numbered(row.getLong(1), event);
  }

  /** An event and its number, which pages go by. */
  public record Numbered(long number, Event event) {}
}
