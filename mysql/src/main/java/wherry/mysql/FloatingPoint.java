package wherry.mysql;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A finite float or double.
 *
 * @param toFloat the column is a float
 * @param fromDouble a double that becomes a float has to be the same number
 */
record FloatingPoint(boolean toFloat, boolean fromDouble) implements CellRule {
  /**
   * The shortest text of the largest float is, read as a double, just beyond it, and the server
   * refuses that.
   */
  private static final String LARGEST = "3.4028235";

  @Override
  public @Nullable Refusal check(byte[] slab, int start, int end) {
    int first = start < end && slab[start] == '-' ? start + 1 : start;
    if (first >= end || slab[first] == 'N' || slab[first] == 'I') {
      return Refusal.data(
          CellRules.text(slab, start, end) + " does not exist in MySQL's floating-point numbers");
    }
    if (toFloat && fromDouble) {
      String text = CellRules.text(slab, start, end);
      double value = Double.parseDouble(text);
      if ((float) value != value) {
        return Refusal.truncation(text + " has more digits than the column, a float, holds");
      }
    }
    return null;
  }

  @Override
  public byte @Nullable [] respelled(byte[] slab, int start, int end) {
    int first = slab[start] == '-' ? start + 1 : start;
    if (!toFloat
        || end - first < LARGEST.length()
        || slab[first] != '3'
        || slab[first + 8] != '5') {
      return null;
    }
    float value = Float.parseFloat(CellRules.text(slab, start, end));
    return Math.abs(value) == Float.MAX_VALUE
        ? Double.toString(value).getBytes(StandardCharsets.US_ASCII)
        : null;
  }
}
