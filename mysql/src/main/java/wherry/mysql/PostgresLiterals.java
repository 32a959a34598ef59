package wherry.mysql;

/**
 * PostgreSQL's literals of arrays and hstore as JSON ("Array Input and Output Syntax", "F.16
 * hstore" of its manual).
 */
final class PostgresLiterals {
  private PostgresLiterals() {}

  /**
   * {@code {1,NULL,"a b"}} as {@code [1,null,"a b"]}; numbers stay numbers where JSON has them, so
   * NaN becomes a string.
   *
   * @param elementType the element's type in PostgreSQL's words
   * @throws IllegalArgumentException when the text is no array literal
   */
  static String arrayToJson(String literal, String elementType) {
    int from = 0;
    if (literal.startsWith("[")) {
      from = literal.indexOf('=') + 1; // Bounds other than 1: [0:2]={1,2,3}
    }
    // box is the one type whose values are separated by a semicolon.
    Scanner scanner =
        new Scanner(literal, from, kind(elementType), elementType.equals("box") ? ';' : ',');
    scanner.array();
    if (scanner.at != literal.length()) {
      throw scanner.malformed();
    }
    return scanner.json.toString();
  }

  /**
   * {@code "a"=>"1", "b"=>NULL} as {@code {"a":"1","b":null}}.
   *
   * @throws IllegalArgumentException when the text is no hstore literal
   */
  static String hstoreToJson(String literal) {
    Scanner scanner = new Scanner(literal, 0, Kind.TEXT, ',');
    scanner.pairs();
    return scanner.json.toString();
  }

  private enum Kind {
    NUMBER,
    BOOLEAN,
    JSON,
    TEXT
  }

  private static Kind kind(String type) {
    String name = type.replaceFirst("\\(.*", "").strip();
    return switch (name) {
      case "smallint",
          "integer",
          "bigint",
          "numeric",
          "real",
          "double precision",
          "int2",
          "int4",
          "int8",
          "float4",
          "float8" ->
          Kind.NUMBER;
      case "boolean", "bool" -> Kind.BOOLEAN;
      case "json", "jsonb" -> Kind.JSON;
      default -> Kind.TEXT;
    };
  }

  /** Reads a literal once, from left to right. */
  private static final class Scanner {
    private final String text;
    private final Kind kind;
    private final char separator;
    private final StringBuilder json = new StringBuilder();
    private int at;

    Scanner(String text, int from, Kind kind, char separator) {
      this.text = text;
      this.at = from;
      this.kind = kind;
      this.separator = separator;
    }

    void array() {
      expect('{');
      json.append('[');
      if (peek() == '}') {
        at++;
        json.append(']');
        return;
      }
      while (true) {
        if (peek() == '{') {
          array();
        } else {
          element();
        }
        char next = next();
        if (next == '}') {
          json.append(']');
          return;
        }
        if (next != separator) {
          throw malformed();
        }
        json.append(',');
      }
    }

    private void element() {
      if (peek() == '"') {
        value(quoted());
        return;
      }
      int end = at;
      while (end < text.length()
          && text.charAt(end) != separator
          && "{}".indexOf(text.charAt(end)) < 0) {
        end++;
      }
      String bare = text.substring(at, end);
      at = end;
      if (bare.isEmpty()) {
        throw malformed();
      }
      if (bare.equalsIgnoreCase("NULL")) {
        json.append("null");
      } else {
        value(bare);
      }
    }

    private void value(String value) {
      switch (kind) {
        case NUMBER -> {
          if (value.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][-+]?\\d+)?")) {
            json.append(value);
          } else {
            JsonText.append(json, value);
          }
        }
        case BOOLEAN -> json.append(value.equals("t"));
        case JSON -> json.append(value);
        case TEXT -> JsonText.append(json, value);
      }
    }

    void pairs() {
      json.append('{');
      skipBlanks();
      while (at < text.length()) {
        JsonText.append(json, quoted());
        skipBlanks();
        expect('=');
        expect('>');
        skipBlanks();
        json.append(':');
        if (peek() == '"') {
          JsonText.append(json, quoted());
        } else if (text.startsWith("NULL", at)) {
          at += 4;
          json.append("null");
        } else {
          throw malformed();
        }
        skipBlanks();
        if (at < text.length()) {
          expect(',');
          json.append(',');
          skipBlanks();
          peek();
        }
      }
      json.append('}');
    }

    private String quoted() {
      expect('"');
      StringBuilder value = new StringBuilder();
      while (true) {
        char c = next();
        if (c == '"') {
          return value.toString();
        }
        value.append(c == '\\' ? next() : c);
      }
    }

    private void skipBlanks() {
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
    }

    private char peek() {
      if (at >= text.length()) {
        throw malformed();
      }
      return text.charAt(at);
    }

    private char next() {
      char c = peek();
      at++;
      return c;
    }

    private void expect(char wanted) {
      if (next() != wanted) {
        throw malformed();
      }
    }

    IllegalArgumentException malformed() {
      return new IllegalArgumentException(
          "'" + Shortened.text(text) + "' is malformed at its character " + at);
    }
  }
}
