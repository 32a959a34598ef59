package wherry.sandbox;

/**
 * A private server could not be unpacked, started, reached or stopped; the message carries the
 * server's own words.
 */
public final class SandboxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SandboxException(String message) {
    super(message);
  }

  public SandboxException(String message, Throwable cause) {
    super(message, cause);
  }
}
