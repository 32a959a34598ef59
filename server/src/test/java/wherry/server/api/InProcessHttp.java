package wherry.server.api;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;
import wherry.server.wire.Router;

/**
 * What the SDK's client sends goes straight to the router and back: everything of a request but the
 * socket and the signature.
 */
final class InProcessHttp implements SdkHttpClient {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Router router;
  private final Caller caller;

  /** Every answer that was sent. */
  private final List<String> answers = Collections.synchronizedList(new ArrayList<>());

  InProcessHttp(Router router, Caller caller) {
    this.router = router;
    this.caller = caller;
  }

  List<String> answers() {
    return List.copyOf(answers);
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return new ExecutableHttpRequest() {
      @Override
      public HttpExecuteResponse call() throws IOException {
        return answer(request);
      }

      @Override
      public void abort() {}
    };
  }

  private HttpExecuteResponse answer(HttpExecuteRequest request) throws IOException {
    String target = request.httpRequest().firstMatchingHeader("X-Amz-Target").orElseThrow();
    String operation = target.substring(target.indexOf('.') + 1);
    int status = 200;
    String body;
    try (InputStream stream = request.contentStreamProvider().orElseThrow().newStream()) {
      body = router.answer(operation, (ObjectNode) JSON.readTree(stream), caller).toString();
    } catch (Fault fault) {
      status = fault.status();
      ObjectNode error =
          JSON.createObjectNode().put("__type", fault.code()).put("message", fault.text());
      fault.members().forEach(error::put);
      body = error.toString();
    }
    answers.add(body);
    return HttpExecuteResponse.builder()
        .response(SdkHttpFullResponse.builder().statusCode(status).build())
        .responseBody(
            AbortableInputStream.create(
                new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8))))
        .build();
  }

  @Override
  public void close() {}
}
