package wherry.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static wherry.acceptance.Fixture.newName;
import static wherry.acceptance.Fixture.rows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ServerOptions;

/**
 * A small database of PostgreSQL with something of most kinds, and an empty one beside it, on a
 * server that a pg_dump of this machine can read.
 */
record Shop(PostgresServer server, String source, String target) {
  /** Started when first asked for; offers TLS. */
  private static final class Server {
    static final PostgresServer SERVER =
        PostgresServer.start(
            pgDumpVersion() >= 18 ? PostgresServer.Release.V18 : PostgresServer.Release.V14,
            ServerOptions.standard().withTls());
  }

  /** The server, where this machine has what data migrations need. */
  static PostgresServer server18or14() {
    assumeTrue(
        pgDumpVersion() >= 14,
        "no pg_dump of version 14 or later is on PATH; install postgresql-client (.ci/install-packages)");
    return Server.SERVER;
  }

  /** Major version of the pg_dump on PATH; 0 without one. */
  private static int pgDumpVersion() {
    try {
      Process dump = new ProcessBuilder("pg_dump", "--version").start();
      String answer = new String(dump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher version = Pattern.compile("(\\d+)").matcher(answer);
      return version.find() ? Integer.parseInt(version.group(1)) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  /** Two new databases. */
  static Shop create() {
    PostgresServer server = server18or14();
    Shop shop = new Shop(server, newName("from"), newName("to"));
    server.createDatabase(shop.source);
    server.createDatabase(shop.target);
    server.executeIn(
        shop.source,
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE TABLE customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood)",
        "CREATE TABLE orders (id serial PRIMARY KEY, customer bigint REFERENCES customer,"
            + " total numeric NOT NULL DEFAULT 0, placed date NOT NULL DEFAULT '2026-01-01',"
            + " tax numeric GENERATED ALWAYS AS (total / 5) STORED)",
        "CREATE INDEX orders_total ON orders (total)",
        "CREATE TABLE events (id int, day date) PARTITION BY RANGE (day)",
        "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        "CREATE TABLE events_2 PARTITION OF events DEFAULT",
        "ALTER TABLE events ADD PRIMARY KEY (id, day)",
        "CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS"
            + " 'BEGIN NEW.total := NEW.total * 2; RETURN NEW; END'",
        "INSERT INTO customer (mood) SELECT 'ok' FROM generate_series(1, 1000)",
        "INSERT INTO orders (customer, total) SELECT i, i FROM generate_series(1, 1000) i",
        "INSERT INTO events SELECT i, date '2026-01-01' + i FROM generate_series(1, 100) i",
        "CREATE TRIGGER twice BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION twice()",
        "CREATE MATERIALIZED VIEW sums AS SELECT customer, sum(total) FROM orders GROUP BY 1");
    return shop;
  }

  String inSource(String query) {
    return Fixture.value(server, source, query);
  }

  String inTarget(String query) {
    return Fixture.value(server, target, query);
  }

  /** Changes something that {@link #hasMark} finds on the target. */
  void mark() {
    server.executeIn(source, "INSERT INTO customer (mood) VALUES ('sad')");
  }

  boolean hasMark() {
    return !inTarget("SELECT count(*) FROM customer WHERE mood = 'sad'").equals("0");
  }

  void assertSameRows() {
    for (String table : List.of("customer", "orders", "events", "events_1")) {
      String query = "SELECT * FROM " + table + " ORDER BY 1, 2";
      assertThat(rows(server, target, query)).as(table).isEqualTo(rows(server, source, query));
    }
  }

  /**
   * That the target gives the number that the source would have given; takes the row away again.
   */
  void assertFirstInsertGetsTheNextNumber() {
    String next = inSource("SELECT last_value + 1 FROM orders_id_seq");
    assertThat(inTarget("INSERT INTO orders (total) VALUES (4) RETURNING id")).isEqualTo(next);
    server.executeIn(target, "DELETE FROM orders WHERE id = " + next);
  }

  /** How many replication slots the source has, as text. */
  String slots() {
    return inSource(
        "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()");
  }
}
