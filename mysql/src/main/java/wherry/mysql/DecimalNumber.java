package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A decimal that fits without rounding. Zeros after the last fractional digit are not sent. */
record DecimalNumber(int precision, int scale) implements CellRule {
  @Override
  public @Nullable Refusal check(byte[] slab, int start, int end) {
    int at = start < end && (slab[start] == '-' || slab[start] == '+') ? start + 1 : start;
    while (at < end && slab[at] == '0') {
      at++;
    }
    int wholeDigits = 0;
    int fractionDigits = 0;
    int significant = 0;
    boolean fraction = false;
    for (int i = at; i < end; i++) {
      int digit = slab[i] - '0';
      if (slab[i] == '.' && !fraction) {
        fraction = true;
      } else if (digit < 0 || digit > 9) {
        return notDecimal(slab, start, end);
      } else if (fraction) {
        fractionDigits++;
        significant = digit == 0 ? significant : fractionDigits;
      } else {
        wholeDigits++;
      }
    }
    if (wholeDigits > precision - scale) {
      return Refusal.data(
          Shortened.text(CellRules.text(slab, start, end))
              + " has "
              + wholeDigits
              + " digits before the point, the column holds "
              + (precision - scale));
    }
    return significant <= scale
        ? null
        : Refusal.truncation(
            Shortened.text(CellRules.text(slab, start, end))
                + " has "
                + significant
                + " digits after the point, the column holds "
                + scale);
  }

  private Refusal notDecimal(byte[] slab, int start, int end) {
    String text = new String(slab, start, end - start, StandardCharsets.UTF_8);
    return switch (text) {
      case "NaN", "Infinity", "-Infinity" ->
          Refusal.data(text + " does not exist in MySQL's numbers");
      default -> Refusal.data("'" + Shortened.text(text) + "' is not a decimal number");
    };
  }

  @Override
  public byte @Nullable [] respelled(byte[] slab, int start, int end) {
    int point = start;
    while (point < end && slab[point] != '.') {
      point++;
    }
    return end - point - 1 > scale
        ? Arrays.copyOfRange(slab, start, scale == 0 ? point : point + 1 + scale)
        : null;
  }
}
