package wherry.schema;

import java.util.List;

/**
 * A column.
 *
 * @param name as the catalogue spells it
 * @param type the AWS DMS type that its cells have
 * @param meaning what the value is beyond the type
 * @param length characters of text, bytes of binary, digits of bit strings; 0 when unbounded or
 *     without meaning
 * @param precision total digits of NUMERIC; 0 when unbounded
 * @param scale digits after the point of NUMERIC; fractional-second digits of TIME and DATETIME
 * @param labels of ENUM and SET, in their order; empty otherwise
 * @param nullable whether the column takes NULL
 * @param nativeType the type in its own engine's words
 */
public record Column(
    String name,
    DataType type,
    Meaning meaning,
    int length,
    int precision,
    int scale,
    List<String> labels,
    boolean nullable,
    NativeType nativeType) {

  public Column {
    labels = List.copyOf(labels);
  }

  public Column withName(String newName) {
    return new Column(
        newName, type, meaning, length, precision, scale, labels, nullable, nativeType);
  }

  public Column withNullable(boolean takesNull) {
    return new Column(name, type, meaning, length, precision, scale, labels, takesNull, nativeType);
  }
}
