package wherry.chaos;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The statements of one client, in its open transaction. Nothing here commits or rolls back.
 *
 * <p>Not thread-safe.
 */
final class Writes {
  static final int ACCOUNTS = 60;
  static final int HOT_ACCOUNTS = 3;
  static final int TOKENS = 120;
  static final int DOCUMENTS = 40;
  static final int BULK_CHANGE_ROWS = 400;

  private static final int ROWS_PER_STATEMENT = 400;

  private static final int CHAIN_KEYS = 4 * TOKENS;
  private static final int SLOTS = 2000;
  private static final int KEYLESS_KINDS = 25;
  private static final int DOCUMENT_BYTES = 6_000;

  private final Place place;
  private final Connection connection;
  private final int client;
  private final RandomGenerator random;

  Writes(Place place, Connection connection, int client, RandomGenerator random) {
    this.place = place;
    this.connection = connection;
    this.client = client;
    this.random = random;
  }

  /**
   * @return how many accounts' versions have grown
   */
  int perform(Operation operation, int sequence) throws SQLException {
    switch (operation) {
      case TRANSFER -> {
        return transfer();
      }
      case APPEND -> append(sequence);
      case REMOVE_ENTRIES ->
          execute(
              "DELETE FROM %s WHERE client = ? AND seq = ?",
              Table.ENTRY, client, earlier(sequence));
      case CLAIM ->
          execute(
              "INSERT INTO %s VALUES (?, ?, ?)",
              Table.CLAIM, random.nextInt(SLOTS), client, sequence);
      case SHIFT_CHAIN -> shiftChain();
      case SWAP_KEYS -> swapKeys();
      case KEYLESS -> changeKeyless();
      case DOCUMENT -> changeDocument();
      case BULK_CHANGE -> changeBulk(sequence);
      case ROLL_BACK -> {
        transfer();
        append(sequence);
        swapKeys();
        changeKeyless();
      }
    }
    return 0;
  }

  /** The row by which the transaction is known. */
  void mark(int sequence, String kind, int touched) throws SQLException {
    execute("INSERT INTO %s VALUES (?, ?, ?, ?)", Table.JOURNAL, client, sequence, kind, touched);
  }

  /**
   * Two to four accounts, of which about half of the time one is hot; in the order of their ids.
   */
  private int transfer() throws SQLException {
    int[] accounts = new int[2 + random.nextInt(3)];
    for (int i = 0; i < accounts.length; i++) {
      boolean hot = i == 0 && random.nextBoolean();
      accounts[i] = 1 + random.nextInt(hot ? HOT_ACCOUNTS : ACCOUNTS);
    }
    accounts = Arrays.stream(accounts).distinct().sorted().toArray();
    int moved = 0;
    for (int i = 0; i < accounts.length; i++) {
      int amount = i == accounts.length - 1 ? -moved : random.nextInt(200) - 100;
      moved += amount;
      execute(
          "UPDATE %s SET balance = balance + ?, version = version + 1 WHERE id = ?",
          Table.ACCOUNT, amount, accounts[i]);
    }
    return accounts.length;
  }

  private void append(int sequence) throws SQLException {
    int items = 1 + random.nextInt(4);
    for (int item = 0; item < items; item++) {
      execute(
          "INSERT INTO %s VALUES (?, ?, ?, ?, ?)",
          Table.ENTRY,
          client,
          sequence,
          item,
          java.math.BigDecimal.valueOf(random.nextInt(1_000_000), 2),
          "entry " + Integer.toHexString(random.nextInt()));
    }
  }

  private int earlier(int sequence) {
    return Math.max(1, sequence - 1 - random.nextInt(40));
  }

  /** Moves the tokens of three neighbouring keys one key on, the last one first. */
  private void shiftChain() throws SQLException {
    int first = 1 + random.nextInt(CHAIN_KEYS);
    for (int key = first + 2; key >= first; key--) {
      move(key, key + 1);
    }
  }

  /** Two rows change their keys with each other, by way of a free one. */
  private void swapKeys() throws SQLException {
    int one = 1 + random.nextInt(CHAIN_KEYS);
    int other = 1 + random.nextInt(CHAIN_KEYS);
    int free = -client;
    move(Math.min(one, other), free);
    move(Math.max(one, other), Math.min(one, other));
    move(free, Math.max(one, other));
  }

  private void move(int key, int to) throws SQLException {
    execute("UPDATE %s SET id = ?, version = version + 1 WHERE id = ?", Table.CHAIN, to, key);
  }

  private void changeKeyless() throws SQLException {
    int kind = random.nextInt(KEYLESS_KINDS);
    switch (random.nextInt(4)) {
      case 0, 1 -> {
        for (int copies = 1 + random.nextInt(3); copies > 0; copies--) {
          execute("INSERT INTO %s VALUES (?, ?, ?)", Table.KEYLESS, kind, "kind " + kind, 0);
        }
      }
      case 2 -> oneKeyless("UPDATE %s SET c = c + 1", kind);
      default -> oneKeyless("DELETE FROM %s", kind);
    }
  }

  private void oneKeyless(String statement, int kind) throws SQLException {
    String table = place.table(Table.KEYLESS);
    execute(place.dialect().oneOf(statement.formatted(table), table, "a = " + kind), Table.KEYLESS);
  }

  /** Mostly the long value stays as it is. */
  private void changeDocument() throws SQLException {
    int id = 1 + random.nextInt(DOCUMENTS);
    if (random.nextInt(4) == 0) {
      execute(
          "UPDATE %s SET version = version + 1, body = ? WHERE id = ?",
          Table.DOCUMENT, longText(random), id);
    } else {
      execute("UPDATE %s SET version = version + 1 WHERE id = ?", Table.DOCUMENT, id);
    }
  }

  private void changeBulk(int sequence) throws SQLException {
    long first = client * 1_000_000_000L + sequence * 1_000L;
    if (random.nextBoolean()) {
      insertBulk(first, BULK_CHANGE_ROWS);
    } else {
      long from = 1 + random.nextInt(5_000);
      execute("DELETE FROM %s WHERE id BETWEEN ? AND ?", Table.BULK, from, from + 20);
      execute(
          "UPDATE %s SET version = version + 1 WHERE id BETWEEN ? AND ?",
          Table.BULK, from + 21, from + BULK_CHANGE_ROWS);
    }
  }

  void insertBulk(long first, int rows) throws SQLException {
    insert(
        Table.BULK,
        rows,
        row ->
            new Object[] {
              first + row,
              client,
              0L,
              "bulk " + Long.toHexString(random.nextLong()) + "-".repeat(60)
            });
  }

  /** Makes the values of a row of this number, from 0 on. */
  interface Rows {
    Object[] row(int number);
  }

  /** Many rows with each statement. */
  void insert(Table table, int count, Rows rows) throws SQLException {
    for (int first = 0; first < count; first += ROWS_PER_STATEMENT) {
      int size = Math.min(ROWS_PER_STATEMENT, count - first);
      List<Object> values = new ArrayList<>();
      String row = "";
      for (int number = first; number < first + size; number++) {
        Object[] cells = rows.row(number);
        row = "(?" + ", ?".repeat(cells.length - 1) + ")";
        values.addAll(Arrays.asList(cells));
      }
      execute(
          "INSERT INTO %s VALUES " + row + (", " + row).repeat(size - 1), table, values.toArray());
    }
  }

  /** Hexadecimal digits of noise: PostgreSQL cannot press them into a row. */
  static String longText(RandomGenerator random) {
    byte[] noise = new byte[DOCUMENT_BYTES + random.nextInt(DOCUMENT_BYTES) / 2];
    random.nextBytes(noise);
    return java.util.HexFormat.of().formatHex(noise);
  }

  private void execute(String sql, Table table, Object... values) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(sql.replace("%s", place.table(table)))) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
  }
}
