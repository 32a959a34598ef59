package wherry.server.wire;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What goes back over HTTP, whole. */
record WireAnswer(int status, String contentType, byte[] body) {
  private static final String JSON_1_1 = "application/x-amz-json-1.1";

  static WireAnswer ok(ObjectNode output) {
    return new WireAnswer(200, JSON_1_1, Json.bytes(output));
  }

  static WireAnswer fault(Fault fault) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("__type", fault.code());
    body.put("message", fault.text());
    fault.members().forEach(body::put);
    return new WireAnswer(fault.status(), JSON_1_1, Json.bytes(body));
  }

  static WireAnswer health(String version) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("status", "ok");
    body.put("version", version);
    return new WireAnswer(200, "application/json", Json.bytes(body));
  }

  static WireAnswer metrics(String text) {
    return new WireAnswer(
        200, "text/plain; version=0.0.4; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  static WireAnswer xml(int status, String text) {
    return new WireAnswer(status, "text/xml", text.getBytes(StandardCharsets.UTF_8));
  }
}
