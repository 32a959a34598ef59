package wherry.postgresql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.change.Position;

/**
 * A place in the write-ahead log.
 *
 * @param value byte offset in the log, unsigned
 */
record Lsn(long value) implements Position {
  private static final Pattern NOTATION = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

  /**
   * Reads {@code X/Y}, two hexadecimal numbers of at most eight digits (PostgreSQL manual, 8.20
   * "pg_lsn Type").
   *
   * @throws IllegalArgumentException when the text is anything else
   */
  static Lsn parse(String text) {
    Matcher parts = NOTATION.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("Not a log sequence number of the form X/Y: " + text);
    }
    return new Lsn(Long.parseLong(parts.group(1), 16) << 32 | Long.parseLong(parts.group(2), 16));
  }

  @Override
  public String text() {
    return "%X/%X".formatted(value >>> 32, value & 0xFFFF_FFFFL);
  }

  @Override
  public int compareTo(Position other) {
    if (other instanceof Lsn lsn) {
      return Long.compareUnsigned(value, lsn.value);
    }
    throw new IllegalArgumentException("Position " + other.text() + " is not of PostgreSQL");
  }

  @Override
  public String toString() {
    return text();
  }
}
