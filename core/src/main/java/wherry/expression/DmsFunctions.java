package wherry.expression;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The functions that AWS DMS adds to SQLite's. */
public final class DmsFunctions {
  private DmsFunctions() {}

  /**
   * Each character of the text that is the i-th of {@code characters} becomes the i-th of {@code
   * replacements}, the first of them where they are fewer, nothing where there are none.
   */
  public static String replaceChars(String text, String characters, String replacements) {
    int[] from = characters.codePoints().toArray();
    int[] to = replacements.codePoints().toArray();
    StringBuilder result = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          int place = 0;
          while (place < from.length && from[place] != c) {
            place++;
          }
          if (place == from.length) {
            result.appendCodePoint(c);
          } else if (to.length > 0) {
            result.appendCodePoint(place < to.length ? to[place] : to[0]);
          }
        });
    return result.toString();
  }

  /** 64 upper-case hexadecimal digits, as data-masking-hash-mask gives. */
  public static String hashSha256(byte[] bytes) {
    return HexFormat.of().withUpperCase().formatHex(sha256().digest(bytes));
  }

  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
