package wherry.demo;

import io.trino.tpch.PartSupplier;
import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.postgresql.PGConnection;
import wherry.demo.DemoTable.DemoColumn;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;

/**
 * The eight tables of the TPC-H benchmark (TPC-H specification 1.4), generated, never stored:
 * loaded by COPY into PostgreSQL and by LOAD DATA into MariaDB.
 */
public final class Tpch {
  private static final List<DemoTable> TABLES =
      List.of(
          table(
              "region",
              "r_regionkey",
              "r_regionkey integer",
              "r_name char(25)",
              "r_comment varchar(152)"),
          table(
              "nation",
              "n_nationkey",
              "n_nationkey integer",
              "n_name char(25)",
              "n_regionkey integer",
              "n_comment varchar(152)"),
          table(
              "supplier",
              "s_suppkey",
              "s_suppkey bigint",
              "s_name char(25)",
              "s_address varchar(40)",
              "s_nationkey integer",
              "s_phone char(15)",
              "s_acctbal decimal(15,2)",
              "s_comment varchar(101)"),
          table(
              "customer",
              "c_custkey",
              "c_custkey bigint",
              "c_name varchar(25)",
              "c_address varchar(40)",
              "c_nationkey integer",
              "c_phone char(15)",
              "c_acctbal decimal(15,2)",
              "c_mktsegment char(10)",
              "c_comment varchar(117)"),
          table(
              "part",
              "p_partkey",
              "p_partkey bigint",
              "p_name varchar(55)",
              "p_mfgr char(25)",
              "p_brand char(10)",
              "p_type varchar(25)",
              "p_size integer",
              "p_container char(10)",
              "p_retailprice decimal(15,2)",
              "p_comment varchar(23)"),
          table(
              "partsupp",
              "ps_partkey,ps_suppkey",
              "ps_partkey bigint",
              "ps_suppkey bigint",
              "ps_availqty integer",
              "ps_supplycost decimal(15,2)",
              "ps_comment varchar(199)"),
          table(
              "orders",
              "o_orderkey",
              "o_orderkey bigint",
              "o_custkey bigint",
              "o_orderstatus char(1)",
              "o_totalprice decimal(15,2)",
              "o_orderdate date",
              "o_orderpriority char(15)",
              "o_clerk char(15)",
              "o_shippriority integer",
              "o_comment varchar(79)"),
          lineItem());

  private Tpch() {}

  /** All eight, small ones first. */
  public static List<DemoTable> tables() {
    return TABLES;
  }

  public static DemoTable lineItem() {
    return table(
        "lineitem",
        "l_orderkey,l_linenumber",
        "l_orderkey bigint",
        "l_partkey bigint",
        "l_suppkey bigint",
        "l_linenumber integer",
        "l_quantity decimal(15,2)",
        "l_extendedprice decimal(15,2)",
        "l_discount decimal(15,2)",
        "l_tax decimal(15,2)",
        "l_returnflag char(1)",
        "l_linestatus char(1)",
        "l_shipdate date",
        "l_commitdate date",
        "l_receiptdate date",
        "l_shipinstruct char(25)",
        "l_shipmode char(10)",
        "l_comment varchar(44)");
  }

  /**
   * Creates a table and fills it.
   *
   * @param scale 1 gives six million line items, about 1 GB in all tables together
   * @return the rows loaded
   */
  public static long load(
      PostgresServer server, String database, String schema, DemoTable table, double scale)
      throws SQLException, IOException {
    server.executeIn(database, table.createStatement(Engine.POSTGRESQL, schema));
    String copy =
        "COPY %s.%s FROM STDIN (DELIMITER '|')"
            .formatted(Engine.POSTGRESQL.quoted(schema), Engine.POSTGRESQL.quoted(table.name()));
    try (Connection connection = server.connect(database);
        InputStream lines = lines(table, scale)) {
      long rows = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copy, lines);
      // Without statistics a planner, and whoever shows progress, would have to guess.
      server.executeIn(
          database,
          "ANALYZE "
              + Engine.POSTGRESQL.quoted(schema)
              + "."
              + Engine.POSTGRESQL.quoted(table.name()));
      return rows;
    }
  }

  /** Creates a table in a database of MariaDB and fills it; returns the rows loaded. */
  public static long load(MariaDbServer server, String database, DemoTable table, double scale)
      throws SQLException, IOException {
    server.execute(table.createStatement(Engine.MARIADB, database));
    String load =
        "LOAD DATA LOCAL INFILE 'generated' INTO TABLE %s.%s CHARACTER SET utf8mb4 FIELDS TERMINATED BY '|'"
            .formatted(Engine.MARIADB.quoted(database), Engine.MARIADB.quoted(table.name()));
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement();
        InputStream lines = lines(table, scale)) {
      statement.unwrap(org.mariadb.jdbc.Statement.class).setLocalInfileInputStream(lines);
      long rows = statement.executeLargeUpdate(load);
      server.execute(
          "ANALYZE TABLE "
              + Engine.MARIADB.quoted(database)
              + "."
              + Engine.MARIADB.quoted(table.name()));
      return rows;
    }
  }

  /** The key is its columns' names separated by commas; each column is its name and its type. */
  private static DemoTable table(String name, String key, String... columns) {
    return new DemoTable(
        name, Arrays.stream(columns).map(Tpch::column).toList(), List.of(key.split(",", -1)));
  }

  private static DemoColumn column(String definition) {
    int blank = definition.indexOf(' ');
    String type = definition.substring(blank + 1);
    ValueKind kind =
        switch (type.charAt(0)) {
          case 'b', 'i' -> ValueKind.NUMBER;
          case 'd' -> type.equals("date") ? ValueKind.TEMPORAL : ValueKind.NUMBER;
          default -> ValueKind.TEXT;
        };
    return new DemoColumn(definition.substring(0, blank), type + " NOT NULL", kind);
  }

  private static InputStream lines(DemoTable table, double scale) {
    Iterable<? extends TpchEntity> rows =
        TpchTable.getTable(table.name()).createGenerator(scale, 1, 1);
    return new SequenceInputStream(
        new Blocks(
            StreamSupport.stream(rows.spliterator(), false)
                .filter(new DistinctOffers())
                .iterator()));
  }

  /**
   * Below scale 0.024 there are so few suppliers that the generator gives a part the same one
   * twice.
   */
  private static final class DistinctOffers implements Predicate<TpchEntity> {
    private final Set<Long> suppliers = new HashSet<>();
    private long part;

    @Override
    public boolean test(TpchEntity row) {
      if (!(row instanceof PartSupplier offer)) {
        return true;
      }
      if (offer.getPartKey() != part) {
        part = offer.getPartKey();
        suppliers.clear();
      }
      return suppliers.add(offer.getSupplierKey());
    }
  }

  /** The generator's lines, some thousand at a time. */
  @SuppressWarnings("JdkObsolete") // what SequenceInputStream reads
  private static final class Blocks implements Enumeration<InputStream> {
    private static final int LINES = 2000;
    private final Iterator<? extends TpchEntity> rows;

    private Blocks(Iterator<? extends TpchEntity> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasMoreElements() {
      return rows.hasNext();
    }

    @Override
    public InputStream nextElement() {
      StringBuilder block = new StringBuilder(LINES * 150);
      for (int line = 0; line < LINES && rows.hasNext(); line++) {
        block.append(rows.next().toLine());
        // The generator ends every field with the delimiter, the last one too.
        block.setCharAt(block.length() - 1, '\n');
      }
      return new ByteArrayInputStream(block.toString().getBytes(StandardCharsets.UTF_8));
    }
  }
}
