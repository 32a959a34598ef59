package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static wherry.acceptance.Fixture.rows;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.services.databasemigration.model.ReplicationEndpointTypeValue;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.FaultProxy;
import wherry.sandbox.PostgresServer;

/**
 * A load that stands still in its midst for as long as a test acts. Its table {@code big} is cut
 * into three ranges, of which two are read at the same time, and the network carries five sixths of
 * the rows: at least one range has arrived then, and at least one has not.
 */
final class HeldLoad implements AutoCloseable {
  static final int ROWS = 60_000;
  static final String TWO_AT_A_TIME = "\"FullLoadSettings\":{\"MaxFullLoadSubTasks\":2}";

  /** Of an id and a filler of six hashes; what frames them is little. */
  private static final long ROW_BYTES = 200;

  private static final long CARRIED_BYTES = ROWS * ROW_BYTES * 5 / 6;

  private final PostgresServer server;
  private final String database;
  private final FaultProxy network;
  private final AtomicLong carriedBytes = new AtomicLong();
  private final CountDownLatch released = new CountDownLatch(1);

  /** Makes the table in a database of the source that is there. */
  HeldLoad(PostgresServer server, String database) {
    this.server = server;
    this.database = database;
    server.executeIn(
        database,
        "CREATE TABLE big (id int PRIMARY KEY, filler text)",
        "INSERT INTO big SELECT i, repeat(md5(i::text), 6) FROM generate_series(1, " + ROWS + ") i",
        "ANALYZE big");
    network = FaultProxy.to(server.port());
    network.tap((connection, toServer, bytes, length) -> toServer || carries(length));
  }

  /** The port at which the task has to find the source. */
  int port() {
    return network.port();
  }

  String endpoint(Migration migration) {
    return migration.endpoint(
        ReplicationEndpointTypeValue.SOURCE,
        "postgres",
        server,
        database,
        endpoint -> endpoint.port(port()));
  }

  /** Takes the table to a schema. */
  static String mappings(String targetSchema) {
    return Migration.wholeSchema("public", targetSchema)
        .replace(
            "\"rules\":[",
            """
            "rules":[
              {"rule-type":"table-settings","rule-id":"3","rule-name":"ranges",
               "object-locator":{"schema-name":"public","table-name":"big"},
               "parallel-load":{"type":"ranges","columns":["id"],"boundaries":[["%d"],["%d"]]}},\
            """
                .formatted(ROWS / 3, ROWS / 3 * 2));
  }

  private boolean carries(int bytes) {
    if (carriedBytes.addAndGet(bytes) > CARRIED_BYTES) {
      try {
        released.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  /** Waits until a range is committed; the load cannot end before it is released. */
  void awaitMidst(Migration migration, String task) {
    await().until(() -> migration.tables(task).stream().anyMatch(t -> t.fullLoadRows() > 0));
  }

  /** From now on the network carries everything. */
  void release() {
    released.countDown();
  }

  /** What is under way is lost with its connections; new ones carry everything. */
  void lose() {
    network.cut();
    release();
  }

  /** Compares all rows with those of a copy. */
  void assertSameRows(DatabaseServer target, String targetDatabase, String table) {
    String sums = "SELECT count(*), count(DISTINCT id), sum(id), sum(length(filler)) FROM ";
    assertThat(rows(target, targetDatabase, sums + table))
        .isEqualTo(rows(server, database, sums + "big"));
  }

  @Override
  public void close() {
    release();
    network.close();
  }
}
