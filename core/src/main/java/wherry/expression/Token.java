package wherry.expression;

/**
 * A token of SQLite's language.
 *
 * @param text as written; of a VARIABLE its name, of a STRING its content
 */
record Token(Kind kind, String text) {
  enum Kind {
    IDENTIFIER,
    /** {@code "x"}, {@code `x`} or {@code [x]}. */
    QUOTED_IDENTIFIER,
    STRING,
    BLOB,
    NUMBER,
    VARIABLE,
    OPERATOR
  }

  boolean isWord(String word) {
    return kind == Kind.IDENTIFIER && text.equalsIgnoreCase(word);
  }

  boolean isOperator(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }

  /** The token as SQL; a variable's name is not SQL. */
  String sql() {
    return switch (kind) {
      case STRING -> "'" + text.replace("'", "''") + "'";
      case IDENTIFIER, QUOTED_IDENTIFIER, BLOB, NUMBER, OPERATOR, VARIABLE -> text;
    };
  }
}
