package wherry.mysql;

import java.nio.charset.StandardCharsets;
import wherry.schema.TableId;

/** Writes names and text into SQL; nothing else in this package quotes. */
final class MySqlNames {
  /** Characters of a database, table, column or index name ("Identifier Length Limits"). */
  static final int LENGTH_MAX = 64;

  private MySqlNames() {}

  static String quoted(String name) {
    return '`' + name.replace("`", "``") + '`';
  }

  static String quoted(TableId table) {
    return quoted(table.schema()) + '.' + quoted(table.name());
  }

  /** A string literal; right in every sql_mode, because a backslash never occurs in it. */
  static String literal(String text) {
    if (text.indexOf('\\') < 0 && text.indexOf('\0') < 0) {
      return '\'' + text.replace("'", "''") + '\'';
    }
    StringBuilder hex = new StringBuilder("_utf8mb4 0x");
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hex.append(Character.forDigit((b >> 4) & 15, 16)).append(Character.forDigit(b & 15, 16));
    }
    return hex.toString();
  }
}
