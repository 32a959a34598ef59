package wherry.mapping;

import java.util.List;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;
import wherry.schema.NativeType;

/**
 * The {@code data-type} of a rule.
 *
 * @param length characters of text, bytes of binary; 0 when without meaning
 * @param precision digits of NUMERIC
 * @param scale digits after the point of NUMERIC, of the second of TIME and DATETIME
 */
record TypeDefinition(DataType type, int length, int precision, int scale) {
  /** In place of a family of databases: a type that only AWS DMS has names for. */
  private static final String FAMILY = "aws-dms";

  /** A column of the type, without the meaning that an engine's own type may have had. */
  Column column(String name, boolean nullable) {
    return new Column(
        name,
        type,
        Meaning.PLAIN,
        length,
        precision,
        scale,
        List.of(),
        nullable,
        new NativeType(FAMILY, toString()));
  }

  /** {@code string(20)}, {@code numeric(10,2)}, {@code datetime(6)}. */
  @Override
  public String toString() {
    String name = type.name().toLowerCase(java.util.Locale.ROOT);
    return switch (type) {
      case STRING, WSTRING, BYTES -> length > 0 ? name + "(" + length + ")" : name;
      case NUMERIC -> name + "(" + precision + "," + scale + ")";
      case TIME, DATETIME -> name + "(" + scale + ")";
      case BOOLEAN,
          INT1,
          INT2,
          INT4,
          INT8,
          UINT1,
          UINT2,
          UINT4,
          UINT8,
          REAL4,
          REAL8,
          DATE,
          BLOB,
          CLOB,
          NCLOB ->
          name;
    };
  }
}
