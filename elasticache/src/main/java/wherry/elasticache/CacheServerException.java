package wherry.elasticache;

import org.jspecify.annotations.Nullable;

/** A cache server did not do what it was told; the message says which, and why. */
public final class CacheServerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CacheServerException(String message) {
    super(message);
  }

  CacheServerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
