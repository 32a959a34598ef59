package wherry.expression;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A value as SQLite has it, in a register that is used again and again: nothing is allocated per
 * value. Texts and blobs point into somebody else's bytes, valid until that owner's next value.
 */
public final class SqlValue {
  /** SQLite's storage classes, in the order in which it sorts values of different classes. */
  public enum Type {
    NULL,
    INTEGER,
    REAL,
    TEXT,
    BLOB
  }

  private static final byte[] NONE = new byte[0];

  private Type type = Type.NULL;
  private long integer;
  private double real;
  private byte[] bytes = NONE;
  private int start;
  private int end;

  public Type type() {
    return type;
  }

  public boolean isNull() {
    return type == Type.NULL;
  }

  public long integer() {
    return integer;
  }

  public double real() {
    return real;
  }

  /** Of an INTEGER or REAL, as a double. */
  public double number() {
    return type == Type.INTEGER ? (double) integer : real;
  }

  /** Where a TEXT (UTF-8) or BLOB is, from {@link #start} to {@link #end}, exclusive. */
  public byte[] bytes() {
    return bytes;
  }

  public int start() {
    return start;
  }

  public int end() {
    return end;
  }

  public int length() {
    return end - start;
  }

  public void setNull() {
    type = Type.NULL;
  }

  public void set(long value) {
    type = Type.INTEGER;
    integer = value;
  }

  public void set(boolean value) {
    set(value ? 1L : 0L);
  }

  /** SQLite knows no NaN; it is NULL there. */
  public void set(double value) {
    type = Double.isNaN(value) ? Type.NULL : Type.REAL;
    real = value;
  }

  public void setText(byte[] from, int first, int last) {
    type = Type.TEXT;
    bytes = from;
    start = first;
    end = last;
  }

  public void setText(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    setText(encoded, 0, encoded.length);
  }

  public void setBlob(byte[] from, int first, int last) {
    setText(from, first, last);
    type = Type.BLOB;
  }

  public void set(SqlValue other) {
    type = other.type;
    integer = other.integer;
    real = other.real;
    bytes = other.bytes;
    start = other.start;
    end = other.end;
  }

  /**
   * SQLite's order of values without affinity (datatype3.html, 4.1): NULL, numbers, texts by bytes,
   * blobs. Neither may be NULL where NULL is not to equal NULL.
   */
  int compare(SqlValue other) {
    int group = group(type);
    int otherGroup = group(other.type);
    if (group != otherGroup) {
      return Integer.compare(group, otherGroup);
    }
    return switch (type) {
      case NULL -> 0;
      case INTEGER ->
          other.type == Type.INTEGER
              ? Long.compare(integer, other.integer)
              : compare(integer, other.real);
      case REAL ->
          other.type == Type.INTEGER
              ? -compare(other.integer, real)
              : real < other.real ? -1 : real > other.real ? 1 : 0;
      case TEXT, BLOB ->
          Arrays.compareUnsigned(bytes, start, end, other.bytes, other.start, other.end);
    };
  }

  private static int group(Type type) {
    return type == Type.REAL ? Type.INTEGER.ordinal() : type.ordinal();
  }

  /** Exactly, though a double cannot hold every long. */
  private static int compare(long integer, double real) {
    if (real >= 0x1p63) {
      return -1;
    }
    if (real < -0x1p63) {
      return 1;
    }
    int whole = Long.compare(integer, (long) real);
    return whole != 0 ? whole : Double.compare(0.0, real - (double) (long) real + 0.0);
  }

  /** As SQL shows it, for messages and tests. */
  @Override
  public String toString() {
    return switch (type) {
      case NULL -> "NULL";
      case INTEGER -> Long.toString(integer);
      case REAL -> Double.toString(real);
      case TEXT -> "'" + new String(bytes, start, end - start, StandardCharsets.UTF_8) + "'";
      case BLOB -> "x'" + java.util.HexFormat.of().formatHex(bytes, start, end) + "'";
    };
  }
}
