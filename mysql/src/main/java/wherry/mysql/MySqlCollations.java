package wherry.mysql;

import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The collations of a target, and the nearest equivalents of those that only the other server of the family has. */
final class MySqlCollations {
  private final Set<String> known;

  MySqlCollations(Set<String> known) {
    this.known = Set.copyOf(known);
  }

  static MySqlCollations of(MySqlSession session) throws SQLException {
    Set<String> known =
        new HashSet<>(session.query("SELECT collation_name FROM information_schema.collations", row -> row.getString(1)));
    if (session.server().mariaDb() && session.server().atLeast(10, 10)) {
      // The uca1400 collations stand in COLLATIONS without their character set.
      known.addAll(
          session.query(
              "SELECT full_collation_name FROM information_schema.collation_character_set_applicability",
              row -> row.getString(1)));
    }
    return new MySqlCollations(known);
  }

  boolean has(String collation) {
    return known.contains(collation);
  }

  /** A collation of utf8mb4 in which two texts are equal only when all their characters are, trailing blanks included. */
  String exact() {
    return List.of("utf8mb4_0900_bin", "utf8mb4_nopad_bin").stream().filter(known::contains).findFirst().orElse("utf8mb4_bin");
  }

  /** The collation itself, else one that treats case and accents alike, else the character set's binary one. */
  String equivalent(String charset, String collation) {
    if (known.contains(collation)) {
      return collation;
    }
    String other =
        collation.startsWith("utf8mb3_") ? "utf8_" + collation.substring(8)
            : collation.startsWith("utf8_") ? "utf8mb3_" + collation.substring(5)
            : collation;
    if (known.contains(other)) {
      return other;
    }
    String strength = collation.replaceFirst(".*?_((?:nopad_)?(?:ai|as)_(?:ci|cs)|bin|ci|cs)$", "$1").replace("nopad_", "");
    List<String> candidates =
        switch (strength) {
          case "bin" -> List.of(charset + "_0900_bin", charset + "_nopad_bin", charset + "_bin");
          case "as_cs", "cs" -> List.of(charset + "_uca1400_as_cs", charset + "_0900_as_cs", charset + "_bin");
          case "as_ci" -> List.of(charset + "_uca1400_as_ci", charset + "_0900_as_ci", charset + "_unicode_520_ci");
          default -> List.of(
              charset + "_uca1400_ai_ci", charset + "_0900_ai_ci", charset + "_unicode_520_ci", charset + "_general_ci");
        };
    return candidates.stream().filter(known::contains).findFirst().orElse(charset + "_bin");
  }
}
