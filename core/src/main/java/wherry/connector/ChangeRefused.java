package wherry.connector;

import org.jspecify.annotations.Nullable;

/**
 * The target refuses a change, or one of several, for what it is: a value that a column cannot
 * hold, a duplicate key, a constraint. Whatever else goes wrong is a {@link
 * wherry.error.DmsException}.
 */
public final class ChangeRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with it. */
  public enum Kind {
    /** A row with its key is there already. */
    DUPLICATE_KEY,
    /** A value would have to be shortened: DataTruncationErrorPolicy. */
    TRUNCATION,
    /** Any other: a value out of range, NULL where none may be, a violated constraint. */
    DATA
  }

  private final Kind kind;
  private final String sqlState;

  /**
   * @param message the server's own words, or ours where we saw it first, with the column if known
   */
  public ChangeRefused(Kind kind, String sqlState, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.sqlState = sqlState;
  }

  /** What the error policies go by. */
  public Kind kind() {
    return kind;
  }

  /** The server's, five characters; ours where we saw it first. */
  public String sqlState() {
    return sqlState;
  }
}
