package wherry.server.wire;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The web server's one handler: receives a request whole, asks {@link ApiHandler}, sends the
 * answer. Thread-safe.
 */
final class HttpHandler implements Handler {
  static final HeaderName REQUEST_ID = HeaderNames.create("x-amzn-RequestId");

  private final ApiHandler api;
  private final ReceiveDeadlines deadlines;
  private final String version;
  private final Supplier<String> metrics;
  private final RequestBodies bodies = new RequestBodies();

  HttpHandler(
      ApiHandler api, ReceiveDeadlines deadlines, String version, Supplier<String> metrics) {
    this.api = api;
    this.deadlines = deadlines;
    this.version = version;
    this.metrics = metrics;
  }

  @Override
  public void handle(ServerRequest request, ServerResponse response) {
    String requestId = UUID.randomUUID().toString();
    String method = request.prologue().method().text();
    String path = request.prologue().uriPath().rawPath();
    if (path.equals("/") && method.equals("POST")) {
      post(request, response, requestId);
      return;
    }
    requireInTime();
    boolean reads = method.equals("GET") || method.equals("HEAD");
    if (path.equals("/health") && reads) {
      send(response, WireAnswer.health(version), requestId);
    } else if (path.equals("/metrics") && reads) {
      metrics(request, response, requestId);
    } else if (path.equals("/")) {
      response.header(HeaderNames.ALLOW, "POST");
      refuse(
          response,
          Fault.withStatus("UnknownOperationException", 405, "The API takes POST requests only."),
          requestId);
    } else {
      String message = "The API has only the path '/', and '/health' and '/metrics'.";
      refuse(response, Fault.withStatus("UnknownOperationException", 404, message), requestId);
    }
  }

  /** They are not signed, so that a scraper needs no key; who may see them has to be here. */
  private void metrics(ServerRequest request, ServerResponse response, String requestId) {
    if (request.remotePeer().address() instanceof InetSocketAddress peer
        && peer.getAddress().isLoopbackAddress()) {
      send(response, WireAnswer.metrics(metrics.get()), requestId);
    } else {
      String message = "The metrics are shown only to callers on the machine of the service.";
      refuse(response, Fault.withStatus("AccessDeniedException", 403, message), requestId);
    }
  }

  private void post(ServerRequest request, ServerResponse response, String requestId) {
    long length = request.headers().contentLength().orElse(-1);
    RequestBodies.Body received;
    try {
      // Not closed here: closing reads on to the end of a body that was refused for its length.
      received = bodies.read(request.content().inputStream(), length);
    } catch (Fault fault) {
      requireInTime();
      response.header(HeaderNames.CONNECTION, "close");
      String contentType = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
      send(response, ApiHandler.refusal(contentType, fault, requestId), requestId);
      return;
    } catch (DataReader.InsufficientDataAvailableException | IOException | UncheckedIOException e) {
      throw new CloseConnectionException(
          "The client went away, or was too slow, in the middle of its request.", e);
    }
    WireAnswer answer;
    try (received) {
      requireInTime();
      answer = api.answer(wireRequest(request, received.bytes()), requestId);
    }
    send(response, answer, requestId);
  }

  private void requireInTime() {
    if (!deadlines.receivedInTime()) {
      throw new CloseConnectionException("The request arrived too late.");
    }
  }

  private static WireRequest wireRequest(ServerRequest request, byte[] body) {
    Map<String, List<String>> headers = new HashMap<>();
    for (Header header : request.headers()) {
      headers.put(header.headerName().lowerCase(), List.copyOf(header.allValues()));
    }
    var prologue = request.prologue();
    return new WireRequest(
        prologue.method().text(),
        prologue.uriPath().rawPath(),
        prologue.query().rawValue(),
        headers,
        body);
  }

  /** What is left of the request's body is not read, so the connection ends. */
  private static void refuse(ServerResponse response, Fault fault, String requestId) {
    response.header(HeaderNames.CONNECTION, "close");
    send(response, WireAnswer.fault(fault), requestId);
  }

  private static void send(ServerResponse response, WireAnswer answer, String requestId) {
    response.status(answer.status());
    response.header(HeaderNames.CONTENT_TYPE, answer.contentType());
    response.header(REQUEST_ID, requestId);
    response.send(answer.body());
  }
}
