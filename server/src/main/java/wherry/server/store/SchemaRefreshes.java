package wherry.server.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** The last refresh of each endpoint's schemas and what it found. Safe for all threads. */
public final class SchemaRefreshes {
  public static final String REFRESHING = "refreshing";
  public static final String SUCCESSFUL = "successful";
  public static final String FAILED = "failed";

  private static final String COLUMNS =
      "SELECT endpoint_arn, instance_arn, status, last_failure, refreshed_at FROM schema_refresh";

  private final MetadataDatabase database;

  SchemaRefreshes(MetadataDatabase database) {
    this.database = database;
  }

  /**
   * The last refresh of an endpoint.
   *
   * @param status {@code refreshing}, {@code successful} or {@code failed}
   * @param lastFailure why it failed; empty otherwise
   * @param refreshedAt when it began, to the millisecond
   */
  public record Refresh(
      String endpointArn,
      String instanceArn,
      String status,
      String lastFailure,
      Instant refreshedAt) {
    public Refresh {
      refreshedAt = refreshedAt.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  public void put(Refresh refresh) {
    database.write(sql ->
        sql.update(
            "INSERT INTO schema_refresh (endpoint_arn, instance_arn, status, last_failure,"
                + " refreshed_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (endpoint_arn) DO UPDATE"
                + " SET instance_arn = excluded.instance_arn, status = excluded.status,"
                + " last_failure = excluded.last_failure, refreshed_at = excluded.refreshed_at",
            refresh.endpointArn(),
            refresh.instanceArn(),
            refresh.status(),
            refresh.lastFailure(),
            refresh.refreshedAt().toEpochMilli()));
  }

  public Optional<Refresh> find(String endpointArn) {
    return database.read(sql ->
        sql.first(COLUMNS + " WHERE endpoint_arn = ?", SchemaRefreshes::refresh, endpointArn));
  }

  private static Refresh refresh(ResultSet row) throws SQLException {
    return new Refresh(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        Instant.ofEpochMilli(row.getLong(5)));
  }

  /** Those that have not come to an end. */
  public List<Refresh> refreshing() {
    return database.read(
        sql -> sql.rows(COLUMNS + " WHERE status = ?", SchemaRefreshes::refresh, REFRESHING));
  }

  /** Puts these names in the place of those found before. */
  public void putSchemas(String endpointArn, List<String> names) {
    database.write(sql -> {
      sql.update("DELETE FROM refreshed_schema WHERE endpoint_arn = ?", endpointArn);
      sql.updateMany(
          "INSERT INTO refreshed_schema (endpoint_arn, name) VALUES (?, ?) ON CONFLICT"
              + " (endpoint_arn, name) DO NOTHING",
          names.stream().map(name -> new Object[] {endpointArn, name}).toList());
      return names.size();
    });
  }

  /** Names found last, sorted. */
  public List<String> schemas(String endpointArn) {
    return database.read(sql ->
        sql.rows(
            "SELECT name FROM refreshed_schema WHERE endpoint_arn = ? ORDER BY name",
            row -> row.getString(1),
            endpointArn));
  }
}
