package wherry.schema;

import java.util.HashSet;

/**
 * What another type does to the values that a column has already. Where both sides convert for
 * themselves they need not agree (how a float is written as text, which way a fraction is rounded),
 * so only what leaves every value as it is may be done on the target as on the source.
 */
public enum Retyping {
  /** Every value stays what it is. */
  KEEPS,
  /** As {@link #KEEPS} where the server refuses values that do not fit instead of bending them. */
  KEEPS_WHEN_STRICT,
  /** Values may become others. */
  CONVERTS;

  /**
   * The effect of making {@code after} of {@code before}, by its type and whether it takes NULL.
   */
  public static Retyping of(Column before, Column after) {
    Retyping ofType = ofType(before, after);
    boolean losesNulls = before.nullable() && !after.nullable();
    return ofType == KEEPS && losesNulls ? KEEPS_WHEN_STRICT : ofType;
  }

  private static Retyping ofType(Column before, Column after) {
    if (isPlainInteger(before)) {
      return fromInteger(before, after);
    }
    if (isCharacters(before) && isCharacters(after)) {
      return isCut(before.length(), after.length()) ? KEEPS_WHEN_STRICT : KEEPS;
    }
    if (before.meaning() == Meaning.ENUM && isCharacters(after)) {
      return isCut(before.length(), after.length()) ? KEEPS_WHEN_STRICT : KEEPS;
    }
    if (before.type() != after.type() || before.meaning() != after.meaning()) {
      return isBinary(before) && isBinary(after) ? KEEPS_WHEN_STRICT : CONVERTS;
    }
    return switch (before.meaning()) {
      case ENUM, SET ->
          new HashSet<>(after.labels()).containsAll(before.labels()) ? KEEPS : KEEPS_WHEN_STRICT;
      case BITS -> before.length() == after.length() ? KEEPS : CONVERTS;
      case LITERAL, ARRAY -> before.nativeType().equals(after.nativeType()) ? KEEPS : CONVERTS;
      case VARBITS -> isCut(before.length(), after.length()) ? KEEPS_WHEN_STRICT : KEEPS;
      default -> withinType(before, after);
    };
  }

  private static Retyping fromInteger(Column before, Column after) {
    boolean padded = before.nativeType().name().contains("zerofill");
    if (isPlainInteger(after)) {
      return before.type() == after.type() ? KEEPS : KEEPS_WHEN_STRICT;
    }
    boolean keeps = after.type() == DataType.NUMERIC && after.meaning() == Meaning.PLAIN;
    return keeps || (isCharacters(after) && !padded) ? KEEPS_WHEN_STRICT : CONVERTS;
  }

  private static Retyping withinType(Column before, Column after) {
    if (before.type() == DataType.NUMERIC) {
      boolean unbounded = after.precision() == 0;
      boolean rounds = !unbounded && (before.precision() == 0 || after.scale() < before.scale());
      return rounds ? CONVERTS : KEEPS_WHEN_STRICT;
    }
    if (isBinary(before)) {
      boolean padded = isPadded(before) || isPadded(after);
      return before.length() == after.length()
          ? KEEPS
          : padded ? CONVERTS : isCut(before.length(), after.length()) ? KEEPS_WHEN_STRICT : KEEPS;
    }
    return after.scale() < before.scale() ? CONVERTS : KEEPS;
  }

  private static boolean isPlainInteger(Column column) {
    return column.type().isInteger() && column.meaning() == Meaning.PLAIN;
  }

  private static boolean isCharacters(Column column) {
    return column.type().isText()
        && (column.meaning() == Meaning.PLAIN || column.meaning() == Meaning.FIXED_CHAR);
  }

  private static boolean isBinary(Column column) {
    return column.type().isBinary() && column.meaning() == Meaning.PLAIN && !isPadded(column);
  }

  /** BINARY(n) of MySQL, which fills up with zeros. */
  private static boolean isPadded(Column column) {
    return column.nativeType().name().startsWith("binary");
  }

  private static boolean isCut(int before, int after) {
    return after != 0 && (before == 0 || after < before);
  }
}
