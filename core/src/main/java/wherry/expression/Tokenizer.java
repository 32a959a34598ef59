package wherry.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Cuts an expression into tokens as SQLite does (tokenize.c), and refuses what is no expression:
 * statements, parameters other than {@code $NAME}, brackets that do not match.
 */
final class Tokenizer {
  private static final Set<String> STATEMENTS =
      Set.of("SELECT", "VALUES", "WITH", "ATTACH", "DETACH", "PRAGMA", "RAISE", "OVER");
  private static final Set<String> TWO_CHARACTERS =
      Set.of("||", "<<", ">>", "<=", ">=", "<>", "!=", "==", "->");
  private static final String ONE_CHARACTER = "|&<>=+-*/%~(),.";

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int open;

  private Tokenizer(String text) {
    this.text = text;
  }

  /**
   * @throws ExpressionException saying what is wrong and where
   */
  static List<Token> tokens(String text) {
    List<Token> tokens = new Tokenizer(text).all();
    boolean typographic =
        tokens.stream()
            .anyMatch(t ->
                t.kind() == Token.Kind.IDENTIFIER
                    && (t.text().indexOf('‘') >= 0 || t.text().indexOf('’') >= 0));
    // The AWS guide prints its examples with quotation marks that no parser knows.
    return typographic ? new Tokenizer(text.replace('‘', '\'').replace('’', '\'')).all() : tokens;
  }

  private List<Token> all() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
      } else if (text.startsWith("--", at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end + 1;
      } else if (text.startsWith("/*", at)) {
        int end = text.indexOf("*/", at + 2);
        at = end < 0 ? text.length() : end + 2;
      } else {
        token(c);
      }
    }
    if (open != 0) {
      throw new ExpressionException("a closing bracket is missing");
    }
    if (tokens.isEmpty()) {
      throw new ExpressionException("it is empty");
    }
    return tokens;
  }

  private void token(char c) {
    if (c == '\'') {
      tokens.add(new Token(Token.Kind.STRING, quoted('\'')));
    } else if (c == '"' || c == '`') {
      int from = at;
      var unused = quoted(c);
      tokens.add(new Token(Token.Kind.QUOTED_IDENTIFIER, text.substring(from, at)));
    } else if (c == '[') {
      int end = text.indexOf(']', at);
      if (end < 0) {
        throw new ExpressionException("the name after [ does not end");
      }
      tokens.add(new Token(Token.Kind.QUOTED_IDENTIFIER, text.substring(at, end + 1)));
      at = end + 1;
    } else if (c == '$') {
      variable();
    } else if ((c == 'x' || c == 'X') && at + 1 < text.length() && text.charAt(at + 1) == '\'') {
      at++;
      tokens.add(new Token(Token.Kind.BLOB, "x'" + quoted('\'') + "'"));
    } else if (isDigit(c) || (c == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1)))) {
      number();
    } else if (isNameCharacter(c)) {
      word();
    } else {
      operator(c);
    }
  }

  /** The content up to the closing quote, a doubled quote being one. */
  private String quoted(char quote) {
    StringBuilder content = new StringBuilder();
    int from = at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != quote) {
        content.append(c);
      } else if (at < text.length() && text.charAt(at) == quote) {
        content.append(quote);
        at++;
      } else {
        return content.toString();
      }
    }
    throw new ExpressionException(
        "the text that begins at character " + (from + 1) + " does not end");
  }

  /**
   * {@code $NAME} as SQLite takes it, with {@code ::} and {@code (…)} inside; or {@code ${NAME}}.
   */
  private void variable() {
    int from = ++at;
    if (text.startsWith("{", at)) {
      int end = text.indexOf('}', at);
      if (end < 0) {
        throw new ExpressionException("the name after ${ does not end");
      }
      tokens.add(new Token(Token.Kind.VARIABLE, text.substring(at + 1, end)));
      at = end + 1;
      return;
    }
    while (at < text.length()) {
      if (isNameCharacter(text.charAt(at))) {
        at++;
      } else if (text.startsWith("::", at)) {
        at += 2;
      } else {
        break;
      }
    }
    if (at < text.length() && text.charAt(at) == '(' && at > from) {
      int end = text.indexOf(')', at);
      at = end < 0 ? text.length() : end + 1;
    }
    if (at == from) {
      throw new ExpressionException("a column's name is missing after $");
    }
    tokens.add(new Token(Token.Kind.VARIABLE, text.substring(from, at)));
  }

  private void number() {
    int from = at;
    while (at < text.length()
        && (isNameCharacter(text.charAt(at))
            || text.charAt(at) == '.'
            || ((text.charAt(at) == '+' || text.charAt(at) == '-') && isExponent(from)))) {
      at++;
    }
    tokens.add(new Token(Token.Kind.NUMBER, text.substring(from, at)));
  }

  private boolean isExponent(int from) {
    char before = text.charAt(at - 1);
    return (before == 'e' || before == 'E') && !text.startsWith("0x", from);
  }

  private void word() {
    int from = at;
    while (at < text.length() && isNameCharacter(text.charAt(at))) {
      at++;
    }
    String word = text.substring(from, at);
    if (STATEMENTS.stream().anyMatch(word::equalsIgnoreCase)) {
      throw new ExpressionException(
          word + " cannot be used: an expression of one row is expected, not a statement");
    }
    tokens.add(new Token(Token.Kind.IDENTIFIER, word));
  }

  private void operator(char c) {
    if (text.startsWith("->>", at)) {
      add("->>");
    } else if (at + 2 <= text.length() && TWO_CHARACTERS.contains(text.substring(at, at + 2))) {
      add(text.substring(at, at + 2));
    } else if (ONE_CHARACTER.indexOf(c) >= 0) {
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (open < 0 || (c == ',' && open == 0)) {
        throw new ExpressionException(
            "\"" + c + "\" at character " + (at + 1) + " has no opening bracket before it");
      }
      add(String.valueOf(c));
    } else {
      throw new ExpressionException(
          "\"" + c + "\" at character " + (at + 1) + " is not part of an expression");
    }
  }

  private void add(String operator) {
    tokens.add(new Token(Token.Kind.OPERATOR, operator));
    at += operator.length();
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNameCharacter(char c) {
    return isDigit(c)
        || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || c == '_'
        || c == '$'
        || c >= 0x80;
  }
}
