package wherry.mysql;

import io.debezium.antlr.CaseChangingCharStream;
import io.debezium.ddl.parser.mariadb.generated.MariaDBLexer;
import io.debezium.ddl.parser.mariadb.generated.MariaDBParser;
import io.debezium.ddl.parser.mysql.legacy.MySqlLexer;
import io.debezium.ddl.parser.mysql.legacy.MySqlParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStream;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.Lexer;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.misc.ParseCancellationException;
import org.antlr.v4.runtime.tree.ParseTree;
import org.jspecify.annotations.Nullable;

/**
 * A statement as the grammar of its server sees it. The two grammars have the same shape, and their
 * classes the same names; so the tree is walked by these names, once for both. The grammars are
 * large and loaded with the first statement that needs them.
 */
record DdlTree(ParseTree node) {
  /** MySQL takes it ("sql_yacc.yy", table_or_tables), its grammar here does not. */
  private static final Pattern RENAME_TABLES = Pattern.compile("(?i)\\bRENAME\\s+TABLES\\b");

  /** Throws instead of guessing what a wrong statement might have meant. */
  private static final class Refusing extends BaseErrorListener {
    @Override
    public void syntaxError(
        Recognizer<?, ?> recognizer,
        @Nullable Object symbol,
        int line,
        int column,
        String message,
        @Nullable RecognitionException e) {
      throw new ParseCancellationException(message);
    }
  }

  /**
   * @return the statements; empty when the grammar does not understand them
   */
  static Optional<DdlTree> of(String statement, boolean mariaDb) {
    String singular = RENAME_TABLES.matcher(statement).replaceFirst("RENAME TABLE");
    CharStream characters = new CaseChangingCharStream(CharStreams.fromString(singular), true);
    try {
      if (mariaDb) {
        MariaDBParser parser = refusing(new MariaDBParser(tokens(new MariaDBLexer(characters))));
        return Optional.of(new DdlTree(parser.root()));
      }
      MySqlParser parser = refusing(new MySqlParser(tokens(new MySqlLexer(characters))));
      return Optional.of(new DdlTree(parser.root()));
    } catch (ParseCancellationException e) {
      return Optional.empty();
    }
  }

  private static CommonTokenStream tokens(Lexer lexer) {
    lexer.removeErrorListeners();
    lexer.addErrorListener(new Refusing());
    return new CommonTokenStream(lexer);
  }

  private static <P extends Parser> P refusing(P parser) {
    parser.removeErrorListeners();
    parser.addErrorListener(new Refusing());
    return parser;
  }

  /** The name of the rule or alternative: {@code AlterByAddColumn}; a word has none. */
  String kind() {
    String name = node.getClass().getSimpleName();
    return name.endsWith("Context") ? name.substring(0, name.length() - 7) : "";
  }

  List<DdlTree> children() {
    List<DdlTree> children = new ArrayList<>(node.getChildCount());
    for (int i = 0; i < node.getChildCount(); i++) {
      children.add(new DdlTree(node.getChild(i)));
    }
    return children;
  }

  /** Children whose kind ends so. */
  List<DdlTree> children(String kind) {
    return children().stream().filter(child -> child.kind().endsWith(kind)).toList();
  }

  /** The nearest nodes of a kind, none of them inside of another. */
  List<DdlTree> all(String kind) {
    List<DdlTree> found = new ArrayList<>();
    collect(kind, found);
    return found;
  }

  private void collect(String kind, List<DdlTree> found) {
    for (DdlTree child : children()) {
      if (child.kind().equals(kind)) {
        found.add(child);
      } else {
        child.collect(kind, found);
      }
    }
  }

  /** The words of it as they are written. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    collectWords(words);
    return words;
  }

  private void collectWords(List<String> words) {
    if (node.getChildCount() == 0) {
      words.add(node.getText());
    }
    children().forEach(child -> child.collectWords(words));
  }

  /** Whether one of its own words is this. */
  boolean says(String word) {
    return children().stream()
        .anyMatch(child -> child.kind().isEmpty() && child.node.getText().equalsIgnoreCase(word));
  }

  String text() {
    return node.getText();
  }

  /** A name without its quotes. */
  static String unquoted(String name) {
    if (name.length() >= 2 && (name.charAt(0) == '`' || name.charAt(0) == '"')) {
      String quote = name.substring(0, 1);
      return name.substring(1, name.length() - 1).replace(quote + quote, quote);
    }
    return name;
  }
}
