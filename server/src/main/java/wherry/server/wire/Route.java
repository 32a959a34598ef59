package wherry.server.wire;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Locale;
import java.util.Optional;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationRequest;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationResponse;
import tools.jackson.databind.node.ObjectNode;

/** One operation's way to the method that carries it out. */
final class Route {
  private static final String REQUEST_SUFFIX = "Request";

  private final String operation;
  private final Class<? extends SdkPojo> requestType;
  private final MethodHandle handler;
  private final boolean wantsCaller;

  private Route(String operation, Class<? extends SdkPojo> requestType, MethodHandle handler, boolean wantsCaller) {
    this.operation = operation;
    this.requestType = requestType;
    this.handler = handler;
    this.wantsCaller = wantsCaller;
  }

  /** The operation of {@code public XResponse x(XRequest request)}, or the same with a {@link Caller} behind; else empty. */
  static Optional<String> operationOf(Method method) {
    Class<?>[] parameters = method.getParameterTypes();
    boolean isOperation =
        Modifier.isPublic(method.getModifiers())
            && DatabaseMigrationResponse.class.isAssignableFrom(method.getReturnType())
            && (parameters.length == 1 || (parameters.length == 2 && parameters[1] == Caller.class))
            && DatabaseMigrationRequest.class.isAssignableFrom(parameters[0]);
    if (!isOperation) {
      return Optional.empty();
    }
    String type = parameters[0].getSimpleName();
    String operation = type.substring(0, type.length() - REQUEST_SUFFIX.length());
    String expected = operation.substring(0, 1).toLowerCase(Locale.ROOT) + operation.substring(1);
    if (!method.getName().equals(expected)) {
      throw new IllegalArgumentException(method + " takes a " + type + ", so its name must be " + expected);
    }
    return Optional.of(operation);
  }

  static Route to(String operation, Method method, Object api) {
    try {
      MethodHandle handle = MethodHandles.publicLookup().unreflect(method).bindTo(api);
      Class<? extends SdkPojo> requestType = method.getParameterTypes()[0].asSubclass(SdkPojo.class);
      return new Route(operation, requestType, handle, method.getParameterCount() == 2);
    } catch (IllegalAccessException e) {
      throw new IllegalArgumentException(method.getDeclaringClass() + " must be public to carry out operations", e);
    }
  }

  ObjectNode answer(ObjectNode request, Caller caller) {
    SdkPojo shape = Shapes.fromJson(request, requestType);
    try {
      Object response = wantsCaller ? handler.invoke(shape, caller) : handler.invoke(shape);
      return Shapes.toJson((SdkPojo) response);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(operation + " threw a checked exception", e);
    }
  }
}
