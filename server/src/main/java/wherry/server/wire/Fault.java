package wherry.server.wire;

import java.util.Map;

/**
 * An error answer of the AWS API: the wire code that clients turn into their typed exception, and a
 * message for people. Faults of the DMS model are all HTTP 400 (the model declares no other
 * status).
 *
 * <p>Which faults an operation may answer is declared in the contract; {@link Router} checks it on
 * the way out. The codes of {@link FrameworkFaults} may come from any operation.
 */
public final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final int status;
  private final transient Map<String, String> members;

  private Fault(String code, int status, String message, Map<String, String> members) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = Map.copyOf(members);
  }

  /** Any code of the contract or of the framework, with HTTP status 400. */
  public static Fault of(String code, String message) {
    return new Fault(code, 400, message, Map.of());
  }

  static Fault withStatus(String code, int status, String message) {
    return new Fault(code, status, message, Map.of());
  }

  public static Fault resourceNotFound(String message) {
    return of("ResourceNotFoundFault", message);
  }

  public static Fault invalidResourceState(String message) {
    return of("InvalidResourceStateFault", message);
  }

  /** The identifier or ARN id is taken; {@code resourceArn} names who has it. */
  public static Fault resourceAlreadyExists(String message, String resourceArn) {
    return new Fault(
        "ResourceAlreadyExistsFault", 400, message, Map.of("resourceArn", resourceArn));
  }

  public static Fault accessDenied(String message) {
    return of("AccessDeniedFault", message);
  }

  /** Something that the operation builds on, such as a secret, is missing or cannot be used. */
  public static Fault failedDependency(String message) {
    return of("FailedDependencyFault", message);
  }

  /** What is asked for is not possible with these resources, whatever their state. */
  public static Fault invalidOperation(String message) {
    return of("InvalidOperationFault", message);
  }

  public static Fault invalidSubnet(String message) {
    return of("InvalidSubnet", message);
  }

  public static Fault subnetGroupDoesNotCoverEnoughZones(String message) {
    return of("ReplicationSubnetGroupDoesNotCoverEnoughAZs", message);
  }

  public static Fault resourceQuotaExceeded(String message) {
    return of("ResourceQuotaExceededFault", message);
  }

  public static Fault invalidCertificate(String message) {
    return of("InvalidCertificateFault", message);
  }

  /**
   * A well-formed value that makes no sense here; AWS sends this code from every operation, though
   * no model declares it.
   */
  public static Fault invalidParameterValue(String message) {
    return of("InvalidParameterValueException", message);
  }

  /**
   * Values that are fine alone but not together; sent by AWS from every operation, like the above.
   */
  public static Fault invalidParameterCombination(String message) {
    return of("InvalidParameterCombinationException", message);
  }

  /** A request that breaks a rule of the contract: missing member, unknown enum value, length. */
  public static Fault validation(String message) {
    return of("ValidationException", message);
  }

  /**
   * A request that is not the JSON that the contract describes: syntax, or a value of another type.
   */
  public static Fault serialization(String message) {
    return of("SerializationException", message);
  }

  public static Fault unknownOperation(String message) {
    return of("UnknownOperationException", message);
  }

  /**
   * Our own failure; the cause belongs into the log beside the request id, never into the message.
   */
  public static Fault internalFailure(String requestId) {
    return withStatus(
        "InternalFailure",
        500,
        "The service failed to answer this request. Look for request id "
            + requestId
            + " in the service's log.");
  }

  /** The code on the wire ({@code __type}), such as {@code ResourceNotFoundFault}. */
  public String code() {
    return code;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** What the fault says; the constructor takes no null. */
  public String text() {
    return String.valueOf(getMessage());
  }

  /** Members beside {@code message}, by wire name, such as {@code resourceArn}. */
  public Map<String, String> members() {
    return members;
  }
}
