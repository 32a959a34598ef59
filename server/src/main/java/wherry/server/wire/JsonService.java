package wherry.server.wire;

import tools.jackson.databind.node.ObjectNode;

/** A service whose operations come as JSON 1.1, told apart by the first part of X-Amz-Target. */
@FunctionalInterface
public interface JsonService {
  /**
   * Answers a request.
   *
   * @param operation the part of X-Amz-Target after the dot
   * @throws Fault the error answer
   * @throws RuntimeException a failure of ours, to be answered as InternalFailure
   */
  ObjectNode answer(String operation, ObjectNode request, Caller caller);
}
