package wherry.mysql;

/** Long values in messages. */
final class Shortened {
  private static final int CHARACTERS_MAX = 200;

  private Shortened() {}

  /** The text itself, or its beginning and how long it is. */
  static String text(String text) {
    if (text.length() <= CHARACTERS_MAX) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, CHARACTERS_MAX / 2))
        + "… ("
        + text.length()
        + " characters)";
  }
}
