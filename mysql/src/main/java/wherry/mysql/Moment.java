package wherry.mysql;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import wherry.schema.DataType;

/**
 * A date, time or both in the range that MySQL has: years 0000 to 9999, and no infinity. Zero dates
 * pass.
 *
 * @param type DATE, TIME or DATETIME
 * @param scale digits of fractional seconds
 */
record Moment(DataType type, int scale) implements CellRule {
  private static final int DATE_LENGTH = 10;

  @Override
  public @Nullable Refusal check(byte[] slab, int start, int end) {
    int at = start;
    if (type != DataType.TIME) {
      boolean fourDigitYear =
          end - start >= DATE_LENGTH
              && slab[start + 4] == '-'
              && slab[start + 7] == '-'
              && slab[start] >= '0'
              && slab[start] <= '9';
      boolean endsWell =
          fourDigitYear && (end - start == DATE_LENGTH || slab[start + DATE_LENGTH] == ' ');
      if (!endsWell || slab[end - 1] == 'C') {
        return Refusal.data(
            CellRules.text(slab, start, end)
                + " is outside of the years 0000 to 9999, which the column holds");
      }
      at += DATE_LENGTH;
    } else if (at < end && slab[at] == '-') {
      at++;
    }
    return checkTime(slab, start, at, end);
  }

  private @Nullable Refusal checkTime(byte[] slab, int start, int from, int end) {
    int significant = 0;
    int point = -1;
    for (int i = from; i < end; i++) {
      byte b = slab[i];
      if (b == '.') {
        point = i;
      } else if (b == '+' || b == '-' || b == 'Z') {
        return Refusal.data(
            CellRules.text(slab, start, end)
                + " has an offset from UTC, for which the column has no place");
      } else if (point >= 0 && b != '0') {
        significant = i - point;
      }
    }
    return significant <= scale
        ? null
        : Refusal.truncation(
            CellRules.text(slab, start, end)
                + " has "
                + significant
                + " digits of fractional seconds, the column holds "
                + scale);
  }

  /** Without the zeros that the column has no place for. */
  @Override
  public byte @Nullable [] respelled(byte[] slab, int start, int end) {
    for (int i = end - 1; i > start; i--) {
      if (slab[i] == '.') {
        return end - i - 1 > scale
            ? Arrays.copyOfRange(slab, start, scale == 0 ? i : i + 1 + scale)
            : null;
      }
    }
    return null;
  }
}
