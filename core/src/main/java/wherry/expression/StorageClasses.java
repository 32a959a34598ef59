package wherry.expression;

import wherry.schema.Column;

/**
 * Sets of SQLite's storage classes, as bits: which an expression may have besides NULL. What is
 * compiled and what is not depends on them.
 */
public final class StorageClasses {
  public static final int INTEGER = 1;
  public static final int REAL = 2;
  public static final int TEXT = 4;
  public static final int BLOB = 8;
  public static final int NUMBERS = INTEGER | REAL;
  public static final int ANY = NUMBERS | TEXT | BLOB;

  private StorageClasses() {}

  /** Digits of a decimal that a double keeps. */
  static final int DOUBLE_DIGITS = 15;

  /**
   * What {@link CellValues} makes of the column's cells; but for NaN, which is TEXT in any column.
   */
  public static int of(Column column) {
    return switch (column.type()) {
      case BOOLEAN -> CellValues.isBooleanWord(column) ? TEXT : INTEGER;
      case INT1, INT2, INT4, INT8, UINT1, UINT2, UINT4 -> INTEGER;
      case UINT8 -> INTEGER | TEXT;
      case NUMERIC -> {
        boolean fits = column.precision() > 0 && column.precision() <= DOUBLE_DIGITS;
        yield fits ? NUMBERS : NUMBERS | TEXT;
      }
      case REAL4, REAL8 -> REAL;
      case DATE, TIME, DATETIME, STRING, WSTRING, CLOB, NCLOB -> TEXT;
      case BYTES, BLOB -> BLOB;
    };
  }
}
