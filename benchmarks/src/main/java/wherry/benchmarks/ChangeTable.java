package wherry.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.SandboxException;

/**
 * The table that is changed, and a table whose rows tell how far a copy is.
 *
 * <p>A turn is one million changes at scale 1: transactions of five inserts at the end, four
 * updates anywhere and one delete at the beginning. The servers write them themselves, so that
 * nobody else takes part.
 */
record ChangeTable(double scale) {
  static final String DATABASE = "bench";
  static final String SCHEMA = "bench";

  private static final long ROWS = 2_000_000;
  private static final long TRANSACTIONS = 100_000;
  private static final int CHANGES_PER_TRANSACTION = 10;
  private static final int LOOKS_PER_QUESTION = 50;

  long rows() {
    return Math.round(ROWS * scale);
  }

  private long transactions() {
    return Math.round(TRANSACTIONS * scale);
  }

  long changesPerTurn() {
    return transactions() * CHANGES_PER_TRANSACTION;
  }

  void fill(PostgresServer server) {
    server.createDatabase(DATABASE);
    createTables(server, DATABASE);
    server.executeIn(
        DATABASE,
        "INSERT INTO bench.item SELECT i, i %% 10007, i / 7.0, 'item ' || md5(i::text), 0 FROM generate_series(1, %d) i"
            .formatted(rows()),
        """
        CREATE PROCEDURE bench.write_changes(turn int, first_id bigint, deleted bigint, transactions bigint) LANGUAGE plpgsql AS $$
        DECLARE
          top bigint := first_id;
          bottom bigint := deleted + transactions + 1;
          chosen bigint;
        BEGIN
          PERFORM setseed(turn / 1000.0);
          FOR t IN 1 .. transactions LOOP
            FOR i IN 1 .. 5 LOOP
              INSERT INTO bench.item VALUES (top, t % 10007, t / 7.0, 'new ' || t, turn);
              top := top + 1;
            END LOOP;
            FOR i IN 1 .. 4 LOOP
              chosen := bottom + floor(random() * (first_id - bottom));
              UPDATE bench.item SET amount = amount + 1, turn = $1 WHERE id = chosen;
            END LOOP;
            DELETE FROM bench.item WHERE id = deleted + t;
            COMMIT;
          END LOOP;
          INSERT INTO bench.mark VALUES (turn);
        END $$\
        """,
        "VACUUM (FREEZE, ANALYZE) bench.item",
        "CHECKPOINT");
  }

  void fill(MariaDbServer server) {
    server.createDatabase(SCHEMA);
    createTables(server, SCHEMA);
    server.executeIn(
        SCHEMA,
        "INSERT INTO item SELECT seq, seq % 10007, seq / 7.0, concat('item ', md5(seq)), 0 FROM seq_1_to_"
            + rows(),
        """
        CREATE PROCEDURE write_changes(turn_number int, first_id bigint, deleted bigint, transactions bigint)
        BEGIN
          DECLARE top bigint DEFAULT first_id;
          DECLARE bottom bigint DEFAULT deleted + transactions + 1;
          DECLARE t bigint DEFAULT 1;
          DECLARE i int;
          SET @unused = rand(turn_number);
          WHILE t <= transactions DO
            START TRANSACTION;
            SET i = 0;
            WHILE i < 5 DO
              INSERT INTO item VALUES (top, t % 10007, t / 7.0, concat('new ', t), turn_number);
              SET top = top + 1;
              SET i = i + 1;
            END WHILE;
            SET i = 0;
            WHILE i < 4 DO
              SET @id = bottom + floor(rand() * (first_id - bottom));
              UPDATE item SET amount = amount + 1, turn = turn_number WHERE id = @id;
              SET i = i + 1;
            END WHILE;
            DELETE FROM item WHERE id = deleted + t;
            COMMIT;
            SET t = t + 1;
          END WHILE;
          INSERT INTO mark VALUES (turn_number);
        END\
        """);
  }

  /** The tables, empty, in a database that exists. */
  static void createTables(DatabaseServer server, String database) {
    if (server instanceof PostgresServer) {
      server.executeIn(database, "CREATE SCHEMA IF NOT EXISTS " + SCHEMA);
    }
    server.executeIn(
        database,
        "CREATE TABLE bench.item (id bigint PRIMARY KEY, customer int, amount numeric(14,2), note varchar(60), turn int)",
        "CREATE TABLE bench.mark (turn int PRIMARY KEY)");
  }

  /** What autovacuum would do. */
  static void vacuum(DatabaseServer server, String database) {
    server.executeIn(database, "VACUUM (ANALYZE) bench.item");
  }

  /**
   * Writes a turn's changes, each transaction committed.
   *
   * @param turn from 1 on
   */
  void write(DatabaseServer source, int turn) {
    String schema = source instanceof PostgresServer ? "bench." : "";
    source.executeIn(
        DATABASE,
        String.format(
            Locale.ROOT,
            "CALL %swrite_changes(%d, %d, %d, %d)",
            schema,
            turn,
            rows() + 5 * transactions() * (turn - 1) + 1,
            transactions() * (turn - 1),
            transactions()));
  }

  /** Whether a copy has everything up to the end of a turn. */
  static boolean has(DatabaseServer server, String database, int turn) {
    return value(server, database, "SELECT count(*) FROM bench.mark WHERE turn = " + turn)
        .equals("1");
  }

  /**
   * Returns when a copy has everything up to the end of a turn. Looks by one session: a new one for
   * each look, and a question to a service as often, would cost processor time that is measured.
   *
   * @param goesOn asked now and then, throws when nobody works at it any more
   */
  static void await(DatabaseServer server, String database, int turn, Runnable goesOn) {
    try (Connection connection = server.connect(database);
        PreparedStatement marks =
            connection.prepareStatement("SELECT FROM bench.mark WHERE turn = " + turn)) {
      AtomicInteger looks = new AtomicInteger();
      Waiting.until(
          "the end of turn " + turn,
          () -> {
            if (looks.incrementAndGet() % LOOKS_PER_QUESTION == 0) {
              goesOn.run();
            }
            return hasRow(marks);
          });
    } catch (SQLException e) {
      throw new SandboxException("cannot look at " + database + ": " + e.getMessage(), e);
    }
  }

  private static boolean hasRow(PreparedStatement query) {
    try (ResultSet rows = query.executeQuery()) {
      return rows.next();
    } catch (SQLException e) {
      throw new SandboxException("cannot look for a mark: " + e.getMessage(), e);
    }
  }

  /** Equal for copies that are equal. */
  static String digest(DatabaseServer server, String database) {
    return value(
        server,
        database,
        "SELECT concat(count(*), ' rows, ', sum(id), ' ', sum(amount), ' ', sum(turn)) FROM bench.item");
  }

  static String value(DatabaseServer server, String database, String sql) {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return String.valueOf(rows.getString(1));
    } catch (SQLException e) {
      throw new SandboxException(e.getMessage() + "\nin: " + sql, e);
    }
  }
}
