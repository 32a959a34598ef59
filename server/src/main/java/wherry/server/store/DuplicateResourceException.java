package wherry.server.store;

/**
 * A resource of the same ARN, or of the same kind and identifier (compared without case), is
 * already there.
 */
public final class DuplicateResourceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String existingArn;

  DuplicateResourceException(String existingArn) {
    super("already there: " + existingArn);
    this.existingArn = existingArn;
  }

  /** ARN of the resource that stands in the way. */
  public String existingArn() {
    return existingArn;
  }
}
