package wherry.mapping;

import java.util.List;

/**
 * A table-mapping document that cannot be used; the message is AWS DMS's, with what is wrong in
 * each rule.
 */
public final class MappingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String head;
  private final List<String> problems;

  public MappingException(String message) {
    this(message, List.of());
  }

  /**
   * @param problems one sentence for each thing that is wrong
   */
  MappingException(String head, List<String> problems) {
    super(problems.isEmpty() ? head : head + " " + String.join(" ", problems));
    this.head = head;
    this.problems = List.copyOf(problems);
  }

  /** The message for a terminal: a line for each thing that is wrong. */
  public String lines() {
    return problems.isEmpty() ? head : head + "\n  " + String.join("\n  ", problems);
  }
}
