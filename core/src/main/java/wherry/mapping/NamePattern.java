package wherry.mapping;

import java.util.regex.Pattern;

/**
 * A name or pattern of an object locator ("Wildcards in table mapping", AWS DMS guide): {@code %} is any text, {@code _} any
 * one character, {@code [ab]}, {@code [a-d]} one of a set, {@code [_]} the character itself; a {@code [} without end is
 * literal.
 */
record NamePattern(String text, boolean wild, Pattern sensitive, Pattern insensitive) {

  /** A pattern with wildcards. */
  static NamePattern of(String text) {
    String regex = regex(text);
    boolean wild = text.contains("%") || text.contains("_") || regex.contains("[");
    return compiled(text, wild, regex);
  }

  /** The name as it stands, as {@code explicit} rules want it. */
  static NamePattern exactly(String text) {
    return compiled(text, false, Pattern.quote(text));
  }

  private static NamePattern compiled(String text, boolean wild, String regex) {
    return new NamePattern(
        text,
        wild,
        Pattern.compile(regex, Pattern.DOTALL),
        Pattern.compile(regex, Pattern.DOTALL | Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE));
  }

  boolean matches(String name, boolean ignoreCase) {
    return (ignoreCase ? insensitive : sensitive).matcher(name).matches();
  }

  /** How many characters are literal: the more, the more specific the pattern. */
  int literalCharacters() {
    return wild ? (int) text.chars().filter(c -> c != '%' && c != '_').count() : text.length();
  }

  private static String regex(String text) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int close = c == '[' ? text.indexOf(']', i + 2) : -1;
      if (c == '%') {
        regex.append(".*");
      } else if (c == '_') {
        regex.append('.');
      } else if (close > 0) {
        regex.append('[').append(characterClass(text.substring(i + 1, close))).append(']');
        i = close;
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return regex.toString();
  }

  /** Keeps a dash between two characters as a range and takes everything else literally. */
  private static String characterClass(String members) {
    StringBuilder literal = new StringBuilder();
    for (int i = 0; i < members.length(); i++) {
      char c = members.charAt(i);
      boolean range = c == '-' && i > 0 && i < members.length() - 1 && members.charAt(i - 1) <= members.charAt(i + 1);
      if (!range && "\\^-[]&".indexOf(c) >= 0) {
        literal.append('\\');
      }
      literal.append(c);
    }
    return literal.toString();
  }
}
