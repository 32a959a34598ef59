package wherry.server.wire;

import java.util.Set;

/** The codes that any operation may answer though its model does not declare them. */
final class FrameworkFaults {
  private static final Set<String> CODES =
      Set.of(
          "InvalidParameterValueException",
          "InvalidParameterCombinationException",
          "ValidationException",
          "SerializationException",
          "UnknownOperationException",
          "MissingAuthenticationTokenException",
          "IncompleteSignatureException",
          "UnrecognizedClientException",
          "InvalidSignatureException",
          "ThrottlingException",
          "RequestEntityTooLargeException",
          "InternalFailure");

  private FrameworkFaults() {}

  static boolean include(String code) {
    return CODES.contains(code);
  }
}
