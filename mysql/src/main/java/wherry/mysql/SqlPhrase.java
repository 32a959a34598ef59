package wherry.mysql;

import java.util.ArrayList;
import java.util.List;

/**
 * SQL that a server has printed under an empty sql_mode, as words. It knows where names, strings
 * and brackets begin and end ("Lexical Structure" of both manuals) and nothing of grammar, so that
 * a definition is taken apart at the server's own commas and its clauses go on letter by letter.
 * What stands in conditional comments ({@code /*!80023 INVISIBLE *}{@code /}) is part of it:
 * whoever prints it understands it.
 */
record SqlPhrase(List<Word> words) {
  enum Kind {
    /** In backquotes. */
    NAME,
    /** In quotes. */
    STRING,
    /** A keyword or a number. */
    PLAIN,
    /** One other character. */
    SIGN
  }

  /**
   * @param text with its quotes
   * @param spaced whether a space stands before it
   */
  record Word(Kind kind, String text, boolean spaced) {
    boolean is(String word) {
      return (kind == Kind.PLAIN || kind == Kind.SIGN) && text.equalsIgnoreCase(word);
    }

    /** Without quotes; a string's escapes are left as they are. */
    String plain() {
      return switch (kind) {
        case NAME -> DdlTree.unquoted(text);
        case STRING -> text.substring(1, text.length() - 1);
        case PLAIN, SIGN -> text;
      };
    }
  }

  SqlPhrase {
    words = List.copyOf(words);
  }

  static SqlPhrase of(String sql) {
    List<Word> words = new ArrayList<>();
    boolean spaced = false;
    int at = 0;
    while (at < sql.length()) {
      char c = sql.charAt(at);
      int end = at + 1;
      if (Character.isWhitespace(c)) {
        spaced = true;
      } else if (sql.startsWith("/*", at) || sql.startsWith("*/", at)) {
        end = endOfComment(sql, at);
        spaced = true;
      } else {
        Kind kind = kind(c);
        end =
            switch (kind) {
              case NAME -> endOfQuoted(sql, at, false);
              case STRING -> endOfQuoted(sql, at, true);
              case PLAIN -> endOfPlain(sql, at);
              case SIGN -> at + 1;
            };
        words.add(new Word(kind, sql.substring(at, end), spaced));
        spaced = false;
      }
      at = end;
    }
    return new SqlPhrase(words);
  }

  private static Kind kind(char c) {
    return switch (c) {
      case '`' -> Kind.NAME;
      case '\'', '"' -> Kind.STRING;
      default -> isPlain(c) ? Kind.PLAIN : Kind.SIGN;
    };
  }

  private static boolean isPlain(char c) {
    return c == '_' || c == '$' || c >= 0x80 || Character.isLetterOrDigit(c);
  }

  /** Of a conditional comment only the brackets are passed over, of another one all. */
  private static int endOfComment(String sql, int at) {
    int opening = sql.startsWith("/*!", at) ? 3 : sql.startsWith("/*M!", at) ? 4 : 0;
    if (opening == 0) {
      int closed = sql.startsWith("*/", at) ? at : sql.indexOf("*/", at + 2);
      return closed < 0 ? sql.length() : closed + 2;
    }
    int end = at + opening;
    while (end < sql.length() && Character.isDigit(sql.charAt(end))) {
      end++;
    }
    return end;
  }

  private static int endOfQuoted(String sql, int at, boolean escapes) {
    char quote = sql.charAt(at);
    int end = at + 1;
    while (end < sql.length()) {
      char c = sql.charAt(end);
      if (c == '\\' && escapes) {
        end += 2;
      } else if (c == quote) {
        boolean doubled = end + 1 < sql.length() && sql.charAt(end + 1) == quote;
        if (!doubled) {
          return end + 1;
        }
        end += 2;
      } else {
        end++;
      }
    }
    return sql.length();
  }

  private static int endOfPlain(String sql, int at) {
    int end = at + 1;
    while (end < sql.length() && isPlain(sql.charAt(end))) {
      end++;
    }
    return end;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (Word word : words) {
      text.append(word.spaced() && !text.isEmpty() ? " " : "").append(word.text());
    }
    return text.toString();
  }

  int size() {
    return words.size();
  }

  Word word(int at) {
    return words.get(at);
  }

  boolean startsWith(String... wanted) {
    return isAt(0, wanted);
  }

  boolean isAt(int at, String... wanted) {
    if (at < 0 || at + wanted.length > words.size()) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (!words.get(at + i).is(wanted[i])) {
        return false;
      }
    }
    return true;
  }

  boolean has(String... wanted) {
    return find(wanted) >= 0;
  }

  /** Where these words stand outside of brackets; -1 when nowhere. */
  int find(String... wanted) {
    int depth = 0;
    for (int at = 0; at < words.size(); at++) {
      if (depth == 0 && isAt(at, wanted)) {
        return at;
      }
      depth += depth(words.get(at));
    }
    return -1;
  }

  /** Where these words stand from a place on, in brackets or not; -1 when nowhere. */
  int findInside(int from, String... wanted) {
    for (int at = from; at < words.size(); at++) {
      if (isAt(at, wanted)) {
        return at;
      }
    }
    return -1;
  }

  private static int depth(Word word) {
    return word.is("(") ? 1 : word.is(")") ? -1 : 0;
  }

  /** The place behind the bracket that closes the one at {@code open}. */
  int behindBrackets(int open) {
    int depth = 0;
    for (int at = open; at < words.size(); at++) {
      depth += depth(words.get(at));
      if (depth == 0) {
        return at + 1;
      }
    }
    return words.size();
  }

  SqlPhrase part(int from, int to) {
    return new SqlPhrase(words.subList(from, to));
  }

  /** With other words in place of some; empty ones leave these out. */
  SqlPhrase with(int from, int to, String sql) {
    List<Word> changed = new ArrayList<>(words.subList(0, from));
    List<Word> others = of(sql).words();
    for (int i = 0; i < others.size(); i++) {
      Word word = others.get(i);
      changed.add(new Word(word.kind(), word.text(), i == 0 || word.spaced()));
    }
    changed.addAll(words.subList(to, words.size()));
    return new SqlPhrase(changed);
  }

  /** The parts between the commas outside of brackets. */
  List<SqlPhrase> parts() {
    List<SqlPhrase> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int at = 0; at < words.size(); at++) {
      if (depth == 0 && words.get(at).is(",")) {
        parts.add(part(from, at));
        from = at + 1;
      }
      depth += depth(words.get(at));
    }
    parts.add(part(from, words.size()));
    return parts;
  }
}
