package wherry.server.api;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import wherry.connector.Connector;
import wherry.connector.Database;
import wherry.connector.Endpoint;
import wherry.connector.EndpointSetting;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * Answers as ServerName says, so that the control plane can be tested on its own; real servers are
 * in ConnectionIT.
 */
final class FakeConnector implements Connector {
  /** ServerNames that do not answer as they should. */
  static final String UNREACHABLE = "unreachable.example.org";

  static final String SILENT = "silent.example.org";

  /** Lets go of tests that hang in {@link #SILENT}. */
  final CountDownLatch answer = new CountDownLatch(1);

  @Override
  public Set<String> engines() {
    return Set.of("postgres", "mysql", "mariadb");
  }

  @Override
  public List<EndpointSetting> settings() {
    return List.of(
        new EndpointSetting("ServerName", "string", List.of(), false, "", "", 0, 0, ""),
        new EndpointSetting("Port", "integer", List.of(), false, "", "", 1, 65_535, ""),
        new EndpointSetting("Password", "string", List.of(), true, "", "", 0, 0, ""),
        new EndpointSetting(
            "ExecuteTimeout", "integer", List.of(), false, "seconds", "Source.", 1, 86_400, "60"),
        new EndpointSetting("CaptureDdls", "boolean", List.of(), false, "", "", 0, 0, "true"),
        new EndpointSetting(
            "MapBooleanAsBoolean", "boolean", List.of(), false, "", "", 0, 0, "false"),
        new EndpointSetting("SlotName", "string", List.of(), false, "", "", 0, 0, ""),
        new EndpointSetting(
            "HeartbeatFrequency", "integer", List.of(), false, "minutes", "", 1, 1000, "5"),
        new EndpointSetting(
            "PluginName",
            "enum",
            List.of("no-preference", "test-decoding", "pglogical"),
            false,
            "",
            "",
            0,
            0,
            ""));
  }

  @Override
  public Source source(Endpoint endpoint) {
    return database(Source.class, endpoint);
  }

  @Override
  public Target target(Endpoint endpoint) {
    return database(Target.class, endpoint);
  }

  private <T extends Database> T database(Class<T> side, Endpoint endpoint) {
    String server = endpoint.settings().getOrDefault("ServerName", "");
    Object proxy =
        Proxy.newProxyInstance(
            side.getClassLoader(),
            new Class<?>[] {side},
            (self, method, arguments) -> {
              if (server.equals(UNREACHABLE) && !method.getName().equals("close")) {
                throw new DmsException(ErrorCode.CONNECTION_FAILED, "No route to " + server + ".");
              }
              if (server.equals(SILENT) && !method.getName().equals("close")) {
                answer.await();
              }
              if (method.getReturnType() == boolean.class) {
                return false;
              }
              return method.getName().equals("schemas") ? List.of("public", "sales") : null;
            });
    return side.cast(proxy);
  }
}
