package wherry.postgresql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** The one place where names and texts become SQL (PostgreSQL manual, 4.1 "Lexical Structure"). */
final class PostgresNames {
  /**
   * NAMEDATALEN - 1: a longer name is cut by the server without a failure, so it must never reach
   * it.
   */
  static final int BYTES_MAX = 63;

  private PostgresNames() {}

  static String quote(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  static String quote(TableId table) {
    return quote(table.schema()) + "." + quote(table.name());
  }

  static String quote(List<Column> columns) {
    return columns.stream().map(column -> quote(column.name())).collect(Collectors.joining(", "));
  }

  /**
   * A text literal; right under standard_conforming_strings, which every session of ours has on.
   */
  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  static int bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * @throws DmsException TARGET_TABLE_FAILED when a name is longer than PostgreSQL keeps or cannot
   *     be one at all
   */
  static void check(TableSchema table) {
    List<String> bad = new ArrayList<>();
    note(bad, "schema", table.id().schema());
    note(bad, "table", table.id().name());
    table.columns().forEach(column -> note(bad, "column", column.name()));
    if (!bad.isEmpty()) {
      throw new DmsException(
          ErrorCode.TARGET_TABLE_FAILED,
          table.id(),
          ("Table %s cannot be created: %s. PostgreSQL keeps names of 1 to %d bytes and would cut"
                  + " longer ones. Add a rename transformation rule to the table mappings.")
              .formatted(table.id(), String.join(", ", bad), BYTES_MAX),
          null);
    }
  }

  private static void note(List<String> bad, String what, String name) {
    int bytes = bytes(name);
    if (bytes == 0 || bytes > BYTES_MAX) {
      bad.add("the name of %s %s has %d bytes".formatted(what, quote(name), bytes));
    } else if (name.indexOf('\0') >= 0) {
      bad.add("the name of %s %s holds U+0000".formatted(what, quote(name.replace("\0", "\\0"))));
    }
  }

  /**
   * The name, or as much of it as fits followed by a checksum of the whole, so that two long names
   * stay two.
   */
  static String shortened(String name) {
    if (bytes(name) <= BYTES_MAX) {
      return name;
    }
    CRC32 checksum = new CRC32();
    checksum.update(name.getBytes(StandardCharsets.UTF_8));
    String tail = "_%08x".formatted(checksum.getValue());
    int end = name.length();
    while (bytes(name.substring(0, end)) + tail.length() > BYTES_MAX) {
      end = name.offsetByCodePoints(end, -1);
    }
    return name.substring(0, end) + tail;
  }
}
