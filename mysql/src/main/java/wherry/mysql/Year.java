package wherry.mysql;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A year in four digits: of fewer the server makes another year, and of 0 the year 2000. */
record Year() implements CellRule {
  private static final WholeNumber RANGE = new WholeNumber(1901, 2155);
  private static final byte[] ZERO = "0000".getBytes(StandardCharsets.US_ASCII);

  @Override
  public @Nullable Refusal check(byte[] slab, int start, int end) {
    return isZero(slab, start, end) ? null : RANGE.check(slab, start, end);
  }

  @Override
  public byte @Nullable [] respelled(byte[] slab, int start, int end) {
    return isZero(slab, start, end) ? ZERO : null;
  }

  private static boolean isZero(byte[] slab, int start, int end) {
    return end - start == 1 && slab[start] == '0';
  }
}
