package wherry.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A name or pattern of an object locator ("Wildcards in table mapping", AWS DMS guide): {@code %}
 * is any text, {@code _} any one character, {@code [ab]}, {@code [a-d]} one of a set, {@code [_]}
 * the character itself; a {@code [} without end is literal.
 *
 * <p>Not a regular expression: a pattern with many {@code %} would make one backtrack for ever, and
 * patterns come from outside. Matching takes at most the product of both lengths.
 */
final class NamePattern {
  /** What one place of the pattern takes. */
  private sealed interface Part {
    boolean takes(int character);
  }

  private record Literal(int wanted) implements Part {
    @Override
    public boolean takes(int character) {
      return character == wanted;
    }
  }

  private record AnyCharacter() implements Part {
    @Override
    public boolean takes(int character) {
      return true;
    }
  }

  /** Bounds in pairs, inclusive. */
  private record OneOf(List<Integer> bounds) implements Part {
    @Override
    public boolean takes(int character) {
      return IntStream.range(0, bounds.size() / 2)
          .anyMatch(i -> bounds.get(2 * i) <= character && character <= bounds.get(2 * i + 1));
    }
  }

  private record AnyText() implements Part {
    @Override
    public boolean takes(int character) {
      return false;
    }
  }

  private final List<Part> parts;

  private NamePattern(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /** A pattern with wildcards. */
  static NamePattern of(String text) {
    int[] characters = text.codePoints().toArray();
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < characters.length; i++) {
      int close = characters[i] == '[' ? closing(characters, i) : -1;
      if (close > 0) {
        parts.add(set(characters, i + 1, close));
        i = close;
      } else {
        parts.add(
            switch (characters[i]) {
              case '%' -> new AnyText();
              case '_' -> new AnyCharacter();
              default -> new Literal(characters[i]);
            });
      }
    }
    return new NamePattern(parts);
  }

  /** The name as it stands, as {@code explicit} rules want it. */
  static NamePattern exactly(String name) {
    return new NamePattern(name.codePoints().<Part>mapToObj(Literal::new).toList());
  }

  /** The {@code ]} that ends the set; one directly after the {@code [} is a member of it. */
  private static int closing(int[] characters, int open) {
    for (int i = open + 2; i < characters.length; i++) {
      if (characters[i] == ']') {
        return i;
      }
    }
    return -1;
  }

  /** A set of one member is that character; a dash between two members in order makes a range. */
  private static Part set(int[] characters, int from, int to) {
    if (to - from == 1) {
      return new Literal(characters[from]);
    }
    List<Integer> bounds = new ArrayList<>();
    for (int i = from; i < to; i++) {
      boolean range = i + 2 < to && characters[i + 1] == '-' && characters[i] <= characters[i + 2];
      bounds.add(characters[i]);
      bounds.add(range ? characters[i + 2] : characters[i]);
      i += range ? 2 : 0;
    }
    return new OneOf(List.copyOf(bounds));
  }

  boolean matches(String name, boolean ignoreCase) {
    int[] characters = name.codePoints().toArray();
    int part = 0;
    int place = 0;
    int lastAnyText = -1;
    int lastPlace = 0;
    while (place < characters.length) {
      if (part < parts.size() && parts.get(part) instanceof AnyText) {
        lastAnyText = part++;
        lastPlace = place;
      } else if (part < parts.size() && takes(parts.get(part), characters[place], ignoreCase)) {
        part++;
        place++;
      } else if (lastAnyText >= 0) {
        // Only the last % need take more: what the earlier ones took is the least they can.
        part = lastAnyText + 1;
        place = ++lastPlace;
      } else {
        return false;
      }
    }
    return parts.subList(part, parts.size()).stream().allMatch(AnyText.class::isInstance);
  }

  private static boolean takes(Part part, int character, boolean ignoreCase) {
    return part.takes(character)
        || (ignoreCase
            && (part.takes(Character.toLowerCase(character))
                || part.takes(Character.toUpperCase(character))));
  }

  /** Whether it has a {@code _} that is any one character. */
  boolean hasUnderscores() {
    return parts.stream().anyMatch(AnyCharacter.class::isInstance);
  }

  /** The pattern of those who do not know that {@code _} is a wildcard. */
  NamePattern withUnderscoresLiteral() {
    return new NamePattern(
        parts.stream()
            .map(part -> part instanceof AnyCharacter ? new Literal('_') : part)
            .toList());
  }

  /** Whether it may match more than one name. */
  boolean wild() {
    return !parts.stream().allMatch(Literal.class::isInstance);
  }

  /** Whether it matches every name. */
  boolean takesAll() {
    return !parts.isEmpty() && parts.stream().allMatch(AnyText.class::isInstance);
  }

  /** How many characters are literal: the more, the more specific the pattern. */
  int literalCharacters() {
    return (int) parts.stream().filter(Literal.class::isInstance).count();
  }

  /** The one name that a pattern without wildcards matches; of others, what is literal. */
  String literals() {
    StringBuilder name = new StringBuilder();
    for (Part part : parts) {
      if (part instanceof Literal literal) {
        name.appendCodePoint(literal.wanted());
      }
    }
    return name.toString();
  }
}
