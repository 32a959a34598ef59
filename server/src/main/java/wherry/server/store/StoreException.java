package wherry.server.store;

import org.jspecify.annotations.Nullable;

/**
 * The metadata store cannot be opened, read or written; the message says which, why and what to do.
 * Never holds a secret.
 */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoreException(String message) {
    this(message, null);
  }

  StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
