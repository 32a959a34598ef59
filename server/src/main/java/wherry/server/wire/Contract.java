package wherry.server.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the AWS DMS API (2016-01-01) promises: its operations, their shapes, constraints and faults.
 * Loaded once; immutable, for any thread. Source: {@code dms-contract.json}, see the README beside
 * it.
 */
public final class Contract {
  /** The service's name in {@code X-Amz-Target}. */
  public static final String TARGET_PREFIX = "AmazonDMSv20160101";

  private static final String RESOURCE = "dms-contract.json";

  private final Map<String, Operation> operations;
  private final Map<String, ContractShape> shapes;

  private record Operation(String input, String output, Set<String> faults) {}

  private Contract(Map<String, Operation> operations, Map<String, ContractShape> shapes) {
    this.operations = operations;
    this.shapes = shapes;
  }

  public static Contract load() {
    JsonNode json;
    try (InputStream resource = Contract.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new IllegalStateException("The resource " + RESOURCE + " is missing from the build.");
      }
      json = Json.parse(resource.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("The resource " + RESOURCE + " cannot be read.", e);
    }
    Map<String, Operation> operations = new TreeMap<>();
    json.path("operations")
        .forEachEntry((name, operation) -> operations.put(name, operation(operation)));
    Map<String, ContractShape> shapes = new HashMap<>();
    json.path("shapes").forEachEntry((name, shape) -> shapes.put(name, ContractShape.parse(shape)));
    return new Contract(operations, shapes);
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
    return shapes.get(require(operation).input()) instanceof ContractShape.Structure structure
        && structure.members().containsKey(member);
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

  String inputShape(String operation) {
    return require(operation).input();
  }

  String outputShape(String operation) {
    return require(operation).output();
  }

  Map<String, ContractShape> shapes() {
    return shapes;
  }

  private Operation require(String name) {
    Operation operation = operations.get(name);
    if (operation == null) {
      throw Fault.unknownOperation(
          "AWS Database Migration Service has no operation '"
              + Printable.shortened(name)
              + "' in API version 2016-01-01.");
    }
    return operation;
  }
}
