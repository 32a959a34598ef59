package wherry.postgresql;

import java.nio.charset.StandardCharsets;

/**
 * Binary forms of integers and floats (int4send, float8send of PostgreSQL's sources) from decimal
 * text.
 */
final class NumberCells {
  /**
   * Powers of ten that are exact as double; the first eleven are exact as float (Clinger's fast
   * path).
   */
  private static final double[] EXACT_POWERS = new double[23];

  private static final long EXACT_DOUBLE_MAX = 1L << 53;
  private static final long EXACT_FLOAT_MAX = 1L << 24;
  private static final int EXACT_FLOAT_POWER = 10;

  /** So many digits fit into a long, whatever they are. */
  private static final int SAFE_DIGITS = 18;

  static {
    EXACT_POWERS[0] = 1;
    for (int i = 1; i < EXACT_POWERS.length; i++) {
      EXACT_POWERS[i] = EXACT_POWERS[i - 1] * 10;
    }
  }

  private NumberCells() {}

  static CellEncoder int2() {
    return (slab, start, end, out) ->
        out.putShort((int) integer(slab, start, end, Short.MIN_VALUE, Short.MAX_VALUE));
  }

  static CellEncoder int4() {
    return (slab, start, end, out) ->
        out.putInt((int) integer(slab, start, end, Integer.MIN_VALUE, Integer.MAX_VALUE));
  }

  static CellEncoder int8() {
    return (slab, start, end, out) ->
        out.putLong(integer(slab, start, end, Long.MIN_VALUE, Long.MAX_VALUE));
  }

  static CellEncoder oid() {
    return (slab, start, end, out) -> out.putInt((int) integer(slab, start, end, 0, 0xFFFF_FFFFL));
  }

  static CellEncoder float4() {
    return (slab, start, end, out) -> out.putInt(Float.floatToRawIntBits(real4(slab, start, end)));
  }

  static CellEncoder float8() {
    return (slab, start, end, out) ->
        out.putLong(Double.doubleToRawLongBits(real8(slab, start, end)));
  }

  /** A whole number; zeros after a point do no harm. */
  static long integer(byte[] slab, int start, int end, long min, long max) throws CellRefused {
    boolean negative = start < end && slab[start] == '-';
    int at = start + (negative || isPlus(slab, start, end) ? 1 : 0);
    int digits = at;
    long value = 0; // Negative all the way: there is one more negative number than positive ones.
    int safe = Math.min(end, at + SAFE_DIGITS);
    for (; at < safe && slab[at] >= '0' && slab[at] <= '9'; at++) {
      value = value * 10 - (slab[at] - '0');
    }
    for (; at < end && slab[at] >= '0' && slab[at] <= '9'; at++) {
      int digit = slab[at] - '0';
      if (value < (Long.MIN_VALUE + digit) / 10) {
        throw outOfRange(slab, start, end, min, max);
      }
      value = value * 10 - digit;
    }
    if (at == digits) {
      throw notANumber(slab, start, end);
    }
    checkZeros(slab, start, at, end);
    if (!negative && value == Long.MIN_VALUE) {
      throw outOfRange(slab, start, end, min, max);
    }
    long signed = negative ? value : -value;
    if (signed < min || signed > max) {
      throw outOfRange(slab, start, end, min, max);
    }
    return signed;
  }

  private static void checkZeros(byte[] slab, int start, int at, int end) throws CellRefused {
    if (at == end) {
      return;
    }
    if (slab[at] != '.') {
      throw notANumber(slab, start, end);
    }
    for (int i = at + 1; i < end; i++) {
      if (slab[i] < '0' || slab[i] > '9') {
        throw notANumber(slab, start, end);
      }
      if (slab[i] != '0') {
        throw CellRefused.truncation(
            text(slab, start, end)
                + " has digits after the point, and the column holds whole numbers");
      }
    }
  }

  private static double real8(byte[] slab, int start, int end) throws CellRefused {
    Decimal decimal = Decimal.parse(slab, start, end);
    if (decimal.digits >= 0
        && decimal.digits <= EXACT_DOUBLE_MAX
        && Math.abs(decimal.power) < EXACT_POWERS.length) {
      double value =
          decimal.power < 0
              ? decimal.digits / EXACT_POWERS[-decimal.power]
              : decimal.digits * EXACT_POWERS[decimal.power];
      return decimal.negative ? -value : value;
    }
    double value =
        decimal.isSpecial() ? decimal.special() : Double.parseDouble(digits(slab, start, end));
    if (Double.isInfinite(value) && !decimal.isSpecial()) {
      throw CellRefused.data(text(slab, start, end) + " is beyond what double precision can hold");
    }
    return value;
  }

  private static float real4(byte[] slab, int start, int end) throws CellRefused {
    Decimal decimal = Decimal.parse(slab, start, end);
    if (decimal.digits >= 0
        && decimal.digits <= EXACT_FLOAT_MAX
        && Math.abs(decimal.power) <= EXACT_FLOAT_POWER) {
      float power = (float) EXACT_POWERS[Math.abs(decimal.power)];
      float value = decimal.power < 0 ? decimal.digits / power : decimal.digits * power;
      return decimal.negative ? -value : value;
    }
    float value =
        decimal.isSpecial()
            ? (float) decimal.special()
            : Float.parseFloat(digits(slab, start, end));
    if (Float.isInfinite(value) && !decimal.isSpecial()) {
      throw CellRefused.data(text(slab, start, end) + " is beyond what real can hold");
    }
    return value;
  }

  /**
   * A decimal with an exponent, taken apart: digits × 10^power. Digits are negative when they are
   * too many for a long.
   */
  record Decimal(boolean negative, long digits, int power, char kind) {
    private static final int DIGITS_MAX = 18;
    private static final int EXPONENT_MAX = 100_000;

    static Decimal parse(byte[] slab, int start, int end) throws CellRefused {
      boolean negative = start < end && slab[start] == '-';
      int at = start + (negative || isPlus(slab, start, end) ? 1 : 0);
      if (at < end && (slab[at] | 0x20) == 'n' && is(slab, at, end, "nan")) {
        return new Decimal(false, -1, 0, 'n');
      }
      if (at < end
          && (slab[at] | 0x20) == 'i'
          && (is(slab, at, end, "infinity") || is(slab, at, end, "inf"))) {
        return new Decimal(negative, -1, 0, 'i');
      }
      long digits = 0;
      int count = 0;
      int seen = 0;
      int power = 0;
      boolean fraction = false;
      for (; at < end && slab[at] != 'e' && slab[at] != 'E'; at++) {
        byte b = slab[at];
        if (b == '.' && !fraction) {
          fraction = true;
        } else if (b >= '0' && b <= '9') {
          seen++;
          count += count > 0 || b != '0' ? 1 : 0;
          digits = count > DIGITS_MAX ? -1 : digits * 10 + b - '0';
          power -= fraction ? 1 : 0;
        } else {
          throw notANumber(slab, start, end);
        }
      }
      if (seen == 0) {
        throw notANumber(slab, start, end);
      }
      int exponent = at == end ? 0 : (int) integer(slab, at + 1, end, -EXPONENT_MAX, EXPONENT_MAX);
      return new Decimal(negative, digits, power + exponent, 'd');
    }

    boolean isSpecial() {
      return kind != 'd';
    }

    double special() {
      if (kind == 'n') {
        return Double.NaN;
      }
      return negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
  }

  static boolean isPlus(byte[] slab, int start, int end) {
    return start < end && slab[start] == '+';
  }

  private static boolean is(byte[] slab, int start, int end, String word) {
    if (end - start != word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if ((slab[start + i] | 0x20) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** All of the cell, already known to be a number. */
  static String digits(byte[] slab, int start, int end) {
    return new String(slab, start, end - start, StandardCharsets.US_ASCII);
  }

  /** The cell for a message. */
  static String text(byte[] slab, int start, int end) {
    return TextCells.shown(slab, start, end);
  }

  static CellRefused notANumber(byte[] slab, int start, int end) {
    return CellRefused.data("'" + text(slab, start, end) + "' is not a number");
  }

  private static CellRefused outOfRange(byte[] slab, int start, int end, long min, long max) {
    return CellRefused.data(
        "%s is out of range, the column holds %d to %d"
            .formatted(text(slab, start, end), min, max));
  }
}
