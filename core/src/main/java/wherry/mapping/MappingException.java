package wherry.mapping;

/**
 * A table-mapping document that cannot be used; the message is AWS DMS's, with what is wrong in
 * each rule.
 */
public final class MappingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MappingException(String message) {
    super(message);
  }
}
