package wherry.transform;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.expression.Expression;
import wherry.schema.Column;

/**
 * How a column of the target comes to its cells.
 *
 * @param column as the target shall have it
 * @param content where the cells come from
 * @param mask what hides them
 */
public record OutputColumn(Column column, Content content, Optional<Mask> mask) {
  /** Where cells come from. */
  public sealed interface Content {}

  /** The source's cell as it is. */
  public record Copied(String source) implements Content {}

  /** The source's cell as one of the output column's type (change-data-type). */
  public record Converted(String source) implements Content {}

  /**
   * @param values of the expression's variables, in their order
   */
  public record Computed(Expression expression, List<Variable> values) implements Content {
    public Computed {
      values = List.copyOf(values);
    }
  }

  /** NULL. */
  public record Empty() implements Content {}

  /**
   * The source's cell before an update or delete; NULL for other rows.
   *
   * @param converted whether it becomes one of the output column's type
   */
  public record BeforeImage(String source, boolean converted) implements Content {}

  /** What {@code $NAME} stands for. */
  public sealed interface Variable {}

  /** A column's value, by its name on the source. */
  public record ColumnValue(String source) implements Variable {}

  /** The column's value before the change; NULL where there was none. */
  public record ValueBefore(String source) implements Variable {}

  /** The same text in each row. */
  public record Constant(String text) implements Variable {}

  /** What is known of a row besides its cells, under the names that AWS DMS gives them. */
  public enum Header implements Variable {
    AR_H_STREAM_POSITION,
    AR_H_TIMESTAMP,
    AR_H_COMMIT_TIMESTAMP,
    AR_H_OPERATION,
    AR_H_USER,
    AR_H_CHANGE_SEQ;

    /** The header of that name, null when it is none. */
    public static @Nullable Header named(String name) {
      for (Header header : values()) {
        if (header.name().equals(name)) {
          return header;
        }
      }
      return null;
    }
  }

  /** The masks of AWS DMS. */
  public sealed interface Mask {}

  /** Each digit becomes the character. */
  public record DigitsMask(char character) implements Mask {}

  /** Each digit becomes another one, by chance. */
  public record DigitsRandomize() implements Mask {}

  /** The value becomes its hash. */
  public record HashMask() implements Mask {}

  /** Whether there is a way from the source's type to the wanted one. */
  public static boolean isConvertible(Column source, Column wanted) {
    return Conversions.between(source, wanted).isPresent();
  }
}
