package wherry.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;

class RowComparisonIT {
  private static final double SCALE = 0.001;
  private static PostgresServer postgres;
  private static MariaDbServer mariaDb;

  @BeforeAll
  static void fill_both_servers() throws Exception {
    postgres = PostgresServer.start();
    mariaDb = MariaDbServer.start();
    postgres.execute("CREATE SCHEMA tpch");
    mariaDb.createDatabase("tpch");
    for (DemoTable table : Tpch.tables()) {
      long rows = Tpch.load(postgres, "postgres", "tpch", table, SCALE);
      assertThat(Tpch.load(mariaDb, "tpch", table, SCALE))
          .as(table.name())
          .isEqualTo(rows)
          .isPositive();
    }
  }

  @AfterAll
  static void stop() {
    postgres.close();
    mariaDb.close();
  }

  @Test
  void the_generated_tables_are_the_same_in_both_engines() throws SQLException {
    for (DemoTable table : Tpch.tables()) {
      RowComparison.Result result =
          RowComparison.compare(table, postgresSide("tpch"), mariaDbSide("tpch"));
      assertThat(result.differences()).as(table.name()).isEmpty();
      assertThat(result.compared()).as(table.name()).isPositive();
    }
  }

  @Test
  void a_changed_a_missing_and_an_additional_row_are_named_with_key_column_and_values()
      throws SQLException {
    DemoTable orders = Tpch.tables().get(6);
    mariaDb.createDatabase("changed");
    mariaDb.execute(
        "CREATE TABLE changed.orders AS SELECT * FROM tpch.orders",
        "UPDATE changed.orders SET o_totalprice = o_totalprice + 0.01, o_clerk = 'nobody' WHERE o_orderkey = 7",
        "DELETE FROM changed.orders WHERE o_orderkey = 1",
        "INSERT INTO changed.orders SELECT 9999999, o_custkey, o_orderstatus, o_totalprice, o_orderdate,"
            + " o_orderpriority, o_clerk, o_shippriority, o_comment FROM tpch.orders WHERE o_orderkey = 1");

    RowComparison.Result result =
        RowComparison.compare(orders, postgresSide("tpch"), mariaDbSide("changed"));

    assertThat(result.differing()).isEqualTo(3);
    assertThat(result.differences().get(0))
        .isEqualTo("row (o_orderkey) = (1) is missing in the target");
    assertThat(result.differences().get(1))
        .startsWith("row (o_orderkey) = (7), o_totalprice: '")
        .contains("in the source", "o_clerk", "'nobody' in the target");
    assertThat(result.differences().get(2))
        .isEqualTo("row (o_orderkey) = (9999999) is only in the target");
  }

  @Test
  void every_type_of_postgresql_can_be_filled_and_read() throws SQLException {
    postgres.execute("CREATE SCHEMA copied");
    postgres.execute(EveryType.postgresTypes("tpch").toArray(String[]::new));
    EveryType everyType = EveryType.of(Engine.POSTGRESQL);
    postgres.execute(everyType.table().createStatement(Engine.POSTGRESQL, "tpch"));
    postgres.execute(everyType.insertStatements(Engine.POSTGRESQL, "tpch").toArray(String[]::new));
    postgres.execute("CREATE TABLE copied.every_type AS SELECT * FROM tpch.every_type");

    RowComparison.Result same =
        RowComparison.compare(everyType.table(), postgresSide("tpch"), postgresSide("copied"));
    assertThat(same.differences()).isEmpty();
    assertThat(same.compared()).isEqualTo(4);

    for (DemoTable.DemoColumn column : withoutKey(everyType.table())) {
      postgres.execute(
          "UPDATE copied.every_type SET \"" + column.name() + "\" = NULL WHERE id = 1");
    }
    RowComparison.Result nulls =
        RowComparison.compare(everyType.table(), postgresSide("tpch"), postgresSide("copied"));
    assertThat(nulls.differences())
        .singleElement()
        .asString()
        .contains("c_circle", "NULL in the target");
  }

  @Test
  void every_type_of_mariadb_can_be_filled_and_read() throws SQLException {
    mariaDb.createDatabase("copied");
    EveryType everyType = EveryType.of(Engine.MARIADB);
    mariaDb.execute(everyType.table().createStatement(Engine.MARIADB, "tpch"));
    mariaDb.execute(everyType.insertStatements(Engine.MARIADB, "tpch").toArray(String[]::new));
    mariaDb.execute("CREATE TABLE copied.every_type AS SELECT * FROM tpch.every_type");

    RowComparison.Result same =
        RowComparison.compare(everyType.table(), mariaDbSide("tpch"), mariaDbSide("copied"));
    assertThat(same.differences()).isEmpty();
    assertThat(same.compared()).isEqualTo(4);
  }

  private static List<DemoTable.DemoColumn> withoutKey(DemoTable table) {
    return table.columns().subList(1, table.columns().size());
  }

  private static RowComparison.Side postgresSide(String schema) {
    return new RowComparison.Side(postgres, Engine.POSTGRESQL, "postgres", schema);
  }

  private static RowComparison.Side mariaDbSide(String database) {
    return new RowComparison.Side(mariaDb, Engine.MARIADB, database, database);
  }
}
