package wherry.task;

/**
 * A settings document that cannot be used; the message names every setting that is wrong and what
 * would be right.
 */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SettingsException(String message) {
    super(message);
  }
}
