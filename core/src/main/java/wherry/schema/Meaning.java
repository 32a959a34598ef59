package wherry.schema;

/**
 * What a value is beyond its {@link DataType}: the hub knows {@code STRING(36)}, the other engine
 * wants to know that it is a UUID. A target that has no such type falls back to the hub's type.
 */
public enum Meaning {
  /** Nothing beyond the data type. */
  PLAIN,
  /** DATETIME: a point in time, in UTC (PostgreSQL timestamptz, MySQL TIMESTAMP). */
  INSTANT,
  /** Text: JSON whose exact text matters (PostgreSQL json, MariaDB json). */
  JSON,
  /** Text: JSON that the source keeps in a normalised form (PostgreSQL jsonb, MySQL json). */
  JSONB,
  /** Text: {@code 550e8400-e29b-41d4-a716-446655440000}. */
  UUID,
  /**
   * Text: {@code 0101}, as many digits as the column's length or, for varying bit strings, at most.
   */
  BITS,
  /** As {@link #BITS}, of varying length. */
  VARBITS,
  /** Text: a duration within ±838:59:59.999999, written {@code -838:59:59.000000} (MySQL TIME). */
  TIME_SPAN,
  /** Text: an ISO 8601 duration, {@code P1Y2M3DT4H5M6.789S} (PostgreSQL interval). */
  INTERVAL,
  /** INT2: a year, 0 or 1901 to 2155 (MySQL YEAR). */
  YEAR,
  /** Text: one of the column's labels. */
  ENUM,
  /** Text: some of the column's labels, separated by commas. */
  SET,
  /** Text of blank-padded width (char(n)); the padding is not part of the cell. */
  FIXED_CHAR,
  /** NUMERIC: an amount of money with two digits after the point. */
  MONEY,
  /** Text: a PostgreSQL array literal, {@code {1,2,NULL}}. */
  ARRAY,
  /** Text: a PostgreSQL composite, range, geometric, network or text-search literal. */
  LITERAL,
  /** Text: hstore literal. */
  HSTORE,
  /** BLOB: MySQL's internal geometry, a four-byte SRID followed by WKB. */
  GEOMETRY
}
