package wherry.schema;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The data types of AWS DMS, the hub between the engines ("Data types for AWS Database Migration
 * Service" in its user guide), and the one canonical form that a cell of each has in a {@link
 * wherry.row.RowBatch}: UTF-8 text, or raw bytes for {@link #BYTES} and {@link #BLOB}.
 */
public enum DataType {
  /** {@code t} or {@code f}. */
  BOOLEAN,
  /** Decimal digits with an optional sign; likewise all integers below. */
  INT1,
  INT2,
  INT4,
  INT8,
  UINT1,
  UINT2,
  UINT4,
  UINT8,
  /**
   * Plain decimal ({@code -12.50}, never an exponent), {@code NaN}, {@code Infinity}, {@code
   * -Infinity}.
   */
  NUMERIC,
  /**
   * The shortest decimal that gives the same float; an exponent is allowed; {@code NaN}, {@code
   * ±Infinity}.
   */
  REAL4,
  /** As {@link #REAL4}, for doubles. */
  REAL8,
  /**
   * {@code 2024-02-29}; years beyond 9999 have more digits, {@code BC} follows a blank, {@code
   * ±infinity}, zero dates stay.
   */
  DATE,
  /** {@code 23:59:59.999999}, fraction as the source gives it; {@code 24:00:00} is possible. */
  TIME,
  /**
   * {@code 2024-02-29 12:00:00.000001}, else as {@link #DATE}; an {@link Meaning#INSTANT} is in UTC
   * and carries no offset.
   */
  DATETIME,
  STRING,
  WSTRING,
  BYTES,
  BLOB,
  CLOB,
  NCLOB;

  /** All of them as rules write them, for messages. */
  public static String names() {
    return Stream.of(values())
        .map(type -> type.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  /** Whether the type is subject to the LOB settings of a task. */
  public boolean isLob() {
    return switch (this) {
      case BLOB, CLOB, NCLOB -> true;
      default -> false;
    };
  }

  /** Whether cells hold raw bytes and not text. */
  public boolean isBinary() {
    return this == BYTES || this == BLOB;
  }

  public boolean isText() {
    return switch (this) {
      case STRING, WSTRING, CLOB, NCLOB -> true;
      default -> false;
    };
  }

  public boolean isInteger() {
    return switch (this) {
      case INT1, INT2, INT4, INT8, UINT1, UINT2, UINT4, UINT8 -> true;
      default -> false;
    };
  }
}
