package wherry.server.wire;

import java.lang.reflect.Method;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.SdkPojo;
import tools.jackson.databind.node.ObjectNode;

/**
 * From an operation's name and JSON input to its JSON output: checks the contract, builds the SDK's
 * shape, calls the method that carries the operation out. Immutable, for any thread; needs no HTTP.
 *
 * <p>Operations are the public methods {@code XResponse x(XRequest request)} of the given objects,
 * or {@code x(XRequest request, Caller caller)}; they are found once, here. What no object carries
 * out is answered by {@link UnavailableOperations}.
 */
public final class Router implements JsonService {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);

  private final Contract contract;
  private final Map<String, Route> routes;
  private final Map<String, UnavailableOperations.Answer> unavailable;
  private final UndeclaredFault undeclaredFault;

  /**
   * Told of a fault that its operation's model does not declare: a bug, as typed clients cannot
   * know it.
   */
  @FunctionalInterface
  public interface UndeclaredFault {
    void sent(String operation, Fault fault);
  }

  /** A router that logs undeclared faults and still sends them. */
  public Router(Contract contract, Collection<?> apis) {
    this(contract, apis, Router::logUndeclared);
  }

  /**
   * @param apis objects of public classes; no operation may have two methods
   * @param undeclaredFault told before such a fault is sent; tests throw from it
   */
  public Router(Contract contract, Collection<?> apis, UndeclaredFault undeclaredFault) {
    this(contract, apis, UnavailableOperations.table(), undeclaredFault);
  }

  private Router(
      Contract contract,
      Collection<?> apis,
      Map<String, UnavailableOperations.Answer> unavailable,
      UndeclaredFault undeclaredFault) {
    this.contract = contract;
    this.undeclaredFault = undeclaredFault;
    this.unavailable = unavailable;
    this.routes = routes(contract, apis);
  }

  /** The router of Amazon ElastiCache's operations, whose faults go by their shapes' names. */
  public static Router elastiCache(Collection<?> apis) {
    return elastiCache(apis, Router::logUndeclared);
  }

  /** As above; undeclared faults are told first. */
  public static Router elastiCache(Collection<?> apis, UndeclaredFault undeclaredFault) {
    return new Router(
        Contract.elastiCache(), apis, UnavailableCacheOperations.table(), undeclaredFault);
  }

  Contract contract() {
    return contract;
  }

  private static Map<String, Route> routes(Contract contract, Collection<?> apis) {
    Map<String, Route> routes = new HashMap<>();
    for (Object api : apis) {
      operationsOf(api.getClass())
          .forEach((operation, method) -> {
            contract.requireOperation(operation);
            if (routes.put(operation, Route.to(operation, method, api)) != null) {
              throw new IllegalArgumentException(
                  "Two methods carry out " + operation + "; one is " + method);
            }
          });
    }
    return Map.copyOf(routes);
  }

  /**
   * The operations that one of the given objects carries out, sorted; all others are unavailable.
   */
  public Set<String> carriedOut() {
    return new TreeSet<>(routes.keySet());
  }

  /** The operations that a class carries out, with their methods, sorted. */
  static Map<String, Method> operationsOf(Class<?> api) {
    Map<String, Method> operations = new TreeMap<>();
    for (Method method : api.getMethods()) {
      if (!method.isBridge()) {
        Route.operationOf(method).ifPresent(operation -> operations.put(operation, method));
      }
    }
    return operations;
  }

  /**
   * Answers a request.
   *
   * @param operation the name in {@code X-Amz-Target}, such as {@code CreateEndpoint}
   * @throws Fault the error answer
   * @throws RuntimeException a failure of ours, to be answered as InternalFailure
   */
  @Override
  public ObjectNode answer(String operation, ObjectNode request, Caller caller) {
    ObjectNode checked = contract.validate(operation, request);
    try {
      return dispatch(operation, checked, caller);
    } catch (Fault fault) {
      if (!contract.allowsFault(operation, fault.code())) {
        undeclaredFault.sent(operation, fault);
      }
      throw fault;
    }
  }

  /** The same for typed callers in this process: every step of a request but HTTP and signature. */
  public <T extends SdkPojo> T call(SdkPojo request, Class<T> responseType, Caller caller) {
    String type = request.getClass().getSimpleName();
    String operation = type.substring(0, type.length() - "Request".length());
    ObjectNode input = Json.parseRequest(Json.bytes(Shapes.toJson(request)));
    return Shapes.fromJson(answer(operation, input, caller), responseType);
  }

  private ObjectNode dispatch(String operation, ObjectNode request, Caller caller) {
    Route route = routes.get(operation);
    if (route != null) {
      return route.answer(request, caller);
    }
    return Optional.ofNullable(unavailable.get(operation))
        .orElseThrow(() ->
            Fault.unknownOperation(operation + " is not available in this version of Wherry."))
        .to(request);
  }

  private static void logUndeclared(String operation, Fault fault) {
    LOG.error(
        "{} answered {}, which its model does not declare: {}",
        operation,
        fault.code(),
        fault.text());
  }
}
