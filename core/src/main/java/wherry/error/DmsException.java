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

  public DmsException(ErrorCode code, String message) {
    this(code, null, message, null);
  }

  public DmsException(ErrorCode code, String message, @Nullable Throwable cause) {
    this(code, null, message, cause);
  }

  public DmsException(
      ErrorCode code, @Nullable TableId table, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.table = table;
  }

  public ErrorCode code() {
    return code;
  }

  /** The table that failed, by its source name where both are known. */
  public Optional<TableId> table() {
    return Optional.ofNullable(table);
  }
}
