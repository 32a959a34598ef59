package wherry.mysql;

import org.jspecify.annotations.Nullable;

/** A bit string for a bit(n). */
record Digits(int bitsMax) implements CellRule {
  @Override
  public @Nullable Refusal check(byte[] slab, int start, int end) {
    for (int i = start; i < end; i++) {
      if (slab[i] != '0' && slab[i] != '1') {
        return Refusal.data(
            "'" + Shortened.text(CellRules.text(slab, start, end)) + "' is not a bit string");
      }
    }
    return end - start <= bitsMax
        ? null
        : Refusal.truncation(
            "the value has " + (end - start) + " bits, the column holds " + bitsMax);
  }
}
