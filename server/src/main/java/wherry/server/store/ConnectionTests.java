package wherry.server.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The last test of each pair of endpoint and instance. Safe for all threads. */
public final class ConnectionTests {
  private static final String COLUMNS =
      "SELECT endpoint_arn, instance_arn, status, last_failure, tested_at, attempt FROM"
          + " connection";

  private final MetadataDatabase database;

  ConnectionTests(MetadataDatabase database) {
    this.database = database;
  }

  /** Begins a test unless one is under way. Returns whether it began. */
  public boolean begin(ConnectionTest test) {
    return database.write(sql -> upsert(sql, test, " WHERE connection.status <> 'testing'")) == 1;
  }

  /** Begins a test, whatever was there; one that is under way is overtaken. */
  public void restart(ConnectionTest test) {
    database.write(sql -> upsert(sql, test, ""));
  }

  private static int upsert(Sql sql, ConnectionTest test, String condition) throws SQLException {
    return sql.update(
        "INSERT INTO connection (endpoint_arn, instance_arn, status, last_failure, tested_at, attempt)"
            + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (endpoint_arn, instance_arn) DO UPDATE SET"
            + " status = excluded.status, last_failure = excluded.last_failure,"
            + " tested_at = excluded.tested_at, attempt = excluded.attempt"
            + condition,
        test.endpointArn(),
        test.instanceArn(),
        test.status(),
        test.lastFailure(),
        test.testedAt().toEpochMilli(),
        test.attempt());
  }

  /**
   * Ends the test of this attempt. Returns false when it was overtaken or deleted, and then nothing
   * has changed.
   */
  public boolean finish(ConnectionTest test) {
    return database.write(sql ->
        sql.update(
            "UPDATE connection SET status = ?, last_failure = ?"
                + " WHERE endpoint_arn = ? AND instance_arn = ? AND attempt = ?",
            test.status(),
            test.lastFailure(),
            test.endpointArn(),
            test.instanceArn(),
            test.attempt()))
        == 1;
  }

  public Optional<ConnectionTest> find(String endpointArn, String instanceArn) {
    return database.read(sql ->
        sql.first(
            COLUMNS + " WHERE endpoint_arn = ? AND instance_arn = ?",
            ConnectionTests::test,
            endpointArn,
            instanceArn));
  }

  /** All, in the order of their keys. */
  public List<ConnectionTest> list() {
    return database.read(
        sql -> sql.rows(COLUMNS + " ORDER BY endpoint_arn, instance_arn", ConnectionTests::test));
  }

  /** Returns whether it was there. */
  public boolean delete(String endpointArn, String instanceArn) {
    return database.write(sql ->
        sql.update(
                "DELETE FROM connection WHERE endpoint_arn = ? AND instance_arn = ?",
                endpointArn,
                instanceArn)
            == 1);
  }

  private static ConnectionTest test(ResultSet row) throws SQLException {
    return new ConnectionTest(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        Instant.ofEpochMilli(row.getLong(5)),
        row.getString(6));
  }
}
