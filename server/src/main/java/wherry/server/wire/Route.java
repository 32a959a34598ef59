package wherry.server.wire;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequest;
import software.amazon.awssdk.awscore.AwsResponse;
import software.amazon.awssdk.core.SdkPojo;
import tools.jackson.databind.node.ObjectNode;

/** One operation's way to the method that carries it out. */
final class Route {
  private static final String REQUEST_SUFFIX = "Request";

  private final String operation;
  private final Class<? extends SdkPojo> requestType;
  private final Method method;
  private final Object api;

  private Route(String operation, Class<? extends SdkPojo> requestType, Method method, Object api) {
    this.operation = operation;
    this.requestType = requestType;
    this.method = method;
    this.api = api;
  }

  /**
   * The operation of {@code public XResponse x(XRequest request)}, or the same with a {@link
   * Caller} behind; else empty.
   */
  static Optional<String> operationOf(Method method) {
    Class<?>[] parameters = method.getParameterTypes();
    boolean isOperation =
        Modifier.isPublic(method.getModifiers())
            && AwsResponse.class.isAssignableFrom(method.getReturnType())
            && (parameters.length == 1 || (parameters.length == 2 && parameters[1] == Caller.class))
            && AwsRequest.class.isAssignableFrom(parameters[0]);
    if (!isOperation) {
      return Optional.empty();
    }
    String type = parameters[0].getSimpleName();
    String operation = type.substring(0, type.length() - REQUEST_SUFFIX.length());
    String expected = operation.substring(0, 1).toLowerCase(Locale.ROOT) + operation.substring(1);
    if (!method.getName().equals(expected)) {
      throw new IllegalArgumentException(
          method + " takes a " + type + ", so its name must be " + expected);
    }
    return Optional.of(operation);
  }

  static Route to(String operation, Method method, Object api) {
    if (!Modifier.isPublic(method.getDeclaringClass().getModifiers())) {
      throw new IllegalArgumentException(
          method.getDeclaringClass() + " must be public to carry out operations");
    }
    return new Route(
        operation, method.getParameterTypes()[0].asSubclass(SdkPojo.class), method, api);
  }

  ObjectNode answer(ObjectNode request, Caller caller) {
    SdkPojo shape = Shapes.fromJson(request, requestType);
    try {
      Object response =
          method.getParameterCount() == 2
              ? method.invoke(api, shape, caller)
              : method.invoke(api, shape);
      return Shapes.toJson((SdkPojo) response);
    } catch (InvocationTargetException e) {
      throw unchecked(e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(method + " cannot be called", e);
    }
  }

  private RuntimeException unchecked(@Nullable Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException e
        ? e
        : new IllegalStateException(operation + " threw a checked exception", thrown);
  }
}
