package wherry.chaos;

import java.util.List;
import java.util.Locale;

/** The tables that the clients write to. */
enum Table {
  /**
   * Every transaction adds one row, so its outcome can be read here; without a key, so that a row
   * that is applied twice is there twice.
   */
  JOURNAL("client int, seq int, kind varchar(20), touched int", List.of()),

  /** Money is moved but never made; a few rows are hot. */
  ACCOUNT("id int, balance bigint, version bigint", List.of("id")),

  /** Unique rows, appended and sometimes deleted. */
  ENTRY(
      "client int, seq int, item int, amount decimal(12,2), note varchar(60)",
      List.of("client", "seq", "item")),

  /** Clients compete for the slots; one wins each. */
  CLAIM("slot int, client int, seq int", List.of("slot")),

  /** Tokens that move from key to key. */
  CHAIN("id int, token int, version bigint", List.of("id")),

  /** Rows that are alike, changed and deleted one at a time. */
  KEYLESS("a int, b varchar(40), c int", List.of()),

  /** Values too long for a row, which updates mostly leave alone. */
  DOCUMENT("id int, version bigint, body TEXT", List.of("id")),

  /** Many rows, written by large transactions. */
  BULK("id bigint, client int, version bigint, filler varchar(120)", List.of("id"));

  private final String columns;
  private final List<String> key;

  Table(String columns, List<String> key) {
    this.columns = columns;
    this.key = key;
  }

  /** Its name in both databases. */
  String sqlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  List<String> key() {
    return key;
  }

  /** How many columns its key has; they are its first ones. */
  int keyColumns() {
    return key.size();
  }

  /** The statements that create it in a source. */
  List<String> create(Dialect dialect, String schema) {
    String name = schema + "." + sqlName();
    String definition = columns.replace("TEXT", dialect.textType());
    if (!key.isEmpty()) {
      return List.of(
          "CREATE TABLE %s (%s, PRIMARY KEY (%s))"
              .formatted(name, definition, String.join(", ", key)));
    }
    String create = "CREATE TABLE %s (%s)".formatted(name, definition);
    return dialect == Dialect.POSTGRES
        ? List.of(create, "ALTER TABLE " + name + " REPLICA IDENTITY FULL")
        : List.of(create);
  }
}
