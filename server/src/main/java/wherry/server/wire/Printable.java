package wherry.server.wire;

/**
 * Text of a stranger, made fit to be repeated in a message or a log line: of bounded length, on one
 * line.
 */
final class Printable {
  private static final int CHARACTERS_LIMIT = 200;

  private Printable() {}

  static String shortened(String text) {
    int end = Math.min(text.length(), CHARACTERS_LIMIT);
    StringBuilder printable = new StringBuilder(end + 3);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      boolean plain =
          !Character.isISOControl(c) && !Character.isSurrogate(c) && c != '\u2028' && c != '\u2029';
      printable.append(plain ? c : '?');
    }
    return end < text.length() ? printable.append("...").toString() : printable.toString();
  }
}
