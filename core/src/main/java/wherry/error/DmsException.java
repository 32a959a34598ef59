package wherry.error;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.schema.TableId;

/**
 * A failure, thrown once and logged once, where the run ends. The message says what happened, to
 * what, the likely cause and the next step; it never holds a secret.
 */
public final class DmsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final transient @Nullable TableId table;

  /** Of no table in particular, and seen here first. */
  public DmsException(ErrorCode code, String message) {
    this(code, null, message, null);
  }

  /** Of no table in particular. */
  public DmsException(ErrorCode code, String message, @Nullable Throwable cause) {
    this(code, null, message, cause);
  }

  /**
   * @param table that failed, by its source name where both are known; null for none in particular
   * @param cause what was thrown below; null where it was seen here first
   */
  public DmsException(
      ErrorCode code, @Nullable TableId table, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.table = table;
  }

  /** Stable, for programs; its kind decides what the run does. */
  public ErrorCode code() {
    return code;
  }

  /** The table that failed, by its source name where both are known. */
  public Optional<TableId> table() {
    return Optional.ofNullable(table);
  }
}
