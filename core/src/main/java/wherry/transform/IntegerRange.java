package wherry.transform;

import java.math.BigInteger;
import wherry.schema.DataType;

/** What an integer type holds, both ends included. */
record IntegerRange(BigInteger min, BigInteger max) {
  static IntegerRange of(DataType type) {
    return switch (type) {
      case INT1 -> signed(8);
      case INT2 -> signed(16);
      case INT4 -> signed(32);
      case INT8 -> signed(64);
      case UINT1 -> unsigned(8);
      case UINT2 -> unsigned(16);
      case UINT4 -> unsigned(32);
      case UINT8 -> unsigned(64);
      case BOOLEAN,
          NUMERIC,
          REAL4,
          REAL8,
          DATE,
          TIME,
          DATETIME,
          STRING,
          WSTRING,
          BYTES,
          BLOB,
          CLOB,
          NCLOB ->
          throw new IllegalArgumentException(type + " is no integer");
    };
  }

  private static IntegerRange signed(int bits) {
    BigInteger half = BigInteger.ONE.shiftLeft(bits - 1);
    return new IntegerRange(half.negate(), half.subtract(BigInteger.ONE));
  }

  private static IntegerRange unsigned(int bits) {
    return new IntegerRange(
        BigInteger.ZERO, BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE));
  }

  boolean holds(BigInteger value) {
    return value.compareTo(min) >= 0 && value.compareTo(max) <= 0;
  }
}
