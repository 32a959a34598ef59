package wherry.mysql;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What can be told of a statement without a grammar. */
final class StatementText {
  /** SET STATEMENT … FOR is MariaDB's. */
  private static final Set<String> DEFINING =
      Set.of("CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE", "SET");

  /**
   * In single quotes. Possessive ({@code *+}), as the matcher would otherwise take a frame of the
   * stack for each character, and values may be long.
   */
  private static final String STRING = "'(?:[^'\\\\]|\\\\(?s:.)|'')*+'";

  /** Strings and comments, which are passed over; names in backquotes; plain words. */
  private static final Pattern TOKEN =
      Pattern.compile(
          STRING + "|--\\s.*|#.*|/\\*(?s:.*?)\\*/|`((?:[^`]|``)*+)`|([\\w$\\x{80}-\\x{10FFFF}]+)");

  /** {@code /*!80013 …} of MySQL, {@code /*M!100301 …} of MariaDB. */
  private static final Pattern CONDITIONAL =
      Pattern.compile("/\\*(M?)!([0-9]{5,6})?((?s:.*?))\\*/");

  private static final Pattern QUOTED =
      Pattern.compile(STRING + "|" + STRING.replace('\'', '"') + "|`[^`]*`|/\\*M?!");

  private StatementText() {}

  /** The first word in upper case; empty when there is none. */
  static String firstWord(String statement) {
    Matcher tokens = TOKEN.matcher(statement);
    while (tokens.find()) {
      if (tokens.group(2) != null) {
        return tokens.group(2).toUpperCase(Locale.ROOT);
      }
    }
    return "";
  }

  /** Whether it may create, alter, rename, empty or drop a table. */
  static boolean definesTables(String statement) {
    String word = firstWord(statement);
    if (word.equals("TRUNCATE")) {
      return true;
    }
    Set<String> names = DEFINING.contains(word) ? names(statement) : Set.of();
    return Stream.of("table", "tables", "database", "schema").anyMatch(names::contains);
  }

  /** All words and names in it, in lower case. */
  static Set<String> names(String statement) {
    Set<String> names = new HashSet<>();
    Matcher tokens = TOKEN.matcher(statement);
    while (tokens.find()) {
      String name = tokens.group(1) == null ? tokens.group(2) : tokens.group(1).replace("``", "`");
      if (name != null) {
        names.add(name.toLowerCase(Locale.ROOT));
      }
    }
    return names;
  }

  /**
   * The statement with its conditional comments as the server has read them: as part of it when the
   * server is new enough, otherwise as comments.
   */
  static String withConditions(String statement, MySqlServer server) {
    StringBuilder text = new StringBuilder();
    Matcher places = QUOTED.matcher(statement);
    int done = 0;
    int from = 0;
    while (places.find(from)) {
      if (!places.group().startsWith("/")) {
        from = places.end();
        continue;
      }
      Matcher comment = CONDITIONAL.matcher(statement);
      if (!comment.find(places.start())) {
        break;
      }
      text.append(statement, done, comment.start());
      boolean forMariaDb = !comment.group(1).isEmpty();
      text.append(' ');
      if ((!forMariaDb || server.mariaDb()) && applies(comment.group(2), forMariaDb, server)) {
        text.append(comment.group(3));
      }
      text.append(' ');
      done = comment.end();
      from = done;
    }
    return text.append(statement.substring(done)).toString();
  }

  /** MariaDB passes over what is meant for MySQL 5.7 and later. */
  private static boolean applies(@Nullable String version, boolean forMariaDb, MySqlServer server) {
    if (version == null) {
      return true;
    }
    int wanted = Integer.parseInt(version);
    boolean ofMySqlOnly = server.mariaDb() && !forMariaDb && wanted >= 50700 && wanted <= 99999;
    return !ofMySqlOnly && wanted <= server.major() * 10000 + server.minor() * 100 + 99;
  }
}
