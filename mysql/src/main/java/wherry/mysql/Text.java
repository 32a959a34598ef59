package wherry.mysql;

import org.jspecify.annotations.Nullable;

/**
 * Text that is well-formed UTF-8 and fits.
 *
 * @param threeBytes the column's character set (utf8mb3) has no characters beyond U+FFFF
 * @param blanksVanish a char(n): blanks at the end would be gone
 */
record Text(int charactersMax, long bytesMax, boolean threeBytes, boolean blanksVanish)
    implements CellRule {
  @Override
  public @Nullable Refusal check(byte[] slab, int start, int end) {
    int characters = 0;
    int at = start;
    while (at < end) {
      int width = 1;
      if (slab[at] < 0) {
        width = width(slab, at, end);
        if (width == 0) {
          return Refusal.data("the value is not well-formed UTF-8 at its byte " + (at - start));
        }
        if (width == 4 && threeBytes) {
          return Refusal.data(
              "the column's character set utf8mb3 has no character "
                  + CellRules.text(slab, at, at + 4));
        }
      }
      at += width;
      characters++;
    }
    if (characters > charactersMax) {
      return Refusal.truncation(
          "the value has " + characters + " characters, the column holds " + charactersMax);
    }
    if (end - start > bytesMax) {
      return Refusal.truncation(
          "the value has " + (end - start) + " bytes, the column holds " + bytesMax);
    }
    return blanksVanish && end > start && slab[end - 1] == ' '
        ? Refusal.truncation("the value ends in a blank, which a char column does not keep")
        : null;
  }

  /** Bytes of the character that begins here; 0 when it is not well-formed (RFC 3629). */
  private static int width(byte[] slab, int at, int end) {
    int first = slab[at] & 0xFF;
    int width =
        first >= 0xC2 && first <= 0xDF
            ? 2
            : first >= 0xE0 && first <= 0xEF ? 3 : first >= 0xF0 && first <= 0xF4 ? 4 : 0;
    if (width == 0 || at + width > end) {
      return 0;
    }
    for (int i = 1; i < width; i++) {
      if ((slab[at + i] & 0xC0) != 0x80) {
        return 0;
      }
    }
    int second = slab[at + 1] & 0xFF;
    boolean valid =
        switch (first) {
          case 0xE0 -> second >= 0xA0;
          case 0xED -> second < 0xA0;
          case 0xF0 -> second >= 0x90;
          case 0xF4 -> second < 0x90;
          default -> true;
        };
    return valid ? width : 0;
  }
}
