package wherry.mysql;

import org.jspecify.annotations.Nullable;

/**
 * Bytes that fit.
 *
 * @param padded a binary(n) pads shorter values with zeros, which makes another value of them
 */
record Binary(long bytesMax, boolean padded) implements CellRule {
  @Override
  public @Nullable Refusal check(byte[] slab, int start, int end) {
    if (end - start > bytesMax) {
      return Refusal.truncation(
          "the value has " + (end - start) + " bytes, the column holds " + bytesMax);
    }
    return padded && end - start < bytesMax
        ? Refusal.data(
            "the value has " + (end - start) + " bytes, and the column would pad it to " + bytesMax)
        : null;
  }
}
