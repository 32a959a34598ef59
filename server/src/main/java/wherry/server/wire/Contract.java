package wherry.server.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an API of AWS promises: its operations, their shapes, constraints and faults. Loaded once;
 * immutable, for any thread. Sources: {@code dms-contract.json} and {@code
 * elasticache-contract.json}, see the README beside them.
 */
public final class Contract {
  /** The service's name in {@code X-Amz-Target}. */
  public static final String TARGET_PREFIX = "AmazonDMSv20160101";

  private final String service;
  private final String version;
  private final Map<String, Operation> operations;
  private final Map<String, ContractShape> shapes;

  private final Map<String, WireError> errors;

  private record Operation(String input, String output, Set<String> faults) {}

  /** How a fault shape is told in the Query protocol. */
  record WireError(String code, int status) {}

  private Contract(
      String service,
      String version,
      Map<String, Operation> operations,
      Map<String, ContractShape> shapes,
      Map<String, WireError> errors) {
    this.service = service;
    this.version = version;
    this.operations = operations;
    this.shapes = shapes;
    this.errors = errors;
  }

  /** AWS Database Migration Service, 2016-01-01. */
  public static Contract load() {
    return load("dms-contract.json");
  }

  /** Amazon ElastiCache, 2015-02-02. */
  public static Contract elastiCache() {
    return load("elasticache-contract.json");
  }

  private static Contract load(String name) {
    JsonNode json;
    try (InputStream resource = Contract.class.getResourceAsStream(name)) {
      if (resource == null) {
        throw new IllegalStateException("The resource " + name + " is missing from the build.");
      }
      json = Json.parse(resource.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("The resource " + name + " cannot be read.", e);
    }
    Map<String, Operation> operations = new TreeMap<>();
    json.path("operations")
        .forEachEntry((called, operation) -> operations.put(called, operation(operation)));
    Map<String, ContractShape> shapes = new HashMap<>();
    Map<String, WireError> errors = new HashMap<>();
    json.path("shapes")
        .forEachEntry((shapeName, shape) -> {
          shapes.put(shapeName, ContractShape.parse(shape));
          JsonNode error = shape.path("error");
          if (error.has("code")) {
            errors.put(
                shapeName,
                new WireError(
                    error.path("code").asString(), error.path("httpStatusCode").asInt(400)));
          }
        });
    JsonNode metadata = json.path("metadata");
    return new Contract(
        metadata.path("serviceFullName").asString(),
        metadata.path("apiVersion").asString(),
        operations,
        shapes,
        errors);
  }

  private static Operation operation(JsonNode json) {
    Set<String> faults = new TreeSet<>();
    json.path("errors").forEach(fault -> faults.add(fault.asString()));
    return new Operation(json.path("input").asString(""), json.path("output").asString(""), faults);
  }

  /** The names of all operations, sorted. */
  public Set<String> operations() {
    return Collections.unmodifiableSet(operations.keySet());
  }

  /** The faults that the operation's model declares, by wire code. */
  public Set<String> faults(String operation) {
    return Collections.unmodifiableSet(require(operation).faults());
  }

  /** Whether the operation may answer with this code: declared, or of the framework. */
  public boolean allowsFault(String operation, String code) {
    return FrameworkFaults.include(code) || require(operation).faults().contains(code);
  }

  /** Whether the operation's input has such a member at its top level. */
  public boolean hasInputMember(String operation, String member) {
    return inputMembers(operation).contains(member);
  }

  /** The members of the operation's input at its top level. */
  Set<String> inputMembers(String operation) {
    return shapes.get(require(operation).input()) instanceof ContractShape.Structure structure
        ? structure.members().keySet()
        : Set.of();
  }

  /**
   * Checks a request against the operation's input shape. Unknown members are ignored.
   *
   * @return the request with enum values of nested settings in the contract's spelling
   * @throws Fault UnknownOperationException; SerializationException for the first value of a wrong
   *     type; ValidationException that lists every broken constraint in AWS's words
   */
  public ObjectNode validate(String operation, ObjectNode request) {
    String input = require(operation).input();
    return input.isEmpty() ? request : new RequestCheck(shapes).check(input, request);
  }

  /**
   * @throws Fault UnknownOperationException
   */
  void requireOperation(String operation) {
    require(operation);
  }

  /** How the Query protocol tells a fault that the model declares; empty for all others. */
  Optional<WireError> wireError(String fault) {
    return Optional.ofNullable(errors.get(fault));
  }

  String inputShape(String operation) {
    return require(operation).input();
  }

  String outputShape(String operation) {
    return require(operation).output();
  }

  ContractShape shape(String name) {
    ContractShape shape = shapes.get(name);
    if (shape == null) {
      throw new IllegalStateException(
          "The contract names a shape that it does not define: " + name);
    }
    return shape;
  }

  Map<String, ContractShape> shapes() {
    return shapes;
  }

  private Operation require(String name) {
    Operation operation = operations.get(name);
    if (operation == null) {
      throw Fault.unknownOperation(
          service
              + " has no operation '"
              + Printable.shortened(name)
              + "' in API version "
              + version
              + ".");
    }
    return operation;
  }
}
