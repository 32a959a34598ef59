package wherry.mysql;

/**
 * The sql_mode of a session, as far as it says what a statement means; the same bits in both
 * servers.
 *
 * @param bits as the log has them
 */
record SqlMode(long bits) {
  static final SqlMode NONE = new SqlMode(0);

  private static final long ANSI_QUOTES = 1L << 2;
  private static final long NO_BACKSLASH_ESCAPES = 1L << 20;
  private static final long STRICT_TRANS_TABLES = 1L << 21;
  private static final long STRICT_ALL_TABLES = 1L << 22;

  /** Whether {@code "x"} is a name. */
  boolean ansiQuotes() {
    return (bits & ANSI_QUOTES) != 0;
  }

  boolean backslashEscapes() {
    return (bits & NO_BACKSLASH_ESCAPES) == 0;
  }

  /** Whether values that do not fit are refused, and not bent. */
  boolean isStrict() {
    return (bits & (STRICT_TRANS_TABLES | STRICT_ALL_TABLES)) != 0;
  }
}
