package wherry.mysql;

import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The collations of a target, and the nearest equivalents of those that only the other server of
 * the family has.
 */
final class MySqlCollations {
  private final Set<String> known;

  MySqlCollations(Set<String> known) {
    this.known = Set.copyOf(known);
  }

  static MySqlCollations of(MySqlSession session) throws SQLException {
    Set<String> known =
        new HashSet<>(
            session.query(
                "SELECT collation_name FROM information_schema.collations",
                row -> row.getString(1)));
    if (session.server().mariaDb() && session.server().atLeast(10, 10)) {
      // The uca1400 collations stand in COLLATIONS without their character set.
      known.addAll(
          session.query(
              "SELECT full_collation_name FROM information_schema.collation_character_set_applicability",
              row -> row.getString(1)));
    }
    return new MySqlCollations(known);
  }

  /**
   * A collation of utf8mb4 in which two texts are equal only when all their characters are,
   * trailing blanks included. MariaDB's first, because its utf8mb4_0900_bin is another name of
   * utf8mb4_bin, which ignores trailing blanks.
   */
  String exact() {
    return first(List.of("utf8mb4_nopad_bin", "utf8mb4_0900_bin"), "utf8mb4_bin");
  }

  /**
   * The collation itself, else one that treats case, accents and blanks alike, else the character
   * set's binary one.
   */
  String equivalent(String charset, String collation) {
    if (collation.equals("utf8mb4_0900_bin")) {
      return exact();
    }
    if (known.contains(collation)) {
      return collation;
    }
    String renamed =
        collation.startsWith("utf8mb3_")
            ? collation.replaceFirst("mb3", "")
            : collation.replaceFirst("^utf8_", "utf8mb3_");
    if (known.contains(renamed)) {
      return renamed;
    }
    boolean blanksCount = collation.contains("_0900_") || collation.contains("nopad");
    String nopad = blanksCount ? "nopad_" : "";
    List<String> candidates =
        switch (strength(collation)) {
          case "bin" -> List.of(charset + "_" + nopad + "bin");
          case "as_cs", "cs" ->
              List.of(charset + "_uca1400_" + nopad + "as_cs", charset + "_0900_as_cs");
          case "as_ci" -> List.of(charset + "_uca1400_" + nopad + "as_ci", charset + "_0900_as_ci");
          default ->
              List.of(
                  charset + "_uca1400_" + nopad + "ai_ci",
                  charset + "_0900_ai_ci",
                  charset + "_unicode_520_" + nopad + "ci",
                  charset + "_general_ci");
        };
    return first(candidates, charset + "_bin");
  }

  private String first(List<String> candidates, String otherwise) {
    return candidates.stream().filter(known::contains).findFirst().orElse(otherwise);
  }

  /** The end of a collation's name, which tells whether accents and case count. */
  private static String strength(String collation) {
    return List.of("bin", "as_cs", "as_ci", "ai_ci", "cs").stream()
        .filter(collation::endsWith)
        .findFirst()
        .orElse("ci");
  }
}
