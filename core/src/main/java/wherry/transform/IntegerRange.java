package wherry.transform;

import java.math.BigInteger;
import wherry.schema.DataType;

/** What an integer type holds, both ends included. */
record IntegerRange(BigInteger min, BigInteger max) {
  /** No more digits than any long has. */
  private static final int PLAIN_DIGITS_MAX = 18;

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

  /**
   * Whether the bytes are a whole number of the range as a cell has it, which most are; false may
   * also mean that it is written in another way.
   */
  boolean holdsPlain(byte[] bytes, int start, int end) {
    boolean negative = end > start && bytes[start] == '-';
    int first = negative ? start + 1 : start;
    int digits = end - first;
    if (digits < 1 || digits > PLAIN_DIGITS_MAX || (bytes[first] == '0' && end - start > 1)) {
      return false;
    }
    long value = 0;
    for (int at = first; at < end; at++) {
      int digit = bytes[at] - '0';
      if (digit < 0 || digit > 9) {
        return false;
      }
      value = value * 10 + digit;
    }
    long signed = negative ? -value : value;
    return signed >= min.longValue() && signed <= mostLong();
  }

  private long mostLong() {
    return max.bitLength() < Long.SIZE ? max.longValue() : Long.MAX_VALUE;
  }

  boolean holds(BigInteger value) {
    return value.compareTo(min) >= 0 && value.compareTo(max) <= 0;
  }
}
