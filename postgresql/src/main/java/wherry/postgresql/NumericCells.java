package wherry.postgresql;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/** The binary form of numeric (numeric_send of PostgreSQL's sources) from decimal text. */
final class NumericCells {
  private static final int NEGATIVE = 0x4000;
  private static final int NAN = 0xC000;
  private static final int INFINITY = 0xD000;
  private static final int MINUS_INFINITY = 0xF000;
  private static final int SCALE_MAX = 16_383;
  private static final int INTEGER_DIGITS_MAX = 131_072;

  /** A digit of numeric is a group of four decimal ones. */
  private static final int GROUP = 10_000;

  /** Sixteen bytes with a point are fifteen digits, and three more fill the last group. */
  private static final int USUAL_BYTES_MAX = 16;

  private static final long[] POWERS = new long[USUAL_BYTES_MAX + 1];

  static {
    POWERS[0] = 1;
    for (int i = 1; i < POWERS.length; i++) {
      POWERS[i] = POWERS[i - 1] * 10;
    }
  }

  private NumericCells() {}

  /**
   * @param precision 0 for any
   * @param scale digits after the point, negative for digits before it
   */
  static CellEncoder numeric(int precision, int scale) {
    return (slab, start, end, out) -> numeric(slab, start, end, precision, scale, out);
  }

  private static void numeric(
      byte[] slab, int start, int end, int precision, int scale, CopyBuffer out)
      throws CellRefused {
    boolean negative = start < end && slab[start] == '-';
    int at = start + (negative || NumberCells.isPlus(slab, start, end) ? 1 : 0);
    if (putUsual(slab, at, end, negative, precision, scale, out)) {
      return;
    }
    if (at < end && slab[at] > '9') {
      putSpecial(slab, start, end, precision, out);
      return;
    }
    int point = end;
    for (int i = at; i < end; i++) {
      if (slab[i] == '.' && point == end) {
        point = i;
      } else if ((slab[i] | 0x20) == 'e') {
        byte[] plain = plain(slab, start, end);
        numeric(plain, 0, plain.length, precision, scale, out);
        return;
      } else if (slab[i] < '0' || slab[i] > '9') {
        throw NumberCells.notANumber(slab, start, end);
      }
    }
    if (end - at - (point < end ? 1 : 0) == 0) {
      throw NumberCells.notANumber(slab, start, end);
    }
    while (at < point && slab[at] == '0') {
      at++;
    }
    if (precision > 0) {
      checkFits(slab, start, at, point, end, precision, scale);
    }
    putNumeric(slab, start, at, point, end, negative, out);
  }

  /**
   * The usual number, in one pass: its digits, with zeros that fill the last group, fit into a
   * long. False, and nothing is written, when it is another one or may not fit into the column.
   */
  private static boolean putUsual(
      byte[] slab, int start, int end, boolean negative, int precision, int scale, CopyBuffer out) {
    if (end - start > USUAL_BYTES_MAX) {
      return false;
    }
    long value = 0;
    int point = end;
    for (int i = start; i < end; i++) {
      int digit = slab[i] - '0';
      if (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
      } else if (slab[i] == '.' && point == end) {
        point = i;
      } else {
        return false;
      }
    }
    int digits = end - start - (point < end ? 1 : 0);
    int fraction = Math.max(0, end - point - 1);
    int room = precision - scale + fraction;
    boolean fits =
        precision == 0
            || (fraction <= scale && room >= 0 && (room > digits || value < POWERS[room]));
    if (digits == 0 || !fits) {
      return false;
    }
    putGroups(value * POWERS[-fraction & 3], fraction, negative, out);
    return true;
  }

  /** A number whose last group of four digits is complete, so many of its digits a fraction. */
  private static void putGroups(long value, int fraction, boolean negative, CopyBuffer out) {
    long rest = value;
    int weight = -((fraction + 3) >> 2);
    for (; rest != 0 && rest % GROUP == 0; rest /= GROUP) {
      weight++;
    }
    int groups = 0;
    for (long left = rest; left != 0; left /= GROUP) {
      groups++;
    }
    out.putShort(groups);
    out.putShort(groups == 0 ? 0 : weight + groups - 1);
    out.putShort(negative && groups > 0 ? NEGATIVE : 0);
    out.putShort(fraction);
    out.skip(2 * groups);
    for (int at = out.used() - 2; rest != 0; at -= 2) {
      out.setShort(at, (int) (rest % GROUP));
      rest /= GROUP;
    }
  }

  private static void putSpecial(byte[] slab, int start, int end, int precision, CopyBuffer out)
      throws CellRefused {
    NumberCells.Decimal special = NumberCells.Decimal.parse(slab, start, end);
    if (precision > 0 && special.kind() == 'i') {
      throw CellRefused.data("a numeric column with a precision cannot hold infinity");
    }
    out.putShort(0);
    out.putShort(0);
    out.putShort(special.kind() == 'n' ? NAN : special.negative() ? MINUS_INFINITY : INFINITY);
    out.putShort(0);
  }

  private static byte[] plain(byte[] slab, int start, int end) throws CellRefused {
    try {
      NumberCells.Decimal bounded =
          NumberCells.Decimal.parse(
              slab, start, end); // Bounds the exponent before anyone writes out its zeros.
      return bounded.digits() == 0
          ? new byte[] {'0'}
          : new BigDecimal(NumberCells.digits(slab, start, end))
              .toPlainString()
              .getBytes(StandardCharsets.US_ASCII);
    } catch (NumberFormatException e) {
      throw NumberCells.notANumber(slab, start, end);
    }
  }

  /**
   * The highest digit must be below 10^(precision-scale), and none that is not zero may stand
   * beyond the scale.
   */
  private static void checkFits(
      byte[] slab, int start, int first, int point, int end, int precision, int scale)
      throws CellRefused {
    int highest = first;
    while (highest < end && (slab[highest] == '0' || slab[highest] == '.')) {
      highest++;
    }
    if (highest == end) {
      return;
    }
    int lowest = end - 1;
    while (slab[lowest] == '0' || slab[lowest] == '.') {
      lowest--;
    }
    if (place(highest, point) >= precision - scale) {
      throw CellRefused.data(
          "%s is out of range of numeric(%d,%d)"
              .formatted(NumberCells.text(slab, start, end), precision, scale));
    }
    if (place(lowest, point) < -scale) {
      throw CellRefused.truncation(
          "%s has more digits after the point than numeric(%d,%d) holds"
              .formatted(NumberCells.text(slab, start, end), precision, scale));
    }
  }

  /** The power of ten that a digit stands for. */
  private static int place(int digit, int point) {
    return digit < point ? point - digit - 1 : point - digit;
  }

  /**
   * Int16 count of base-10000 digits, weight of the first, sign, display scale; then the digits.
   */
  private static void putNumeric(
      byte[] slab, int start, int first, int point, int end, boolean negative, CopyBuffer out)
      throws CellRefused {
    int whole = point - first;
    int fraction = Math.max(0, end - point - 1);
    if (whole > INTEGER_DIGITS_MAX || fraction > SCALE_MAX) {
      throw CellRefused.data(
          "a number of %d digits is beyond what numeric can hold".formatted(end - start));
    }
    int weight = (whole + 3) / 4 - 1;
    int head = out.used();
    out.putShort(0);
    out.putShort(0);
    out.putShort(0);
    out.putShort(fraction);
    int groups = 0;
    int leading = 0;
    int lastNonZero = 0;
    for (int at = point - 4 * (weight + 1); at < point; at += 4) {
      int digit = group(slab, Math.max(at, first), at + 4, point);
      if (groups > 0 || digit != 0) {
        out.putShort(digit);
        groups++;
        lastNonZero = digit != 0 ? groups : lastNonZero;
      } else {
        leading++;
      }
    }
    for (int at = point + 1; at < end; at += 4) {
      int digit = fractionGroup(slab, at, end);
      if (groups > 0 || digit != 0) {
        out.putShort(digit);
        groups++;
        lastNonZero = digit != 0 ? groups : lastNonZero;
      } else {
        leading++;
      }
    }
    out.cutTo(head + 8 + 2 * lastNonZero);
    out.setShort(head, lastNonZero);
    out.setShort(head + 2, lastNonZero == 0 ? 0 : weight - leading);
    out.setShort(head + 4, negative && lastNonZero > 0 ? NEGATIVE : 0);
  }

  private static int group(byte[] slab, int from, int to, int point) {
    int value = 0;
    for (int i = from; i < Math.min(to, point); i++) {
      value = value * 10 + slab[i] - '0';
    }
    return value;
  }

  private static int fractionGroup(byte[] slab, int from, int end) {
    int value = 0;
    for (int i = from; i < from + 4; i++) {
      value = value * 10 + (i < end ? slab[i] - '0' : 0);
    }
    return value;
  }
}
