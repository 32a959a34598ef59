package wherry.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wherry.testing.Seed;

class NamePatternTest {
  @ParameterizedTest(name = "{0} matches {1}: {2}")
  @CsvSource(
      textBlock =
          """
          orders,      orders,      true
          orders,      Orders,      false
          orders,      orders2,     false
          %,           orders,      true
          %,           '',          true
          _,           '',          false
          _,           a,           true
          _,           😀,          true
          __,          😀,          false
          ord%,        orders,      true
          ord%,        ord,         true
          %ers,        orders,      true
          %e%,         orders,      true
          %x%,         orders,      false
          o%d%s,       orders,      true
          %ab,         aab,         true
          my_table,    my_table,    true
          my_table,    myXtable,    true
          my[_]table,  my_table,    true
          my[_]table,  myXtable,    false
          100[%],      100%,        true
          100[%],      1000,        false
          [[]x],       [x],         true
          []]x,        ]x,          true
          t[ab],       ta,          true
          t[ab],       tc,          false
          t[a-d],      tc,          true
          t[a-d],      te,          false
          t[a-d],      t-,          false
          t[ad-],      t-,          true
          t[d-a],      t-,          true
          t[d-a],      tb,          false
          t[a-cx-z],   ty,          true
          t[^a],       t^,          true
          t[^a],       tb,          false
          t[ab,        t[ab,        true
          t[ab,        ta,          false
          t[],         t[],         true
          a.b,         axb,         false
          a\\d,        a\\d,        true
          (a|b)*,      (a|b)*,      true
          Straße_%,    Straße_1,    true
          """)
  void wildcards_mean_what_the_guide_says(String pattern, String name, boolean matches) {
    assertThat(NamePattern.of(pattern).matches(name, false)).isEqualTo(matches);
  }

  @ParameterizedTest(name = "{0} matches {1} without regard to case: {2}")
  @CsvSource(
      textBlock =
          """
          Orders,    oRDERS,  true
          ORD%,      orders,  true
          T[A-C],    tb,      true
          t[a-c],    TB,      true
          ÄRGER,     ärger,   true
          orders,    0rders,  false
          """)
  void case_is_ignored_where_the_source_ignores_it(String pattern, String name, boolean matches) {
    assertThat(NamePattern.of(pattern).matches(name, true)).isEqualTo(matches);
  }

  @Test
  void an_exact_name_has_no_wildcards() {
    NamePattern exact = NamePattern.exactly("a%b_[c]");

    assertThat(exact.matches("a%b_[c]", false)).isTrue();
    assertThat(exact.matches("axbyc", false)).isFalse();
    assertThat(exact.wild()).isFalse();
    assertThat(exact.literals()).isEqualTo("a%b_[c]");
  }

  @ParameterizedTest(name = "{0}: wild {1}, {2} literal characters, literally {3}")
  @CsvSource(
      textBlock =
          """
          orders,      false, 6, orders
          ord%,        true,  3, ord
          my_table,    true,  7, mytable
          my[_]table,  false, 8, my_table
          t[ab],       true,  1, t
          t[a,         false, 3, t[a
          """)
  void it_tells_how_exactly_it_names_an_object(
      String pattern, boolean wild, int literals, String name) {
    assertThat(NamePattern.of(pattern).wild()).isEqualTo(wild);
    assertThat(NamePattern.of(pattern).literalCharacters()).isEqualTo(literals);
    assertThat(NamePattern.of(pattern).literals()).isEqualTo(name);
  }

  @Test
  void any_pattern_of_wildcards_matches_as_a_naive_like_does() {
    Random random = Seed.random("any_pattern_of_wildcards_matches_as_a_naive_like_does");
    for (int i = 0; i < 20_000; i++) {
      String pattern = text(random, "abcB%_[]-😀", 8);
      String name = text(random, "abcB_[-]😀", 7);
      assertThat(NamePattern.of(pattern).matches(name, false))
          .as("pattern <%s>, name <%s>", pattern, name)
          .isEqualTo(like(points(pattern), 0, points(name), 0));
    }
  }

  @Test
  void many_wildcards_do_not_backtrack_for_ever() {
    NamePattern hostile = NamePattern.of("%a".repeat(200) + "b");

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> assertThat(hostile.matches("a".repeat(5_000), false)).isFalse());
  }

  /** LIKE with sets, straight from its definition. */
  private static boolean like(int[] pattern, int p, int[] name, int n) {
    if (p == pattern.length) {
      return n == name.length;
    }
    if (pattern[p] == '%') {
      for (int rest = n; rest <= name.length; rest++) {
        if (like(pattern, p + 1, name, rest)) {
          return true;
        }
      }
      return false;
    }
    if (n == name.length) {
      return false;
    }
    int close = p + 2;
    while (pattern[p] == '[' && close < pattern.length && pattern[close] != ']') {
      close++;
    }
    if (pattern[p] == '[' && close < pattern.length) {
      return inSet(pattern, p + 1, close, name[n]) && like(pattern, close + 1, name, n + 1);
    }
    return (pattern[p] == '_' || pattern[p] == name[n]) && like(pattern, p + 1, name, n + 1);
  }

  private static boolean inSet(int[] pattern, int from, int to, int character) {
    if (from == to) {
      return false;
    }
    if (to - from >= 3 && pattern[from + 1] == '-' && pattern[from] <= pattern[from + 2]) {
      return (pattern[from] <= character && character <= pattern[from + 2])
          || inSet(pattern, from + 3, to, character);
    }
    return pattern[from] == character || inSet(pattern, from + 1, to, character);
  }

  private static String text(Random random, String alphabet, int lengthMax) {
    int[] letters = points(alphabet);
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(lengthMax + 1); i > 0; i--) {
      text.appendCodePoint(letters[random.nextInt(letters.length)]);
    }
    return text.toString();
  }

  private static int[] points(String text) {
    return text.codePoints().toArray();
  }
}
