package wherry.demo;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import wherry.demo.DemoTable.DemoColumn;

/**
 * Writes to the TPC-H tables of one database as an application does, a business transaction at a
 * time, in the manner of TPC-H's refresh functions; and what capture finds hard: keys that change,
 * transactions that are rolled back, a row with every data type. Owned by one thread.
 */
final class Clerk {
  /** Far above the generator's keys. */
  private static final long FIRST_ORDER = 1_000_000_000L;

  private static final int FIRST_COPY = 1000;
  private static final int KNOWN_ORDERS_MAX = 20_000;
  private static final LocalDate FIRST_DAY = LocalDate.of(1992, 1, 1);

  /**
   * What was written.
   *
   * @param rolledBack transactions that were, with all their rows
   */
  record Written(long transactions, long inserts, long updates, long deletes, long rolledBack) {
    static final Written NOTHING = new Written(0, 0, 0, 0, 0);

    Written plus(Written more) {
      return new Written(
          transactions + more.transactions,
          inserts + more.inserts,
          updates + more.updates,
          deletes + more.deletes,
          rolledBack + more.rolledBack);
    }

    long rows() {
      return inserts + updates + deletes;
    }
  }

  private final Connection connection;
  private final Engine engine;
  private final String schema;
  private final DemoTable everyType;
  private final Random random;
  private final List<Long> orders;
  private final List<Integer> copies = new ArrayList<>();
  private final long customers;
  private final int originals;
  private long nextOrder = FIRST_ORDER;
  private int nextCopy = FIRST_COPY;
  private Written written = Written.NOTHING;

  /**
   * @param connection without autocommit
   * @param everyType the table that has one column of each type
   */
  Clerk(Connection connection, Engine engine, String schema, DemoTable everyType, Random random)
      throws SQLException {
    this.connection = connection;
    this.engine = engine;
    this.schema = engine.quoted(schema) + ".";
    this.everyType = everyType;
    this.random = random;
    this.orders = numbers("SELECT o_orderkey FROM %sorders LIMIT " + KNOWN_ORDERS_MAX);
    this.customers = numbers("SELECT max(c_custkey) FROM %scustomer").getFirst();
    this.originals = numbers("SELECT max(id) FROM %severy_type").getFirst().intValue();
    connection.commit();
  }

  /** Does one transaction and returns what it has written. */
  Written work() throws SQLException {
    written = Written.NOTHING;
    int dice = random.nextInt(100);
    if (dice < 40 || orders.isEmpty()) {
      placeOrder();
    } else if (dice < 65) {
      changeOrder();
    } else if (dice < 80) {
      cancelOrder();
    } else if (dice < 88) {
      renumberOrder();
    } else if (dice < 95) {
      writeEveryType();
    } else {
      thinkBetterOfIt();
      return written;
    }
    connection.commit();
    return written.plus(new Written(1, 0, 0, 0, 0));
  }

  /** Writes a last order and returns its key: where it is, everything before it is, too. */
  long lastOrder() throws SQLException {
    long key = placeOrder();
    connection.commit();
    return key;
  }

  private long placeOrder() throws SQLException {
    long key = nextOrder++;
    int lines = 1 + random.nextInt(4);
    Date day = Date.valueOf(FIRST_DAY.plusDays(random.nextInt(2500)));
    long customer = 1 + random.nextLong(customers);
    insert(
        "INSERT INTO %sorders VALUES (?, ?, 'O', ?, ?, '3-MEDIUM', 'Clerk#000000001', 0, ?)",
        key, customer, price(), day, comment());
    for (int line = 1; line <= lines; line++) {
      insert(
          "INSERT INTO %slineitem VALUES"
              + " (?, ?, ?, ?, ?, ?, 0.05, 0.02, 'N', 'O', ?, ?, ?, 'NONE', 'MAIL', ?)",
          key,
          1 + random.nextInt(200),
          1 + random.nextInt(10),
          line,
          BigDecimal.valueOf(1 + random.nextInt(50)),
          price(),
          day,
          day,
          day,
          comment());
    }
    update(
        "UPDATE %scustomer SET c_acctbal = c_acctbal - ? WHERE c_custkey = ?", price(), customer);
    orders.add(key);
    return key;
  }

  private void changeOrder() throws SQLException {
    long key = orders.get(random.nextInt(orders.size()));
    update(
        "UPDATE %sorders SET o_orderstatus = 'P', o_comment = ? WHERE o_orderkey = ?",
        comment(), key);
    update("UPDATE %slineitem SET l_quantity = l_quantity + 1 WHERE l_orderkey = ?", key);
  }

  private void cancelOrder() throws SQLException {
    long key = orders.remove(random.nextInt(orders.size()));
    delete("DELETE FROM %slineitem WHERE l_orderkey = ?", key);
    delete("DELETE FROM %sorders WHERE o_orderkey = ?", key);
  }

  /** The keys of an order and its lines change, and another order may take the old one. */
  private void renumberOrder() throws SQLException {
    int place = random.nextInt(orders.size());
    long before = orders.get(place);
    long after = nextOrder++;
    update("UPDATE %sorders SET o_orderkey = ? WHERE o_orderkey = ?", after, before);
    update("UPDATE %slineitem SET l_orderkey = ? WHERE l_orderkey = ?", after, before);
    orders.set(place, after);
  }

  /** Copies, overwrites or deletes a row that has a column of every type. */
  private void writeEveryType() throws SQLException {
    int original = 1 + random.nextInt(originals);
    int dice = random.nextInt(4);
    if (dice < 2 || copies.isEmpty()) {
      int copy = nextCopy++;
      insert(
          "INSERT INTO %%severy_type (id, %s) SELECT ?, %s FROM %%severy_type WHERE id = ?"
              .formatted(everyColumn("%s"), everyColumn("%s")),
          copy,
          original);
      copies.add(copy);
    } else if (dice == 2) {
      int copy = copies.get(random.nextInt(copies.size()));
      update(
          switch (engine) {
            case POSTGRESQL ->
                "UPDATE %%severy_type AS t SET %s FROM %%severy_type AS s WHERE s.id = ? AND t.id = ?"
                    .formatted(everyColumn("%s = s.%s"));
            case MARIADB ->
                "UPDATE %%severy_type AS t JOIN %%severy_type AS s ON s.id = ? SET %s WHERE t.id = ?"
                    .formatted(everyColumn("t.%s = s.%s"));
          },
          original,
          copy);
    } else {
      delete("DELETE FROM %severy_type WHERE id = ?", copies.remove(random.nextInt(copies.size())));
    }
  }

  private String everyColumn(String form) {
    return everyType.columns().stream()
        .map(DemoColumn::name)
        .filter(name -> !name.equals("id"))
        .map(engine::quoted)
        .map(name -> form.replace("%s", name))
        .collect(Collectors.joining(", "));
  }

  private void thinkBetterOfIt() throws SQLException {
    placeOrder();
    changeOrder();
    orders.removeIf(key -> key == nextOrder - 1);
    connection.rollback();
    written = new Written(0, 0, 0, 0, 1);
  }

  private BigDecimal price() {
    return BigDecimal.valueOf(random.nextInt(1_000_000), 2);
  }

  private String comment() {
    return "it's \\ no.\t" + random.nextInt(1_000_000) + " \u00e9\u4e16\ud83d\udea2";
  }

  private void insert(String sql, Object... values) throws SQLException {
    written = written.plus(new Written(0, execute(sql, values), 0, 0, 0));
  }

  private void update(String sql, Object... values) throws SQLException {
    written = written.plus(new Written(0, 0, execute(sql, values), 0, 0));
  }

  private void delete(String sql, Object... values) throws SQLException {
    written = written.plus(new Written(0, 0, 0, execute(sql, values), 0));
  }

  /** The schema stands for each {@code %s}. */
  private int execute(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.replace("%s", schema))) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  private List<Long> numbers(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql.replace("%s", schema))) {
      List<Long> numbers = new ArrayList<>();
      while (rows.next()) {
        numbers.add(rows.getLong(1));
      }
      return numbers;
    }
  }
}
