package wherry.redis.migration;

/**
 * What a check has found.
 *
 * @param code stable, in lower case with dashes, such as {@code source-unreachable}
 * @param message what is so, with the server that it is so on
 * @param remedy what to do about it
 */
public record Finding(String code, Severity severity, String message, String remedy) {
  /** Whether a migration can begin in spite of it. */
  public enum Severity {
    /** A migration cannot begin, or would not keep its promise. */
    ERROR,
    /** A migration can begin, and may fail or need longer because of it. */
    WARNING,
    /** Good to know. */
    NOTE
  }

  static Finding error(String code, String message, String remedy) {
    return new Finding(code, Severity.ERROR, message, remedy);
  }

  static Finding warning(String code, String message, String remedy) {
    return new Finding(code, Severity.WARNING, message, remedy);
  }

  static Finding note(String code, String message) {
    return new Finding(code, Severity.NOTE, message, "");
  }
}
