package wherry.server.wire;

import tools.jackson.databind.node.ObjectNode;

/**
 * Amazon ElastiCache's Query protocol in front of its router: form in, XML out, faults by the codes
 * and statuses of the model. Thread-safe.
 */
final class ElastiCacheQuery {
  static final String VERSION = "2015-02-02";
  private static final String NAMESPACE = "http://elasticache.amazonaws.com/doc/2015-02-02/";

  private static final String INVALID_VALUE = "InvalidParameterValueException";

  private final Router router;
  private final Contract contract;

  ElastiCacheQuery(Router router) {
    this.router = router;
    this.contract = router.contract();
  }

  /** Whether a request is for this service: by its version, or else by its action. */
  boolean takes(QueryForm form) {
    return form.value("Version")
        .map(VERSION::equals)
        .orElseGet(() -> form.value("Action").filter(contract.operations()::contains).isPresent());
  }

  WireAnswer answer(QueryForm form, Caller caller, String requestId) {
    String action = form.value("Action").orElse("");
    if (action.isEmpty()) {
      Fault missing = Fault.of("MissingAction", "The request has no Action parameter.");
      return refuse(missing, requestId);
    }
    if (!contract.operations().contains(action)) {
      String what = Printable.shortened(action) + " for version " + VERSION;
      return refuse(Fault.of("InvalidAction", "Could not find operation " + what), requestId);
    }
    try {
      ObjectNode output = router.answer(action, form.input(contract, action), caller);
      return QueryXml.answer(contract, NAMESPACE, action, output, requestId);
    } catch (Fault fault) {
      return refuse(asModeled(action, fault), requestId);
    }
  }

  /** What a broken rule of the contract is called where the operation's model has a name for it. */
  private Fault asModeled(String action, Fault fault) {
    boolean ofContract =
        fault.code().equals("ValidationException") || fault.code().equals("SerializationException");
    return ofContract && contract.faults(action).contains(INVALID_VALUE)
        ? Fault.of(INVALID_VALUE, fault.text())
        : fault;
  }

  WireAnswer refuse(Fault fault, String requestId) {
    return contract
        .wireError(fault.code())
        .map(error ->
            QueryXml.error(NAMESPACE, error.code(), error.status(), fault.text(), requestId))
        .orElseGet(() -> commonError(NAMESPACE, fault, requestId));
  }

  /** The errors common to all actions, under the names that the Query protocol has for them. */
  static WireAnswer commonError(String namespace, Fault fault, String requestId) {
    String code =
        switch (fault.code()) {
          case "MissingAuthenticationTokenException" -> "MissingAuthenticationToken";
          case "IncompleteSignatureException" -> "IncompleteSignature";
          case "UnrecognizedClientException" -> "InvalidClientTokenId";
          case "InvalidSignatureException" -> "SignatureDoesNotMatch";
          case "ValidationException" -> "ValidationError";
          case "SerializationException" -> "MalformedInput";
          case "ThrottlingException" -> "Throttling";
          default -> fault.code();
        };
    int status =
        switch (code) {
          case "MissingAuthenticationToken",
              "IncompleteSignature",
              "InvalidClientTokenId",
              "SignatureDoesNotMatch" ->
              403;
          default -> fault.status();
        };
    return QueryXml.error(namespace, code, status, fault.text(), requestId);
  }
}
