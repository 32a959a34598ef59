package wherry.mysql;

import java.nio.charset.StandardCharsets;
import wherry.row.RowBatchBuilder;

/**
 * DECIMAL(precision, scale) in its binary form (bin2decimal): groups of nine digits in four bytes,
 * the most significant first, fewer digits in fewer bytes; the first bit inverted, and all bits
 * when the number is negative.
 */
record LoggedDecimal(int precision, int scale) implements LoggedCell {
  private static final int GROUP_DIGITS = 9;
  private static final int GROUP_BYTES = 4;

  /** Bytes of so many digits that fill no group. */
  private static final int[] BYTES = {0, 1, 1, 2, 2, 3, 3, 4, 4};

  @Override
  public int length(byte[] bytes, int at) {
    return bytesOf(precision - scale) + bytesOf(scale);
  }

  private static int bytesOf(int digits) {
    return digits / GROUP_DIGITS * GROUP_BYTES + BYTES[digits % GROUP_DIGITS];
  }

  /** The number that stands at {@code at}. */
  static String text(byte[] bytes, int at, int precision, int scale) {
    byte[] text = new byte[precision + 3];
    int length = new LoggedDecimal(precision, scale).write(bytes, at, text, 0);
    return new String(text, 0, length, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
    cells.reserve(precision + 3);
    cells.commit(write(bytes, at, cells.slab(), cells.used()));
  }

  private int write(byte[] bytes, int at, byte[] to, int start) {
    int out = start;
    boolean negative = (bytes[at] & 0x80) == 0;
    if (negative) {
      to[out++] = '-';
    }
    int mask = negative ? 0xFF : 0;
    int from = at;
    int firstInteger = out;
    int whole = precision - scale;
    int lead = whole % GROUP_DIGITS;
    if (lead > 0) {
      int value = number(bytes, from, BYTES[lead], mask, from == at);
      LoggedNumbers.writePadded(value, lead, to, out);
      out += lead;
      from += BYTES[lead];
    }
    for (int group = 0; group < whole / GROUP_DIGITS; group++) {
      int value = number(bytes, from, GROUP_BYTES, mask, from == at);
      LoggedNumbers.writePadded(value, GROUP_DIGITS, to, out);
      out += GROUP_DIGITS;
      from += GROUP_BYTES;
    }
    out = withoutLeadingZeros(to, firstInteger, out);
    if (scale > 0) {
      to[out++] = '.';
      for (int group = 0; group < scale / GROUP_DIGITS; group++) {
        int value = number(bytes, from, GROUP_BYTES, mask, from == at);
        LoggedNumbers.writePadded(value, GROUP_DIGITS, to, out);
        out += GROUP_DIGITS;
        from += GROUP_BYTES;
      }
      int tail = scale % GROUP_DIGITS;
      if (tail > 0) {
        int value = number(bytes, from, BYTES[tail], mask, from == at);
        LoggedNumbers.writePadded(value, tail, to, out);
        out += tail;
      }
    }
    return out - start;
  }

  private static int number(byte[] bytes, int at, int count, int mask, boolean first) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      int one = (bytes[at + i] & 0xFF) ^ mask;
      value = value << 8 | (first && i == 0 ? one ^ 0x80 : one);
    }
    return value;
  }

  /** One zero stays. Returns the new end. */
  private static int withoutLeadingZeros(byte[] to, int start, int end) {
    int first = start;
    while (first < end - 1 && to[first] == '0') {
      first++;
    }
    if (start == end) {
      to[end] = '0';
      return end + 1;
    }
    System.arraycopy(to, first, to, start, end - first);
    return end - (first - start);
  }
}
