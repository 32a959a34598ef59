package wherry.chaos;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** From which engine to which. */
record Pair(Dialect source, Dialect target) {
  static final List<Pair> ALL =
      Stream.of(Dialect.values())
          .flatMap(source -> Stream.of(Dialect.values()).map(target -> new Pair(source, target)))
          .toList();

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
