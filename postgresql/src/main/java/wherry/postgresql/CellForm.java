package wherry.postgresql;

import java.nio.charset.StandardCharsets;
import wherry.row.RowBatchBuilder;
import wherry.schema.Column;
import wherry.schema.DataType;

/**
 * How the server's text of a value becomes a cell. The load asks the server for the canonical form;
 * the log has only the output functions' form, under the same session settings, and is turned into
 * the same bytes here.
 */
enum CellForm {
  /** The text is the cell. */
  SAME,
  /** bytea in hexadecimal. */
  BYTES,
  /** timestamptz in UTC: {@code +00} is left out. */
  INSTANT,
  /** {@code -$1,234.50}: only digits, sign and point stay. */
  MONEY,
  /** char(n): without the padding. */
  PADDED,
  /** timetz: moved to UTC. */
  ZONED_TIME;

  private static final byte[] NIBBLE = new byte[128];
  private static final int DAY_SECONDS = 86_400;

  static {
    for (int i = 0; i < 16; i++) {
      NIBBLE[Character.forDigit(i, 16)] = (byte) i;
    }
  }

  static CellForm of(Column column) {
    if (column.type().isBinary()) {
      return BYTES;
    }
    return switch (column.meaning()) {
      case INSTANT -> INSTANT;
      case MONEY -> MONEY;
      case FIXED_CHAR -> PADDED;
      default ->
          column.type() == DataType.TIME && column.nativeType().name().endsWith("with time zone")
              ? ZONED_TIME
              : SAME;
    };
  }

  /**
   * The expression whose COPY text is the cell, or for BYTES its hexadecimal form.
   *
   * @param name of the column, quoted
   */
  String expression(String name) {
    return switch (this) {
      case SAME, BYTES -> name;
      case INSTANT -> "(" + name + " AT TIME ZONE 'UTC')";
      case MONEY -> name + "::numeric";
      case PADDED -> name + "::text";
      case ZONED_TIME -> "(" + name + " AT TIME ZONE 'UTC')::time";
    };
  }

  /** Adds the cell of a value as its type's output function writes it. */
  void add(byte[] source, int start, int length, RowBatchBuilder cells) {
    switch (this) {
      case SAME -> cells.add(source, start, length);
      case BYTES -> addBytes(source, start, length, cells);
      case INSTANT -> addWithoutOffset(source, start, length, cells);
      case MONEY -> addNumber(source, start, length, cells);
      case PADDED -> {
        int end = start + length;
        while (end > start && source[end - 1] == ' ') {
          end--;
        }
        cells.add(source, start, end - start);
      }
      case ZONED_TIME -> addTime(source, start, length, cells);
    }
  }

  /** {@code \x} and two digits a byte. */
  private static void addBytes(byte[] source, int start, int length, RowBatchBuilder cells) {
    int count = (length - 2) / 2;
    cells.reserve(count);
    byte[] slab = cells.slab();
    int target = cells.used();
    for (int at = start + 2; at < start + length; at += 2) {
      slab[target++] = (byte) (NIBBLE[source[at]] << 4 | NIBBLE[source[at + 1]]);
    }
    cells.commit(count);
  }

  private static void addWithoutOffset(
      byte[] source, int start, int length, RowBatchBuilder cells) {
    int plus = start + length - 1;
    while (plus > start && source[plus] != '+') {
      plus--;
    }
    if (plus == start) {
      cells.add(source, start, length); // infinity has no offset.
      return;
    }
    cells.reserve(length);
    byte[] slab = cells.slab();
    int head = plus - start;
    System.arraycopy(source, start, slab, cells.used(), head);
    int tail = length - head - 3;
    System.arraycopy(source, plus + 3, slab, cells.used() + head, tail);
    cells.commit(head + tail);
  }

  private static void addNumber(byte[] source, int start, int length, RowBatchBuilder cells) {
    cells.reserve(length);
    byte[] slab = cells.slab();
    int target = cells.used();
    for (int at = start; at < start + length; at++) {
      byte b = source[at];
      if (b == '-' || b == '.' || b >= '0' && b <= '9') {
        slab[target++] = b;
      }
    }
    cells.commit(target - cells.used());
  }

  /** {@code 12:00:00.5+02:30:15}: fractions stay as they are written, for offsets are whole. */
  private static void addTime(byte[] source, int start, int length, RowBatchBuilder cells) {
    String text = new String(source, start, length, StandardCharsets.US_ASCII);
    int sign = Math.max(text.indexOf('+'), text.indexOf('-'));
    int seconds = seconds(text.substring(0, 8));
    int offset = seconds(text.substring(sign + 1));
    int inUtc = Math.floorMod(seconds + (text.charAt(sign) == '+' ? -offset : offset), DAY_SECONDS);
    cells.add(
        "%02d:%02d:%02d".formatted(inUtc / 3600, inUtc / 60 % 60, inUtc % 60)
            + text.substring(8, sign));
  }

  /** {@code 02}, {@code 02:30} or {@code 02:30:15}. */
  private static int seconds(String text) {
    int seconds = 0;
    int unit = 3600;
    for (String part : text.split(":")) {
      seconds += unit * Integer.parseInt(part);
      unit /= 60;
    }
    return seconds;
  }
}
