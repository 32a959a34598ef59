package wherry.benchmarks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.SandboxException;

/**
 * The database that is moved as a whole: twenty tables whose sizes fall as 1, 1/2, 1/3 …, each with
 * a primary key, three more indexes and, but for the first, a foreign key to the one before.
 */
final class BenchmarkDatabase {
  static final String NAME = "shop";

  private static final int TABLES = 20;

  /** So many that PostgreSQL has a database of 1 GB, indexes included, at scale 1. */
  private static final double ROWS_AT_SCALE_1 = 3_400_000;

  private final double scale;

  /**
   * @param scale 1 for 1 GB
   */
  BenchmarkDatabase(double scale) {
    this.scale = scale;
  }

  /** The rows are computed by the server itself; its statistics and pages are settled after it. */
  void fill(PostgresServer server) {
    server.createDatabase(NAME);
    for (int table = 1; table <= TABLES; table++) {
      server.executeIn(
          NAME,
          create(table, "timestamp"),
          insert(
              table,
              "generate_series(1::bigint, " + rows(table) + ") seq",
              "timestamp '2020-01-01' + interval '1 second' * (seq * 104729 % 99999999)"));
      server.executeIn(NAME, indexes(table));
    }
    server.executeIn(NAME, "VACUUM (FREEZE, ANALYZE)", "CHECKPOINT");
  }

  /** As the other, by MariaDB's sequence engine. */
  void fill(MariaDbServer server) {
    server.createDatabase(NAME);
    for (int table = 1; table <= TABLES; table++) {
      server.executeIn(
          NAME,
          create(table, "datetime"),
          insert(
              table,
              "seq_1_to_" + rows(table),
              "timestamp'2020-01-01 00:00:00' + interval (seq * 104729 % 99999999) second"));
      server.executeIn(NAME, indexes(table));
      server.executeIn(NAME, "ANALYZE TABLE " + name(table));
    }
    // InnoDB would write its pages back for seconds, at the expense of whoever is measured then.
    String all =
        String.join(
            ", ", IntStream.rangeClosed(1, TABLES).mapToObj(BenchmarkDatabase::name).toList());
    server.executeIn(NAME, "FLUSH TABLES " + all + " FOR EXPORT", "UNLOCK TABLES");
  }

  private static String name(int table) {
    return String.format(Locale.ROOT, "t%02d", table);
  }

  private long rows(int table) {
    double harmonic = IntStream.rangeClosed(1, TABLES).mapToDouble(i -> 1.0 / i).sum();
    return Math.max(1, Math.round(scale * ROWS_AT_SCALE_1 / table / harmonic));
  }

  private static String create(int table, String moment) {
    return """
    CREATE TABLE %s (id bigint NOT NULL PRIMARY KEY, parent bigint NOT NULL, name varchar(40) NOT NULL,
      amount decimal(12,2) NOT NULL, status int NOT NULL, made %s NOT NULL, note varchar(200))
    """
        .formatted(name(table), moment);
  }

  private String insert(int table, String numbers, String moment) {
    return """
    INSERT INTO %s SELECT seq, 1 + seq %% %d, concat('customer ', seq), seq * 7919 %% 1000000 / 100.0, seq %% 7, %s,
      concat(md5(concat(seq, 'a')), md5(concat(seq, 'b')), md5(concat(seq, 'c'))) FROM %s
    """
        .formatted(name(table), rows(Math.max(1, table - 1)), moment, numbers);
  }

  private static String[] indexes(int table) {
    Stream<String> indexes =
        Stream.of("made", "status, amount", "parent")
            .map(columns ->
                "CREATE INDEX %1$s_%2$s ON %1$s (%3$s)"
                    .formatted(name(table), columns.replace(", ", "_"), columns));
    Stream<String> keys =
        Stream.of(
                "ALTER TABLE %1$s ADD CONSTRAINT %1$s_of FOREIGN KEY (parent) REFERENCES %2$s (id)"
                    .formatted(name(table), name(table - 1)))
            .filter(key -> table > 1);
    return Stream.concat(indexes, keys).toArray(String[]::new);
  }

  /** An empty database in the target, and nothing left to write from before. */
  static void clear(DatabaseServer target) {
    target.execute("DROP DATABASE IF EXISTS " + NAME, "CREATE DATABASE " + NAME);
    if (target instanceof PostgresServer) {
      target.execute("CHECKPOINT");
    }
  }

  /**
   * Rows of all tables together, none but which are named so; throws when an index or a foreign key
   * is missing.
   */
  static long count(DatabaseServer server) {
    long keys =
        number(
            server,
            "SELECT count(*) FROM information_schema.table_constraints WHERE constraint_type IN"
                + " ('PRIMARY KEY', 'FOREIGN KEY') AND table_name LIKE 't__'");
    long indexes =
        number(
            server,
            server instanceof PostgresServer
                ? "SELECT count(*) FROM pg_indexes WHERE tablename LIKE 't__'"
                : "SELECT count(DISTINCT table_name, index_name) FROM"
                    + " information_schema.statistics WHERE table_name LIKE 't__'");
    if (keys != 2 * TABLES - 1 || indexes != 4 * TABLES) {
      throw new SandboxException(
          "the target has " + keys + " keys and " + indexes + " indexes: not a measurement");
    }
    return IntStream.rangeClosed(1, TABLES)
        .mapToLong(table -> number(server, "SELECT count(*) FROM " + name(table)))
        .sum();
  }

  /** Bytes of tables and indexes. */
  static long bytes(DatabaseServer server) {
    return number(
        server,
        server instanceof PostgresServer
            ? "SELECT pg_database_size('shop')"
            : "SELECT sum(data_length + index_length) FROM information_schema.tables WHERE"
                + " table_schema = 'shop'");
  }

  private static long number(DatabaseServer server, String sql) {
    try (Connection connection = server.connect(NAME);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new SandboxException(e.getMessage() + "\nin: " + sql, e);
    }
  }
}
