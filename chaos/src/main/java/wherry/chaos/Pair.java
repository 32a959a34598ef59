package wherry.chaos;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** From which engine to which. */
record Pair(Dialect source, Dialect target) {
  static final List<Pair> USUAL =
      List.of(
          new Pair(Dialect.POSTGRES, Dialect.POSTGRES),
          new Pair(Dialect.MYSQL, Dialect.POSTGRES),
          new Pair(Dialect.POSTGRES, Dialect.MYSQL),
          new Pair(Dialect.MYSQL, Dialect.MYSQL));

  /**
   * Of {@code postgres-mysql} and so on.
   *
   * @throws IllegalArgumentException when it is no pair, with what would be one
   */
  static Pair of(String text) {
    String[] names = text.split("-", -1);
    if (names.length != 2) {
      throw new IllegalArgumentException("a pair is two engines, such as postgres-mysql: " + text);
    }
    return new Pair(dialect(names[0]), dialect(names[1]));
  }

  private static Dialect dialect(String name) {
    return Arrays.stream(Dialect.values())
        .filter(dialect -> dialect.engineName().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no engine '"
                    + name
                    + "'; there are "
                    + Arrays.stream(Dialect.values())
                        .map(Dialect::engineName)
                        .collect(Collectors.joining(", "))));
  }

  @Override
  public String toString() {
    return source.engineName() + "-" + target.engineName();
  }
}
