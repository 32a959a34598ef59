package wherry.mysql;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** An integer in a range; digits after a point must be zeros. */
final class WholeNumber implements CellRule {
  /** Stands for 2^64-1 as the upper end. */
  static final long UNSIGNED_8_BYTES = -1;

  private static final int SAFE_DIGITS = 18;

  private final BigInteger min;
  private final BigInteger max;
  private final long longMin;
  private final long longMax;

  WholeNumber(long min, long max) {
    this.min = BigInteger.valueOf(min);
    boolean unsigned = max == UNSIGNED_8_BYTES;
    this.max =
        unsigned ? BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE) : BigInteger.valueOf(max);
    this.longMin = min;
    this.longMax = unsigned ? Long.MAX_VALUE : max;
  }

  @Override
  public @Nullable Refusal check(byte[] slab, int start, int end) {
    int at = start;
    boolean negative = at < end && slab[at] == '-';
    if (at < end && (negative || slab[at] == '+')) {
      at++;
    }
    int digits = end - at;
    long value = 0;
    for (int i = at; i < end; i++) {
      int digit = slab[i] - '0';
      if (digit < 0 || digit > 9 || digits > SAFE_DIGITS) {
        return slowly(slab, start, end);
      }
      value = 10 * value + digit;
    }
    long signed = negative ? -value : value;
    return digits > 0 && signed >= longMin && signed <= longMax
        ? null
        : outOfRange(slab, start, end);
  }

  private @Nullable Refusal slowly(byte[] slab, int start, int end) {
    String text = CellRules.text(slab, start, end);
    int point = text.indexOf('.');
    String whole = point < 0 ? text : text.substring(0, point);
    if (!whole.matches("[-+]?\\d{1,200}")
        || (point >= 0 && !text.substring(point + 1).matches("\\d*"))) {
      return Refusal.data("'" + Shortened.text(text) + "' is not a whole number");
    }
    if (point >= 0 && text.substring(point + 1).matches(".*[1-9].*")) {
      return Refusal.truncation(
          "the digits after the point of " + Shortened.text(text) + " would be lost");
    }
    BigInteger value = new BigInteger(whole);
    return value.compareTo(min) >= 0 && value.compareTo(max) <= 0
        ? null
        : outOfRange(slab, start, end);
  }

  private Refusal outOfRange(byte[] slab, int start, int end) {
    return Refusal.data(
        Shortened.text(CellRules.text(slab, start, end))
            + " is outside of "
            + min
            + " to "
            + max
            + ", which the column holds");
  }
}
